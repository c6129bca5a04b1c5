"""The open question of a report as it is put: its words, what has been noted, its buttons."""

from bot.texts import Texts
from bot.walks.draft import Draft
from bot.walks.readback import read_back

Buttons = list[tuple[str, str]]
"""Title and payload of each."""


def put(report: Draft, t: Texts, name: str, here: str | None = None) -> tuple[str, Buttons]:
    """A question's words and buttons.

    Args:
        name: the question; ``confirm`` reads the whole report back.
        here: the community whose poster brought the person, offered as an answer to where.
    """
    lines = [read_back(report, t)] if name == "confirm" else []
    lines.append(_progress(report, t, name) + _wording(report, t, name))
    near = _here(here, t) if name == "location" else []
    return "\n".join(lines), near + _buttons(report, t, name)


def _progress(report: Draft, t: Texts, name: str) -> str:
    if name in ("consent", "confirm", "role") or report.forced:
        return ""
    step, steps = report.progress()
    return t("（{step}/{steps}）", step=step, steps=steps)


def _wording(report: Draft, t: Texts, name: str) -> str:
    if name == "location" and report.vague_place and not report.forced:
        return t("您说的“{place}”，在哪个省市县、哪个街道或村？", place=report.vague_place)
    plan = report.script
    return t(plan.wording(plan.question(name).ask))


def _here(name: str | None, t: Texts) -> Buttons:
    """The community of the poster, as an answer to where."""
    return [(t("就在{community}", community=name), "here:")] if name else []


def _buttons(report: Draft, t: Texts, name: str) -> Buttons:
    plan = report.script
    choices = [
        (t(choice.title), f"go:{choice.go}" if choice.go else f"a:{name}:{index}")
        for index, choice in enumerate(plan.choices(name))
    ]
    if plan.question(name).optional:
        choices += [(t("不清楚"), "say:dont_know"), (t("不方便说"), "say:decline_to_answer")]
    if report.misses > 1:
        choices.append((t("转人工"), "say:request_human"))
    return choices

"""The review of understanding: lines in doubt, and what staff say they mean."""

from typing import Any

from starlette.responses import Response

from bot.cases import reviewing
from bot.cases.reviewing import Doubtful, Fact, Meant, ReviewError
from bot.console.meanings import DOUBTS, ENTITIES, INTENTS, values_in_words
from bot.console.pages import Page, Visit, to

_LINES = 10
_COUNTED = 1000
_LIKELIEST = 9
_BLANKS = 2
_COMMON = (
    "inform", "report_unattended_child", "report_own_difficulty", "child_seeking_help",
    "report_emergency", "add_information", "ask_clarification", "request_human", "out_of_scope",
)  # fmt: skip
"""What fills up the nine readings that a key of their own sets."""


def show(visit: Visit) -> Response:
    """The newest lines in doubt within sight; who reads them is audited in the same transaction."""
    sight, placeless = visit.staff.sight(), visit.staff.sees_placeless
    with visit.database.writing() as session:
        lines = reviewing.waiting(session, sight, placeless, _LINES)
        count = reviewing.how_many(session, sight, placeless, _COUNTED)
        if lines:
            cases = sorted({each.case_no for each in lines if each.case_no})
            told = {"lines": [each.line.id for each in lines], "cases": cases}
            visit.audit(session, "review_read", None, told)
    return visit.page(
        "review.html",
        lines=[_shown(each) for each in lines],
        count=count,
        counted=_COUNTED,
        blanks=_BLANKS,
        intents=INTENTS,
        entities=ENTITIES,
        values=values_in_words(visit.t),
        doubts=DOUBTS,
        undone=visit.query("undone"),
    )


def take(visit: Visit) -> Response:
    """Take what a person says that a line means."""
    number = visit.part("number")
    with visit.database.writing() as session:
        line = reviewing.find(
            session,
            int(number) if number.isdecimal() else 0,
            visit.staff.sight(),
            visit.staff.sees_placeless,
        )
        if line is None:
            raise visit.refuse(visit.t("没有这句话，或不在您的范围内。"), 404)
        try:
            meant = _meant(visit, line)
            reviewing.take(session, line, meant, visit.staff.name, visit.now)
        except ReviewError as error:
            raise visit.refuse(_sentence(visit, error)) from None
        told = {"line": line.id, "state": meant.state}
        visit.audit(session, "reviewed", None, told)
    if "application/json" in visit.request.headers.get("accept", ""):
        return Response(status_code=204)  # the page takes the line away by itself
    return to("/review")


def undo(visit: Visit) -> Response:
    """Take back the person's last review; its line waits again."""
    with visit.database.writing() as session:
        number = reviewing.undo(session, visit.staff.name)
        if number is None:
            raise visit.refuse(visit.t("没有可以撤回的复核。"))
        visit.audit(session, "review_undone", None, {"line": number})
    return to(f"/review?undone={number}#line-{number}")


def _shown(each: Doubtful) -> dict[str, Any]:
    line = each.line
    read = [line.intent] if line.intent in INTENTS else []
    likely = list(dict.fromkeys([*read, *each.likely, *_COMMON]))
    facts = reviewing.facts_of(line.entities)
    return {
        "line": line,
        "before": each.before,
        "case_no": each.case_no,
        "likely": [intent for intent in likely if intent in INTENTS][:_LIKELIEST],
        "read": line.intent if read else "",
        "facts": [
            {"words": line.text[fact.start : fact.end], "fact": fact, "value": _written(fact)}
            for fact in facts
        ],
    }


def _written(fact: Fact) -> str:
    """The value as the field shows it; a value that the words themselves say stays out."""
    fixed = reviewing.VALUES[fact.entity] or fact.entity in reviewing.NUMBERS
    return str(fact.value) if fixed else ""


def _meant(visit: Visit, line: Any) -> Meant:
    do = visit.words("do")
    if do == "skip":
        return Meant("skipped")
    read = reviewing.facts_of(line.entities)
    if do == "right":
        if line.intent not in INTENTS:
            raise ReviewError("intent")
        return Meant("right", line.intent, read)
    intent = visit.words("other") or visit.words("intent")
    intent = next((name for name, words in INTENTS.items() if visit.t(words) == intent), intent)
    if intent not in INTENTS:
        raise ReviewError("intent")
    facts = tuple(_told(visit, line.text))
    same = intent == line.intent and sorted(map(str, facts)) == sorted(map(str, read))
    return Meant("right" if same else "corrected", intent, facts)


def _told(visit: Visit, text: str) -> list[Fact]:
    """The facts of the form: one a row, rows without words or kind left out."""
    rows = zip(
        *(visit.form.getlist(name) for name in ("words", "start", "entity", "value")), strict=False
    )
    known, facts = values_in_words(visit.t), []
    for words, start, entity, value in rows:
        if not all(isinstance(each, str) for each in (words, start, entity, value)):
            continue
        words, value = words.strip(), value.strip()
        if not words or not entity:
            continue
        value = next((name for name, said in known.get(entity, {}).items() if said == value), value)
        near = int(start) if start.isdecimal() else None
        facts.append(reviewing.locate(text, words, entity, value, near))
    return facts


def _sentence(visit: Visit, error: ReviewError) -> str:
    t = visit.t
    kind = t(ENTITIES[error.entity]) if error.entity in ENTITIES else error.entity
    return {
        "intent": t("请选这句话是什么意思。"),
        "words": t("“{words}”不在这句话里，请照原话选。", words=error.words),
        "value": t("“{words}”还没有选是哪一种{kind}。", words=error.words, kind=kind),
        "number": t("“{words}”后面请写数字，比如 3。", words=error.words),
    }.get(error.why, t("这一条没有填对，请再看一下。"))


PAGES = (
    Page("/review", "review", show),
    Page("/review/undo", "review", undo, "POST"),
    Page("/review/{number}", "review", take, "POST"),
)

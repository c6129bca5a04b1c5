"""The tables of ``docs/followups.md``, made from the data: ``python -m bot.cases.followup_docs``."""

import re
from collections.abc import Iterable
from pathlib import Path

from bot.cases.followup_plan import Item, Rule, followup_table
from bot.cases.ledger import Entry, ledger_table
from bot.texts import texts

PATH = Path(__file__).resolve().parent.parent.parent / "docs" / "followups.md"
_PART = "<!-- made from the data: {name} -->"
_END = "<!-- end -->"


def with_tables(page: str) -> str:
    """The page with its tables as the data has them today.

    Raises:
        ValueError: the page has no place for one of the tables.
    """
    for name, rows in (("plan", _plan()), ("answers", _answers()), ("ledger", _ledger())):
        begin = _PART.format(name=name)
        pattern = re.compile(f"{re.escape(begin)}.*?{_END}", re.DOTALL)
        if not pattern.search(page):
            raise ValueError(f"the page has no {begin}")
        table = "\n".join([begin, *rows, _END])
        page = pattern.sub(lambda _, made=table: made, page)  # type: ignore[misc]
    return page


def _plan() -> Iterable[str]:
    yield "| rule | levels | situation | what | due | who | rests on | why |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for rule in followup_table().plan:
        for item in rule.followups:
            levels = ", ".join(rule.levels) or "all"
            yield f"| {rule.rule} | {levels} | {_situation(rule)} | {_item(item)} |"


def _answers() -> Iterable[str]:
    t = texts("en")
    yield "| answer | button | what | due | who | rests on | why |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for name, answer in followup_table().answers.items():
        for item in answer.followups:
            yield f"| {name} | {answer.adult} ({t(answer.adult)}) | {_item(item)} |"
        if not answer.followups:
            yield f"| {name} | {answer.adult} ({t(answer.adult)}) | - | - | - | - | - |"


def _ledger() -> Iterable[str]:
    yield "| kind | report type | facts | rests on | why |"
    yield "| --- | --- | --- | --- | --- |"
    t, table = texts("en"), ledger_table()
    for entry in table.entries:
        kind = f"{entry.kind} ({table.kinds[entry.kind]})"
        types = ", ".join(entry.types) or "any"
        yield f"| {kind} | {types} | {_facts(entry)} | {entry.source} | {t(entry.why)} |"


def _situation(rule: Rule) -> str:
    parts = [
        *rule.all,
        *(f"{name}, unless ruled out" for name in rule.not_ruled_out),
        *(f"{name} ruled out" for name in rule.ruled_out),
    ]
    return "; ".join(parts) or "any"


def _item(item: Item) -> str:
    unit, number = next(iter(item.due.items()))
    due = f"{number} {unit.replace('_', ' ')}" if number > 1 else f"1 {unit[:-1].replace('_', ' ')}"
    what = f"{item.kind}: {item.says}" if item.says else item.kind
    why = texts("en")(item.why)
    return f"{what} | {due} | {item.unit} | {item.source} | {why}"


def _facts(entry: Entry) -> str:
    if entry.otherwise:
        return "no line above holds"
    return "; ".join(f"{name}: {' or '.join(values)}" for name, values in entry.facts.items())


if __name__ == "__main__":
    PATH.write_text(with_tables(PATH.read_text(encoding="utf-8")), encoding="utf-8")

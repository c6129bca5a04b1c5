"""The two tables in words: ``python -m bot.cases.tables_in_words`` writes them into docs/triage.md.

The tables stand between markers there; everything else in the file is written by hand.
"""

from pathlib import Path

from bot.cases.rules import condition_table, routing_table, triage_table

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "triage.md"
_BEGIN, _END = "<!-- {name}: made from the data, do not edit -->", "<!-- end of {name} -->"
_LEVELS = {"critical": "特急", "high": "紧急", "medium": "较急", "low": "一般"}
_SPANS = {"minutes": "{} 分钟内", "hours": "{} 小时内", "working_days": "{} 个工作日内"}
_UNITS = {
    "committee": "村（居）委会",
    "township": "乡镇（街道）",
    "county_civil_affairs": "县级民政部门",
    "medical": "医疗机构",
    "police": "公安机关",
    "education": "教育部门",
    "womens_federation": "妇联",
    "protection_institution": "未成年人救助保护机构",
}


def triage_in_words() -> str:
    """The triage table: level, time, reason, and the conditions that must hold together."""
    lines = [
        "| 级别 | 多久之内有人看 | 理由（任一条） | 条件（同时） |",
        "| --- | --- | --- | --- |",
    ]
    for level in triage_table().levels:
        ((unit, number),) = level.due.items()
        for rule in level.any:
            lines.append(
                f"| {level.level} {_LEVELS[level.level]} | {_SPANS[unit].format(number)} "
                f"| {rule.reason} | {_names(rule.all)} |"
            )
    return "\n".join(lines)


def routing_in_words() -> str:
    """The routing table, its rows in the order in which they are tried."""
    lines = [
        "| | 情况 | 条件（同时） | 负责单位 | 同时告知 |",
        "| --- | --- | --- | --- | --- |",
    ]
    for number, row in enumerate(routing_table().rows, 1):
        told = "、".join(_UNITS[unit] for unit in row.also) or "—"
        for more in row.more:
            units = "、".join(_UNITS[unit] for unit in more.also)
            told += f"；有 {_names(more.any, ' 或 ')} 的，还有{units}"
        lines.append(f"| {number} | {row.why} | {_names(row.all)} | {_UNITS[row.unit]} | {told} |")
    return "\n".join(lines)


def conditions_in_words() -> str:
    """What each condition means."""
    lines = ["| 条件 | 意思 |", "| --- | --- |"]
    lines += [
        f"| `{name}` | {words.means} |" for name, words in condition_table().conditions.items()
    ]
    return "\n".join(lines)


_PARTS = {
    "triage": triage_in_words,
    "routing": routing_in_words,
    "conditions": conditions_in_words,
}


def page_with_tables(page: str) -> str:
    """The page with today's tables between its markers.

    Raises:
        ValueError: a marker is missing.
    """
    for name, make in _PARTS.items():
        begin, end = _BEGIN.format(name=name), _END.format(name=name)
        before, found, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"the markers of {name!r} are missing")
        page = f"{before}{begin}\n{make()}\n{end}{after}"
    return page


def _names(names: list[str], between: str = " + ") -> str:
    return between.join(f"`{name}`" for name in names) or "—"


if __name__ == "__main__":
    PAGE.write_text(page_with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

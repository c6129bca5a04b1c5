"""The counters as a table, as files and as a picture."""

import csv
import io
import json
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from rich.console import Console
from rich.table import Table

from bot.cases.export import harmless
from bot.cases.stats import COUNTERS, RANKS, Figures, Line, Statistics
from bot.cases.vocabulary import LEVELS
from bot.drawing import drawing

FORMATS = ("table", "json", "csv", "xlsx", "png")
HEADINGS = {
    "adcode": "区划代码",
    "region": "地区",
    "phone_visits": "电话探访（次）",
    "text_reminders": "文字提醒（条）",
    "supplies": "发放物资（件）",
    "service_supports": "服务支持（例）",
    "special_cases": "特殊个案跟进（例）",
    "calls_received": "求助（件）",
    "calls_answered": "已回应（件）",
    "critical": "特急",
    "high": "紧急",
    "medium": "一般",
    "low": "平缓",
    "looked_at": "已有人看（件）",
    "first_look": "首看分钟（中位数）",
}
_COLOURS = {"critical": "#a4161a", "high": "#e5731a", "medium": "#e9c46a", "low": "#8ab17d"}
_WHOLE, _NOWHERE = "合计", "未说明地区"
_SHOWN = 12  # regions in the picture
_DPI = 150
_WIDE = 160  # columns: no heading is broken in a file


def rows(statistics: Statistics) -> list[dict[str, str | int | float | None]]:
    """A row a region, keyed as ``HEADINGS``; numbers are numbers, what is unknown is ``None``."""
    return [_row(line) for line in statistics.lines]


def write(statistics: Statistics, form: str, target: IO[bytes]) -> None:
    """Write as ``table``, ``json``, ``csv`` (UTF-8 with BOM), ``xlsx`` or ``png``.

    Raises:
        bot.drawing.DrawingError: the picture cannot be drawn.
    """
    writers = {"table": _table, "json": _json, "csv": _csv, "xlsx": _xlsx, "png": _png}
    writers[form](statistics, target)


def _row(line: Line) -> dict[str, str | int | float | None]:
    name = {"country": _WHOLE, "unknown": _NOWHERE}.get(line.rank, line.name)
    figures = line.figures
    return {
        "adcode": line.adcode,
        "region": harmless(name or line.adcode),
        **{counter: figures.counters[counter] for counter in COUNTERS},
        **{level: figures.levels[level] for level in LEVELS},
        "looked_at": len(figures.first_looks),
        "first_look": figures.median_first_look,
    }


def title(statistics: Statistics) -> str:
    """The heading of a report."""
    period = statistics.period
    place = next((line.name for line in statistics.lines if line.adcode == statistics.region), "")
    where = (place or statistics.region or "") if statistics.region else ""
    return f"{where}护童工作统计　{period.first:%Y-%m-%d} 至 {period.last:%Y-%m-%d}"


def _table(statistics: Statistics, target: IO[bytes]) -> None:
    table = Table(title=title(statistics))
    for name, heading in HEADINGS.items():
        short = heading.partition("（")[0]
        table.add_column(short, justify="left" if name in ("adcode", "region") else "right")
    for line, row in zip(statistics.lines, rows(statistics), strict=True):
        shown = {name: "" if value is None else str(value) for name, value in row.items()}
        shown["region"] = "  " * _indent(line) + shown["region"]
        table.add_row(*shown.values())
    text = io.StringIO()
    Console(file=text, width=_WIDE).print(table)
    target.write(text.getvalue().encode())


def _json(statistics: Statistics, target: IO[bytes]) -> None:
    content = {
        "from": statistics.period.first.isoformat(),
        "to": statistics.period.last.isoformat(),
        "region": statistics.region,
        "lines": [
            {"rank": line.rank, **row}
            for line, row in zip(statistics.lines, rows(statistics), strict=True)
        ],
    }
    target.write(json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n")


def _csv(statistics: Statistics, target: IO[bytes]) -> None:
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS.values())
    writer.writerows(row.values() for row in rows(statistics))
    text.flush()
    text.detach()


def _xlsx(statistics: Statistics, target: IO[bytes]) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "统计"
    sheet.append([title(statistics)])
    sheet.append(list(HEADINGS.values()))
    for line, row in zip(statistics.lines, rows(statistics), strict=True):
        sheet.append(list(row.values()))
        sheet.cell(sheet.max_row, 2).alignment = Alignment(indent=_indent(line))
    for cell in (sheet["A1"], *sheet[2]):
        cell.font = Font(bold=True)
    for number, heading in enumerate(HEADINGS.values(), 1):
        width = 24 if heading == HEADINGS["region"] else 2 * len(heading) + 2
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "C3"
    book.save(target)


def _indent(line: Line) -> int:
    return RANKS.index(line.rank) if line.rank != "unknown" else 1


def _png(statistics: Statistics, target: IO[bytes]) -> None:
    with drawing() as figure_of:
        bars = _bars(statistics)
        figure = figure_of(11, 2.4 + 0.34 * max(len(bars), len(COUNTERS)))
        left, right = figure.subplots(1, 2)
        figure.suptitle(title(statistics), fontsize=15)
        _draw_counters(left, statistics)
        _draw_levels(right, bars)
        figure.tight_layout(rect=(0, 0, 1, 0.98))
        figure.savefig(target, format="png", dpi=_DPI)


def _draw_counters(axes: Any, statistics: Statistics) -> None:
    values = [statistics.whole.counters[name] for name in COUNTERS]
    bars = axes.barh([HEADINGS[name] for name in COUNTERS], values, color="#33658a", height=0.62)
    axes.bar_label(bars, padding=4)
    axes.invert_yaxis()
    _plain(axes, "工作量", max(values))


def _draw_levels(axes: Any, bars: list[tuple[str, Figures]]) -> None:
    before = [0] * len(bars)
    for level in LEVELS:
        values = [figures.levels[level] for _, figures in bars]
        axes.barh(
            range(len(bars)), values, left=before, color=_COLOURS[level], height=0.62,
            label=HEADINGS[level],
        )  # fmt: skip
        before = [total + value for total, value in zip(before, values, strict=True)]
    for position, total in enumerate(before):
        axes.annotate(
            str(total), (total, position), (4, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(range(len(bars)), [name for name, _ in bars])
    axes.invert_yaxis()
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), ncol=len(LEVELS), frameon=False)
    _plain(axes, "各地报告，按紧急程度", max(before))


def _plain(axes: Any, heading: str, most: int) -> None:
    axes.set_title(heading, fontsize=12)
    axes.set_xlim(0, max(most, 1) * 1.15)
    axes.xaxis.set_visible(False)
    axes.tick_params(axis="y", length=0)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)


def _bars(statistics: Statistics) -> list[tuple[str, Figures]]:
    """The regions with most reports, each report in one of them, and all others together."""
    lines = [line for line in statistics.lines if line.own.levels]
    lines.sort(key=lambda line: -line.own.levels.total())
    bars = [(_label(line, lines), line.own) for line in lines[:_SHOWN]]
    if rest := lines[_SHOWN:]:
        bars.append((f"其他 {len(rest)} 处", sum((line.own for line in rest), Figures())))
    return bars or [(_WHOLE, statistics.whole)]


def _label(line: Line, among: list[Line]) -> str:
    if line.rank == "unknown":
        return _NOWHERE
    name = line.name or line.adcode or ""
    if line.figures != line.own:
        return f"{name}（未说明县区）"
    same = [other for other in among if other.name == line.name]
    return f"{name}（{line.adcode}）" if len(same) > 1 else name

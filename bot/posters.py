"""Posters: a QR code that knows its community, with what to do and whom to call, on A4."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import segno

from bot.cases.export import harmless
from bot.drawing import DrawingError, drawing
from bot.links import Community, LinkError, Links, telegram_link, web_link

_A4 = (8.27, 11.69)  # inches
_DPI = 200
_QUIET = 4  # modules of white around a code (ISO/IEC 18004, 6.3.8)
_RED, _GREY, _BLACK = "#a4161a", "#555555", "#111111"
_CODE_HEIGHT = 0.465  # of its middle above the lower edge
_LONG_NAME = 10  # characters that fit at the full size

_TITLE = "孩子没人照看？"
_CALL = "扫一扫，说一声，交给管事的人"
_STEPS = (
    "1. 扫下面的码，写下看到的事：孩子在哪儿、几岁、现在谁在。",
    "2. 可以不留姓名。家长自己顾不过来、孩子自己遇到难处，也能说。",
    "3. 提交后得到一个编号，能补充情况、查进度。",
)
_DANGER = "正有危险，先打电话"
_URGENT = "110 报警　　120 急救　　119 火警"
_OTHERS = "12345 政务服务　12349 民政　12355 青少年　12338 妇女维权"
_SCAN = {"web": "手机扫码，打开网页就能说", "telegram": "用 Telegram 的扫这个"}


@dataclass(frozen=True)
class Made:
    """The links of one community; an empty one was not asked for."""

    community: Community
    token: str
    telegram: str
    web: str

    @property
    def codes(self) -> list[tuple[str, str]]:
        """What stands on the poster: kind and link."""
        return [(k, link) for k, link in (("web", self.web), ("telegram", self.telegram)) if link]


def make_links(communities: Sequence[Community], links: Links, bot: str, web: str) -> list[Made]:
    """The links of communities.

    Args:
        bot: the Telegram bot's name, or empty for none.
        web: the web chat's address, or empty for none.

    Raises:
        LinkError: both are empty, or one of them cannot be used.
    """
    if not bot and not web:
        raise LinkError("A link needs --bot (Telegram), --web (the web chat's address) or both.")
    made = []
    for community in communities:
        token = links.token(community)
        telegram = telegram_link(bot, token) if bot else ""
        made.append(Made(community, token, telegram, web_link(web, token) if web else ""))
    return made


def write_links(made: Sequence[Made], target: IO[bytes]) -> None:
    """Write the links as csv (UTF-8 with BOM, as spreadsheets want)."""
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(["name", "adcode", "telegram", "web"])
    for each in made:
        name = harmless(each.community.name)
        writer.writerow([name, each.community.adcode, each.telegram, each.web])
    text.flush()
    text.detach()


def print_posters(made: Sequence[Made], folder: Path) -> int:
    """Write a poster a community, as PNG and as PDF; how many communities got one.

    Raises:
        bot.drawing.DrawingError: no Chinese font is installed, or it lacks a sign of a name.
    """
    for number, each in enumerate(made, 1):
        name = re.sub(r"[^\w-]", "_", each.community.name)
        for form in ("png", "pdf"):
            with (folder / f"{number:03}-{name}.{form}").open("wb") as file:
                print_poster(each, form, file)
    return len(made)


def print_poster(made: Made, form: str, target: IO[bytes]) -> None:
    """Write one poster as ``png`` or ``pdf``.

    Raises:
        bot.drawing.DrawingError: no Chinese font is installed, or it lacks a sign of the name.
    """
    if form not in ("png", "pdf"):
        raise DrawingError(f"A poster cannot be made as {form!r}.")
    with drawing() as figure_of:
        figure = figure_of(*_A4)
        _write_words(figure, made.community.name)
        for (kind, link), left in zip(made.codes, _places(len(made.codes)), strict=True):
            _draw_code(figure, link, left, len(made.codes))
            width = _width(len(made.codes))
            figure.text(left + width / 2, 0.255, _SCAN[kind], ha="center", size=15, color=_BLACK)
        # no moment of making in it: the same poster is the same file
        metadata = {"CreationDate": None} if form == "pdf" else {"Software": None}
        figure.savefig(target, format=form, dpi=_DPI, metadata=metadata)


def _write_words(figure: Any, name: str) -> None:
    size = 30 if len(name) <= _LONG_NAME else 30 * _LONG_NAME / len(name)
    figure.text(0.5, 0.925, _TITLE, ha="center", va="center", size=50, color=_RED)
    figure.text(0.5, 0.862, _CALL, ha="center", va="center", size=28, color=_BLACK)
    figure.text(0.5, 0.802, name, ha="center", va="center", size=size, color=_GREY)
    for line, text in enumerate(_STEPS):
        figure.text(0.09, 0.752 - 0.033 * line, text, va="center", size=15, color=_BLACK)
    figure.text(0.5, 0.195, _DANGER, ha="center", va="center", size=26, color=_RED)
    figure.text(0.5, 0.135, _URGENT, ha="center", va="center", size=30, color=_RED)
    figure.text(0.5, 0.078, _OTHERS, ha="center", va="center", size=17, color=_BLACK)
    figure.text(
        0.5, 0.035, "护童 · 自动回复，报告交给负责保护孩子的工作人员", ha="center", va="center",
        size=12, color=_GREY,
    )  # fmt: skip


def _width(codes: int) -> float:
    return 0.52 if codes == 1 else 0.41


def _places(codes: int) -> list[float]:
    return [0.24] if codes == 1 else [0.065, 0.525]


def _draw_code(figure: Any, link: str, left: float, codes: int) -> None:
    """Draw a QR code, a quarter of which may be covered before it is unreadable (level Q).

    It is drawn as shapes, not as an image: printers and PDF keep its edges sharp.
    """
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    modules = [list(row) for row in segno.make(link, error="q", micro=False).matrix]
    across = len(modules) + 2 * _QUIET
    paper = tuple(round(inches * _DPI) for inches in _A4)
    dots = int(_width(codes) * paper[0]) // across  # a module is a whole number of dots wide
    corner = (
        round((left + _width(codes) / 2) * paper[0] - dots * across / 2),
        round(_CODE_HEIGHT * paper[1] - dots * across / 2),
    )
    sides = (*corner, dots * across, dots * across)
    axes = figure.add_axes([side / paper[i % 2] for i, side in enumerate(sides)])
    bars = [Outline.unit_rectangle().transformed(_place(*bar)) for bar in _bars(modules)]
    shape = Outline.make_compound_path(*bars)
    axes.add_patch(PathPatch(shape, facecolor="black", linewidth=0, antialiased=False))
    axes.set_xlim(-_QUIET, len(modules) + _QUIET)
    axes.set_ylim(len(modules) + _QUIET, -_QUIET)
    axes.set_axis_off()


def _bars(modules: list[list[int]]) -> Iterator[tuple[int, int, int]]:
    """The dark modules of each row that touch, as column, row and how many."""
    for row, line in enumerate(modules):
        column = 0
        for dark, run in groupby(line):
            length = len(list(run))
            if dark:
                yield column, row, length
            column += length


def _place(column: int, row: int, length: int) -> Any:
    from matplotlib.transforms import Affine2D

    return Affine2D().scale(length, 1).translate(column, row)

"""Pictures with Chinese in them: which font, and the certainty that no sign becomes an empty box."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

# the first that is installed is used; each holds Latin letters and digits, too
FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN",
    "Noto Sans CJK JP",  # how matplotlib calls a collection of all CJK fonts
    "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Microsoft YaHei", "PingFang SC", "SimHei",
    "Droid Sans Fallback", "Arial Unicode MS",
)  # fmt: skip


class DrawingError(Exception):
    """A picture that cannot be drawn; the message is one sentence that says how to mend it."""


@contextmanager
def drawing() -> Iterator[Any]:
    """Matplotlib's ``Figure`` class, with a Chinese font and no screen.

    Raises:
        DrawingError: no Chinese font is installed, or a text has a sign that the font lacks.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    def new(width: float, height: float) -> Any:
        figure = Figure(figsize=(width, height))
        FigureCanvasAgg(figure)
        return figure

    rules = {"font.family": [_font()], "axes.unicode_minus": False}
    with matplotlib.rc_context(rules), warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*missing from current font.*")
        try:
            yield new
        except UserWarning as warning:
            raise DrawingError(f"The picture has a sign that no font has: {warning}") from None


@cache
def _font() -> str:
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    found = next((name for name in FONTS if name in installed), None)
    if found is None:
        raise DrawingError(
            "No font with Chinese characters is installed: install fonts-noto-cjk or another of "
            + ", ".join(FONTS[:3])
            + "."
        )
    return found

"""Texts of the program in the reader's language, from the Babel catalogues.

The source texts are Simplified Chinese (zh_Hans); ``bot/locale`` holds zh_Hant and en.
"""

import gettext
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from bot.clock import SHANGHAI

LANGUAGES = ("zh_Hans", "zh_Hant", "en")
LOCALE_DIR = Path(__file__).with_name("locale")


def N_(source: str) -> str:  # noqa: N802 - gettext's customary name
    """Mark a source text that is put into the reader's language later."""
    return source


class MissingCatalogueError(Exception):
    """A catalogue is not there or not compiled; the message says which and how to mend it."""


class Texts:
    """The texts of one language: call it with a source text and the values to put in."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self._catalogue = _catalogue(self.language)

    def __call__(self, source: str, **values: object) -> str:
        """The text in this language with ``values`` filled in."""
        text = self._catalogue.gettext(source) if source else source
        return text.format(**values) if values else text

    def moment(self, at: datetime) -> str:
        """A moment in Asia/Shanghai as people of this language write it."""
        pattern = "MMM d, HH:mm" if self.language == "en" else "M月d日 HH:mm"
        return format_datetime(at, pattern, tzinfo=SHANGHAI, locale=self.language)

    def dated(self, at: datetime) -> str:
        """A moment in Asia/Shanghai with its year."""
        pattern = "MMM d, y, HH:mm" if self.language == "en" else "y年M月d日 HH:mm"
        return format_datetime(at, pattern, tzinfo=SHANGHAI, locale=self.language)

    def day(self, day: date) -> str:
        """A day as people of this language write it."""
        return format_date(
            day, "MMM d" if self.language == "en" else "M月d日", locale=self.language
        )

    def number(self, value: float) -> str:
        """A number as people of this language write it."""
        return format_decimal(value, locale=self.language)


@cache
def texts(language: str) -> Texts:
    """The texts of a language; an unknown one gives Simplified Chinese.

    Raises:
        MissingCatalogueError: the language's catalogue is missing.
    """
    return Texts(language)


def _catalogue(language: str) -> gettext.NullTranslations:
    if language == LANGUAGES[0]:
        return gettext.NullTranslations()
    try:
        return gettext.translation("messages", LOCALE_DIR, [language])
    except OSError:
        raise MissingCatalogueError(
            f"The catalogue for {language} is missing or not compiled: run `make catalogues`."
        ) from None

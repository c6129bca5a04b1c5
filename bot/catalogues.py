"""Keeping the catalogues: extract from code, data and templates; update; compile; check.

``python -m bot.catalogues update|compile|check``. Babel does the work; ours is only reading the
texts out of the YAML data, where every string with Chinese characters is a text.
"""

import io
import re
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from bot.texts import LANGUAGES, LOCALE_DIR

ROOT = Path(__file__).resolve().parent.parent
_HAN = re.compile(
    r"[\u3000-\u303f\u3400-\u9fff\uff01-\uff5e]"
)  # characters, full-width punctuation
_PLACES = re.compile(r"\{[a-z_]*\}")
_NO_DATE = datetime(
    2026, 1, 1, tzinfo=timezone.utc
)  # a new date would change files without a reason
_NO_TEXTS = {"names", "says", "means"}  # read by the program or by staff, not sent to people
_METHODS = [
    ("bot/walks/*.yml", "bot.catalogues:extract_yaml"),
    ("bot/help/**.yml", "bot.catalogues:extract_yaml"),
    ("bot/cases/*.yml", "bot.catalogues:extract_yaml"),
    ("bot/channels/web/templates/**.html", "jinja2.ext:babel_extract"),
    ("bot/console/templates/**.html", "jinja2.ext:babel_extract"),
    ("bot/**.py", "python"),
    ("actions/**.py", "python"),
]
_KEYWORDS = {"t": None, "N_": None}


def extract_yaml(
    fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Babel's extractor for our YAML data: every Chinese string but those that people type."""
    for text in _strings(yaml.safe_load(fileobj)):
        yield 1, "t", text, []


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in _NO_TEXTS:
                yield from _strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)
    elif isinstance(node, str) and _HAN.search(node):
        yield node


def extract() -> Catalog:
    """All source texts of the program."""
    catalogue = Catalog(project="hutong", charset="utf-8")
    for folder in ("bot", "actions"):
        methods = [(p.removeprefix(f"{folder}/"), m) for p, m in _METHODS if p.startswith(folder)]
        found = extract_from_dir(
            ROOT / folder, methods, {"**": {"trimmed": "true"}}, keywords=_KEYWORDS
        )
        for _file, _line, message, _comments, _context in found:
            if isinstance(message, str) and _HAN.search(message):
                catalogue.add(message)
    return catalogue


def _file_of(language: str) -> Path:
    return LOCALE_DIR / language / "LC_MESSAGES" / "messages.po"


def _read(language: str) -> Catalog:
    path = _file_of(language)
    if not path.exists():
        return Catalog(locale=language, project="hutong", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update() -> None:
    """Bring the catalogues up to the source texts; new texts come in empty, old ones go."""
    source = extract()
    for language in LANGUAGES[1:]:
        catalogue = _read(language)
        catalogue.update(source, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        catalogue.fuzzy = False
        catalogue.header_comment = f"# Texts of Hutong: {language}."
        catalogue.last_translator = catalogue.language_team = "hutong"
        catalogue.msgid_bugs_address = ""
        catalogue.creation_date = catalogue.revision_date = _NO_DATE
        path = _file_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(
                file, catalogue, width=100, sort_output=True, no_location=True, ignore_obsolete=True
            )


def compile_all() -> None:
    """Write the compiled catalogues that the program reads."""
    for language in LANGUAGES[1:]:
        buffer = io.BytesIO()
        write_mo(buffer, _read(language))
        _file_of(language).with_suffix(".mo").write_bytes(buffer.getvalue())


def problems() -> list[str]:
    """What is stale or incomplete in the catalogues, a sentence each; none when all is well."""
    source = {message.id for message in extract() if message.id}
    found = []
    for language in LANGUAGES[1:]:
        catalogue = {message.id: message for message in _read(language) if message.id}
        found += [f"{language}: missing: {text}" for text in sorted(source - set(catalogue))]
        found += [f"{language}: no longer used: {text}" for text in sorted(set(catalogue) - source)]
        for text in sorted(source & set(catalogue)):
            translated = catalogue[text].string
            if not translated or catalogue[text].fuzzy:
                found.append(f"{language}: not translated: {text}")
            elif sorted(_PLACES.findall(str(text))) != sorted(_PLACES.findall(str(translated))):
                found.append(f"{language}: other placeholders than: {text}")
    return found


def main(command: str) -> int:
    """Run one of the three commands; the exit code."""
    if command == "check":
        for problem in problems():
            print(problem)
        return int(bool(problems()))
    {"update": update, "compile": compile_all}[command]()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))

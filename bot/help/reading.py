"""Reading help files: what is wrong is told in one sentence with file, line and how to mend it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from bot.datafiles import LOADER, Strict, line_of
from bot.help.schema import RegionFile, UnknownNameError, check_names, within, wordings

CodeOf = Callable[[str], str | None]
"""The code of a place that is named in words (GB/T 2260), or ``None`` when no such place is known."""

_EXTRA = "value_error.extra"  # told first: a key spelled wrongly is also a key that is missing
_BLANK = "〈"
_MEND = {
    _EXTRA: "no such key exists here; check its spelling or remove it",
    "value_error.missing": "this key is missing; add it",
    "type_error.str": "this must be a text in quotation marks",
    "type_error.none.not_allowed": "nothing stands here; fill it in or remove the key",
    "type_error.list": 'this must be a list, each entry beginning with "-"',
    "type_error.dict": "this must be keys with values",
    "value_error.date": "this must be a day, as 2026-11-21",
    "value_error.const": "this value is not known here",
}
File = TypeVar("File", bound=Strict)


class HelpFileError(Exception):
    """A help file that cannot be used; the message is one sentence with its file and line."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(f"The help file {path} cannot be used: line {line}: {why}.")


def read_file(path: Path, schema: type[File]) -> File:
    """The content of one file.

    Raises:
        HelpFileError: it is no YAML, has a key twice or a blank, or does not follow its schema.
    """
    text = _text(path)
    try:
        root = yaml.compose(text, Loader=LOADER)
        content = yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise HelpFileError(path, line, f"this is no YAML ({error.problem})") from None
    except (yaml.YAMLError, ValueError) as error:
        raise HelpFileError(path, 1, f"this is no YAML ({str(error).splitlines()[0]})") from None
    if root is None or not isinstance(content, dict):
        raise HelpFileError(path, 1, "it must begin with a key, as region:")
    for line, why in _slips(root):
        raise HelpFileError(path, line, why)
    try:
        return schema.parse_obj(content)
    except ValidationError as error:
        first = max(error.errors(), key=lambda e: (e["type"] == _EXTRA, len(e["loc"])))
        line = line_of(root, first["loc"])
        raise HelpFileError(path, line, _why(first)) from None


def read_regions(folder: Path, national: set[str], code_of: CodeOf | None) -> list[RegionFile]:
    """All region files of a folder, by name; none when there is no such folder.

    Args:
        national: the names of the sources that every file may use.
        code_of: checks that a file's code is that of the place it names.

    Raises:
        HelpFileError: one file is wrong, or two are for the same region.
    """
    found: dict[str, Path] = {}
    files = []
    for path in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
        file = read_file(path, RegionFile)
        _check_place(path, file, found, code_of)
        try:
            check_names(file.__dict__, national | set(file.sources))
        except UnknownNameError as error:
            raise HelpFileError(path, _line_in(path, error.loc), str(error)) from None
        found[file.region.adcode] = path
        files.append(file)
    return files


def _check_place(
    path: Path, file: RegionFile, found: dict[str, Path], code_of: CodeOf | None
) -> None:
    """Check that a file is for one region of its own, which its code, name and contacts agree on."""
    code, name = file.region.adcode, wordings(file.region.name)[0]
    why = ""
    if code in found:
        why = f"{found[code].name} is for region {code} already; put both into one file"
    elif code_of and (known := code_of(name)) != code:
        meant = f", which is {known}" if known else ""
        why = f"{code} is not the code of {name}{meant}; mend the code or the name"
    if why:
        raise HelpFileError(path, _line_in(path, ("region", "adcode")), why)
    for index, contact in enumerate(file.contacts):
        if not within(contact.adcode, code):
            why = f"contact {index + 1}: adcode {contact.adcode} lies outside the file's region"
            raise HelpFileError(path, _line_in(path, ("contacts", index, "adcode")), why)


def _line_in(path: Path, loc: tuple[Any, ...]) -> int:
    root = yaml.compose(_text(path), Loader=LOADER)
    return line_of(root, loc) if root else 1


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise HelpFileError(path, 1, "its text is not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise HelpFileError(path, 1, f"it cannot be read ({error.strerror})") from None


def _slips(node: yaml.Node) -> Iterator[tuple[int, str]]:
    """Keys that stand twice, which YAML would let pass, and blanks of the example, with their lines."""
    if isinstance(node, yaml.ScalarNode) and _BLANK in node.value:
        yield node.start_mark.line + 1, f"{node.value} is a blank of the example; fill it in"
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _slips(child)
    elif isinstance(node, yaml.MappingNode):
        seen = set()
        for key, child in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, f"the key {key.value} stands twice; remove one"
            seen.add(key.value)
            yield from _slips(child)


def _why(error: Any) -> str:
    where = " ".join(str(step + 1) if isinstance(step, int) else step for step in error["loc"])
    where = where.replace(" __root__", "").replace("__root__", "")
    kind = error["type"]
    told = next((why for start, why in _MEND.items() if kind.startswith(start)), error["msg"])
    if kind == "value_error.const":
        told += f" ({error['msg'].split('; ')[-1]})"
    return f"{where}: {told}" if where else str(told)

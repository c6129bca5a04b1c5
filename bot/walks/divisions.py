"""The names of the divisions of the mainland, by code (GB/T 2260)."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from nlu.extractors import gazetteer


def name_of(adcode: str) -> str | None:
    """The name of a division, or ``None`` when there is no such code."""
    return _paths().get(adcode, (None,))[-1]


def full_name_of(adcode: str) -> str | None:
    """The name with those of the divisions that it lies in, as an address begins."""
    path = _paths().get(adcode)
    # 省直辖行政区划 stands for the city where a county has none
    return "".join(n for n in dict.fromkeys(path) if not n.endswith("行政区划")) if path else None


def below(adcode: str) -> tuple[str, ...]:
    """The codes of the divisions that lie directly in one; of the provinces when it is empty."""
    known = _paths()
    if not adcode:
        return tuple(sorted(code for code in known if code.endswith("0000")))
    if adcode.endswith("0000"):
        inside = [code for code in known if code[:2] == adcode[:2] and code != adcode]
        return tuple(sorted(c for c in inside if c.endswith("00") or f"{c[:4]}00" not in known))
    if adcode.endswith("00"):
        return tuple(sorted(c for c in known if c[:4] == adcode[:4] and c != adcode))
    return ()


@cache
def _paths() -> Mapping[str, tuple[str, ...]]:
    """From the gazetteer that addresses are read with, too."""
    found: dict[str, tuple[str, ...]] = {}

    def walk(below: object, path: tuple[str, ...]) -> None:
        if not isinstance(below, dict):
            return
        if path and below.get("_admin_code"):
            found.setdefault(below["_admin_code"], path)  # 北京市 is province and city in one
        for name, inside in below.items():
            if not name.startswith("_"):
                walk(inside, (*path, name))

    walk(gazetteer.tree(), ())
    return MappingProxyType(found)

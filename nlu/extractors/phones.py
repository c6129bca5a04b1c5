"""Telephone numbers in E.164, also when the digits are spoken."""

from __future__ import annotations

import re

from nlu.extractors.found import Found
from nlu.normaliser import normalise

_SPOKEN = {char: str(i) for i, char in enumerate("零一二三四五六七八九")} | {
    "幺": "1",
    "〇": "0",
    "两": "2",
    "o": "0",
}
_RUN = re.compile(
    r"\+?[\d零〇一二三四五六七八九幺两o](?:[\s\-—_.()（）,，、]{0,2}[\d零〇一二三四五六七八九幺两o]){6,16}"
)
_REGIONS = ("CN", "HK", "TW", "MO")


def find_phones(text: str) -> list[Found]:
    """Telephone numbers in normalised text, as ``phone`` facts in E.164."""
    found = []
    for match in _RUN.finditer(text):
        number = _number(match.group())
        if number:
            found.append(Found("phone", number, *match.span()))
    return found


def read_phone(text: str) -> str | None:
    """The first telephone number in an answer.

    Args:
        text: "138 0013 8021，白天别打", "一三八零零一三八一六二", "+852 9123 4567", "0912-345-678".

    Returns:
        E.164 (``+8613800138021``), or None.
    """
    found = find_phones(normalise(text).text)
    return str(found[0].value) if found else None


def _number(words: str) -> str | None:
    import phonenumbers

    digits = "".join(
        _SPOKEN.get(char, char)
        for char in words
        if char.isdigit() or char in _SPOKEN or char == "+"
    )
    for region in _regions(digits):
        try:
            parsed = phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return None


def _regions(digits: str) -> tuple[str, ...]:
    bare = digits.lstrip("+")
    if re.fullmatch(r"1[3-9]\d{9}", bare):
        return ("CN",)
    if re.fullmatch(r"(?:86|852|853|886)\d{7,11}", bare) and not digits.startswith("+"):
        return ()  # a prefix without + is left to the reader of the case
    if re.fullmatch(r"09\d{8}", bare):
        return ("TW",)
    if re.fullmatch(r"[5679]\d{7}", bare):
        return ("HK",)
    return _REGIONS if digits.startswith("+") else ("CN", "TW") if bare.startswith("0") else ()

"""Which language a browser gets: the one asked for, else the first it accepts, else Chinese."""

from starlette.requests import Request

from bot.texts import LANGUAGES

TAGS = {"zh_Hans": "zh-Hans", "zh_Hant": "zh-Hant", "en": "en"}  # BCP 47, for html and hints
_TRADITIONAL = {"hant", "tw", "hk", "mo"}


def language_of(request: Request) -> str:
    """One of the program's languages, from ``?lang=`` or ``Accept-Language``."""
    asked = _known(request.query_params.get("lang", ""))
    if asked:
        return asked
    for tag in _accepted(request.headers.get("accept-language", "")):
        known = _known(tag)
        if known:
            return known
    return LANGUAGES[0]


def _known(tag: str) -> str | None:
    first, *rest = tag.strip().lower().replace("_", "-").split("-")
    if first == "zh" or first == "yue":
        # the script decides where it is given, else the region
        hant = "hans" not in rest and (first == "yue" or bool(_TRADITIONAL & set(rest)))
        return "zh_Hant" if hant else "zh_Hans"
    return "en" if first == "en" else None


def _accepted(header: str) -> list[str]:
    """The tags of an ``Accept-Language`` header, most wanted first (RFC 9110, 12.5.4)."""
    wanted = []
    for part in header[:500].split(","):
        tag, _, parameter = part.partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0.0
        if weight > 0:
            wanted.append((weight, tag))
    return [tag for _, tag in sorted(wanted, key=lambda pair: -pair[0])]

"""The sex that a writer's word for the child holds beside the relation: 孙子, 外甥女.

Such a word is labelled as the relation alone; that it tells the sex too is never written down.
"""

from __future__ import annotations

import re

from nlu.extractors.choices import hits
from nlu.normaliser import normalise

_KIN = re.compile(r"[孙侄甥]|[堂表][弟妹]")


def sexes_of_kin(words: str) -> list[tuple[str, int, int]]:
    """(value, start, end) of each sex in normalised words for a relation; none where no child is meant."""
    return hits("sex", words) if _KIN.search(words) else []


def implied_sexes(relations: list[str]) -> set[str]:
    """The sexes that words for relations, as written, hold."""
    return {value for words in relations for value, _, _ in sexes_of_kin(normalise(words).text)}

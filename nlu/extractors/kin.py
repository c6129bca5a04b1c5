"""Words for kin: the sex that a writer's word for the child holds beside the relation (孙子, 外甥女), and whom a
grandparent means by 女儿 and 儿子.

A word for the child is labelled as the relation alone; that it tells the sex too is never written down.
"""

from __future__ import annotations

import re

from nlu.extractors.choices import hits
from nlu.normaliser import normalise

_KIN = re.compile(r"[孙侄甥]|[堂表][弟妹]")

_PARENTS = {
    "father": re.compile(
        r"[当做](?:爸爸?|爹|阿爸)的|单[亲身](?:爸|父亲|奶爸)|奶爸|带娃的男|男的单独带|一个大男人|爸爸我[^爸]|我(?:是|这个?)[^,.!?]{0,12}的?(?:爸爸?(?!妈)|爹|阿爸)(?![爸妈娘])"
    ),
    "mother": re.compile(
        r"[当做](?:妈妈?|娘|阿妈)的|单亲妈|宝妈|住民妈妈|我(?:是|这个?)[^,.!?]{0,12}的?(?:妈妈?|娘|阿妈)(?=$|[,.! 没也])"
    ),
}

_GRANDPARENT = re.compile(
    r"女婿|姑爷|[我俺阮阿]的?(?:外孙|孙)"
    r"|[我俺](?:是|系|这个?|当|做)[^,。 ]{0,5}(?:外公|外婆|姥姥|姥爷|姥娘|奶奶|爷爷|阿嬷|阿公|阿嫲|阿婆|家婆|婆婆)"
    r"|(?:他|她|娃|孩子|佢|伢)的?(?:外公|外婆|姥姥|姥爷|姥娘|阿嬷)[我俺]"
)
_CHILD_OF_THEIRS = re.compile(r"(?<![孙甥大小个侄])(?:女儿|闺女|儿子)(?![^,。 ]{0,4}[岁级])")


def parents(text: str) -> list[tuple[str, int, int]]:
    """(relation, start, end) where a guardian who writes says to be father or mother: "我这当爹的"."""
    found = [
        (value, *match.span())
        for value, pattern in _PARENTS.items()
        if (match := pattern.search(text))
    ]
    return found if len(found) == 1 else []


def is_parent_of_child(text: str, start: int, end: int) -> bool:
    """Whether words of a normalised text are a grandparent's 女儿 or 儿子, who is the mother or father of the child."""
    return bool(_GRANDPARENT.search(text)) and any(
        match.start() < end and match.end() > start for match in _CHILD_OF_THEIRS.finditer(text)
    )


def sexes_of_kin(words: str) -> tuple[tuple[str, int, int], ...]:
    """(value, start, end) of each sex in normalised words for a relation; none where no child is meant."""
    return hits("sex", words) if _KIN.search(words) else ()


def implied_sexes(relations: list[str]) -> set[str]:
    """The sexes that words for relations, as written, hold."""
    return {value for words in relations for value, _, _ in sexes_of_kin(normalise(words).text)}

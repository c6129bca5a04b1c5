"""Numbers as people say them, and how many children an answer means."""

from __future__ import annotations

import re

from nlu.normaliser import normalise

DIGITS = {char: i for i, char in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "两": 2, "幺": 1, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
UNITS = {"十": 10, "拾": 10, "百": 100, "千": 1000}
TIGHT = {"俩": 2, "仨": 3, "廿": 20}
ENGLISH = {
    word: i
    for i, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
        ]
    )
}
NUMERAL = r"(?:\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾廿]+|[俩仨])"
CLASSIFIER = r"(?:个|名|位|只|口|人|粒|条|崽|娃|孩|姐|兄|姊|弟|妹|胎|头)"
_NUMERAL = re.compile(NUMERAL)
_MOST = 1e9
"""Larger numerals stand for this: nothing here is counted so far, and hundreds of digits are no number of a computer's."""
_ENGLISH = re.compile(r"\b(" + "|".join(ENGLISH) + r")\b")
_DENIED = re.compile(r"(?:不是|而不是|并非|没有)" + NUMERAL + CLASSIFIER + "?")
_SINGLE = re.compile(r"独生|独苗|独子|独女|就他自己|就她自己|就他一|就她一|单独一|孤身|一根苗")
_PAIR = re.compile(r"双胞胎|双生|龙凤胎|孖|一双|一对|哥俩|姐俩|姊妹俩|一大一小|一长一幼")
_TRIPLE = re.compile(r"三胞胎|哥仨|姐仨|姊妹仨")
_COUNTED = re.compile(
    r"(?<![第初周礼拜期\d])(" + NUMERAL + r")(?:来|多)?(?:个|名|位|只|粒|口)?"
    r"(?=(?:大|小)?(?:的)?(?:孩|娃|崽|男|女|儿|闺|丫|姑娘|小子|哥|姐|弟|妹|学生|宝|仔|囡|伢|妮|人|$|都|[,，。、; ]|和|跟|加))"
)
_OPEN_ENDED = re.compile(r"不止|不只|至少|起码")
_KIN = re.compile(r"哥哥|姐姐|弟弟|妹妹|儿子|女儿|闺女|男孩|女孩|老大|老二|老三")
_FEW = re.compile(r"好?几个|一群|一窝|不少|很多|好多")


def chinese_value(text: str) -> float | None:
    """Value of one numeral, 两三 and 五六 taken as the lower (as ages and counts are annotated)."""
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return min(float(text), _MOST)
    if text in TIGHT:
        return float(TIGHT[text])
    if not text or any(char not in DIGITS and char not in UNITS and char != "廿" for char in text):
        return None
    if not any(char in UNITS or char == "廿" for char in text):
        return _plain_digits(text)
    return _with_units(text)


def _plain_digits(text: str) -> float:
    values = [DIGITS[char] for char in text]
    if len(values) == 2 and values[1] == values[0] + 1 and values[0] > 0:
        return float(values[0])
    return min(float("".join(map(str, values))), _MOST)


def _with_units(text: str) -> float:
    total = 0
    digit = 0
    previous: int | None = None
    for char in text:
        if char == "廿":
            total += 20
        elif char in UNITS:
            total += (digit or 1) * UNITS[char]
            digit, previous = 0, None
        else:
            # 十五六 means fifteen or sixteen: the first stands.
            digit = digit if previous is not None and DIGITS[char] == previous + 1 else DIGITS[char]
            previous = DIGITS[char]
    return float(total + digit)


def read_count(text: str) -> int | None:
    """How many children an answer to "几个孩子" means.

    Args:
        text: "三个", "就一个", "俩娃", "一男一女" (2), "是仨不是俩" (3), "一个五岁一个八岁" (2).

    Returns:
        1 to 30, or None when the answer names no number.
    """
    plain = _DENIED.sub("", normalise(text).text)
    if _OPEN_ENDED.search(plain):
        return None
    if _FEW.search(plain) and not _NUMERAL.search(_FEW.sub("", plain)):
        return None
    counted = _counted(plain)
    if counted is not None and 1 <= counted <= 30:
        return counted
    return None


def _counted(plain: str) -> int | None:
    if _TRIPLE.search(plain):
        return 3
    without_ages = re.sub(
        NUMERAL + r"个?(?:多)?(?:岁|周岁|月|年级|天|号|楼|栋|点|日|周|礼拜)半?", "", plain
    )
    if _PAIR.search(plain):
        extra = re.search(r"(?:加|和|还有|另|外加)[^,，]{0,3}?(" + NUMERAL + r")个?", without_ages)
        return 2 + (int(chinese_value(extra.group(1)) or 0) if extra else 0)
    if found := _ENGLISH.findall(plain):
        return ENGLISH[found[0]]
    repeated = len(re.findall(r"一个", without_ages))
    if repeated > 1 and repeated == len(_NUMERAL.findall(without_ages)):
        return repeated
    parts = [chinese_value(m.group(1)) for m in _COUNTED.finditer(without_ages)]
    values = [int(value) for value in parts if value]
    if len(values) > 1 and values[0] > 1 and values[0] == sum(values[1:]):
        return values[0]
    if values and (len(values) == 1 or all(v <= 9 for v in values)):
        return sum(values)
    match = _NUMERAL.search(without_ages)
    if match:
        return int(chinese_value(match.group()) or 0)
    if _SINGLE.search(plain):
        return 1
    kin = set(_KIN.findall(plain))
    return len(kin) if len(kin) > 1 else None

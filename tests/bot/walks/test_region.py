"""Which region a message speaks of."""

import pytest

from bot.help.region import Region
from bot.walks.region import region_in, region_of_case


@pytest.mark.parametrize(
    ("text", "places", "code"),
    [
        ("广东的孤儿一个月能领多少", (), "440000"),
        ("廣東嘅孤兒一個月攞幾多", (), "440000"),
        ("江门有什么帮助", (), "440700"),
        ("新会区谁管这事", (), "440705"),
        ("我在广东打工，孩子在河南老家，有补助吗", (), "410000"),
        ("孩子在河南老家，我在广东上班", (), "410000"),
        ("从河南来广东了，孩子上学怎么办", (), "440000"),
        ("有什么帮助", ("江门市蓬江区环市街道",), "440703"),
        ("广东这边", ("河南",), "410000"),
        ("求个平安，和平一点", (), None),
        ("我们城区怎么申请", (), None),
        ("有什么帮助", (), None),
        ("有什么帮助", ("3号楼",), None),
    ],
)
def test_the_region_is_that_of_the_child(
    text: str, places: tuple[str, ...], code: str | None
) -> None:
    region = region_in(text, places)
    assert (region.adcode if region else None) == code


def test_a_region_is_called_by_its_city_and_keeps_the_words_for_the_place() -> None:
    assert region_in("", ["江门市蓬江区环市街道丹井里"]) == Region(
        "440703", "江门市", "江门市蓬江区环市街道丹井里"
    )


def test_a_county_lies_in_its_city_and_province() -> None:
    assert Region("440703", "江门市").chain() == ["440703", "440700", "440000"]
    assert Region("440000", "广东省").chain() == ["440000"]


def test_a_case_has_the_region_of_its_place() -> None:
    case = {"case_no": "x", "place": {"text": "金水区", "city": "郑州市", "adcode": "410105"}}
    assert region_of_case(case) == Region("410105", "郑州市", "金水区")
    assert region_of_case({"case_no": "x", "place": None}) is None

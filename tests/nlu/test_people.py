from __future__ import annotations

import pytest

from nlu.extractors.people import read_name, read_organisation


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ("我姓赵", "赵"),
        ("刘桂芳", "刘桂芳"),
        ("喊我老张就行", "老张"),
        ("我叫周晓梅，电话13800138111", "周晓梅"),
        ("免贵姓司徒", "司徒"),
        ("何女士", "何女士"),
        ("陳大文", "陈大文"),
        ("不想说", None),
        ("匿名", None),
        ("没有", None),
    ],
)
def test_the_name_in_an_answer(answer: str, name: str | None) -> None:
    assert read_name(answer) == name


@pytest.mark.parametrize(
    ("answer", "organisation"),
    [
        ("我是柳河镇中心小学的", "柳河镇中心小学"),
        ("市第二人民医院", "市第二人民医院"),
        ("城东街道向阳社区居委会", "城东街道向阳社区居委会"),
        ("不方便说", None),
    ],
)
def test_the_organisation_in_an_answer(answer: str, organisation: str | None) -> None:
    assert read_organisation(answer) == organisation

from __future__ import annotations

import pytest

from nlu.extractors.phones import find_phones, read_phone


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ("打138-0013-8123吧", "+8613800138123"),
        ("幺三八零零幺三八幺二三", "+8613800138123"),
        ("１３８００１３８１２３", "+8613800138123"),
        ("+86 138 0013 8123", "+8613800138123"),
        ("0912 345 678", "+886912345678"),
        ("9123 4567", "+85291234567"),
        ("010-65123456", "+861065123456"),
        ("110", None),
        ("三个孩子", None),
        ("12345678901", None),
    ],
)
def test_a_telephone_number_in_an_answer(answer: str, number: str | None) -> None:
    assert read_phone(answer) == number


def test_a_case_number_is_no_telephone_number() -> None:
    assert find_phones("ht-261121-7k3qd") == []

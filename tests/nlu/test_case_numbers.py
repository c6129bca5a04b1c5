from __future__ import annotations

import pytest

from nlu.extractors.case_numbers import read_case_number


@pytest.mark.parametrize(
    "written",
    [
        "HT-261121-7K3QD",
        "ht-261121-7k3qd",
        "ＨＴ－261121－7K3QD",
        "编号是 ht 261121 7k3qd 查下",
        "HT2611217K3QD",
    ],
)
def test_a_case_number_however_typed(written: str) -> None:
    assert read_case_number(written) == "HT-261121-7K3QD"


@pytest.mark.parametrize("written", ["", "HT-2611-7K3QD", "261121", "HT-261121"])
def test_half_a_case_number_is_none(written: str) -> None:
    assert read_case_number(written) is None

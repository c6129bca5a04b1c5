"""The gazetteer reads less of the library's file than the library does, and finds the same."""

import pytest
from jionlp import parse_location
from jionlp.dictionary.dictionary_loader import china_location_loader

from nlu.extractors.gazetteer import parse_location as found
from nlu.extractors.gazetteer import tree


def test_the_upper_levels_are_those_that_the_library_reads() -> None:
    assert tree() == china_location_loader(detail=False)


@pytest.mark.parametrize(
    "address",
    [
        "江门市新会区会城街道听松街3号",
        "住在新疆伊犁那边",
        "海南省直辖县级行政区划澄迈县金江镇",
        "北京朝阳",
        "襄樊市樊城区",
        "西安路步行街旁边",
        "青海西宁城东区",
        "我们村后面那条河",
        "",
    ],
)
def test_an_address_is_read_as_the_library_reads_it(address: str) -> None:
    assert found(address) == parse_location(address)

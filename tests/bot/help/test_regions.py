"""Region files that staff keep: they count, and a wrong one stops the start with one sentence."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.help.answers import Asker, long_answer, short_answer
from bot.help.catalogue import Catalogue, load
from bot.help.reading import HelpFileError
from bot.help.region import Region
from bot.texts import texts
from bot.walks.region import code_of

TODAY = date(2026, 11, 21)
EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "region-example.yml"
GOOD = """\
region: {adcode: "440703", name: 江门市蓬江区, called: 蓬江}
review: 2027-06-30
sources:
  notice: {title: 试写的通知, date: "2026-11"}
contacts:
  - role: child_director
    adcode: "440703"
    place: 丹井里
    name: 王主任
    phone: "13800138011"
    hours: 周一至周五
  - role: hotline
    adcode: "440703"
    name: 试写热线
    phone: "13800138012"
    hours: 全天
services:
  - {field: schooling, name: 试写的托管班}
  - {field: medical_care, name: 试写的体检}
figures:
  meal: {what: 试写的餐补, amount: 123, unit: yuan_a_month, year: 2026, source: notice}
topics:
  supplies:
    short: 试写：蓬江区自己的话，{meal}。
    more: {zh_Hans: 试写的更多, en: more that was written for trying}
    sources: [notice]
"""


def folder(tmp_path: Path, **files: str) -> Path:
    for name, content in files.items():
        (tmp_path / f"{name}.yml").write_text(content, encoding="utf-8")
    return tmp_path


def held(tmp_path: Path, content: str = GOOD) -> Catalogue:
    return load(folder(tmp_path, pengjiang=content), code_of)


def asker(text: str = "江门市蓬江区", language: str = "zh_Hans", adcode: str = "440703") -> Asker:
    return Asker(texts(language), TODAY, Region(adcode, "江门市", text))


def test_a_regions_own_words_stand_before_those_that_come_with_the_program(tmp_path: Path) -> None:
    answer = short_answer(held(tmp_path), "supplies", asker())
    assert answer.lines[0] == "试写：蓬江区自己的话，每人每月 123 元（2026年）。"
    assert answer.lines[-1] == "依据：试写的通知（2026年11月）"


def test_what_the_region_does_not_say_is_taken_from_the_city_the_province_the_country(
    tmp_path: Path,
) -> None:
    told = long_answer(held(tmp_path), "supplies", asker()).text
    assert "试写的更多" in told
    assert "社区食堂" in told  # the city
    assert "儿童督导员或社工站" in told  # the province
    assert "寄养家庭" in told  # the country


def test_a_neighbouring_county_hears_nothing_of_it(tmp_path: Path) -> None:
    answer = short_answer(held(tmp_path), "supplies", asker(adcode="440705"))
    assert "试写" not in answer.text


def test_a_text_brings_its_own_translation_or_is_shown_as_it_was_written(tmp_path: Path) -> None:
    catalogue = held(tmp_path)
    assert "written for trying" in long_answer(catalogue, "supplies", asker(language="en")).text
    assert (
        "試寫：蓬江區自己的話"
        in short_answer(catalogue, "supplies", asker(language="zh_Hant")).text
    )
    assert "試寫的更多" in long_answer(catalogue, "supplies", asker(language="zh_Hant")).text


@pytest.mark.parametrize("topic", ["who_is_responsible", "temporary_care"])
def test_the_child_director_is_named_to_whoever_names_the_neighbourhood(
    topic: str, tmp_path: Path
) -> None:
    catalogue = held(tmp_path)
    line = "儿童主任（丹井里）：王主任，13800138011，周一至周五"
    assert line in short_answer(catalogue, topic, asker("江门市蓬江区环市街道丹井里3号")).lines
    assert "王主任" not in short_answer(catalogue, topic, asker()).text


def test_the_hotline_is_given_to_the_whole_county_and_to_nobody_else(tmp_path: Path) -> None:
    catalogue = held(tmp_path)
    assert "热线：试写热线，13800138012，全天" in short_answer(catalogue, "hotlines", asker()).lines
    for elsewhere in ("440700", "440705", "410000"):
        assert "试写" not in short_answer(catalogue, "hotlines", asker(adcode=elsewhere)).text


def test_a_citys_list_of_services_stands_under_the_six_fields(tmp_path: Path) -> None:
    told = long_answer(held(tmp_path), "moving_children_services", asker()).lines
    assert "学有所教：试写的托管班" in told
    assert "病有所医：试写的体检" in told


def test_a_file_past_its_review_says_nothing(tmp_path: Path) -> None:
    old = held(tmp_path, GOOD.replace("2027-06-30", "2026-11-20"))
    assert "试写" not in short_answer(old, "hotlines", asker()).text


def test_there_need_be_no_folder_and_no_file(tmp_path: Path) -> None:
    assert len(load(tmp_path, code_of).regions) == 3
    assert len(load(tmp_path / "none", code_of).regions) == 3


@pytest.mark.parametrize(
    ("old", "new", "line", "named"),
    [
        ("review: 2027-06-30", "reviev: 2027-06-30", 2, "reviev: no such key exists here"),
        ("review: 2027-06-30\n", "", 1, "review: this key is missing; add it"),
        ("review: 2027-06-30", "review: soon", 2, "this must be a day, as 2026-11-21"),
        ('"440703", name: 江', '"440730", name: 江', 1, "440730 is not the code of 江门市蓬江区, which is 440703"),
        ('"440703", name: 江', '"44070", name: 江', 1, "'44070' is no code of a province, city or county"),
        ('"440703", name: 江', "440703, name: 江", 1, "must be a text in quotation marks"),
        ('    adcode: "440703"\n    name: 试', '    adcode: "440705"\n    name: 试', 13, "440705 lies outside the file's region"),
        ('"13800138011"', '"1380013801"', 10, "'1380013801' is no phone number"),
        ('"13800138011"', "13800138011", 10, "phone: this must be a text in quotation marks"),
        ("role: hotline", "role: hotlin", 12, "this value is not known here (permitted: 'child_director'"),
        ("    hours: 全天\n", "", 12, "hours: this key is missing"),
        ("    hours: 全天", "    hours:", 16, "hours: nothing stands here"),
        ("sources: [notice]", "sources: [hearsay]", 23, "names a source that is not there: hearsay"),
        ("sources: [notice]", "sources: []", 26, "a text without a source is not shown"),
        ("{meal}", "{feast}", 23, "names a figure that is not there: {feast}"),
        ("  supplies:", "  suplies:", 22, "'suplies' is no topic"),
        ('date: "2026-11"', 'date: "11/2026"', 4, "'11/2026' is no date"),
        ("role: hotline", "role: child_director\n    role: hotline", 13, "the key role stands twice"),
        ("王主任", "〈称呼〉", 9, "〈称呼〉 is a blank of the example; fill it in"),
        ("amount: 123", "amount: -1", 21, "amount"),
        ("field: schooling", "field: sport", 18, "this value is not known here"),
        ("services:", "services", 18, "this is no YAML"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named_and_how_to_mend_it(
    old: str, new: str, line: int, named: str, tmp_path: Path
) -> None:
    assert GOOD.count(old) >= 1
    with pytest.raises(HelpFileError) as caught:
        held(tmp_path, GOOD.replace(old, new, 1))
    told = str(caught.value)
    assert f"pengjiang.yml cannot be used: line {line}: " in told
    assert named in told
    assert "\n" not in told and told.endswith(".")


def test_the_same_contact_twice_is_named(tmp_path: Path) -> None:
    twice = GOOD.replace(
        "services:", GOOD[GOOD.index("  - role: hotline") : GOOD.index("services:")] + "services:"
    )
    with pytest.raises(HelpFileError, match="line 5: contacts: entry 3 is the same contact"):
        held(tmp_path, twice)


def test_two_files_for_one_region_are_named(tmp_path: Path) -> None:
    with pytest.raises(
        HelpFileError, match=r"b\.yml .* line 1: a\.yml is for region 440703 already"
    ):
        load(folder(tmp_path, a=GOOD, b=GOOD), code_of)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"- 1\n", b"\tx: 1", b"x: 2026-13-45"])
def test_what_is_no_region_file_at_all_is_told_in_a_sentence(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "x.yml").write_bytes(content)
    with pytest.raises(HelpFileError, match=r"x\.yml cannot be used: line 1: "):
        load(tmp_path, code_of)


def test_the_example_is_never_taken_for_real(tmp_path: Path) -> None:
    with pytest.raises(HelpFileError, match="is a blank of the example"):
        load(folder(tmp_path, example=EXAMPLE.read_text(encoding="utf-8")), code_of)


def test_the_example_filled_in_is_a_region_file(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    filled = text.replace("〈六位行政区划代码〉", "440703").replace(
        "〈全名，如某省某市某区〉", "江门市蓬江区"
    )
    filled = filled.replace("〈到哪天要重新核对，如 2027-06-30〉", "2027-06-30")
    filled = filled.replace("〈日期，如 2026-11 或 2026-11-21〉", "2026-11")
    for index, blank in enumerate(("〈电话，座机加区号〉", "〈电话〉")):
        filled = filled.replace(blank, f"1380013801{index}")
    catalogue = load(folder(tmp_path, example=filled.replace("〈", "").replace("〉", "")), code_of)
    own = catalogue.regions[0]
    assert len(own.contacts) == 3 and len(own.services) == 6
    answer = short_answer(catalogue, "orphan_allowance", asker())
    assert "每人每月 1 元（2026年）" in answer.text


def test_every_key_of_a_region_file_is_in_the_example() -> None:
    from bot.help.schema import RegionFile

    text = EXAMPLE.read_text(encoding="utf-8")
    keys = set(yaml.safe_load(text.replace("{allowance}", "")))
    assert keys == set(RegionFile.__fields__) - {"number"}  # it is written as `apply` is

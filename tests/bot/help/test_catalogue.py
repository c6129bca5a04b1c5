"""The help catalogue: every question has an answer everywhere, and nothing in it is made up."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.help.answers import Answer, Asker, long_answer, short_answer
from bot.help.catalogue import Catalogue, catalogue, in_force, shipped
from bot.help.region import Region
from bot.help.schema import QUESTIONS, Figure, National, RegionFile, Topic
from bot.help.table import table
from bot.help.wording import amount, moment
from bot.texts import LANGUAGES, texts
from bot.walks.region import code_of
from tests.bot.help.facts import ARTICLES, CHINESE_DIGITS, DATES, NUMBERS

TODAY = date(2026, 11, 21)
HOTLINES = {"110", "120", "119", "12338", "12345", "12349", "12355"}
REGIONS = {
    "national": None,
    "guangdong": Region("440000", "广东省"),
    "jiangmen": Region("440703", "江门市", "江门市蓬江区环市街道"),
    "henan": Region("410105", "郑州市"),
    "no_file": Region("510100", "成都市"),
}
ALL = [
    pytest.param(topic, region, language, id=f"{topic}-{region}-{language}")
    for topic in QUESTIONS
    for region in REGIONS
    for language in LANGUAGES
]


def asker(
    region: str = "national", language: str = "zh_Hans", child: bool = False, today: date = TODAY
) -> Asker:
    return Asker(texts(language), today, REGIONS[region], child)


def short(topic: str, region: str = "national", **more: Any) -> Answer:
    return short_answer(shipped(), topic, asker(region, **more))


def long(topic: str, region: str = "national", **more: Any) -> Answer:
    return long_answer(shipped(), topic, asker(region, **more))


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+", text.replace(",", "")))


def wordings(topic: str, region: str, language: str) -> list[Answer]:
    return [
        short(topic, region, language=language),
        short(topic, region, language=language, child=True),
        long(topic, region, language=language),
    ]


def test_each_of_the_contracts_questions_has_an_answer() -> None:
    assert len(QUESTIONS) == 21
    assert tuple(shipped().topics) == QUESTIONS


@pytest.mark.parametrize(("topic", "region", "language"), ALL)
def test_an_answer_is_whole_and_says_where_it_is_from_and_of_what_date(
    topic: str, region: str, language: str
) -> None:
    origin = {"zh_Hans": "依据：", "zh_Hant": "依據：", "en": "Based on: "}[language]
    for answer in wordings(topic, region, language):
        assert "{" not in answer.text and "None" not in answer.text
        assert len(set(answer.lines)) == len(answer.lines)
        assert origin in answer.lines[-1]
        assert re.search(r"20(20|21|24|26)", answer.lines[-1])
        assert answer.next and topic not in answer.next and set(answer.next) <= set(QUESTIONS)


@pytest.mark.parametrize(("topic", "region", "language"), ALL)
def test_no_number_is_given_that_stands_in_no_fact(topic: str, region: str, language: str) -> None:
    figures = {
        f"{figure.amount:.0f}" for file in shipped().regions for figure in file.figures.values()
    }
    assert figures <= set(NUMBERS)
    for answer in wordings(topic, region, language):
        said = "\n".join(answer.lines[:-1])
        allowed = set(NUMBERS) | (ARTICLES if language == "en" else set())
        assert numbers(said) <= allowed, numbers(said) - allowed
        assert numbers(answer.lines[-1]) <= {"2020", "2021", "2024", "2026", "1", "2", *DATES}
        spelled = said.replace("第九十二条", "").replace("第九十四条", "")
        assert not re.search(rf"[{CHINESE_DIGITS}][余多来]?[元块角]|%|％|百分之", spelled)
        assert not re.search(r"[零〇一二三四五六七八九]{3,}", spelled)


@pytest.mark.parametrize(("topic", "region", "language"), ALL)
def test_an_answer_is_in_the_readers_language(topic: str, region: str, language: str) -> None:
    for answer in wordings(topic, region, language):
        han = re.sub("护童之声|明天计划|查进度|补充|撤回", "", answer.text)
        if language == "en":
            assert not re.search("[\u4e00-\u9fff]", han)
        if language == "zh_Hant":
            assert not re.search("[护报监会话国发]", answer.text)


@pytest.mark.parametrize("topic", QUESTIONS)
def test_an_answer_is_short_and_a_longer_one_says_for_whom_how_and_who_decides(
    topic: str,
) -> None:
    for region in REGIONS:
        assert len(short(topic, region).text) <= 330
        assert len(short(topic, region, child=True).text) <= 200
        told = long(topic, region).text
        for label in ("给谁：", "怎么办：", "谁决定："):
            assert label in told
        assert len(told) <= 1000


@pytest.mark.parametrize("topic", QUESTIONS)
def test_an_answer_leads_on_to_other_answers(topic: str) -> None:
    following = shipped().topics[topic].next
    assert following and topic not in following
    assert len(set(following)) == len(following)


def test_the_answer_about_hotlines_names_every_one_of_them() -> None:
    assert numbers(short("hotlines").lines[0]) == HOTLINES


def test_times_promised_are_those_of_the_contract() -> None:
    for time in ("30 分钟", "2 小时", "24 小时", "3 个工作日"):
        assert time in short("process_and_time").text


def test_ages_given_are_those_of_the_law() -> None:
    assert numbers(short("law_left_alone").lines[0]) == {"8", "16"}


@pytest.mark.parametrize(
    ("language", "allowance", "day"),
    [
        ("zh_Hans", "每人每月 1,820 元（2020年）", "2020年6月2日"),
        ("zh_Hant", "每人每月 1,820 元（2020年）", "2020年6月2日"),
        ("en", "1,820 yuan a month for each child (2020)", "Jun 2, 2020"),
    ],
)
def test_amounts_and_dates_are_written_as_in_the_readers_language(
    language: str, allowance: str, day: str
) -> None:
    told = short("orphan_allowance", "guangdong", language=language).text
    assert allowance in told and day in told


def test_a_month_and_a_year_are_written_as_such() -> None:
    assert moment("2024-12", texts("zh_Hans")) == "2024年12月"
    assert moment("2020", texts("en")) == "2020"


def test_an_amount_names_its_year() -> None:
    grant = Figure(what="助学金", amount=10000, unit="yuan_a_year", year=2020, source="x")
    assert amount(grant, texts("zh_Hans")) == "每人每年 10,000 元（2020年）"


def test_a_region_has_its_own_text_before_the_wider_ones() -> None:
    assert "临时救助热线" in short("hotlines", "jiangmen").text
    assert "护童之声" in short("hotlines", "guangdong").text
    both = long("hotlines", "jiangmen").text
    assert both.index("临时救助热线") < both.index("护童之声")


def test_a_county_falls_back_to_its_city_its_province_and_the_country() -> None:
    assert "1,110" in short("orphan_allowance", "jiangmen").text
    assert short("privacy", "jiangmen").text == short("privacy").text


def test_a_region_without_a_file_is_told_that_this_is_the_national_text() -> None:
    assert "成都市还没有当地的说明" in short("hotlines", "no_file").text
    assert "成都市" not in short("privacy", "no_file").text
    assert "江门市没有单独的说明" in short("moving_children_services", "jiangmen").text


def test_a_text_past_its_review_is_not_sent_and_the_hotlines_are() -> None:
    late = shipped().national.review + timedelta(days=1)
    for answer in (
        short("orphan_allowance", "guangdong", today=late),
        long("schooling", today=late),
    ):
        assert "重新核对" in answer.text
        assert numbers(answer.text) == HOTLINES
        assert not answer.more
    assert "重新核对" not in short("schooling", today=shipped().national.review).text


def test_a_regions_text_past_its_review_gives_way_to_the_national_one() -> None:
    held = shipped()
    old = tuple(f.copy(update={"review": TODAY - timedelta(days=1)}) for f in held.regions)
    answer = short_answer(Catalogue(held.national, old), "orphan_allowance", asker("guangdong"))
    assert "1,820" not in answer.text
    assert "这里没有全国的数字" in answer.text


def test_every_region_file_is_for_the_place_it_names_and_says_when_to_look_again() -> None:
    assert {file.region.adcode for file in shipped().regions} == {"440000", "440700", "410000"}
    for file in shipped().regions:
        assert code_of(str(file.region.name)) == file.region.adcode
        assert date(2027, 1, 1) <= file.review <= date(2027, 12, 31)


def test_the_program_answers_from_the_catalogue_that_it_was_wired_with() -> None:
    bare = Catalogue(shipped().national)
    with in_force(bare):
        assert catalogue() is bare
    assert catalogue() is shipped()


def broken(**changes: Any) -> dict[str, Any]:
    held = shipped().national.dict(exclude_none=True)
    held["topics"]["privacy"].update(changes)
    return held


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (broken(sources=[]), "a text without a source is not shown"),
        (broken(sources=["hearsay"]), "the topics privacy names a source .* hearsay"),
        (broken(next=["gossip"]), "'gossip' is no topic"),
        (broken(shrot="x"), "shrot"),
        (broken(more="一共{sum}元"), "a figure that is not there: {sum}"),
        ({**shipped().national.dict(), "topics": {}}, "the topics must be"),
    ],
)
def test_a_mistake_in_the_national_file_is_named(content: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        National.parse_obj(content)


def test_the_table_in_the_docs_is_that_of_the_files() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "help.md").read_text(encoding="utf-8")
    assert table(shipped()) in page


def test_every_key_that_a_file_may_hold_is_explained_in_the_docs() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "help.md").read_text(encoding="utf-8")
    for key in {*Topic.__fields__, *RegionFile.__fields__} - {"topics", "region"}:
        assert f"`{key}`" in page, key


def test_nobody_is_asked_for_a_place_where_only_the_longer_text_differs() -> None:
    assert "law_left_alone" in shipped().regions[0].topics
    assert not shipped().is_regional("law_left_alone")
    assert shipped().is_regional("orphan_allowance")

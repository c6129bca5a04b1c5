"""Reports about what may be the same child are shown to staff as such, and to nobody else."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from bot.cases import related, store
from bot.cases.datafile import DataFileError, read_table
from bot.cases.export import as_columns, as_contract
from bot.cases.tables import CaseRow, RelatedRow, TraceRow
from bot.database import Database
from tests.support.cases import LATER, NOW, conversation
from tests.support.related import hashed, place, report

PHONE = "+8613800138011"
ELSEWHERE = {"location": place("金水区文化路社区5号楼", "金水区", "410105"), "ages": [12, 14]}
"""Facts that share nothing with the builder's own."""


def pairs(database: Database) -> list[RelatedRow]:
    with database.reading() as session:
        return list(session.execute(select(RelatedRow)).scalars())


def suggested(database: Database, first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    """The reasons that are written down when two reports come in one after the other."""
    with database.writing() as session:
        for facts in (first, second):
            related.suggest(session, report(session, **facts), hashed, NOW)
    return [name for row in pairs(database) for name in row.why]


def test_the_same_house_is_a_strong_suggestion(database: Database) -> None:
    first = {"location": place("新会区幸福小区3号楼2单元501"), "ages": [5], "child_count": 1}
    second = {"location": place("幸福小区三栋501"), "ages": None, "child_count": None}
    assert suggested(database, first, second) == ["house"]
    (row,) = pairs(database)
    assert (row.state, row.strength, row.suggested_at) == ("suggested", "strong", NOW)


def test_the_house_next_door_is_no_suggestion(database: Database) -> None:
    first = {"location": place("幸福小区3号楼"), "ages": [5], "child_count": 1}
    second = {"location": place("幸福小区4号楼"), "ages": [11], "child_count": 1}
    assert suggested(database, first, second) == []


def test_the_same_phone_is_found_in_another_county(database: Database) -> None:
    assert suggested(database, {"phone": PHONE}, {**ELSEWHERE, "phone": PHONE}) == ["phone"]
    assert pairs(database)[0].strength == "likely"


def test_a_hospitals_phone_says_less(database: Database) -> None:
    def notice(**facts: Any) -> dict[str, Any]:
        return {"report_type": "professional_notice", "phone": PHONE, **facts}

    first = notice(location=None, ages=[3], child_count=1)
    second = notice(location=None, ages=[9], child_count=1)
    assert suggested(database, first, second) == ["phone_of_notices"]
    assert pairs(database)[0].strength == "weak"


@pytest.mark.parametrize(
    ("ages", "expected"),
    [([6, 7], ["several_children"]), ([4, 6], ["several_children"]), ([5, 8], []), ([5], [])],
)
def test_children_of_nearly_the_same_ages_in_the_same_county(
    database: Database, ages: list[int], expected: list[str]
) -> None:
    first = {"location": place("幸福小区3号楼")}
    second = {"location": place("会城路边的平房"), "ages": ages, "child_count": len(ages)}
    assert suggested(database, first, second) == expected


def test_a_boy_and_a_girl_are_not_the_same_child(database: Database) -> None:
    girl = {"ages": [6], "child_count": 1, "sexes": ["female"], "location": place("江边")}
    boy = {"ages": [6], "child_count": 1, "sexes": ["male"], "location": place("菜市场后面")}
    assert suggested(database, girl, boy) == []


def test_villages_of_one_name_in_two_townships_are_two(database: Database) -> None:
    one = {"location": {**place("石桥村"), "township": "罗坑镇"}, "ages": [6], "child_count": 1}
    two = {"location": {**place("石桥村"), "township": "双水镇"}, "ages": [6], "child_count": 1}
    assert suggested(database, one, two) == []


def test_a_house_without_a_county_counts_less(database: Database) -> None:
    first = {"location": place("幸福小区3号楼"), "ages": [5], "child_count": 1}
    second = {"location": place("幸福小区3号楼", None, None), "ages": [12], "child_count": 1}
    assert suggested(database, first, second) == ["house_county_unknown"]
    assert pairs(database)[0].strength == "likely"


def test_houses_of_one_name_in_two_counties_are_two(database: Database) -> None:
    first = {"location": place("幸福小区3号楼")}
    second = {"location": place("幸福小区3号楼", "金水区", "410105")}
    assert suggested(database, first, second) == []


def test_after_two_weeks_it_is_another_matter(database: Database) -> None:
    with database.writing() as session:
        for days in (0, 14, 29):
            case = report(session, NOW + timedelta(days=days), phone=PHONE)
            related.suggest(session, case, hashed, NOW)
        session.flush()
        assert [(row.first_id, row.second_id) for row in session.query(RelatedRow)] == [
            (case.id - 2, case.id - 1)
        ]


def test_a_family_that_registered_long_ago_is_found(database: Database) -> None:
    with database.writing() as session:
        before = NOW - timedelta(days=200)
        facts = {"phone": PHONE, "ages": [3], "child_count": 1}
        early = report(session, before, report_type="preregistration", **facts)
        related.suggest(session, early, hashed, before)
        related.suggest(session, report(session, phone=PHONE), hashed, NOW)
    (row,) = pairs(database)
    assert "phone" in row.why and "children" not in row.why


def test_ones_own_second_report_is_suggested(database: Database) -> None:
    with database.writing() as session:
        talk = conversation(session)
        first = report(session, talk=talk, location=None, ages=[4], child_count=1)
        related.suggest(session, first, hashed, NOW)
        assert session.query(RelatedRow).count() == 0
        second = report(session, LATER, talk, location=None, ages=[13], child_count=1)
        related.suggest(session, second, hashed, LATER)
        (row,) = session.query(RelatedRow)
        assert (row.first_id, row.second_id) == (first.id, second.id)
        assert (row.why, row.strength) == (["conversation"], "weak")


def test_a_draft_is_neither_suggested_nor_traced(database: Database) -> None:
    with database.writing() as session:
        draft = report(session, filed=False, phone=PHONE)
        related.suggest(session, draft, hashed, NOW)
        related.suggest(session, report(session, phone=PHONE), hashed, NOW)
        assert session.query(RelatedRow).count() == 0
        assert {row.case_id for row in session.query(TraceRow)}.isdisjoint({draft.id})


def test_what_is_added_later_brings_the_suggestion(database: Database) -> None:
    with database.writing() as session:
        first = report(session, phone=PHONE)
        second = report(session, **ELSEWHERE)
        for case in (first, second):
            related.suggest(session, case, hashed, NOW)
        assert session.query(RelatedRow).count() == 0
        store.add_information(second, "电话", {"phone": PHONE}, LATER)
        related.suggest(session, second, hashed, LATER)
        (row,) = session.query(RelatedRow)
        assert (row.why, row.suggested_at) == (["phone"], LATER)


def test_more_reasons_make_it_stronger_and_a_decision_stays(database: Database) -> None:
    with database.writing() as session:
        talk = conversation(session)
        first = report(session, talk=talk, location=None, ages=[4], child_count=1)
        second = report(session, talk=talk, **ELSEWHERE)
        related.suggest(session, second, hashed, NOW)
        store.add_information(first, "", {"phone": PHONE}, LATER)
        store.add_information(second, "", {"phone": PHONE}, LATER)
        related.suggest(session, first, hashed, LATER)
        related.suggest(session, second, hashed, LATER)
        (row,) = session.query(RelatedRow)
        assert (row.strength, row.why) == ("strong", ["phone", "conversation"])
        related.decide(session, (second, first), "dismissed", "李", LATER)
        related.suggest(session, second, hashed, LATER + timedelta(hours=1))
        (row,) = session.query(RelatedRow)
        assert (row.state, row.decided_by, row.decided_at) == ("dismissed", "李", LATER)
        for case, other in ((first, second), (second, first)):
            entry = case.history[-1]
            assert (entry.actor, entry.event) == ("李", "related_dismissed")
            assert entry.detail == {"case_no": other.case_no}
            assert case.status == "new"


def test_nothing_is_decided_that_was_never_suggested(database: Database) -> None:
    with database.writing() as session:
        one, other = report(session), report(session, **ELSEWHERE)
        with pytest.raises(related.RelatedError, match=one.case_no):
            related.decide(session, (one, other), "linked", "李", LATER)


@pytest.mark.parametrize("by", ["", " ", "李" * 41])
def test_a_decision_names_who_made_it(database: Database, by: str) -> None:
    with database.writing() as session:
        one, other = report(session, phone=PHONE), report(session, phone=PHONE)
        related.suggest(session, other, hashed, NOW)
        with pytest.raises(related.RelatedError, match="who decides"):
            related.decide(session, (one, other), "linked", by, LATER)
        assert [each["state"] for each in related.listed(one)] == ["suggested"]


def test_staff_see_both_sides_and_the_file_holds_them(database: Database) -> None:
    with database.writing() as session:
        first, second = report(session, phone=PHONE), report(session, phone=PHONE)
        related.suggest(session, second, hashed, NOW)
        expected = {
            "state": "suggested",
            "strength": "strong",
            "why": [
                "地址相同，门牌号也相同",
                "联系电话相同",
                "同一个县区，几个孩子人数相同、年龄相近",
            ],
            "decided_by": None,
        }
        for case, other in ((first, second), (second, first)):
            assert as_contract(case)["related"] == [{"case_no": other.case_no, **expected}]
            shown = as_columns(as_contract(case))["related"]
            assert shown == f"{other.case_no} (suggested, strong)"


def test_many_reports_from_one_phone_keep_the_strongest_suggestions(database: Database) -> None:
    with database.writing() as session:
        for _ in range(24):
            report(session, **{**ELSEWHERE, "phone": PHONE})
        for case in session.query(CaseRow):
            session.add_all(
                TraceRow(case_id=case.id, mark=mark) for mark in [hashed(f"trace/phone/{PHONE}")]
            )
        best = report(session, phone=PHONE)
        related.suggest(session, best, hashed, NOW)
        related.suggest(session, last := report(session, phone=PHONE), hashed, NOW)
        found = related.listed(last)
        assert len(found) == related.rules().at_most
        assert found[0]["case_no"] == best.case_no


def test_no_phone_and_no_place_stand_in_the_clear(database: Database) -> None:
    with database.writing() as session:
        for _ in range(2):
            related.suggest(session, report(session, phone=PHONE), hashed, NOW)
    with database.reading() as session:
        held = "".join(
            str(tuple(row))
            for name in ("trace", "related_case")
            for row in session.execute(text(f"select * from {name}"))
        )
    assert "13800138011" not in held
    assert "幸福" not in held and "\\u5e78" not in held


AGES = st.lists(st.sampled_from([3, 4, 5, 9]), max_size=3)
PLACES = st.sampled_from(
    [
        None,
        place("幸福小区3号楼"),
        place("幸福小区"),
        place("幸福小区3号楼501", None, None),
        place("江门市幸福小区3号楼", None, "440700"),
        {**place("幸福小区"), "township": "会城街道"},
        place("幸福小区3号楼", "金水区", "410105"),
    ]
)
CASES = st.builds(
    CaseRow,
    status=st.sampled_from(["draft", "new", "closed", "withdrawn"]),
    conversation_id=st.integers(1, 2),
    report_type=st.sampled_from(["unattended_child", "professional_notice", "preregistration"]),
    submitted_at=st.sampled_from([NOW, NOW + timedelta(days=13), NOW + timedelta(days=40)]),
    region=st.sampled_from([None, "440705", "440700", "410105"]),
    facts=st.fixed_dictionaries(
        {
            "facts": st.fixed_dictionaries(
                {"ages": AGES, "location": PLACES},
                optional={
                    "child_count": st.integers(1, 3),
                    "phone": st.sampled_from([PHONE, "+8613800138012"]),
                    "sexes": st.sampled_from([["male"], ["female"], ["male", "female"]]),
                },
            )
        }
    ),
)


@given(CASES, CASES)
def test_relation_is_symmetric_and_leaves_drafts_alone(one: CaseRow, other: CaseRow) -> None:
    mine, yours = related.Filed.of(one), related.Filed.of(other)
    found = related.reasons(mine, yours)
    assert found == related.reasons(yours, mine)
    assert len(found) == len(set(found))
    if "draft" in (one.status, other.status):
        assert found == ()


@given(CASES)
def test_no_report_is_related_to_itself(one: CaseRow) -> None:
    mine = related.Filed.of(one)
    assert related.reasons(mine, mine) == ()


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("window_days: 14", "window_days: none", 4),
        ("  strong: 3", "  strong: 1", 15),
        ("  phone: {points: 2, words: 联系电话相同}\n", "", 21),
        ("points: 3, words: 地址", "points: 0, words: 地址", 25),
    ],
)
def test_a_wrong_line_in_the_table_is_named(
    tmp_path: Path, before: str, after: str, line: int
) -> None:
    content = Path(related.__file__).with_name("related.yml").read_text(encoding="utf-8")
    assert before in content
    path = tmp_path / "related.yml"
    path.write_text(content.replace(before, after), encoding="utf-8")
    with pytest.raises(DataFileError, match=f"related.yml.* line {line}: "):
        read_table(path, related.Rules)


def test_the_page_for_staff_says_what_the_table_says() -> None:
    page = Path(related.__file__).parents[2] / "docs" / "related.md"
    words, table = page.read_text(encoding="utf-8"), related.rules()
    for name, reason in table.reasons.items():
        assert f"| `{name}` | {reason.points} |" in words, name
    strengths = table.strengths
    assert f"from {strengths['strong']} on the suggestion is `strong`" in words
    assert f"from {strengths['likely']} on `likely`" in words
    assert f"within {table.window_days} days" in words
    assert f"the {table.at_most} strongest" in words

"""What a district reports is what was done there, on those days, and nothing about anybody."""

import csv
import io
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from bot.cases import stats, store
from bot.cases.history import note
from bot.cases.stats import COUNTERS, Period, Statistics, count
from bot.cases.stats_files import FORMATS, HEADINGS, rows, write
from bot.cases.tables import CaseRow, ConversationRow, FollowupRow
from bot.cases.vocabulary import LEVELS
from bot.clock import SHANGHAI
from bot.database import Database
from bot.drawing import DrawingError
from bot.walks.divisions import name_of
from tests.support.cases import LATER, NOW, line
from tests.support.related import place, report

TODAY = Period(NOW.date(), NOW.date())
GROWN_UP = {"carer": "grandparent", "needs": ["money"], "reason": ["working_away"]}
"""With these facts a report is of the lowest level."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def done(case: CaseRow, kind: str, when: datetime = NOW, quantity: int | None = None) -> None:
    """Something that was done for a case."""
    case.followups.append(
        FollowupRow(
            kind=kind,
            due_at=when,
            state="done",
            unit="committee",
            created_at=NOW,
            done_at=when,
            done_by="李",
            quantity=quantity,
        )
    )


def counted(session: Session, period: Period = TODAY, region: str | None = None) -> Statistics:
    session.flush()
    return count(session, period, name_of, region)


def counters(session: Session, period: Period = TODAY) -> dict[str, int]:
    return {name: n for name, n in counted(session, period).whole.counters.items() if n}


def test_each_kind_of_work_has_its_counter(database: Database) -> None:
    with database.writing() as session:
        case = report(session, **GROWN_UP)
        for kind, quantity in (
            ("phone_visit", None), ("phone_visit", None), ("reminder", None), ("supplies", 30),
            ("supplies", None), ("named_worker", None), ("home_visit", None), ("next_look", None),
        ):  # fmt: skip
            done(case, kind, quantity=quantity)
        assert counters(session) == {
            "phone_visits": 2,
            "text_reminders": 1,
            "supplies": 31,
            "service_supports": 1,
            "calls_received": 1,
        }


def test_what_is_planned_or_called_off_is_not_counted(database: Database) -> None:
    with database.writing() as session:
        case = report(session, **GROWN_UP)
        for state in ("planned", "cancelled"):
            done(case, "phone_visit")
            case.followups[-1].state = state
        assert counters(session) == {"calls_received": 1}


def test_an_urgent_case_is_followed_up_once_however_often_and_not_by_a_text(
    database: Database,
) -> None:
    with database.writing() as session:
        for kinds in (["phone_visit", "home_visit", "named_worker"], ["reminder"]):
            case = report(session)
            assert case.level == "high"
            for kind in kinds:
                done(case, kind)
        found = counters(session)
        assert (found["special_cases"], found["service_supports"]) == (1, 1)


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2026-11-19T23:59:59", False),
        ("2026-11-20T00:00:00", True),
        ("2026-11-20T07:59:59", True),
        ("2026-11-22T23:59:59", True),
        ("2026-11-23T00:00:00", False),
    ],
)
def test_days_are_those_of_shanghai_and_the_last_is_in(
    database: Database, moment: str, inside: bool
) -> None:
    period = Period(date(2026, 11, 20), date(2026, 11, 22))
    with database.writing() as session:
        case = report(session, at(moment))
        done(case, "phone_visit", at(moment))
        found = counters(session, period)
    assert found.get("calls_received", 0) == int(inside)
    assert found.get("phone_visits", 0) == int(inside)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="2026-11-20 is before"):
        Period(date(2026, 11, 21), date(2026, 11, 20))


def test_a_call_is_answered_once_a_person_has_acted(database: Database) -> None:
    with database.writing() as session:
        seen, written_to, waiting = (report(session) for _ in range(3))
        note(waiting, LATER, "system", "assessed", None)
        note(waiting, LATER, "李", "related_dismissed", None)
        store.add_information(waiting, "还在等", {}, LATER)
        note(seen, NOW + timedelta(minutes=12), "李", "accepted", None)
        note(seen, NOW + timedelta(hours=3), "李", "closed", None)
        talk = session.get(ConversationRow, written_to.conversation_id)
        line(session, talk, "我们来了", sender="staff", case_id=written_to.id, at=LATER)
        whole = counted(session).whole
        assert (whole.counters["calls_received"], whole.counters["calls_answered"]) == (3, 2)
        assert sorted(whole.first_looks) == [12, 20]
        assert whole.median_first_look == 16


def test_drafts_are_no_calls_and_registrations_are_cases_but_no_calls(database: Database) -> None:
    with database.writing() as session:
        report(session, filed=False)
        report(session, report_type="preregistration", carer="grandparent", reason=None)
        whole = counted(session).whole
        assert whole.counters["calls_received"] == 0
        assert sum(whole.levels.values()) == 1


def test_counties_add_up_to_their_city_and_their_province(database: Database) -> None:
    with database.writing() as session:
        for adcode in ("440705", "440705", "440703", "440700", "440304", "110105", None):
            report(session, location=place("某处", None, adcode))
        found = {
            (each.rank, each.name): each.figures.counters["calls_received"]
            for each in counted(session).lines
        }
        assert found == {
            ("country", None): 7,
            ("province", "北京市"): 1,
            ("county", "朝阳区"): 1,
            ("province", "广东省"): 5,
            ("city", "深圳市"): 1,
            ("county", "福田区"): 1,
            ("city", "江门市"): 4,
            ("county", "蓬江区"): 1,
            ("county", "新会区"): 2,
            ("unknown", None): 1,
        }


def test_one_region_alone(database: Database) -> None:
    with database.writing() as session:
        for adcode in ("440705", "440304", "110105", None):
            report(session, location=place("某处", None, adcode))
        lines = counted(session, region="440700").lines
        assert [(each.rank, each.name) for each in lines] == [
            ("country", None),
            ("city", "江门市"),
            ("county", "新会区"),
        ]
        assert lines[0].figures.counters["calls_received"] == 1


def test_nothing_happened_is_a_line_of_zeros(database: Database) -> None:
    with database.writing() as session:
        (row,) = rows(counted(session))
    assert [row[name] for name in COUNTERS] == [0] * len(COUNTERS)
    assert row["first_look"] is None


def busy(session: Session) -> Statistics:
    for adcode, text in (("440705", "幸福小区3号楼"), ("410105", "文化路"), (None, "=1+1")):
        case = report(
            session, location=place(text, None, adcode), phone="+8613800138001", name="王五"
        )
        done(case, "supplies", quantity=12)
        note(case, LATER, "赵六", "accepted", {"words": "见到孩子了"})
    return counted(session)


def written(statistics: Statistics, form: str) -> bytes:
    target = io.BytesIO()
    write(statistics, form, target)
    return target.getvalue()


def test_a_spreadsheet_gets_numbers_as_numbers_and_no_formula(database: Database) -> None:
    with database.writing() as session:
        sheet = load_workbook(io.BytesIO(written(busy(session), "xlsx"))).active
    assert sheet["A1"].value.endswith("2026-11-21 至 2026-11-21")
    assert [cell.value for cell in sheet[2]] == list(HEADINGS.values())
    for row in sheet.iter_rows(min_row=3):
        assert [cell.data_type for cell in row[2:]] == ["n"] * (len(HEADINGS) - 2)
        assert row[0].value is None or row[0].data_type == "s"
        assert row[1].data_type == "s"
    assert sheet["E3"].value == 36


def test_the_files_hold_the_same_figures(database: Database) -> None:
    with database.writing() as session:
        statistics = busy(session)
    content = json.loads(written(statistics, "json"))
    assert (content["from"], content["to"], content["region"]) == ("2026-11-21",) * 2 + (None,)
    table = list(csv.reader(io.StringIO(written(statistics, "csv").decode("utf-8-sig"))))
    assert table[0] == list(HEADINGS.values())
    assert len(table) - 1 == len(content["lines"])
    for cells, entry in zip(table[1:], content["lines"], strict=True):
        entry.pop("rank")
        assert cells == ["" if value is None else str(value) for value in entry.values()]
    shown = written(statistics, "table").decode()
    assert "新会区" in shown and "36" in shown and "未说明地区" in shown


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_personal_is_in_any_file(database: Database, form: str) -> None:
    with database.writing() as session:
        content = written(busy(session), form)
    if form == "xlsx":  # a zip of XML
        with ZipFile(io.BytesIO(content)) as packed:
            content = b"".join(packed.read(name) for name in packed.namelist())
    for words in ("13800138001", "王五", "赵六", "幸福小区", "文化路", "见到孩子", "HT-261121"):
        assert words.encode() not in content


def picture(statistics: Statistics) -> Any:
    from PIL import Image

    return Image.open(io.BytesIO(written(statistics, "png"))).convert("RGB")


def test_the_picture_is_drawn_without_a_missing_sign(database: Database) -> None:
    with database.writing() as session:
        statistics = busy(session)
        many = Statistics(statistics.period, None, statistics.lines * 9)
    small, large = picture(statistics), picture(many)
    assert small.width == large.width > 1200
    assert large.height > small.height
    assert (0x33, 0x65, 0x8A) in {colour for _, colour in small.getcolors(1 << 20)}


def test_a_sign_that_no_font_has_stops_the_picture(database: Database) -> None:
    with database.writing() as session:
        report(session, location=place("某处", None, "440705"))
        session.flush()
        strange = count(session, TODAY, lambda adcode: "\U000f0000区")
        with pytest.raises(DrawingError, match="no font has"):
            written(strange, "png")


def test_the_page_for_staff_explains_every_column() -> None:
    page = Path(stats.__file__).parents[2] / "docs" / "stats.md"
    explained = [
        line.split("|")[1] for line in page.read_text(encoding="utf-8").splitlines() if "|" in line
    ]
    for name in (*COUNTERS, *LEVELS, "looked_at", "first_look"):
        assert any(f"`{name}`" in cell for cell in explained), name

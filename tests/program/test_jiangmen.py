"""The case of 1 February 2020 in Jiangmen (S2), from the first message to the social worker's visit.

A child was alone at home: the father in hospital with a high fever, the mother, who went with him,
isolated too. Dinner came to the door from that evening, and a youth social worker followed the
case, mostly online with few visits. Names, place and telephone here are made up.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import House, build
from bot.cases import followups, overrides, store
from bot.cases.export import as_contract
from bot.cases.tables import CaseRow, FollowupRow
from bot.channels.terminal import Terminal
from bot.conversation.messages import Reply
from bot.settings import load_settings

AFTERNOON = datetime.fromisoformat("2020-02-01T16:40:00+08:00")
DINNER = AFTERNOON.replace(hour=18, minute=10)
WORKER = "陈社工"
MOTHER = "我老公发高烧住院了，我陪他来医院也被隔离了，九岁的儿子今天下午起一个人在家，晚饭都没着落"


@pytest.fixture(scope="module")
def house_of_2020(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The whole program on the afternoon of that day."""
    folder = tmp_path_factory.mktemp("jiangmen")
    built = build(load_settings(_env_file=None, data_dir=folder, now=AFTERNOON), model)
    yield built
    built.database.close()


@pytest.fixture(scope="module")
def told(house_of_2020: House) -> tuple[str, list[Reply]]:
    """The mother's report, filed: its number and what she was answered at the end."""
    mother = Terminal(house_of_2020, "a mother in isolation")
    replies, result = mother.say(MOTHER)
    answers = {
        "consent": "同意",
        "child_count": "一个",
        "ages": "九岁",
        "carer": "没有大人",
        "since": "今天下午",
        "reason": "被隔离",
        "health": "孩子身体没事",
        "location": "广东省江门市新会区会城街道幸福里3号",
        "phone": "13800138000",
        "needs": "晚饭没着落，要吃的",
        "name": "不方便说",
        "confirm": "提交",
    }
    while result.case_no is None:
        assert result.asking in answers, result.asking
        replies, result = mother.say(answers.pop(result.asking))
    return result.case_no, replies


def found(house: House, case_no: str) -> dict[str, Any]:
    with house.database.reading() as session:
        return as_contract(store.find(session, case_no))


def test_the_child_alone_at_home_is_urgent_and_has_a_unit(
    house_of_2020: House, told: tuple[str, list[Reply]]
) -> None:
    case = found(house_of_2020, told[0])
    assert case["report_type"] == "guardian_difficulty"
    assert case["children"] == {"count": 1, "ages": [9], "sexes": ["male"], "health": ["healthy"]}
    assert case["care"]["carer"] == "nobody"
    assert set(case["care"]["absence_reasons"]) == {"hospitalised", "isolated"}
    assert case["location"]["city"] == "江门市"
    assert "food" in case["needs"]
    assert case["routing"] == {"unit": "committee", "referrals": ["township"]}
    assert case["risk"]["level"] == "medium"
    assert "八到十五岁的孩子身边没有人" in case["risk"]["reasons"]
    assert "缺食物或药品" in case["risk"]["reasons"]
    assert case["risk"]["due_at"] == "2020-02-02T16:40:00+08:00"


def test_the_mother_is_told_who_comes_and_what_help_there_is(
    told: tuple[str, list[Reply]],
) -> None:
    said = "\n".join(reply.text for reply in told[1])
    assert told[0] in said and "村（居）委会" in said
    assert "江门" in said or "临时" in said
    assert "110" in said


def test_dinner_at_the_door_and_the_social_workers_visits_are_recorded(
    house_of_2020: House, told: tuple[str, list[Reply]]
) -> None:
    """The platform hurries: food for the evening, a worker by name; then the case is closed."""
    case_no = told[0]
    with house_of_2020.database.writing() as session:
        row = store.find(session, case_no)
        overrides.override_level(row, "high", "值班员", "孩子今晚没有饭吃", AFTERNOON)
        planned = {entry.kind for entry in followups.open_of(row)}
        assert {"supplies", "named_worker", "phone_visit", "home_visit"} <= planned
        dinner, named = of_kind(row, "supplies"), of_kind(row, "named_worker")
        followups.done(dinner, "社区长者食堂", DINNER, "晚饭送到门口，孩子接了", 1)
        followups.done(named, WORKER, DINNER, "由陈社工跟进")
        next_day = DINNER + timedelta(days=1)
        followups.done(
            of_kind(row, "phone_visit"), WORKER, next_day, "视频问候，孩子吃了饭，在写作业"
        )
        followups.done(of_kind(row, "home_visit"), WORKER, next_day, "隔着门看望，送了口罩")
        again = followups.schedule(
            row, "phone_visit", next_day + timedelta(days=1), WORKER, next_day
        )
        followups.done(again, WORKER, next_day + timedelta(days=1), "线上聊天，情绪平稳")
        home = next_day + timedelta(days=9)
        store.add_information(row, "我解除隔离回家了", {"carer": "other"}, home)
        store.close(row, WORKER, "母亲已回家照看", home)
    case = found(house_of_2020, case_no)
    assert case["status"] == "closed"
    events = [entry["event"] for entry in case["history"]]
    assert events.count("followup_done") == 5
    assert events[-1] in ("closed", "followup_cancelled") and "closed" in events
    done = [entry for entry in case["history"] if entry["event"] == "followup_done"]
    assert done[0]["actor"] == "社区长者食堂" and done[0]["at"] == DINNER.isoformat()
    assert datetime.fromisoformat(done[0]["at"]).date() == AFTERNOON.date()


def test_nothing_is_left_to_do_and_the_mother_sees_that_it_ended(
    house_of_2020: House, told: tuple[str, list[Reply]]
) -> None:
    with house_of_2020.database.reading() as session:
        row = store.find(session, told[0])
        assert followups.open_of(row) == []
        supplies = of_kind(row, "supplies", state="done")
        assert (supplies.quantity, supplies.record["words"]) == (1, "晚饭送到门口，孩子接了")
    replies, _ = Terminal(house_of_2020, "a mother in isolation").say("查一下进度")
    assert "已办结" in replies[0].text


def of_kind(row: CaseRow, kind: str, state: str = "planned") -> FollowupRow:
    return next(entry for entry in row.followups if (entry.kind, entry.state) == (kind, state))

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import pytest

from bot.cases.reviewing import VALUES
from bot.cases.staff_tables import AuditRow, ReviewRow
from bot.cases.tables import TranscriptRow
from bot.console.meanings import ENTITIES, INTENTS, values_in_words
from bot.texts import texts
from nlu.contract import ENTITIES as KNOWN
from nlu.training_data import read_training
from tests.support.cases import conversation, filed, line
from tests.support.console import Desk, post

SAID = "俩娃娃没人管"
READ = [{"entity": "child_count", "value": 2, "start": 0, "end": 1}]


def doubtful(desk: Desk, region: str | None = "440705", **values: Any) -> int:
    """A line in doubt with the bot's question before it; its id."""
    with desk.database.writing() as session:
        row = filed(session, case_no=f"HT-261121-{region or 'NOPLC'}")
        row.region = region
        talk = conversation(session, f"talk-{region}")
        line(session, talk, "家里有几个孩子？", sender="bot", case_id=row.id)
        fields = {"doubt": "low", "intent": "inform", "confidence": 0.4, "entities": READ}
        return line(session, talk, SAID, case_id=row.id, **(fields | values)).id


def reviewed(desk: Desk) -> list[tuple[str, str | None, Any, str]]:
    with desk.database.reading() as session:
        rows = session.query(ReviewRow).order_by(ReviewRow.id)
        return [(row.state, row.intent, row.entities, row.by) for row in rows]


def audited(desk: Desk) -> list[tuple[str, Any]]:
    with desk.database.reading() as session:
        query = session.query(AuditRow).filter(AuditRow.action.like("review%"))
        return [(row.action, row.detail) for row in query.order_by(AuditRow.id)]


def test_a_line_in_doubt_is_shown_with_what_came_before_and_what_was_understood(desk: Desk) -> None:
    number = doubtful(desk)
    page = html.unescape(desk.signed_in("supervisor").get("/staff/review").text)
    assert SAID in page
    assert "家里有几个孩子？" in page
    assert "没有把握" in page
    assert "(40 %)" in page
    assert "还有 1 句等着复核" in page
    told = {"lines": [number], "cases": ["HT-261121-440705"]}
    assert audited(desk) == [("review_read", told)]


def test_the_two_likeliest_readings_come_first(desk: Desk) -> None:
    number = doubtful(desk, intent=None, confidence=None, doubt="fallback")
    with desk.database.writing() as session:
        said = session.get(TranscriptRow, number)
        buttons = [
            {"title": "x", "payload": "pick:faq/privacy"},
            {"title": "y", "payload": "pick:check_status"},
        ]
        session.add(
            TranscriptRow(
                conversation_id=said.conversation_id,
                at=said.at,
                sender="bot",
                text="您是想……",
                buttons=buttons,
            )
        )
    page = desk.signed_in("supervisor").get("/staff/review").text
    order = [
        page.index(f'value="{intent}"') for intent in ("faq/privacy", "check_status", "inform")
    ]
    assert order == sorted(order)
    assert "没有理解" in page
    assert 'value="right"' not in page  # there is nothing that could be right


def test_a_line_that_was_understood_is_confirmed_with_one_key(desk: Desk) -> None:
    number = doubtful(desk)
    client = desk.signed_in("supervisor", "王督导")
    page = post(client, f"/staff/review/{number}", do="right").text
    assert "没有要复核的话" in page
    assert reviewed(desk) == [("right", "inform", READ, "王督导")]
    assert audited(desk)[-1] == ("reviewed", {"line": number, "state": "right"})


def test_intent_and_facts_are_set_right(desk: Desk) -> None:
    number = doubtful(desk)
    fields: dict[str, Any] = {
        "do": "correct",
        "other": "别人的孩子没人照看",
        "words": ["俩", "没人管", ""],
        "start": ["0", "", ""],
        "entity": ["child_count", "carer", ""],
        "value": ["2", "没有大人", ""],
    }
    post(desk.signed_in("supervisor"), f"/staff/review/{number}", **fields)
    facts = [
        {"entity": "child_count", "value": 2, "start": 0, "end": 1},
        {"entity": "carer", "value": "nobody", "start": 3, "end": 6},
    ]
    assert reviewed(desk) == [("corrected", "report_unattended_child", facts, "supervisor")]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"intent": "nonsense"}, "请选这句话是什么意思"),
        ({"words": "四个"}, "“四个”不在这句话里"),
        ({"entity": "carer", "value": "king"}, "还没有选是哪一种"),
        ({"value": "many"}, "后面请写数字"),
        ({"entity": "army"}, "没有填对"),
    ],
)
def test_what_does_not_fit_the_line_is_refused(
    desk: Desk, fields: dict[str, str], sentence: str
) -> None:
    number, client = doubtful(desk), desk.signed_in("supervisor")
    sent = {
        "do": "correct",
        "intent": "inform",
        "words": "俩",
        "start": "",
        "entity": "child_count",
    }
    answer = post(client, f"/staff/review/{number}", **(sent | {"value": "2"} | fields))
    assert answer.status_code == 400
    assert sentence in answer.text
    assert reviewed(desk) == []


def test_nothing_changed_is_right_and_not_corrected(desk: Desk) -> None:
    number = doubtful(desk)
    fields = {
        "intent": "inform",
        "words": "俩",
        "start": "0",
        "entity": "child_count",
        "value": "2",
    }
    post(desk.signed_in("supervisor"), f"/staff/review/{number}", do="correct", **fields)
    assert reviewed(desk)[0][0] == "right"


def test_a_skipped_line_does_not_come_back_and_undo_brings_the_last_one_back(desk: Desk) -> None:
    number, client = doubtful(desk), desk.signed_in("supervisor")
    assert SAID not in post(client, f"/staff/review/{number}", do="skip").text
    assert reviewed(desk) == [("skipped", None, None, "supervisor")]
    assert SAID in post(client, "/staff/review/undo").text
    assert reviewed(desk) == []
    assert post(client, "/staff/review/undo").status_code == 400
    post(client, f"/staff/review/{number}", do="skip")
    other = desk.signed_in("supervisor", "somebody else")
    assert post(other, "/staff/review/undo").status_code == 400  # not theirs


def test_a_page_with_scripts_gets_a_short_answer(desk: Desk) -> None:
    number, client = doubtful(desk), desk.signed_in("supervisor")
    client.headers["Accept"] = "application/json"
    assert post(client, f"/staff/review/{number}", do="right").status_code == 204


def test_only_lines_within_sight_are_shown_and_taken(desk: Desk) -> None:
    near, far, nowhere = (doubtful(desk, region) for region in ("440705", "410105", None))
    with desk.database.writing() as session:
        loose = line(session, conversation(session, "loose"), "没有案件的话", doubt="fallback").id
    client = desk.signed_in("supervisor", region="440705")
    client.get("/staff/review")
    assert audited(desk)[-1][1]["lines"] == [loose, nowhere, near]
    for number in (far, 999, "abc"):
        assert post(client, f"/staff/review/{number}", do="skip").status_code == 404
    assert post(client, f"/staff/review/{loose}", do="skip").status_code == 200


def test_an_empty_page_reads_nothing_and_says_so(desk: Desk) -> None:
    assert "没有要复核的话" in desk.signed_in("supervisor").get("/staff/review").text
    assert audited(desk) == []


def test_the_review_is_for_supervisors_and_above(desk: Desk) -> None:
    number = doubtful(desk)
    for role in ("worker", "auditor"):
        client = desk.signed_in(role)
        assert client.get("/staff/review").status_code == 403
        for path in ("undo", str(number)):
            assert post(client, f"/staff/review/{path}", do="skip").status_code == 403
    for role in ("supervisor", "county", "administrator"):
        assert SAID in desk.signed_in(role).get("/staff/review").text


def test_every_intent_entity_and_value_has_words() -> None:
    folder = Path(__file__).parents[3] / "nlu/data/nlu"
    assert set(INTENTS) == {example.intent for example in read_training(folder)}
    assert set(ENTITIES) == set(VALUES) == KNOWN
    for entity, words in values_in_words(texts("zh_Hans")).items():
        assert tuple(words) == VALUES[entity]
        assert not set(words) & set(words.values()), entity
        assert len(set(words.values())) == len(words), entity

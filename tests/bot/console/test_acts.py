"""The acts on a case through its page: who may do what, two people at once, and what is kept."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from starlette.testclient import TestClient

from bot.cases import handling, related, transfers
from bot.cases.staff_tables import AuditRow
from bot.cases.tables import CaseRow, ConversationRow, FollowupRow, HistoryRow, RelatedRow, TraceRow
from bot.console.offers import ACTS, covers
from bot.console.rights import RIGHTS, ROLES, Staff
from tests.support.cases import ALONE, NOW, filed
from tests.support.console import Desk, post

NO, OTHER = "HT-261121-AAAAA", "HT-261121-BBBBB"
PAGE = f"/staff/cases/{NO}"
HERE, ELSEWHERE = "440705", "410102"
DISABLED = {**ALONE, "health": ["disabled"]}
SOON = (NOW + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
MINE_ONLY = ("close", "duplicate", "transfer", "give-back")
FIELDS: dict[str, dict[str, str]] = {
    "assign": {"worker": "zhang"},
    "transfer": {"to": "unit:police", "why": "要出警"},
    "transfer-decline": {"why": "不归我们管"},
    "refer": {"unit": "education", "why": "没法上课"},
    "level": {"level": "critical", "why": "受伤了"},
    "unit": {"unit": "police", "why": "要出警"},
    "fact": {"what": "carer", "value": "neighbour", "why": "看到了"},
    "lift": {"what": "level", "why": "弄错了"},
    "note": {"words": "钥匙在门卫"},
    "record": {"kind": "home_visit", "words": "孩子很好"},
    "schedule": {"kind": "home_visit", "due": SOON, "worker": ""},
    "call-off": {"why": "不用了"},
    "close": {"outcome": "guardian_back", "words": "妈妈回来了"},
    "duplicate": {"of": OTHER, "why": "同一家"},
    "reopen": {"why": "又走了"},
    "relate": {"what": OTHER, "decision": "linked"},
    "ledger": {"decision": "confirm"},
}


def version(client: TestClient) -> dict[str, str]:
    """What the forms of the page carry besides the token."""
    page = client.get(PAGE).text
    found = {name: re.search(rf'name="{name}" value="(\d+)"', page) for name in ("version", "last")}
    return {name: match.group(1) for name, match in found.items() if match}


def act(client: TestClient, name: str, **fields: str) -> httpx.Response:
    return post(client, f"{PAGE}/{name}", **{**version(client), **fields})


def case_of(desk: Desk) -> CaseRow:
    with desk.database.reading() as session:
        return session.execute(select(CaseRow).where(CaseRow.case_no == NO)).scalar_one()


def prepare(desk: Desk, name: str, owner: str | None) -> dict[str, str]:
    """A case where the act makes sense, and what its form holds."""
    taker = owner
    with desk.database.writing() as session:
        row = filed(session, facts=DISABLED)
        other = filed(session, case_no=OTHER)
        for each in (row, other):
            related.suggest(session, each, lambda value: value, NOW)
        owner = "someone" if name.startswith("transfer-") else owner
        if owner and name != "accept":
            handling.accept(row, owner, NOW)
        if name.startswith("transfer-"):
            transfers.ask(session, row, (None, taker), "x", "someone", NOW)
        if name == "reopen":
            handling.close(session, row, "no_need", "x", owner or "a", NOW)
        if name == "lift":
            from bot.cases import overrides

            overrides.override_level(row, "critical", "a", "x", NOW)
        session.flush()
        fields = dict(FIELDS.get(name, {}))
        if name == "call-off":
            fields["what"] = str(row.followups[1].id)
        if name == "ledger":
            fields["what"] = str(row.ledger[0].id)
    return fields


def start_over(desk: Desk) -> None:
    """The cases that were there are out of the way."""
    with desk.database.writing() as session:
        session.query(RelatedRow).delete()
        session.query(TraceRow).delete()
        for row in session.query(CaseRow):
            row.case_no = f"X{row.id}"
            row.region = ELSEWHERE
        for talk in session.query(ConversationRow):
            talk.person = f"gone {talk.id}"


def audited(desk: Desk, actor: str) -> list[str]:
    with desk.database.reading() as session:
        return [row.action for row in session.query(AuditRow) if row.actor == actor]


def count(desk: Desk, row: type) -> int:
    with desk.database.reading() as session:
        return int(session.execute(select(func.count()).select_from(row)).scalar())


def allowed(role: str, name: str) -> bool:
    return ACTS[name] in RIGHTS[role]


@pytest.mark.parametrize("role", ROLES)
def test_an_act_is_done_by_who_has_the_right_and_is_told_of(desk: Desk, role: str) -> None:
    desk.account("zhang", "worker", HERE)
    client = desk.signed_in(role, role, HERE)
    for name in ACTS:
        start_over(desk)
        fields = prepare(desk, name, owner=role)
        before = count(desk, HistoryRow)
        answer = act(client, name, **fields)
        # a transfer is revoked by whom it was not offered to
        if allowed(role, name) and (role, name) != ("worker", "transfer-revoke"):
            assert (name, answer.status_code) == (name, 200), answer.text
            assert count(desk, HistoryRow) > before
            assert f"case_{name.replace('-', '_')}" in audited(desk, role)
        else:
            assert (name, answer.status_code) == (name, 403)
            assert count(desk, HistoryRow) == before


@pytest.mark.parametrize("role", [role for role in ROLES if "read" in RIGHTS[role]])
def test_a_case_of_another_region_is_as_if_it_did_not_exist(desk: Desk, role: str) -> None:
    client = desk.signed_in(role, "far", ELSEWHERE)
    fields = prepare(desk, "note", owner="someone")
    before = count(desk, HistoryRow)
    for name in ACTS:
        sent = {"version": "1", "last": "1", **FIELDS.get(name, {}), **fields}
        answers = [
            post(client, f"/staff/cases/{number}/{name}", **sent)
            for number in (NO, "HT-261121-ZZZZZ")
        ]
        expected = 404 if allowed(role, name) else 403
        assert [(name, answer.status_code) for answer in answers] == [(name, expected)] * 2
        assert answers[0].text == answers[1].text
    assert count(desk, HistoryRow) == before


@pytest.mark.parametrize("name", MINE_ONLY)
def test_a_worker_ends_and_hands_over_only_what_is_theirs(desk: Desk, name: str) -> None:
    fields = prepare(desk, name, owner="someone")
    assert act(desk.signed_in("worker", "li", HERE), name, **fields).status_code == 403
    assert case_of(desk).status == "accepted"
    assert act(desk.signed_in("supervisor", "chen", HERE), name, **fields).status_code == 200
    assert case_of(desk).status != "accepted"


def test_a_transfer_is_answered_by_whom_it_was_offered_to(desk: Desk) -> None:
    with desk.database.writing() as session:
        row = filed(session)
        transfers.ask(session, row, ("police", None), "要出警", "li", NOW)
    asker = desk.signed_in("worker", "li", HERE, unit="committee")
    other = desk.signed_in("worker", "zhao", HERE, unit="medical")
    police = desk.signed_in("worker", "wang", HERE, unit="police")
    assert act(asker, "transfer-accept").status_code == 403
    assert act(other, "transfer-accept").status_code == 403
    assert act(other, "transfer-revoke").status_code == 403
    assert "接受转办" in police.get(PAGE).text
    assert "接受转办" not in asker.get(PAGE).text
    assert act(police, "transfer-accept").status_code == 200
    assert (case_of(desk).assigned, case_of(desk).unit) == ("wang", "police")


def test_accepting_can_be_undone_with_one_click(desk: Desk) -> None:
    prepare(desk, "accept", None)
    client = desk.signed_in("worker", "li", HERE)
    answer = act(client, "accept")
    assert "已接手" in answer.text
    assert "撤销" in answer.text
    act(client, "give-back")
    assert (case_of(desk).status, case_of(desk).assigned) == ("new", None)


def test_the_second_of_two_is_told_what_changed_and_loses_nothing(desk: Desk) -> None:
    prepare(desk, "close", owner="li")
    first, second = desk.signed_in("worker", "li", HERE), desk.signed_in("supervisor", "chen", HERE)
    seen = version(first)
    act(second, "level", level="critical", why="孩子受伤了")
    words = "妈妈回来了，<b>看到了</b>"
    answer = post(first, f"{PAGE}/close", **seen, outcome="guardian_back", words=words)
    assert answer.status_code == 409
    assert "别人改了这个案件" in answer.text
    assert "孩子受伤了" in answer.text
    assert "把级别由高改为紧急" in answer.text
    assert "妈妈回来了，&lt;b&gt;看到了&lt;/b&gt;</textarea>" in answer.text
    assert re.search(r'checked[^>]*value="guardian_back"', answer.text)
    assert case_of(desk).status == "accepted"
    again = re.search(r'name="version" value="(\d+)"', answer.text)
    assert again
    fields = {"version": again.group(1), "outcome": "guardian_back", "words": words}
    assert post(first, f"{PAGE}/close", **fields).status_code == 200
    assert case_of(desk).status == "closed"


def test_words_are_not_lost_when_the_act_is_possible_no_more(desk: Desk) -> None:
    prepare(desk, "record", owner="li")
    first, second = desk.signed_in("worker", "li", HERE), desk.signed_in("supervisor", "chen", HERE)
    seen = version(first)
    act(second, "close", **FIELDS["close"])
    fields = {**FIELDS["record"], "words": "孩子在奶奶家"}
    answer = post(first, f"{PAGE}/record", **seen, **fields)
    assert answer.status_code == 409
    assert "孩子在奶奶家" in answer.text


def test_two_who_take_a_case_on_at_once_do_not_both_have_it(desk: Desk) -> None:
    prepare(desk, "accept", None)
    clients = [desk.signed_in("worker", name, HERE) for name in ("li", "wang")]
    seen = [version(client) for client in clients]
    codes = [
        post(client, f"{PAGE}/accept", **each).status_code
        for client, each in zip(clients, seen, strict=True)
    ]
    assert codes == [200, 409]
    assert case_of(desk).assigned == "li"


WRONG: tuple[tuple[str, dict[str, str], str], ...] = (
    ("close", {"outcome": "", "words": "x"}, "请选结果。"),
    ("close", {"outcome": "guardian_back", "words": "  "}, "请写几句话。"),
    ("close", {"outcome": "made_up", "words": "x"}, "请选一项。"),
    ("transfer", {"to": "unit:nobody", "why": "x"}, "请选一项。"),
    ("record", {"kind": "supplies", "words": "x"}, "送了物资，请写一共几件"),
    ("record", {"kind": "home_visit", "words": "x", "quantity": "abc"}, "请写一个数字。"),
    ("schedule", {"kind": "home_visit", "due": "2020-01-01T08:00"}, "时间已经过去了"),
    ("schedule", {"kind": "home_visit", "due": "morgen"}, "请写日期和时间。"),
    ("fact", {"what": "ages", "value": "三岁", "why": "x"}, "请写岁数"),
    ("fact", {"what": "carer", "value": "", "why": "x"}, "请填写，或者勾选"),
    ("duplicate", {"of": "HT-000000-00000", "why": "x"}, "没有那个编号的案件"),
    ("note", {"words": "字" * 2001}, "写得太长了"),
)


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(desk: Desk) -> None:
    prepare(desk, "note", owner="chen")
    client = desk.signed_in("supervisor", "chen", HERE)
    for name, fields, sentence in WRONG:
        answer = act(client, name, **fields)
        assert answer.status_code in (409, 422), (name, fields)
        assert sentence in answer.text, (name, fields)
        assert case_of(desk).status == "accepted"
        if len(words := fields.get("words", "").strip()) > 1:
            assert words in answer.text


SETTABLE: tuple[tuple[str, list[str], object], ...] = (
    ("carer", ["grandparent"], "grandparent"),
    ("danger", ["injury", "fire"], ["injury", "fire"]),
    ("danger", [], []),
    ("health", ["fever"], ["fever"]),
    ("ages", ["3、6.5"], [3.0, 6.5]),
    ("child_count", ["3"], 3),
    ("since", ["2026-11-20T20:30"], "2026-11-20T20:30:00+08:00"),
    ("kind", ["moving"], "moving"),
    ("cannot_cope", ["yes"], True),
    ("weak_carer", ["no"], False),
)


def test_every_fact_can_be_set_as_staff_found_it(desk: Desk) -> None:
    prepare(desk, "fact", owner="chen")
    client = desk.signed_in("supervisor", "chen", HERE)
    for what, values, kept in SETTABLE:
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get(PAGE).text)
        assert token
        fields = {"what": what, "why": "去看过", **version(client), "csrf": token.group(1)}
        answer = client.post(f"{PAGE}/fact", data={**fields, "value": values})
        assert (what, answer.status_code) == (what, 200), answer.text
        assert case_of(desk).facts["facts"][what] == kept
        assert "去看过" in answer.text
        assert act(client, "lift", what=what, why="弄错了").status_code == 200
        assert case_of(desk).facts["facts"].get(what) == DISABLED.get(what)


def test_a_fact_that_nobody_knows_is_no_fact(desk: Desk) -> None:
    prepare(desk, "fact", owner="chen")
    client = desk.signed_in("supervisor", "chen", HERE)
    act(client, "fact", what="carer", unknown="y", why="没人清楚")
    row = case_of(desk)
    assert ("carer" in row.facts["facts"], row.facts["unanswered"]["carer"]) == (False, "unknown")


def test_whoever_gives_away_a_case_that_was_in_sight_only_as_theirs_is_back_at_the_queue(
    desk: Desk,
) -> None:
    prepare(desk, "give-back", owner="far")
    client = desk.signed_in("worker", "far", ELSEWHERE)
    answer = act(client, "give-back")
    assert (answer.status_code, answer.url.path) == (200, "/staff/")
    assert client.get(PAGE).status_code == 404


def test_colleagues_are_offered_who_see_the_case(desk: Desk) -> None:
    regions = ("", "440000", "440700", "440705", "440703", "410000")
    people = [Staff(1, "x", role, region, None, "") for role in ROLES for region in regions]
    with desk.database.writing() as session:
        row = filed(session)
        for place in (None, "440000", "440700", "440705", "410102"):
            row.region = place
            session.flush()
            for staff in people:
                query = select(CaseRow.id).where(CaseRow.id == row.id, staff.sight())
                seen = session.execute(query).first() is not None
                assert (staff.may("read") and covers(staff, place)) == seen, (staff, place)


def test_a_follow_up_of_the_list_is_settled_by_its_own_form(desk: Desk) -> None:
    prepare(desk, "record", owner="li")
    with desk.database.reading() as session:
        wanted = session.query(FollowupRow).filter_by(kind="phone_visit", state="planned").first()
    client = desk.signed_in("worker", "li", HERE)
    act(client, "record", what=str(wanted.id), kind="phone_visit", words="打通了")
    with desk.database.reading() as session:
        assert session.get(FollowupRow, wanted.id).state == "done"


def test_no_act_is_done_twice_by_a_form_that_is_sent_twice(desk: Desk) -> None:
    prepare(desk, "note", owner="li")
    client = desk.signed_in("worker", "li", HERE)
    seen = version(client)
    codes = [post(client, f"{PAGE}/note", **seen, words="钥匙在门卫").status_code for _ in range(2)]
    assert codes == [200, 409]
    with desk.database.reading() as session:
        assert session.query(HistoryRow).filter_by(event="note").count() == 1


STEPS = tuple(name for name in ACTS if name not in ("call-off", "ledger", "lift"))


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=8))
def test_no_act_leaves_a_case_without_history_and_audit(desk: Desk, steps: list[str]) -> None:
    """Whatever is done in whatever order: a case that changed has both, one that did not neither."""
    start_over(desk)
    prepare(desk, "accept", None)
    client = _signed_in_once(desk)
    client.get(PAGE)  # the first look changes a case, too
    for name in steps:
        before = _state(desk)
        answer = act(client, name, **FIELDS.get(name, {}))
        after = _state(desk)
        changed = after["version"] != before["version"]
        assert changed == (answer.status_code == 200)
        for told in ("history", "acts"):
            assert (after[told] > before[told]) == changed, (name, told)


def _signed_in_once(desk: Desk, kept: dict[int, TestClient] = {}) -> TestClient:  # noqa: B006 - one sign-in for all examples
    if id(desk) not in kept:
        desk.account("zhang", "worker", HERE)
        kept[id(desk)] = desk.signed_in("county", "chen", HERE)
    return kept[id(desk)]


def _state(desk: Desk) -> dict[str, int]:
    row = case_of(desk)
    with desk.database.reading() as session:
        acts = session.query(AuditRow).filter(
            AuditRow.case_no == NO, AuditRow.action.notin_(["case_read"])
        )
        history = session.query(HistoryRow).filter_by(case_id=row.id)
        return {"version": row.version, "acts": acts.count(), "history": history.count()}

from __future__ import annotations

import html
import re

import pyotp
import pytest

from bot.cases.staff_tables import AuditRow, StaffRow
from bot.console import accounts
from tests.support.cases import NOW
from tests.support.console import Desk, post


def account(desk: Desk, name: str) -> StaffRow | None:
    with desk.database.reading() as session:
        return accounts.find(session, name)


def audited(desk: Desk) -> list[object]:
    with desk.database.reading() as session:
        query = session.query(AuditRow).filter(AuditRow.action.like("account%"))
        return [row.detail for row in query.order_by(AuditRow.id)]


NEW = {
    "name": "李主任",
    "role": "worker",
    "region": "440703",
    "unit": "committee",
    "language": "en",
}


def test_a_new_account_shows_its_password_and_its_code_once_and_they_work(desk: Desk) -> None:
    client = desk.signed_in("administrator")
    page = html.unescape(post(client, "/staff/accounts", **NEW).text)
    password, secret = re.findall(r'<code class="secret">([^<]+)</code>', page)
    assert 'src="data:image/png;base64,' in page
    form = {"name": "李主任", "password": password, "code": pyotp.TOTP(secret).at(NOW)}
    other = desk.visitor()
    assert other.post("/staff/sign-in", data=form).url.path == "/staff/"
    assert password not in client.get("/staff/accounts").text
    told = {"name": "李主任", "role": "worker", "region": "440703", "unit": "committee"}
    assert audited(desk) == [told]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "请填名字"),
        ({"name": "administrator"}, "已经有叫"),
        ({"role": "king"}, "请选一个角色"),
        ({"unit": "army"}, "请从列表里选单位"),
        ({"region": "999999"}, "没有“999999”这个区划代码"),
        ({"region": "44"}, "没有“44”这个区划代码"),
        ({"region": ""}, "要填地区代码"),
    ],
)
def test_a_wrong_value_is_told_and_what_was_typed_stays(
    desk: Desk, wrong: dict[str, str], sentence: str
) -> None:
    client = desk.signed_in("administrator")
    answer = post(client, "/staff/accounts", **(NEW | wrong))
    assert answer.status_code == 400
    assert sentence in answer.text
    assert f'value="{(NEW | wrong)["region"]}"' in answer.text
    assert account(desk, "李主任") is None


def test_role_region_and_unit_are_changed_and_audited(desk: Desk) -> None:
    row, client = desk.account("w", "worker", "440703"), desk.signed_in("administrator")
    post(client, f"/staff/accounts/{row.id}", role="supervisor", region="440700", unit="township")
    changed = account(desk, "w")
    assert changed is not None
    assert (changed.role, changed.region, changed.unit) == ("supervisor", "440700", "township")
    assert audited(desk)[-1]["before"]["role"] == "worker"


def test_a_closed_account_is_signed_out_at_once_and_may_be_opened_again(desk: Desk) -> None:
    client, worker = desk.signed_in("administrator"), desk.signed_in("worker", "w")
    row = account(desk, "w")
    assert row is not None
    post(client, f"/staff/accounts/{row.id}/active", active="0")
    assert worker.get("/staff/self").url.path == "/staff/sign-in"
    post(client, f"/staff/accounts/{row.id}/active", active="1")
    opened = account(desk, "w")
    assert opened is not None
    assert opened.active
    assert worker.get("/staff/self").url.path == "/staff/sign-in"
    assert [detail["active"] for detail in audited(desk)] == [False, True]


def test_a_new_password_or_code_ends_every_sign_in_of_that_person(desk: Desk) -> None:
    client, worker = desk.signed_in("administrator"), desk.signed_in("worker", "w")
    row = account(desk, "w")
    assert row is not None
    path = f"/staff/accounts/{row.id}/renew"
    assert post(client, path).status_code == 400
    page = html.unescape(post(client, path, password="1", secret="1").text)
    password, secret = re.findall(r'<code class="secret">([^<]+)</code>', page)
    assert worker.get("/staff/self").url.path == "/staff/sign-in"
    form = {"name": "w", "password": password, "code": pyotp.TOTP(secret).at(NOW)}
    assert worker.post("/staff/sign-in", data=form).url.path == "/staff/"
    only = post(client, path, password="1").text
    assert "data:image/png" not in only
    assert audited(desk)[-1] == {"name": "w", "password": True, "code": False}


def test_the_last_administrator_cannot_lock_themself_out(desk: Desk) -> None:
    client = desk.signed_in("administrator", "a")
    row = account(desk, "a")
    assert row is not None
    for path, fields in (
        ("/active", {"active": "0"}),
        ("", {"role": "worker", "region": "440705"}),
        ("", {"role": "administrator", "region": "440700"}),
    ):
        answer = post(client, f"/staff/accounts/{row.id}{path}", **fields)
        assert answer.status_code == 400
        assert "最后一个" in answer.text
    desk.account("b", "administrator", "440700")  # cannot manage what "a" can
    assert post(client, f"/staff/accounts/{row.id}/active", active="0").status_code == 400
    desk.account("c", "administrator")
    assert post(client, f"/staff/accounts/{row.id}/active", active="0").status_code == 200
    assert client.get("/staff/self").url.path == "/staff/sign-in"


def test_an_administrator_of_a_region_keeps_the_accounts_of_that_region(desk: Desk) -> None:
    near, far = desk.account("近", "worker", "440703"), desk.account("远", "worker", "410105")
    client = desk.signed_in("administrator", "a", region="440700")
    page = client.get("/staff/accounts").text
    assert "近" in page
    assert "远<" not in page
    for path in ("", "/active", "/renew"):
        assert post(client, f"/staff/accounts/{far.id}{path}", active="0").status_code == 404
    assert client.get(f"/staff/accounts/{far.id}").status_code == 404
    assert client.get("/staff/accounts/abc").status_code == 404
    answer = post(client, f"/staff/accounts/{near.id}", role="worker", region="")
    assert "您只能管理自己地区" in answer.text
    assert post(client, "/staff/accounts", **(NEW | {"region": "410105"})).status_code == 400


def test_accounts_are_for_administrators_alone(desk: Desk) -> None:
    row = desk.account("w", "worker")
    for role in ("worker", "supervisor", "county", "auditor"):
        client = desk.signed_in(role, f"a-{role}")
        assert client.get("/staff/accounts").status_code == 403
        assert client.get(f"/staff/accounts/{row.id}").status_code == 403
        for path in ("", f"/{row.id}", f"/{row.id}/active", f"/{row.id}/renew"):
            assert post(client, f"/staff/accounts{path}", **NEW).status_code == 403
    assert len(audited(desk)) == 0

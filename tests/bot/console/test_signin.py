from __future__ import annotations

import re

import pytest

from bot.cases.staff_tables import AuditRow
from bot.console.app import PAGES
from bot.console.rights import RIGHTS
from tests.support.cases import NOW
from tests.support.console import PASSWORD, Desk, Moving, post, sign_in


def actions(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return [row.action for row in session.query(AuditRow).order_by(AuditRow.id)]


def test_a_worker_signs_in_and_out(desk: Desk) -> None:
    client = desk.signed_in("worker", "李主任")
    assert "李主任" in client.get("/staff/self").text
    post(client, "/staff/sign-out")
    assert client.get("/staff/self").url.path == "/staff/sign-in"
    assert actions(desk) == ["signed_in", "signed_out"]


@pytest.mark.parametrize("wrong", ["name", "password", "code"])
def test_a_wrong_name_password_or_code_says_the_same(desk: Desk, wrong: str) -> None:
    row, client = desk.account("w", "worker"), desk.visitor()
    form = {"name": "w", "password": PASSWORD, "code": "000000"}
    if wrong != "code":
        form[wrong] = "another one altogether"
    answer = client.post("/staff/sign-in", data=form)
    assert answer.status_code == 403
    assert "名字、密码或动态码不对" in answer.text
    assert sign_in(client, row, NOW).status_code == 200


def test_a_code_is_taken_once(desk: Desk) -> None:
    row = desk.account("w", "worker")
    assert sign_in(desk.visitor(), row, NOW).status_code == 200
    assert sign_in(desk.visitor(), row, NOW).status_code == 403


def test_who_guesses_waits_longer_and_longer(desk: Desk) -> None:
    clock = Moving()
    desk = Desk(desk.database, clock)
    row, client = desk.account("w", "worker"), desk.visitor()
    wrong = {"name": "w", "password": "wrong wrong wrong", "code": "1"}
    for _ in range(5):
        answer = client.post("/staff/sign-in", data=wrong)
    assert "试错太多次" in answer.text
    assert sign_in(client, row, clock.now()).status_code == 403  # even the right one waits
    clock.forward(minutes=16)
    assert sign_in(client, row, clock.now()).status_code == 200


def test_a_sign_in_ends_when_nobody_clicks(desk: Desk) -> None:
    clock = Moving()
    client = Desk(desk.database, clock).signed_in("worker")
    clock.forward(minutes=50)
    assert client.get("/staff/self").url.path == "/staff/self"
    clock.forward(minutes=61)
    assert client.get("/staff/self").url.path == "/staff/sign-in"


def test_a_forged_form_is_refused(desk: Desk) -> None:
    client = desk.signed_in("worker")
    assert client.post("/staff/self", data={"language": "en"}).status_code == 403
    forged = {"language": "en", "csrf": "0" * 64}
    assert client.post("/staff/self", data=forged).status_code == 403
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/staff/sign-out", headers=headers).status_code == 403


def test_a_new_password_signs_out_everywhere(desk: Desk) -> None:
    clock = Moving()
    desk = Desk(desk.database, clock)
    row = desk.account("w", "worker")
    here, there = desk.visitor(), desk.visitor()
    sign_in(here, row, clock.now())
    clock.forward(minutes=1)
    sign_in(there, row, clock.now())
    clock.forward(minutes=1)
    import pyotp

    code = pyotp.TOTP(row.code_secret).at(clock.now())
    post(here, "/staff/self", password=PASSWORD, code=code, fresh="one more long password")
    assert there.get("/staff/self").url.path == "/staff/sign-in"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.method} {page.path}")
def test_nothing_is_shown_to_strangers(desk: Desk, page) -> None:
    path = "/staff" + re.sub(r"\{\w+\}", "1", page.path)
    answer = desk.visitor().request(page.method, path, follow_redirects=False)
    if page.right is None:
        assert answer.status_code in (200, 403)
    elif page.quiet:
        assert answer.status_code == 401
    else:
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff/sign-in")


def test_every_page_needs_a_right_that_some_role_has() -> None:
    known = frozenset().union(*RIGHTS.values())
    assert {page.right for page in PAGES if page.right} <= known
    assert [page.path for page in PAGES if page.right is None] == ["/sign-in", "/sign-in"]

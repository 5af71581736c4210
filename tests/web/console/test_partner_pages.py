"""A clerk works for his own institution alone (REQ-18, 19, 44)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from qalqan.exchange import order_sheet
from qalqan.exchange.order_sheet import XLSX
from qalqan.exchange.order_sheet.columns import heading
from qalqan.register import orm, partner_keys, people
from qalqan.register.sessions import user_by_session
from qalqan.text.show import ALMATY

PASSWORD = "қара алтын таулар"
LANGUAGES = ("kk", "ru", "en")


class Desk:
    """A clerk's browser."""

    def __init__(self, web: Any, partner: str) -> None:
        self.web, self.partner = web, partner
        self.login = f"clerk.{partner}"
        with web.database.write() as session:
            people.add_user(
                session, web.keys, self.login, "Клерк", PASSWORD, "clerk", "KZ", partner=partner
            )
        self.secret = people.sign_in(web.database, self.login, PASSWORD)
        with web.database.session() as session:
            self.csrf = user_by_session(session, self.secret).csrf

    def get(self, path: str, language: str = "en") -> Any:
        return self._call("GET", path, language)

    def post(self, path: str, data: dict[str, str] | None = None, **more: Any) -> Any:
        return self._call("POST", path, "en", data={"csrf": self.csrf, **(data or {})}, **more)

    def _call(self, method: str, path: str, language: str, **more: Any) -> Any:
        cookie = f"qalqan_session={self.secret}; qalqan_language={language}"
        return self.web.http.request(
            method, path, headers={"Cookie": cookie}, follow_redirects=False, **more
        )


@pytest.fixture
def altyn(web: Any) -> Desk:
    return Desk(web, "altyn")


@pytest.fixture
def baiterek(web: Any) -> Desk:
    return Desk(web, "baiterek")


def test_a_clerk_sees_and_answers_his_order(web: Any, altyn: Desk) -> None:
    message = web.asked()
    assert altyn.get("/queue").headers["location"] == "/partner"
    page = altyn.get("/partner")
    assert (page.status_code, message.order in page.text) == (200, True)
    assert str(message.account) not in page.text  # in lists the last four alone
    path = f"/partner/orders/{message.order}"
    shown = altyn.get(path).text
    assert str(message.account) in shown
    form = {"outcome": "confirmed", "id": "p-1", "at": "", "payee": "223:D1"}
    wrong = altyn.post(f"{path}/answer", form)
    assert (wrong.status_code, 'id="problem"' in wrong.text) == (422, True)
    paid = web.payment()["at_us"]
    at = datetime.fromtimestamp(paid / 1e6, UTC).astimezone(ALMATY).isoformat(timespec="seconds")
    done = altyn.post(f"{path}/answer", {**form, "at": at})
    assert (done.status_code, done.headers["location"]) == (303, f"{path}?done=answer")
    again = altyn.post(f"{path}/answer", {**form, "at": at})
    assert again.status_code == 303  # the same answer changes nothing
    other = altyn.post(f"{path}/answer", {"outcome": "not_found"})
    assert (other.status_code, "alert" in other.text) == (409, True)
    with web.database.session() as session:
        (order,) = session.scalars(select(orm.Order).where(orm.Order.id == message.order))
        assert order.state == "closed"
        opened = select(orm.Audit.actor).where(orm.Audit.action == "order.open")
        assert set(session.scalars(opened)) == {altyn.login}


def test_another_institution_sees_nothing_of_it(web: Any, altyn: Desk, baiterek: Desk) -> None:
    message = web.asked()
    path = f"/partner/orders/{message.order}"
    assert message.order not in baiterek.get("/partner").text
    assert baiterek.get(path).status_code == 404
    assert baiterek.post(f"{path}/answer", {"outcome": "not_found"}).status_code == 404
    with web.database.session() as session:
        (key,) = partner_keys.living(session, "altyn")
    for act in ("rotate", "revoke"):
        assert baiterek.post(f"/partner/keys/{key.id}/{act}").status_code == 404
    with web.database.session() as session:
        assert [one.id for one in partner_keys.living(session, "altyn")] == [key.id]


@pytest.mark.parametrize("path", ["", "/orders.xlsx", "/keys", "/facts", "/events", "/warnings"])
def test_officers_and_strangers_have_no_desk(web: Any, path: str) -> None:
    assert web.http.get(f"/partner{path}", follow_redirects=False).status_code == 303
    secret = people.sign_in(web.database, "asel", "a long enough password")
    answer = web.http.get(f"/partner{path}", headers={"Cookie": f"qalqan_session={secret}"})
    assert answer.status_code == 403


def test_a_clerk_has_no_case(web: Any, altyn: Desk) -> None:
    message = web.asked()
    for path in (
        "/cases",
        f"/cases/{message.case}",
        f"/orders/{message.order}",
        "/people",
        "/work",
    ):
        assert altyn.get(path).status_code in (403, 404), path


def test_the_workbook_goes_out_and_comes_back(web: Any, altyn: Desk) -> None:
    message = web.asked()
    book = altyn.get("/partner/orders.xlsx")
    assert book.headers["content-type"] == XLSX
    (asked,) = order_sheet.asked(book.content, "altyn", web.clock.now_us())
    assert asked.order == message.order
    sent = altyn.post("/partner/answers", files={"file": ("orders.xlsx", book.content)})
    assert (sent.status_code, "Taken: 0" in sent.text) == (200, True)
    head = ",".join(heading(name, "en") for name in ("order", "outcome"))
    line = f"{head}\n{message.order},not_found\nO-26-999999,not_found\n"
    sent = altyn.post("/partner/answers", files={"file": ("answers.csv", line.encode())})
    assert (sent.status_code, "Taken: 1. Refused: 1." in sent.text) == (207, True)
    wrong = altyn.post("/partner/answers", files={"file": ("a.exe", b"MZ")})
    assert (wrong.status_code, "expected one of" in wrong.text) == (422, True)


def test_a_key_is_changed_by_whoever_has_just_proved_himself(web: Any, altyn: Desk) -> None:
    with web.database.session() as session:
        (key,) = partner_keys.living(session, "altyn")
    page = altyn.get("/partner/keys")
    assert (page.status_code, web.tokens["altyn"] in page.text) == (200, False)
    made = altyn.post(f"/partner/keys/{key.id}/rotate")
    assert made.status_code == 200
    secret = made.text.split('class="revealed" tabindex="0">')[1].split("<")[0]
    web.tokens["next"] = secret
    assert web.get("/v1/orders", "next").status_code == 200
    ended = altyn.post(f"/partner/keys/{key.id}/revoke")
    assert ended.headers["location"] == "/partner/keys?done=revoke"
    assert web.get("/v1/orders", "altyn").status_code == 401
    assert altyn.post(f"/partner/keys/{key.id}/rotate", {"csrf": "x"}).status_code == 403


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_each_language(web: Any, altyn: Desk, language: str) -> None:
    message = web.asked()
    paths = ["", f"/orders/{message.order}", "/keys", "/facts", "/events", "/warnings"]
    for path in paths:
        page = altyn.get(f"/partner{path}", language)
        assert (page.status_code, f'<html lang="{language}">' in page.text) == (200, True), path

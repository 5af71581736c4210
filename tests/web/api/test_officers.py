"""Officers by API: signed in, two of them decide (REQ-18, 19)."""

from dataclasses import replace

import pytest

from qalqan.cases import order_book
from qalqan.cases.grounds import usual_ground
from qalqan.cases.reasons import money, reason, when
from qalqan.model.order import Kind, Order, State
from qalqan.register.orm import Partner
from qalqan.register.orm import Session as SessionRow

PASSWORD = "a long enough password"


@pytest.fixture
def server(either_server):
    return either_server


def drafted(web):
    """A draft that two people must agree to."""
    report = web.report().json()
    now = web.clock.now_us()
    order = Order(
        id="", case_id=report["case"], kind=Kind.BLOCK, partner="altyn", state=State.DRAFTED,
        ground=usual_ground(Kind.BLOCK, now).code, drafted_by="marat", idempotency_key="draft",
        created_us=now, reason=reason("confirm", amount=money(5, "KZT"), at=when(now)),
    )  # fmt: skip
    with web.database.write() as session:
        return order_book.draft(session, replace(order, report_id=report["report"]))


def test_an_officer_signs_in_and_out(web):
    web.sign_in()
    assert web.get("/v1/approvals", "asel").json() == {"orders": []}
    assert web.post("/v1/sign-out", "asel").status_code == 204
    gone = web.get("/v1/approvals", "asel")
    assert (gone.status_code, gone.headers["www-authenticate"]) == (401, "Bearer")
    assert web.post("/v1/sign-out", "asel").status_code == 204


@pytest.mark.parametrize(
    ("login", "password"), [("asel", "wrong"), ("nobody", PASSWORD), ("asel", "x" * 900)]
)
def test_a_wrong_password_and_an_unknown_login_look_the_same(web, login, password):
    answer = web.post("/v1/sign-in", json={"login": login, "password": password})
    assert answer.status_code == 401
    assert answer.json() == {
        "error": {"code": "password", "message": "The login or the password is wrong."}
    }


def test_too_many_tries_have_to_wait(web):
    wrong = {"login": "asel", "password": "x"}
    codes = [web.post("/v1/sign-in", json=wrong).status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    late = web.post("/v1/sign-in", json={"login": "asel", "password": PASSWORD})
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) > 0


@pytest.mark.parametrize("body", [{"login": "asel", "password": 12345678}, {"password": "secret!"}])
def test_a_refused_sign_in_repeats_no_password(web, body):
    answer = web.post("/v1/sign-in", json=body)
    assert answer.status_code == 422
    assert not any(part in answer.text for part in ("78", "secret"))


def test_a_session_that_ended_is_none(web):
    web.sign_in()
    with web.database.write() as session:
        session.query(SessionRow).update({"expires_us": 1})
    assert web.get("/v1/approvals", "asel").status_code == 401


def test_tokens_of_partners_and_officers_do_not_stand_for_each_other(web):
    web.sign_in()
    assert web.get("/v1/approvals", "altyn").status_code == 401
    assert web.get("/v1/orders", "asel").status_code == 401


def test_a_partner_who_takes_no_part_any_more(web):
    with web.database.write() as session:
        session.get_one(Partner, "altyn").active = False
    assert web.get("/v1/orders", "altyn").status_code == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer nonsense", "Bearer \xff\xfe"]
)
def test_no_token_or_nobodys(web, header):
    for path in ("/v1/orders", "/v1/approvals", "/v1/orders.xlsx"):
        answer = web.get(path, headers={"Authorization": header.encode("latin-1")})
        assert answer.status_code == 401, path
        assert answer.json()["error"]["code"] == "credentials"


def test_what_waits_is_shown_with_its_reason_and_decided_by_two(web):
    order = drafted(web)
    for login in ("asel", "daniyar"):
        web.sign_in(login)
    (shown,) = web.get("/v1/approvals", "asel", language="ru").json()["orders"]
    assert shown["id"] == order.id
    assert (shown["kind"], shown["partner"], shown["traced"]) == ("block", "altyn", None)
    assert (shown["drafted_by"], shown["approvals"]) == ("marat", [])
    assert shown["reason"]
    assert shown["ground_name"]
    assert shown["ground_confirmed"] is False  # no lawyer has looked at any yet
    path = f"/v1/orders/{order.id}/approvals"
    first = web.post(path, "asel", json={"approved": True, "note": "да"})
    assert (first.status_code, first.json()["state"]) == (200, "drafted")
    assert web.get("/v1/approvals", "asel").json()["orders"] == []
    (left,) = web.get("/v1/approvals", "daniyar").json()["orders"]
    assert [yes["login"] for yes in left["approvals"]] == ["asel"]
    second = web.post(path, "daniyar", json={"approved": True, "version": left["version"]})
    assert second.json()["state"] == "approved"


def test_a_decision_on_an_older_version_is_a_conflict(web):
    order = drafted(web)
    web.sign_in("asel")
    body = {"approved": True, "version": order.version + 1}
    assert web.post(f"/v1/orders/{order.id}/approvals", "asel", json=body).status_code == 409


def test_who_may_not_decide(web):
    order = drafted(web)
    web.sign_in("marat")
    path = f"/v1/orders/{order.id}/approvals"
    answer = web.post(path, "marat", json={"approved": True})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")
    assert web.post(path, "altyn", json={"approved": True}).status_code == 401
    web.sign_in("asel")
    none = web.post("/v1/orders/O-26-999999/approvals", "asel", json={"approved": True})
    assert none.status_code == 404


@pytest.mark.parametrize(
    "body",
    [{}, {"approved": 1}, {"approved": "yes"}, {"approved": True, "version": -1},
     {"approved": True, "note": "x" * 401}, {"approved": True, "note": None},
     {"approved": True, "by": "asel"}, []],
)  # fmt: skip
def test_a_decision_of_another_shape(web, body):
    order = drafted(web)
    web.sign_in("asel")
    assert web.post(f"/v1/orders/{order.id}/approvals", "asel", json=body).status_code == 422


def test_an_officer_finds_cases_and_partners(web):
    taken = web.report().json()
    web.sign_in()
    found = web.post("/v1/search", "asel", json={"q": "ALTYN"}).json()
    assert found["cases"] == [taken["case"]]
    assert found["partners"] == [{"code": "altyn", "name": "altyn"}]
    assert found["hits"][0]["kind"] == "partner"
    assert web.post("/v1/search", "asel", json={"q": taken["report"]}).json()["cases"]
    assert web.post("/v1/search", "altyn", json={"q": "ALTYN"}).status_code == 401  # no officer
    assert web.post("/v1/search", json={"q": "ALTYN"}).status_code == 401
    assert web.post("/v1/search", "asel", json={}).status_code == 422

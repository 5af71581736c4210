"""Officers draft orders by API, partners appeal, officers decide (REQ-19, 44)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qalqan.cases import order_book
from qalqan.cases.choices import Act
from qalqan.model.order import Kind, State
from qalqan.register import orm

WHY = "Нөмірден жәбірленушіге қоңырау шалынған"
BLOCK = {
    "act": "block", "ground": "kz.communications.41-1", "words": WHY, "partner": "dala",
    "subject_kind": "phone", "subject": "8 701 123 45 67",
}  # fmt: skip


@pytest.fixture
def server(either_server):
    return either_server


def draft(web, case, who="asel", key="k-1", **more):
    headers = {"Idempotency-Key": key}
    return web.post(f"/v1/cases/{case}/orders", who, json=BLOCK | more, headers=headers)


@pytest.fixture
def case(web):
    for login in ("asel", "daniyar", "marat"):
        web.sign_in(login)
    return web.report().json()["case"]


def test_a_block_is_drafted_agreed_to_and_reaches_its_operator(web, case):
    made = draft(web, case)
    assert made.status_code == 201
    told = made.json()
    assert (told["state"], told["subject"][:4], told["drafted_by"]) == ("drafted", "tel_", "asel")
    assert draft(web, case).json() == told
    assert draft(web, case, words="Мүлде басқа негіздеме жазылды").status_code == 409
    assert draft(web, case, key="2", ground="kz.payments.hold").json()["error"]["field"] == "ground"
    assert draft(web, case, "marat", key="3").status_code == 403
    assert draft(web, "C-26-999999", key="4").status_code == 404
    own = web.post(f"/v1/orders/{told['id']}/approvals", "asel", json={"approved": True})
    assert own.status_code == 403
    withdrawn = web.post(f"/v1/orders/{told['id']}/withdraw", "asel", json={"version": 9})
    assert withdrawn.status_code == 409
    assert web.post(f"/v1/orders/{told['id']}/remind", "asel").status_code == 409
    done = web.post(f"/v1/orders/{told['id']}/withdraw", "daniyar", json={})
    assert done.json()["state"] == "withdrawn"


def test_what_may_be_chosen_is_told_with_bounds_and_grounds(web, case):
    for act in Act:
        told = web.get(f"/v1/cases/{case}/orders/choices?act={act}", "asel")
        assert told.status_code == 200, act
        assert set(told.json()) == {"choices", "grounds", "partners"}
    assert web.get(f"/v1/cases/{case}/orders/choices?act=x", "asel").status_code == 422
    assert web.get(f"/v1/cases/{case}/orders/choices?act=hold", "marat").status_code == 403
    listed = web.get("/v1/officer/orders", "asel").json()
    assert [each["kind"] for each in listed["orders"]] == ["confirm"]
    assert listed["next"] == ""


def held(web):
    """A hold that its bank has answered."""
    message = web.asked()
    web.post(f"/v1/orders/{message.order}/answers", "altyn", json=web.confirmed(message))
    now = web.clock.now_us()
    with web.database.write() as session:
        (question,) = order_book.find(session)
        hold = replace(
            question, id="", kind=Kind.HOLD, partner="baiterek", state=State.DRAFTED,
            ground="kz.payments.hold", idempotency_key="h", created_us=now, approvals=(),
            answers=(), provisional=True, expires_us=now + 72 * 3_600_000_000, due_us=now + 1,
            effect=0, sent_us=None, answered_us=None, from_us=None, to_us=None, version=0,
        )  # fmt: skip
        order_book.draft(session, hold, hold.amount)
    (told,) = web.signed("baiterek")
    body = {"order": told.order, "outcome": "held"}
    web.post(f"/v1/orders/{told.order}/answers", "baiterek", json=body).raise_for_status()
    return told.order


def test_a_partner_appeals_and_an_officer_decides(web):
    for login in ("asel", "daniyar"):
        web.sign_in(login)
    order = held(web)
    path, key = f"/v1/orders/{order}/appeals", {"Idempotency-Key": "a-1"}
    body = {"words": "Клиент бұл оның жалақысы дейді"}
    assert web.post(path, "altyn", json=body, headers=key).status_code == 404
    assert web.post(path, "baiterek", json=body).status_code == 422
    made = web.post(path, "baiterek", json=body, headers=key)
    assert made.status_code == 201
    assert web.post(path, "baiterek", json=body, headers=key).json() == made.json()
    (waiting,) = web.get("/v1/appeals", "asel").json()["appeals"]
    assert waiting["words"].startswith("wrd_")
    decision = {"verdict": "upheld", "reason": "wages", "words": "Жалақы екені расталды"}
    path = f"/v1/appeals/{waiting['id']}/decision"
    assert web.post(path, "asel", json=decision | {"version": 5}).status_code == 409
    done = web.post(path, "asel", json=decision).json()
    assert done["state"] == "upheld"
    with web.database.session() as session:
        release = order_book.one(session, orm.Order.id == done["undone_by"])
    assert release is not None
    assert (release.state, release.parent_id) == (State.APPROVED, order)
    assert web.post(path, "daniyar", json=decision).status_code == 409
    assert web.post("/v1/appeals/A-26-000099/decision", "asel", json=decision).status_code == 404


def test_an_officer_writes_an_appeal_down(web):
    web.sign_in("asel")
    order = held(web)
    body = {"order": order, "channel": "phone", "words": "Бұл менің ақшам дейді иесі"}
    key = {"Idempotency-Key": "a-1"}
    made = web.post("/v1/appeals", "asel", json=body, headers=key)
    assert (made.status_code, made.json()["channel"]) == (201, "phone")
    again = web.post("/v1/appeals", "asel", json=body, headers={"Idempotency-Key": "a-2"})
    assert again.status_code == 409

"""Orders fetched and answered by HTTP (REQ-19, 44)."""

import pytest

from qalqan.clock import HOUR
from qalqan.exchange.order_message import OrderMessage
from qalqan.model.order import State
from qalqan.trust import signing


@pytest.fixture
def server(either_server):
    return either_server


def answer(web, message, who="altyn", **more):
    said = web.confirmed(message) | more
    return web.post(f"/v1/orders/{message.order}/answers", who, json=said)


def test_orders_are_fetched_from_a_cursor_on(web):
    web.report("a")
    web.report("b")
    assert len(web.signed("altyn")) == 2
    page = web.get("/v1/orders", "altyn").json()
    assert [one["id"] for one in page["orders"]] == [o.order for o in web.signed("altyn")]
    assert web.get(f"/v1/orders?after={page['next']}", "altyn").json() == {
        "orders": [], "next": page["next"],
    }  # fmt: skip


def test_orders_are_signed_for_their_partner_alone(web):
    web.asked()
    assert web.get("/v1/orders", "baiterek").json()["orders"] == []
    (one,) = web.get("/v1/orders", "altyn").json()["orders"]
    message = OrderMessage.model_validate(
        signing.verify(one["order"], web.get("/v1/key").json()["key"])
    )
    assert (message.partner, message.account) == ("altyn", "211:V1")


@pytest.mark.parametrize("after", ["-1", "x", "9" * 19, "١", "1.5"])
def test_a_cursor_that_never_was_starts_again(web, after):
    message = web.asked()
    (one,) = web.get("/v1/orders", "altyn", params={"after": after}).json()["orders"]
    assert one["id"] == message.order


def test_a_partner_says_that_an_order_came(web):
    path = f"/v1/orders/{web.asked().order}/received"
    for _ in range(2):
        said = web.post(path, "altyn")
        assert (said.status_code, said.json()["state"]) == (200, State.RECEIVED)
    assert web.post(path, "baiterek").status_code == 404


def test_an_answer_counts_once_and_its_payment_is_a_fact(web):
    message = web.asked()
    first, again = answer(web, message), answer(web, message)
    assert (first.status_code, first.json()["order"]) == (200, message.order)
    assert again.json() == first.json()
    fact = web.payment(payee_bank=None)
    told = web.post("/v1/facts/payment", "altyn", json={"facts": [fact]})
    assert told.json()["read"] == 1
    assert told.json()["accepted"] == 0
    assert web.get("/v1/orders", "altyn").json()["orders"] == []


def test_another_answer_is_a_conflict(web):
    message = web.asked()
    answer(web, message)
    other = {"order": message.order, "outcome": "not_found"}
    result = web.post(f"/v1/orders/{message.order}/answers", "altyn", json=other)
    assert (result.status_code, result.json()["error"]["code"]) == (409, "conflict")


def test_another_partners_order_is_as_good_as_none(web):
    message = web.asked()
    assert answer(web, message, "baiterek").status_code == 404
    nothing = {"order": "O-26-999999", "outcome": "not_found"}
    assert web.post("/v1/orders/O-26-999999/answers", "altyn", json=nothing).status_code == 404


def test_the_order_answered_is_the_one_in_the_path(web):
    message = web.asked()
    result = web.post(f"/v1/orders/{message.order}/answers", "altyn", json={
        "order": "O-26-000077", "outcome": "not_found"})  # fmt: skip
    assert result.status_code == 422
    assert result.json()["error"]["field"] == "order"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"outcome": "maybe"}, "outcome"),
        ({"outcome": "held"}, "outcome"),
        ({"payment": None}, "payment"),
        ({"amount": -1}, "amount"),
        ({"amount": True}, "amount"),
        ({"currency": "tenge"}, "currency"),
        ({"at_us": 2**62}, "at_us"),
        ({"reason": "x" * 401}, "reason"),
        ({"hold": 1}, "hold"),
        ({"forwarded": {}}, "forwarded"),
    ],
)
def test_an_answer_that_contradicts_itself_leaves_the_order_waiting(web, change, field):
    message = web.asked()
    result = answer(web, message, **change)
    assert (result.status_code, result.json()["error"]["field"]) == (422, field)
    assert answer(web, message).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"payer_account": "223:D1"},
        {"payer_account": "211:ZZ"},
        {"amount": 1},
        {"payee_account": None},
        {"currency": "USD"},
        {"at_us": 1},
        {"at_us": 1_900_000_000_000_000},
    ],
)
def test_a_payment_that_was_not_asked_about_confirms_nothing(web, change):
    message = web.asked()
    payment = {k: v for k, v in (web.payment() | change).items() if v is not None}
    result = answer(web, message, payment=payment)
    assert result.status_code == 422
    assert result.json()["error"]["field"].startswith("payment")


def test_an_order_that_fell_due_may_still_be_answered(web):
    message = web.asked()
    web.clock.set(web.clock.now_us() + HOUR)
    payment = web.payment(at_us=web.clock.now_us() - 2 * HOUR)
    assert answer(web, message, payment=payment).status_code == 200


@pytest.mark.parametrize("order", ["O-26-000001%0A", "ё", "x" * 21, "O%2F1"])
def test_a_path_that_names_no_order(web, order):
    for what, body in (("received", None), ("answers", {"order": "x", "outcome": "done"})):
        result = web.post(f"/v1/orders/{order}/{what}", "altyn", json=body)
        assert result.status_code == 404

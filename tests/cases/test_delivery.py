"""REQ-19, 44: signed orders reach their own partner, once in effect, whoever fails on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import select, update

from cases.order_steps import answered, draft
from qalqan.cases import delivery, order_book
from qalqan.cases.orders import Event
from qalqan.cases.reasons import money, reason, when
from qalqan.clock import HOUR
from qalqan.errors import Conflict, ContractBroken, NotFound, Unavailable
from qalqan.exchange.order_message import OrderMessage
from qalqan.model.order import Kind, Order, State
from qalqan.register import orm, partners, vault
from qalqan.register.database import Database
from qalqan.text.catalogue import LANGUAGES
from qalqan.trust import signing

NOON = 1_767_250_800_000_000
IBAN = "KZ75125KZT2069100100"
NAMES = {"kk": "a", "ru": "a", "en": "a"}


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


@pytest.fixture
def database(new_database: Callable[[], Database], stopped_clock) -> Database:
    """A register with a case, a bank that is pushed to and one that pulls."""
    with closing(new_database()) as opened:
        with opened.write() as session:
            partners.add_partner(session, "altyn", "bank", NAMES, endpoint="http://altyn.test/")
            partners.add_partner(session, "bereke", "bank", NAMES)
            session.add(orm.Case(id="C-26-000001", region="KZ-75", opened_us=NOON))
        yield opened


@pytest.fixture
def order(database, keys) -> Callable[..., Order]:
    """A provisional hold, approved by policy."""

    def made(partner: str = "altyn", key: str = "k", **changes) -> Order:
        with database.write() as session:
            hold = replace(
                draft(Kind.HOLD),
                partner=partner,
                idempotency_key=key,
                created_us=NOON,
                due_us=NOON + HOUR,
                expires_us=NOON + 72 * HOUR,
                account=vault.keep(session, keys, "account", IBAN),
                reason=reason("hold", amount=money(1000, "KZT"), at=when(NOON)),
            )
            return order_book.draft(session, replace(hold, **changes), limit=1000)

    return made


def states(database: Database) -> dict[str, str]:
    with database.session() as session:
        return {order.id: order.state for order in order_book.find(session)}


def bank(took: list[str], *, fails_at: int | None = None) -> httpx.Client:
    """A bank's end of the line: keeps what it is sent, fails from the n-th on."""

    def end(request: httpx.Request) -> httpx.Response:
        if fails_at is not None and len(took) >= fails_at:
            return httpx.Response(503)
        took.append(json.loads(request.content)["order"])
        assert request.url == "http://altyn.test/orders"
        return httpx.Response(202)

    return httpx.Client(transport=httpx.MockTransport(end))


def answer(database: Database, order_id: str, outcome: str = "held") -> None:
    with database.write() as session:
        seen = order_book.load(session, order_id)
        order_book.step(session, seen, Event.ANSWER, "bank", NOON, answer=answered(outcome))


# ── signed ─────────────────────────────────────────────────────────────────────────────────


def test_a_signed_order_says_all_and_only_to_its_bank(database, keys, order):
    hold = order()
    assert delivery.sign_waiting(database, keys, "bereke") == 0
    assert delivery.sign_waiting(database, keys, "altyn") == 1
    with database.session() as session:
        jws = delivery.signed_text(session, keys, hold.id)
        row = session.get_one(orm.Order, hold.id)
        noted = session.scalars(select(orm.Audit).where(orm.Audit.action == "reveal")).one()
    said = OrderMessage.model_validate(signing.verify(jws, keys.verify_key_pem))
    assert (said.order, said.account, said.amount, said.currency) == (hold.id, IBAN, 1000, "KZT")
    assert (said.provisional, said.expires_us) == (True, hold.expires_us)
    assert (said.ground, said.issued_us) == ("kz.payments.hold", NOON)
    assert set(said.reason) == set(LANGUAGES)
    assert IBAN not in (row.jws or "")
    assert jws not in (row.jws or "")
    assert noted.purpose == "orders to altyn"


def test_an_order_is_signed_once(database, keys, order):
    hold = order()
    assert [delivery.sign_waiting(database, keys, "altyn") for _ in range(2)] == [1, 0]
    with database.session() as session:
        assert order_book.load(session, hold.id).version == hold.version + 1


def test_what_nobody_approved_is_neither_signed_nor_shown(database, keys, order):
    made = order(provisional=False)
    assert made.state is State.DRAFTED
    assert delivery.sign_waiting(database, keys, "altyn") == 0
    with database.session() as session:
        with pytest.raises(ContractBroken):
            delivery.signed_text(session, keys, made.id)
        with pytest.raises(NotFound):
            delivery.own(session, "altyn", made.id)
    with pytest.raises(NotFound):
        delivery.receive(database, "altyn", made.id)


def test_a_box_moved_to_another_order_does_not_open(database, keys, order):
    first, second = order(), order(key="k2")
    delivery.sign_waiting(database, keys, "altyn")
    with database.write() as session:
        jws = session.get_one(orm.Order, first.id).jws
        session.execute(update(orm.Order).where(orm.Order.id == second.id).values(jws=jws))
    with database.session() as session, pytest.raises(ContractBroken):
        delivery.signed_text(session, keys, second.id)


# ── pushed ─────────────────────────────────────────────────────────────────────────────────


def test_an_order_is_pushed_once(database, keys, order):
    hold, took = order(), []
    delivery.sign_waiting(database, keys, "altyn")
    with bank(took) as client:
        assert delivery.push_waiting(database, keys, "altyn", client) == 1
        assert delivery.push_waiting(database, keys, "altyn", client) == 0
    assert signing.verify(took[0], keys.verify_key_pem)["order"] == hold.id
    assert states(database) == {hold.id: "sent"}


def test_a_bank_that_fails_halfway_gets_the_rest_later(database, keys, order):
    ids, took = [order(key=f"k{n}").id for n in range(3)], []
    delivery.sign_waiting(database, keys, "altyn")
    with bank(took, fails_at=1) as client, pytest.raises(Unavailable):
        delivery.push_waiting(database, keys, "altyn", client)
    assert list(states(database).values()) == ["sent", "approved", "approved"]
    with bank(took) as client:
        assert delivery.push_waiting(database, keys, "altyn", client) == 2
    assert [signing.verify(jws, keys.verify_key_pem)["order"] for jws in took] == ids


def test_a_bank_that_is_away_is_unavailable(database, keys, order):
    order()
    delivery.sign_waiting(database, keys, "altyn")

    def nobody(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    client = httpx.Client(transport=httpx.MockTransport(nobody))
    with client, pytest.raises(Unavailable):
        delivery.push_waiting(database, keys, "altyn", client)
    assert list(states(database).values()) == ["approved"]


def test_an_answer_faster_than_our_own_note_stands(database, keys, order):
    hold, took = order(), []
    delivery.sign_waiting(database, keys, "altyn")

    def quick(request: httpx.Request) -> httpx.Response:
        took.append(request)
        answer(database, hold.id)
        return httpx.Response(202)

    with httpx.Client(transport=httpx.MockTransport(quick)) as client:
        assert delivery.push_waiting(database, keys, "altyn", client) == 1
    assert states(database) == {hold.id: "answered"}


def test_a_reminder_is_the_same_order_while_it_waits(database, keys, order):
    hold, took = order(), []
    delivery.sign_waiting(database, keys, "altyn")
    with bank(took) as client:
        delivery.push_again(database, keys, hold.id, client)  # never sent: delivery does it
        delivery.push_waiting(database, keys, "altyn", client)
        delivery.push_again(database, keys, hold.id, client)
        answer(database, hold.id)
        delivery.push_again(database, keys, hold.id, client)
    assert len(took) == 2
    assert took[0] == took[1]


def test_a_bank_without_an_endpoint_is_not_pushed_to(database, keys, order):
    order("bereke")
    delivery.sign_waiting(database, keys, "bereke")
    with bank([]) as client, pytest.raises(ContractBroken):
        delivery.push_waiting(database, keys, "bereke", client)


# ── pulled ─────────────────────────────────────────────────────────────────────────────────


def test_a_bank_pulls_its_own_orders_and_offering_is_sending(database, keys, order):
    mine, other = order("bereke"), order("altyn", key="k2")
    for partner in ("altyn", "bereke"):
        delivery.sign_waiting(database, keys, partner)
    offer = delivery.offer(database, keys, "bereke")
    assert [one.id for one in offer.orders] == [mine.id]
    assert signing.verify(offer.orders[0].jws, keys.verify_key_pem)["order"] == mine.id
    assert states(database) == {mine.id: "sent", other.id: "approved"}
    assert delivery.offer(database, keys, "bereke", offer.next).orders == ()
    assert delivery.offer(database, keys, "bereke", offer.next).next == offer.next
    later = order("bereke", key="k3")
    delivery.sign_waiting(database, keys, "bereke")
    after = delivery.offer(database, keys, "bereke", offer.next)
    assert [one.id for one in after.orders] == [later.id]


def test_a_bank_that_lost_its_cursor_starts_again_with_what_still_waits(database, keys, order):
    first, second = order("bereke"), order("bereke", key="k2")
    delivery.sign_waiting(database, keys, "bereke")
    delivery.offer(database, keys, "bereke")
    answer(database, first.id)
    assert [one.id for one in delivery.offer(database, keys, "bereke").orders] == [second.id]


def test_a_cursor_that_we_never_gave_starts_again(database, keys, order):
    hold = order("bereke")
    delivery.sign_waiting(database, keys, "bereke")
    for cursor in ("", "x", "-1", "1.5", "9" * 30, "9" * 5000, "0x1", " ", "\x00"):
        offer = delivery.offer(database, keys, "bereke", cursor)
        assert [one.id for one in offer.orders] == [hold.id], cursor[:40]
    assert delivery.offer(database, keys, "bereke", "9" * 18).orders == ()


# ── received ───────────────────────────────────────────────────────────────────────────────


def test_saying_received_again_changes_nothing(database, keys, order):
    hold = order()
    delivery.sign_waiting(database, keys, "altyn")
    first = delivery.receive(database, "altyn", hold.id)
    assert first.state is State.RECEIVED
    assert delivery.receive(database, "altyn", hold.id) == first
    answer(database, hold.id)
    assert delivery.receive(database, "altyn", hold.id).state is State.ANSWERED


def test_another_banks_order_is_as_good_as_none(database, keys, order):
    hold = order()
    for partner, order_id in (("bereke", hold.id), ("altyn", "O-26-999999"), ("", hold.id)):
        with pytest.raises(NotFound):
            delivery.receive(database, partner, order_id)


def test_an_order_that_lapsed_can_not_be_received(database, keys, order):
    hold = order()
    with database.write() as session:
        order_book.step(session, hold, Event.EXPIRE, "clock", hold.expires_us)
    with pytest.raises(Conflict):
        delivery.receive(database, "altyn", hold.id)


def test_who_fetched_which_orders_stands_in_the_audit(database, order, keys, stopped_clock) -> None:
    def fetched() -> list[list[str]]:
        with database.session() as session:
            rows = session.query(orm.Audit).filter_by(action=delivery.FETCH)
            return [row.detail["ids"] for row in rows]

    assert delivery.offer(database, keys, "bereke").orders == ()
    assert fetched() == []
    first = order("bereke")
    delivery.sign_waiting(database, keys, "bereke")
    for _ in range(3):
        delivery.offer(database, keys, "bereke")
    assert fetched() == [[first.id]]
    second = order("bereke", "k2")
    delivery.sign_waiting(database, keys, "bereke")
    delivery.offer(database, keys, "bereke")
    assert fetched() == [[first.id], [first.id, second.id]]
    stopped_clock.set(stopped_clock.now_us() + HOUR)
    delivery.offer(database, keys, "bereke")
    assert len(fetched()) == 3

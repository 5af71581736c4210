"""REQ-18, 19: an order that was changed past its history is found, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import text

from cases.order_steps import draft
from qalqan.cases import delivery, order_book, order_check
from qalqan.cases.orders import Event
from qalqan.cases.reasons import money, reason, when
from qalqan.clock import HOUR
from qalqan.model.order import Kind
from qalqan.register import orm, partners, vault
from qalqan.register.database import Database
from qalqan.trust.keys import Keys

NOON = 1_767_250_800_000_000
NAMES = {"kk": "a", "ru": "a", "en": "a"}


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


@pytest.fixture
def ordered(
    new_database: Callable[[], Database], keys: Keys, stopped_clock: object
) -> Iterator[Database]:
    """Two holds: one signed and sent, one only approved."""
    with closing(new_database()) as database:
        with database.write() as session:
            partners.add_partner(session, "altyn", "bank", NAMES)
            partners.add_partner(session, "bereke", "bank", NAMES)
            session.add(orm.Case(id="C-26-000001", region="KZ-75", opened_us=NOON))
        for partner in ("altyn", "bereke"):
            with database.write() as session:
                hold = replace(
                    draft(Kind.HOLD), partner=partner, idempotency_key=partner, created_us=NOON,
                    due_us=NOON + HOUR, expires_us=NOON + 72 * HOUR,
                    account=vault.keep(session, keys, "account", "KZ75125KZT2069100100"),
                    reason=reason("hold", amount=money(1000, "KZT"), at=when(NOON)),
                )  # fmt: skip
                order_book.draft(session, hold, limit=1000)
        delivery.sign_waiting(database, keys, "altyn")
        delivery.offer(database, keys, "altyn")
        yield database


TAMPERING = {
    "UPDATE orders SET amount = amount + 1 WHERE id = 'O-26-000001'": "order.changed",
    "UPDATE orders SET state = 'closed' WHERE id = 'O-26-000002'": "order.changed",
    "UPDATE orders SET state = 'nonsense' WHERE id = 'O-26-000002'": "order.changed",
    "UPDATE orders SET reason = '{}' WHERE id = 'O-26-000002'": "order.changed",
    "UPDATE orders SET expires_us = NULL WHERE id = 'O-26-000002'": "order.changed",
    "UPDATE orders SET jws = NULL WHERE id = 'O-26-000001'": "order.changed",
    "UPDATE orders SET jws = 'AAAA' WHERE id = 'O-26-000001'": "order.changed",
    "UPDATE orders SET recall = jws WHERE id = 'O-26-000001'": "order.changed",
    "UPDATE orders SET jws = 'AAAA' WHERE id = 'O-26-000002'": "order.changed",
    "DELETE FROM orders WHERE id = 'O-26-000002'": "order.missing",
    "DELETE FROM order_events WHERE order_id = 'O-26-000002'": "order.inserted",
    "DELETE FROM order_events WHERE event = 'send'": "order.changed",
}


def test_a_changed_order_is_found_and_named(ordered: Database, keys: Keys) -> None:
    with ordered.session() as session:
        assert order_check.count(session) == 2
        assert list(order_check.differences(session, keys)) == []
    for statement, kind in TAMPERING.items():
        with ordered.write() as session:
            if ordered.engine.dialect.name == "sqlite":
                session.execute(text("PRAGMA defer_foreign_keys = ON"))
                for name in ("no_update", "no_delete", "no_replace"):
                    session.execute(text(f"DROP TRIGGER order_events_{name}"))
            else:
                session.execute(text("SET LOCAL session_replication_role = replica"))
            session.execute(text(statement))
            found = list(order_check.differences(session, keys))
            assert [each.kind for each in found] == [kind], statement
            assert "O-26-00000" in found[0].what
            session.rollback()


def test_what_was_signed_stands_in_the_step_that_signed_it(ordered: Database) -> None:
    with ordered.session() as session:
        told = session.query(orm.OrderEvent).filter_by(event=Event.SIGN).one().detail
    assert set(told) == {"jws"}


def test_every_column_is_committed_to() -> None:
    """The signed texts stand in the step that signed; all else in each step's digest."""
    columns = {column.name for column in orm.Order.__table__.columns}
    assert columns - set(order_book._DIGESTED) == {"jws", "recall"}

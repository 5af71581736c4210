"""REQ-44: what an order holds at a moment."""

from __future__ import annotations

import pytest

from qalqan.model.order import TERMINAL, WAITING, Kind, Order, State, held_now
from qalqan.text.catalogue import LANGUAGES, entries


def order(kind: Kind, state: State, expires_us: int | None = 100) -> Order:
    return Order(
        id="O-26-000001", case_id="C-26-000001", kind=kind, partner="altyn", state=state,
        ground="x", drafted_by="policy:pursuit/1", idempotency_key="k", created_us=0,
        amount=10, currency="KZT", effect=7, expires_us=expires_us,
    )  # fmt: skip


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", Kind)
def test_only_an_answered_hold_holds(kind: Kind, state: State) -> None:
    holds = kind is Kind.HOLD and state in {State.ANSWERED, State.APPEALED}
    assert held_now(order(kind, state), 99) == (7 if holds else 0)


def test_a_hold_holds_until_the_moment_it_expires() -> None:
    hold = order(Kind.HOLD, State.ANSWERED)
    assert [held_now(hold, at) for at in (0, 99, 100, 10**18)] == [7, 7, 0, 0]
    assert held_now(order(Kind.HOLD, State.ANSWERED, expires_us=None), 10**18) == 7


def test_no_order_both_waits_and_is_over() -> None:
    assert not TERMINAL & WAITING
    assert order(Kind.HOLD, State.SENT).by_policy


@pytest.mark.parametrize("key", [f"kind.{k}" for k in Kind] + [f"state.{s}" for s in State])
def test_kinds_and_states_are_named_in_every_language(key: str) -> None:
    assert all(entries()[f"orders.{key}"][language] for language in LANGUAGES)

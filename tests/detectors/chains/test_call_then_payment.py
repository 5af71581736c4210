"""REQ-28: a stranger's call, then a payment to a new account."""

from __future__ import annotations

from typing import Any

import pytest

from detectors.called import FROM_ABROAD, HOUR, MINUTE, NOON, Row, activation, call
from detectors.conftest import TENGE

CODE = "chains.call_then_payment"


def owns(person: str, **columns: Any) -> Row:
    return activation(f"{person}'s phone", person, -100, **columns)


def rung(person: str, minutes: float = 0, caller: str = "stranger", **columns: Any) -> Row:
    told = {**FROM_ABROAD, "duration_s": 900, **columns}
    return call(caller, f"{person}'s phone", minutes, **told)


@pytest.fixture
def paid(payment: Any) -> Any:
    """`paid(person, account, minutes after the call)`."""

    def make(
        person: str, account: str, minutes: float, tenge: int = 500_000, **columns: Any
    ) -> Row:
        row = payment(f"{person}'s", account, tenge, payer_holder=person, **columns)
        return {**row, "at_us": NOON + int(minutes * MINUTE)}

    return make


def test_fires_on_a_new_payee_right_after_a_stranger_s_call(see: Any, paid: Any) -> None:
    rows = [paid("victim", "safe", 10), paid("victim", "safe 2", 30, 100_000)]
    facts = {"subscription": [owns("victim")], "call": [rung("victim")], "payment": rows}
    [found] = see(CODE, facts)
    assert (found.subject_kind, found.subject) == ("person", "victim")
    evidence = dict(found.evidence)
    assert len(evidence.pop("facts")) == 3
    assert evidence == {
        "currency": "KZT", "paid_minor": 600_000 * TENGE, "payments": 2, "payees": 2, "calls": 1,
        "abroad": 1, "voip": 0, "talk_span_us": 15 * MINUTE, "least_span_us": 10 * MINUTE,
        "call_us": NOON, "first_us": NOON + 10 * MINUTE, "callers": ["stranger"],
    }  # fmt: skip
    assert found.score == (2 + 1 / 2 + (1 - 10 / 240)) / 4


def test_quiet_on_acquaintances_known_payees_and_whatever_is_late_or_small(
    see: Any, paid: Any
) -> None:
    people = ["friend's", "regular", "late", "early", "short", "small", "unheard", "shopping"]
    calls = [
        rung("friend's", -3 * 1440, "friend", duration_s=5), rung("friend's", 0, "friend"),
        rung("regular"), rung("late"), rung("early"), rung("short", duration_s=60), rung("small"),
        rung("unheard", answered=False, duration_s=0), rung("shopping"),
    ]  # fmt: skip
    payments = [
        paid("friend's", "new", 10),
        paid("regular", "landlord", -9_000), paid("regular", "landlord", 10),
        paid("late", "new", 76), paid("early", "new", -1), paid("short", "new", 10),
        paid("small", "new", 10, 5_000), paid("unheard", "new", 10),
        paid("shopping", "shop", 10, instrument="card"),
    ]  # fmt: skip
    facts = {"subscription": [owns(one) for one in people], "call": calls, "payment": payments}
    assert see(CODE, facts) == []
    assert [one.subject for one in see(CODE, facts, within_us=2 * HOUR)] == ["late"]


def test_who_was_rung_before_by_himself_is_no_stranger_either(see: Any, paid: Any) -> None:
    asked = call("victim's phone", "stranger", -2_000)
    facts = {
        "subscription": [owns("victim")],
        "call": [asked, rung("victim")],
        "payment": [paid("victim", "safe", 10)],
    }
    assert see(CODE, facts) == []
    assert len(see(CODE, facts, known_after_us=2_001 * MINUTE)) == 1


def test_the_number_is_its_holder_s_of_that_moment(see: Any, paid: Any) -> None:
    facts = {
        "subscription": [
            owns("first"),
            {**owns("first"), "at_us": NOON - MINUTE, "event": "transferred", "holder": "second"},
            owns("gone"),
            {**owns("gone"), "at_us": NOON - MINUTE, "event": "deactivated"},
            owns("firm", holder_kind="company"),
        ],
        "call": [rung("first"), rung("gone"), rung("firm")],
        "payment": [paid(one, "safe", 10) for one in ("first", "second", "gone", "firm")],
    }
    assert [one.subject for one in see(CODE, facts)] == ["second"]


def test_unknown_domestic_numbers_rank_below_foreign_and_voip_ones(see: Any, paid: Any) -> None:
    scores = []
    for told in ({}, {"caller_country": "KZ", "trunk_class": "access"}, {"caller_class": "voip"}):
        facts = {
            "subscription": [owns("victim")],
            "call": [rung("victim", **told)],
            "payment": [paid("victim", "safe", 10)],
        }
        scores += [one.score for one in see(CODE, facts)]
    assert scores[0] == scores[2] == scores[1] + 0.25


def test_parameters_move_the_borders(see: Any, paid: Any) -> None:
    facts = {
        "subscription": [owns("victim")],
        "call": [rung("victim", duration_s=119)],
        "payment": [paid("victim", "safe", 10, 19_999)],
    }
    assert see(CODE, facts) == []
    assert see(CODE, facts, min_talk_s=119) == []
    assert len(see(CODE, facts, min_talk_s=119, min_paid_minor=19_999 * TENGE)) == 1

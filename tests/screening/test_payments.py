"""The table of the payment screen: each rule fires on its case and is quiet on what looks alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.clock import HOUR
from qalqan.screening.payments import PROTECTED, RULES, PaymentParams, PaymentSeen
from qalqan.screening.policy import default_body, of_body
from qalqan.screening.verdict import NEVER_ALONE, Answer, Rule, Table, Verdict, decide

ALL = of_body(3, {**default_body(), "live": sorted(RULES.codes)}).payments
AT_US = 1_767_164_400_000_000
USUAL: dict[str, Any] = {"history": 20, "usual": 1_000_00}
TAKEN: dict[str, Any] = {"payer_held": 500_00, "payer_ground": "kz.payments.hold"}

# code, what makes it fire, and what looks like it and is innocent
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "payee_listed": (
        {"payee_listed": "kz.payments.hold"},
        {"payee_listed": "kz.payments.hold", "instrument": "salary"},
    ),
    "victims_payee": (
        {"payee_ground": "kz.payments.hold", "payers_known": 12, "payers_lately": 3},
        {"payee_ground": "kz.payments.hold", "payers_known": 900, "payers_lately": 3},
    ),
    "takes_held_money": (
        {**TAKEN, "balance": 10_400_00},
        {**TAKEN, "balance": 10_500_00},
    ),
    "payee_followed": ({"payee_followed": True}, {"payee_followed": True, "new_payee": False}),
    "remote_session": ({"remote_ago_us": 0}, {"remote_ago_us": HOUR + 1}),
    "during_call": ({"call_ago_us": HOUR}, {"call_ago_us": HOUR, "new_payee": False}),
    "after_loan": (
        {"loan_ago_us": HOUR, "loan_amount": 20_000_00},
        {"loan_ago_us": HOUR, "loan_amount": 20_000_01},
    ),
    "empties_account": (
        {"balance": 12_500_00, **USUAL},
        {"balance": 12_500_00, "history": 20, "usual": 9_000_00},
    ),
    "in_parts": (
        {"split_count": 3, "split_sum": 30_000_00, "history": 20, "usual": 6_000_00},
        {"split_count": 2, "split_sum": 30_000_00, "history": 20, "usual": 6_000_00},
    ),
    "payee_found_strongly": ({"payee_score": 0.9}, {"payee_score": 0.9, "new_payee": False}),
    "payee_found": ({"payee_score": 0.7}, {"payee_score": 0.69}),
    "found_payer_exits": (
        {"payer_score": 0.8, "instrument": "crypto"},
        {"payer_score": 0.8, "instrument": "card"},
    ),
    "many_payers": (
        {"payers_lately": 10, "payers_known": 20},
        {"payers_lately": 10, "payers_known": 21},
    ),
    "new_device": (
        {"new_device": True, **USUAL},
        {"new_device": True, "history": 4, "usual": 1_000_00},
    ),
}


def row(**more: Any) -> PaymentSeen:
    """An ordinary payment with some of its values changed."""
    return PaymentSeen(**{"amount": 10_000_00, "currency": "KZT", **more})


def verdict(**more: Any) -> Verdict:
    return decide(RULES, row(**more), ALL, AT_US)


def test_an_ordinary_payment_passes():
    assert verdict()[:5] == (Answer.PASS, (), (), (), {})


def test_every_rule_has_its_case():
    assert {f"payments.{name}" for name in CASES} == RULES.codes


@pytest.mark.parametrize("name", CASES)
def test_a_rule_fires_and_keeps_quiet_on_what_looks_alike(name):
    fires, quiet = CASES[name]
    code = f"payments.{name}"
    (rule,) = (one for one in RULES.rules if one.code == code)
    found = verdict(**fires)
    assert found.rules == (code,)
    assert found.answer == rule.answer
    assert set(rule.inputs) <= found.inputs.keys()
    assert code not in verdict(**quiet).rules


@pytest.mark.parametrize("name", CASES)
def test_a_rule_in_shadow_is_told_and_changes_nothing(name):
    code = f"payments.{name}"
    found = decide(RULES, row(**CASES[name][0]), replace(ALL, live=ALL.live - {code}), AT_US)
    assert (found.answer, found.rules, found.shadow) == (Answer.PASS, (), (code,))


@pytest.mark.parametrize("name", ["remote_session", "during_call", "after_loan"])
def test_cash_is_checked_as_a_transfer_to_a_stranger_is(name):
    fires = {**CASES[name][0], "new_payee": False}
    assert verdict(**fires).answer == Answer.PASS
    assert verdict(**fires, instrument="cash_out").rules == (f"payments.{name}",)
    assert verdict(**fires, instrument="card").answer == Answer.PASS


def test_an_ordinary_withdrawal_passes():
    usual = {**USUAL, "balance": 10_000_00, "remote_ago_us": HOUR + 1, "call_ago_us": HOUR + 1}
    assert verdict(**usual, new_payee=False, instrument="cash_out").answer == Answer.PASS


def test_the_strongest_answer_is_given_with_the_ground_and_its_term():
    found = verdict(payee_score=0.95, payee_listed="kz.payments.hold", remote_ago_us=0)
    assert found.answer == Answer.HOLD
    assert found.rules[0] == "payments.payee_listed"
    assert found.grounds == ("kz.payments.hold",)
    assert (found.policy, found.until_us) == (3, AT_US + ALL.until_us[Answer.HOLD])


ANYTHING = st.fixed_dictionaries({
    "amount": st.integers(1, 10**12),
    "instrument": st.sampled_from(["transfer", "crypto", "cash_out", *sorted(PROTECTED)]),
    "abroad": st.booleans(), "balance": st.none() | st.integers(-(10**9), 10**12),
    "payee_followed": st.booleans(), "payee_score": st.floats(0, 1), "new_payee": st.booleans(),
    "payer_score": st.floats(0, 1), "history": st.integers(0, 100), "usual": st.integers(0, 10**9),
    "payers_lately": st.integers(0, 500), "payers_known": st.integers(0, 500),
    "remote_ago_us": st.none() | st.integers(0, 2 * HOUR),
    "call_ago_us": st.none() | st.integers(0, 2 * HOUR),
    "loan_ago_us": st.none() | st.integers(0, 2 * HOUR), "loan_amount": st.integers(0, 10**12),
    "new_device": st.none() | st.booleans(), "split_count": st.integers(1, 9),
    "split_sum": st.integers(0, 10**12),
})  # fmt: skip
GROUNDS = st.fixed_dictionaries({
    "payee_listed": st.none() | st.just("a"), "payee_ground": st.none() | st.just("b"),
    "payer_ground": st.just("c"), "payer_held": st.integers(0, 10**12),
})  # fmt: skip


@given(ANYTHING)
def test_no_score_and_no_pattern_alone_stops_money(seen):
    assert verdict(**seen).answer < NEVER_ALONE


@given(ANYTHING, GROUNDS)
def test_what_stops_money_names_a_ground_and_never_a_salary(seen, grounds):
    found = verdict(**seen, **grounds)
    stopped = found.answer >= NEVER_ALONE
    assert bool(found.grounds) == stopped
    assert not (stopped and seen["instrument"] in PROTECTED)


@given(ANYTHING, GROUNDS)
def test_every_value_a_verdict_explains_itself_by_is_of_the_row(seen, grounds):
    asked = row(**seen, **grounds)
    found = decide(RULES, asked, ALL, AT_US)
    assert found.inputs.items() <= asked._asdict().items()
    assert decide(RULES, PaymentSeen(*asked), ALL, AT_US) == found


def test_a_table_with_a_score_that_stops_money_does_not_load():
    with pytest.raises(ValueError, match="without a legal ground"):
        Rule("x", Answer.HOLD, lambda s, p: s.payee_score > 0.99, ("payee_score",))
    twice = Rule("x", Answer.LABEL, lambda s, p: True, ())
    with pytest.raises(ValueError, match="twice"):
        Table[PaymentSeen, PaymentParams]((twice, twice))

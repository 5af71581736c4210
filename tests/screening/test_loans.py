"""The table of the loan screen, and the policy of both."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.clock import HOUR
from qalqan.errors import InputRejected
from qalqan.screening.loans import RULES, LoanSeen
from qalqan.screening.policy import default_body, of_body, unapproved
from qalqan.screening.verdict import NEVER_ALONE, Answer, Verdict, decide

ALL = of_body(1, {**default_body(), "live": sorted(RULES.codes)}).loans

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "refused_by_borrower": ({"refusal": "kz.credit.refusal"}, {"refusal": None}),
    "payout_listed": ({"payout_listed": "kz.payments.hold"}, {"payout_score": 0.89}),
    "remote_session": ({"remote_ago_us": HOUR}, {"remote_ago_us": HOUR + 1}),
    "payout_to_other": ({"payout_to_other": True}, {"payout_to_other": None}),
    "several_lenders": (
        {"applications": 3, "lenders": 2},
        {"applications": 9, "lenders": 1},
    ),
    "new_device": ({"new_device": True}, {"new_device": None}),
    "payout_found": ({"payout_score": 0.9, "payout_detector": "d"}, {"payout_score": 0.89}),
}


def verdict(**more: Any) -> Verdict:
    return decide(RULES, LoanSeen(**{"amount": 1, "currency": "KZT", **more}), ALL, 0)


def test_every_rule_has_its_case_and_an_ordinary_loan_passes():
    assert {f"loans.{name}" for name in CASES} == RULES.codes
    assert verdict()[:3] == (Answer.PASS, (), ())


@pytest.mark.parametrize("name", CASES)
def test_a_rule_fires_and_keeps_quiet_on_what_looks_alike(name):
    fires, quiet = CASES[name]
    (rule,) = (one for one in RULES.rules if one.code == f"loans.{name}")
    found = verdict(**fires)
    assert (found.answer, found.rules) == (rule.answer, (rule.code,))
    assert verdict(**quiet).rules == ()


@given(
    st.integers(1, 50),
    st.integers(1, 50),
    st.none() | st.integers(0, 2 * HOUR),
    st.none() | st.booleans(),
    st.none() | st.booleans(),
    st.floats(0, 1),
)
def test_no_score_and_no_pattern_alone_refuses_a_loan(many, lenders, ago, device, other, score):
    found = verdict(
        applications=many, lenders=lenders, remote_ago_us=ago, new_device=device,
        payout_to_other=other, payout_score=score,
    )  # fmt: skip
    assert found.answer < NEVER_ALONE
    assert found.grounds == ()


def test_without_an_approved_policy_every_rule_is_in_shadow():
    policy = unapproved()
    assert (policy.version, policy.payments.live, policy.loans.live) == (0, set(), set())


@pytest.mark.parametrize(
    "change",
    [
        {"live": ["payments.no_such_rule"]},
        {"live": "payments.payee_found"},
        {"payments": {"no_such_threshold": 1}},
        {"payments": {"known_after": "soon"}},
        {"payments": {"known_after": "9999d"}},
        {"payments": {"label_score": True}},
        {"payments": []},
        {"until": {}},
    ],
)
def test_a_policy_that_does_not_fit_is_refused(change):
    with pytest.raises(InputRejected):
        of_body(1, {**default_body(), **change})


def test_a_policy_changes_thresholds():
    changed = of_body(2, {**default_body(), "loans": {"window": "2h", "least_lenders": 3}})
    assert changed.version == 2
    assert changed.screens.loans.window_us == 2 * HOUR
    assert changed.screens.loans.least_lenders == 3

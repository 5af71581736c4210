"""A verdict's sentences: of a withdrawal a clerk reads something else than of a transfer."""

from __future__ import annotations

import pytest

from qalqan.clock import HOUR, MINUTE
from qalqan.screening.asked import PaymentAsked
from qalqan.screening.payments import RULES
from qalqan.screening.policy import default_body, of_body
from qalqan.screening.state import State
from qalqan.screening.verdict import Answer, decide
from qalqan.web.api.screen_told import told

AT_US = 1_767_164_400_000_000
SCREENS = of_body(1, default_body())
ASKED = PaymentAsked("altyn", "p-1", AT_US, "t.payer", "t.payee", 50_000_00, "KZT")
CASH = ASKED._replace(instrument="cash_out", payee_account=None)


def said(asked: PaymentAsked, language: str) -> str:
    """What the clerk reads first."""
    verdict = decide(RULES, State(SCREENS.screens).payment(asked, AT_US), SCREENS.payments, AT_US)
    assert verdict.answer == Answer.CHALLENGE
    body = told("payments", verdict, "KZT", language)
    assert body["challenge"] == "biometric"
    return str(body["rules"][0]["say"])


@pytest.mark.parametrize(
    ("language", "cash", "payee"),
    [("kk", "қолма-қол", "алушы"), ("ru", "наличные", "получатель"), ("en", "cash", "payee")],
)
def test_a_withdrawal_under_remote_access_is_checked_and_named(language, cash, payee):
    withdrawal = said(CASH._replace(remote_access=True), language)
    transfer = said(ASKED._replace(remote_access=True), language)
    assert cash in withdrawal
    assert payee not in withdrawal
    assert payee in transfer
    assert cash not in transfer


def test_a_withdrawal_on_the_telephone_is_checked():
    assert said(CASH._replace(on_call=True), "en") == (
        "The customer is withdrawing cash, and is on the telephone right now."
    )


def test_a_loan_that_leaves_as_cash_is_checked():
    state = State(SCREENS.screens)
    row = state.payment(CASH, AT_US)._replace(loan_ago_us=10 * MINUTE, loan_amount=60_000_00)
    verdict = decide(RULES, row, SCREENS.payments, AT_US)
    (rule,) = told("payments", verdict, "KZT", "en")["rules"]
    assert rule["say"].endswith("ago, and now money is withdrawn as cash.")
    later = row._replace(loan_ago_us=HOUR + 1)
    assert decide(RULES, later, SCREENS.payments, AT_US).answer == Answer.PASS

"""One question of a screen decided from the lake alone, for whoever asks at a keyboard.

What is known is what was sealed and had happened before the question's own `at_us`, so that old
data can be asked about, too. Lists and holds are those of today.
"""

from __future__ import annotations

from typing import Any

from qalqan import clock
from qalqan.cli.home import Home
from qalqan.errors import NotFound
from qalqan.lake.engine import open_engine
from qalqan.register.orm import Partner
from qalqan.screening.asked import LoanAsked, PaymentAsked
from qalqan.screening.policy import ScreenPolicy
from qalqan.screening.state import State
from qalqan.web.api import screen_bodies
from qalqan.web.api.bodies import parsed
from qalqan.web.api.screen_bodies import LoanQuestion, PaymentQuestion
from qalqan.web.api.screen_told import told
from qalqan.web.callers import Caller
from qalqan.work import vitals
from qalqan.work.screens import feed, journal, lists
from qalqan.work.screens.lake_stretch import LakeStretch


def payment(home: Home, body: str, bank: str, language: str) -> dict[str, Any]:
    """The verdict on a payment."""
    given = parsed(PaymentQuestion, body.encode())
    asked = screen_bodies.payment_asked(given, _caller(home, bank), home.keys)
    ends = (asked.payer_account, *((asked.payee_account,) if asked.payee_account else ()))
    state, policy = _state(home, asked, ends)
    verdict = journal.decided(state.payment(asked, asked.at_us), policy, asked.at_us)
    return {"id": asked.id, **told("payments", verdict, asked.currency, language)}


def loan(home: Home, body: str, bank: str, language: str) -> dict[str, Any]:
    """The verdict on a loan."""
    given = parsed(LoanQuestion, body.encode())
    asked = screen_bodies.loan_asked(given, _caller(home, bank), home.keys)
    ends = (asked.payout_account,) if asked.payout_account else ()
    state, policy = _state(home, asked, ends)
    verdict = journal.decided(state.loan(asked, asked.at_us), policy, asked.at_us)
    return {"id": asked.id, **told("loans", verdict, asked.currency, language)}


def _caller(home: Home, bank: str) -> Caller:
    """The partner of this bank's code or name; whoever types here speaks for it."""
    with home.database.session() as session:
        row = session.get(Partner, bank)
        if row is None:
            row = session.query(Partner).filter(Partner.bank_code == bank).one_or_none()
        if row is None:
            raise NotFound("partner", bank)
        caller = Caller(row.code, row.kind, row.bank_code)
    screen_bodies.check_may_ask(caller)
    return caller


def _state(
    home: Home, asked: PaymentAsked | LoanAsked, ends: tuple[str, ...]
) -> tuple[State, ScreenPolicy]:
    """What the lake knew of these accounts at the question's moment."""
    with home.database.session() as session:
        policy = lists.policy(session, clock.now_us())
        state = State(policy.screens)
        state.listed = lists.read(session, clock.now_us())
        newest = vitals.newest(session)
    engine = open_engine(home.settings)
    try:
        seal = newest.seal if newest else 0
        feed.learn(state, LakeStretch(engine, 0, seal, asked.at_us, only=ends))
    finally:
        engine.close()
    return state, policy

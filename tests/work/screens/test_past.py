"""What the screens would have said is what an owner said who was asked at the time."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import closing
from typing import Any

from qalqan import clock
from qalqan.clock import HOUR, MINUTE
from qalqan.screening.asked import LoanAsked, PaymentAsked
from qalqan.screening.policy import default_body, of_body
from qalqan.screening.state import State
from qalqan.work.screens import journal, past

POLICY = of_body(1, default_body())


def facts(chance: random.Random) -> list[tuple[str, dict[str, Any]]]:
    """Facts of a few days, an hour and more apart, but for what a question looks back at."""
    made: list[tuple[str, dict[str, Any]]] = []
    at_us = clock.now_us()
    for n in range(16):
        at_us += HOUR + chance.choice([0, HOUR, 5 * HOUR])
        who, whom = chance.choice("ab"), chance.choice("vwxyz")
        if chance.random() < 0.5:
            made.append(("session", {
                "id": f"s{n}", "at_us": at_us - 5 * MINUTE, "holder": f"h{who}", "account": who,
                "device": chance.choice("de"), "outcome": "signed_in",
                "remote_access": chance.random() < 0.5,
            }))  # fmt: skip
        if chance.random() < 0.5:
            made.append(("loan", {
                "id": f"l{n}", "at_us": at_us - 4 * MINUTE, "applicant": f"h{who}",
                "amount": 700_000_00, "currency": "KZT", "payout_account": who, "device": "d",
                "decision": "granted",
            }))  # fmt: skip
        made.append(("payment", {
            "id": f"p{n}", "at_us": at_us, "side": "payer", "payer_account": who,
            "payer_holder": f"h{who}", "payee_account": whom, "currency": "KZT",
            "amount": chance.choice([900_00, 1_000_00, 600_000_00]), "instrument": "transfer",
        }))  # fmt: skip
    return made


def test_the_past_is_answered_as_it_was_then(centre: Any, teacher: Any, stopped_clock: Any) -> None:
    one = teacher()
    one.begin()
    asked: dict[str, Any] = {}
    for kind, row in facts(random.Random(7)):
        stopped_clock.set(row["at_us"])
        state = one.owner.state
        fact = {"source": "b", **row}
        if kind == "payment":
            names = [name for name in PaymentAsked._fields if name in fact]
            seen: Any = state.payment(PaymentAsked(**{n: fact[n] for n in names}), row["at_us"])
        elif kind == "loan":
            names = [name for name in LoanAsked._fields if name in fact]
            seen = state.loan(LoanAsked(**{n: fact[n] for n in names}), row["at_us"])
        if kind != "session":
            asked[row["id"]] = journal.decided(seen, POLICY, row["at_us"])
        centre.sealed(kind, {**row, "ago_us": 0})
        one.look()
    answered = {}
    for kind in ("payment", "loan"):
        with closing(centre.lake.duck()) as engine:
            facts_then = past.of_lake(engine, centre.seal)
            told = past.screened(State(POLICY.screens), POLICY, kind, facts_then)
            answered |= {each.asked.id: each.verdict for each in told}
    assert answered == asked
    counts = Counter(code for verdict in asked.values() for code in verdict.rules)
    assert {"payments.remote_session", "payments.after_loan"} <= counts.keys()

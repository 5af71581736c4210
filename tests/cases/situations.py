"""Situations written by hand or drawn at random, for the pure rules of pursuit."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from qalqan.cases.places import Place
from qalqan.cases.policy import _of_body, default_body
from qalqan.cases.situation import Bank, Claim, Situation
from qalqan.clock import HOUR
from qalqan.model.order import Answered, Kind, Order, Outcome, State

NOW = 1_773_100_800_000_000
"""10 March 2026, 00:00 UTC."""
POLICY = _of_body(1, default_body())
LEAST = POLICY.least_of("KZT")
CLAIMS = {f"R{n}": Claim(f"R{n}", f"C{n}", f"acc_victim_{n}") for n in range(3)}
BANKS = {"211": Bank("altyn", False), "223": Bank("baiterek", True)}


def place(traced, bank="211", covered_us=NOW, last_us=NOW - HOUR, account="acc_a"):
    """An account with its traced units by claim."""
    return Place(account, bank, "KZT", NOW - 2 * HOUR, covered_us, last_us, dict(traced))


def hold(number, claim="R0", amount=LEAST, state=State.ANSWERED, held=None, **more):
    """A provisional hold at `acc_a`; an answered one holds `held` (all of it unless told)."""
    effect = amount if held is None else held
    order = Order(
        id=f"O{number}", case_id=CLAIMS[claim].case, report_id=claim, kind=Kind.HOLD,
        partner="altyn", state=state, ground="kz.payments.hold", drafted_by=POLICY.actor,
        idempotency_key=f"k{number}", created_us=NOW - HOUR, provisional=True, account="acc_a",
        amount=amount, currency="KZT", expires_us=NOW + 48 * HOUR,
    )  # fmt: skip
    if state in {State.ANSWERED, State.CLOSED}:
        whole = Outcome.HELD if effect == amount else Outcome.PARTIAL if effect else Outcome.GONE
        told = Answered(whole, effect, "d", NOW - HOUR // 2, "altyn")
        order = replace(order, answers=(told,), answered_us=NOW - HOUR // 2, effect=effect)
    return replace(order, **more)


def situation(*places, orders=()):
    """What is known of these places."""
    return Situation(
        NOW, POLICY, {(p.account, p.currency): p for p in places}, list(orders), BANKS, CLAIMS
    )


claims = st.sampled_from(sorted(CLAIMS))
sums = st.integers(1, 20).map(lambda n: n * LEAST // 2)
drawn_places = st.builds(
    place,
    st.dictionaries(claims, sums, max_size=3),
    bank=st.sampled_from([*BANKS, "299"]),
    covered_us=st.sampled_from([None, NOW - HOUR, NOW]),
)
drawn_holds = st.lists(
    st.tuples(
        claims, sums, st.sampled_from([*State]), st.floats(0, 1), st.booleans()
    ),
    max_size=5,
).map(
    lambda rows: [
        hold(n, claim, amount, state, int(amount * part) if partial else None)
        for n, (claim, amount, state, part, partial) in enumerate(rows)
    ]
)  # fmt: skip
drawn = st.builds(lambda p, o: situation(p, orders=o), drawn_places, drawn_holds)

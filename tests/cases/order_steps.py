"""Orders and whatever may happen to them, for the tests of the machine and of its book."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from qalqan.cases.consent import APPROVERS, POLICY, SANCTION
from qalqan.cases.orders import Event
from qalqan.clock import HOUR
from qalqan.model.order import Answered, Kind, Order, Outcome, State

POLICY_NAME = "policy:pursuit/1"


def draft(kind=Kind.HOLD, **changes) -> Order:
    order = Order(
        id="O-26-000001", case_id="C-26-000001", kind=kind, partner="ALTYN", state=State.DRAFTED,
        ground="kz.payments.hold", drafted_by=POLICY_NAME, idempotency_key="k", created_us=0,
        account="acc_x_4471", amount=1000, currency="KZT", due_us=HOUR,
        expires_us=72 * HOUR if kind is Kind.HOLD else None, provisional=kind is Kind.HOLD,
    )  # fmt: skip
    return replace(order, **changes)


def answered(outcome, amount=None, digest="d1", at_us=1) -> Answered:
    return Answered(Outcome(outcome), amount, digest, at_us, "ALTYN")


people = st.sampled_from(["asel", "daniyar", "saule", "drafter", POLICY_NAME])
roles = st.sampled_from([*sorted(APPROVERS), SANCTION, POLICY, "auditor"])
happenings = st.builds(
    dict,
    event=st.sampled_from(Event),
    actor=people,
    at_us=st.integers(0, 100).map(lambda h: h * HOUR),
    role=roles,
    answer=st.none()
    | st.builds(
        answered,
        st.sampled_from(Outcome),
        st.none() | st.integers(0, 1500),
        st.sampled_from(["d1", "d2"]),
    ),
    effect=st.none() | st.integers(-5, 1500),
    due_us=st.none() | st.integers(0, 100 * HOUR),
)
drafts = st.builds(
    draft,
    st.sampled_from(Kind),
    drafted_by=st.sampled_from(["drafter", POLICY_NAME]),
    sanction=st.booleans(),
).flatmap(lambda o: st.booleans().map(lambda p: replace(o, provisional=p and o.kind == "hold")))

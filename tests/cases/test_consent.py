"""REQ-19, 44: whose yes counts, for every kind of order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qalqan.cases.consent import (
    APPROVERS,
    POLICY,
    SANCTION,
    Need,
    approved_enough,
    may_decide,
    need,
    waits_for,
)
from qalqan.errors import NotAllowed
from qalqan.model.order import Approval, Kind, Order, State

TWO = {Kind.HOLD, Kind.RETURN, Kind.BLOCK, Kind.TAKEDOWN}


def drafted(kind, *approvals, **changes):
    order = Order(
        id="O-26-000001", case_id="C-26-000001", kind=kind, partner="altyn", state=State.DRAFTED,
        ground="x", drafted_by="drafter", idempotency_key="k", created_us=0,
        approvals=tuple(Approval(login, role, yes, 0) for login, role, yes in approvals),
    )  # fmt: skip
    return replace(order, **changes)


@pytest.mark.parametrize("kind", Kind)
def test_what_blocks_or_moves_money_takes_two_people(kind):
    assert need(drafted(kind)) == Need(2 if kind in TWO else 1, False, kind not in TWO)
    assert need(drafted(kind, sanction=True)) == Need(2 if kind in TWO else 1, True, False)


def test_a_provisional_hold_alone_goes_by_policy():
    by_policy = ("policy:pursuit/1", POLICY, True)
    assert approved_enough(drafted(Kind.HOLD, by_policy, provisional=True))
    assert not approved_enough(drafted(Kind.HOLD, by_policy))
    assert not approved_enough(drafted(Kind.HOLD, by_policy, provisional=True, sanction=True))
    assert not approved_enough(drafted(Kind.RETURN, by_policy, provisional=True))


@pytest.mark.parametrize(
    ("approvals", "enough"),
    [
        ([], False),
        ([("asel", "operative", True)], False),
        ([("asel", "operative", True), ("saule", "supervisor", True)], True),
        ([("asel", "operative", True), ("saule", "supervisor", False)], False),
        ([("asel", "operative", True), ("olga", "auditor", True)], False),
        ([("asel", "operative", True), ("marat", SANCTION, True)], False),
    ],
)
def test_two_different_people_of_the_right_roles(approvals, enough):
    assert approved_enough(drafted(Kind.BLOCK, *approvals)) is enough


def test_the_prosecutors_sanction_replaces_nobody_and_nobody_replaces_it():
    two = [("asel", "operative", True), ("saule", "supervisor", True)]
    sanction = ("marat", SANCTION, True)
    assert not approved_enough(drafted(Kind.RETURN, *two, sanction=True))
    assert not approved_enough(drafted(Kind.RETURN, two[0], sanction, sanction=True))
    assert approved_enough(drafted(Kind.RETURN, *two, sanction, sanction=True))


@pytest.mark.parametrize("role", [*sorted(APPROVERS), SANCTION, "auditor", "operator", "", POLICY])
def test_who_may_decide(role):
    asked = drafted(Kind.RETURN, sanction=True)
    if role in APPROVERS or role == SANCTION:
        may_decide(asked, "asel", role, "approve")
    else:
        with pytest.raises(NotAllowed):
            may_decide(asked, "asel", role, "approve")
        assert not waits_for(asked, "asel", role)
    with pytest.raises(NotAllowed):
        may_decide(asked, "drafter", role, "approve")
    assert not waits_for(asked, "drafter", role)


def test_nobody_is_asked_twice():
    asked = drafted(Kind.BLOCK, ("asel", "operative", True))
    assert not waits_for(asked, "asel", "operative")
    assert waits_for(asked, "saule", "supervisor")
    assert not waits_for(asked, "marat", SANCTION)

"""Who must say yes before an order may go (REQ-19, 44; two people, DESIGN section 6).

Money is returned, blocked or kept longer only after two different people other than the drafter
agreed, and a prosecutor where the ground says so. A policy, itself approved by two people
beforehand, may say yes to what harms nobody for long: questions, provisional holds, releases.
"""

from __future__ import annotations

from dataclasses import dataclass

from qalqan.errors import NotAllowed
from qalqan.model.order import Kind, Order
from qalqan.register.rights import RIGHTS, Right

POLICY = "policy"
"""The role under which such a policy says yes."""
APPROVERS = frozenset(role for role, given in RIGHTS.items() if Right.DECIDE in given)
"""Roles whose yes counts as an approval."""
SANCTION = "prosecutor"
"""The role that gives a sanction."""
_TWO_PEOPLE = frozenset({Kind.HOLD, Kind.RETURN, Kind.BLOCK, Kind.TAKEDOWN})


@dataclass(frozen=True)
class Need:
    """What an order wants before it may go."""

    people: int
    sanction: bool
    policy_may: bool


def need(order: Order) -> Need:
    """How many different people besides the drafter must say yes to this order."""
    two = order.kind in _TWO_PEOPLE
    policy_may = not two or (order.kind is Kind.HOLD and order.provisional)
    return Need(2 if two else 1, order.sanction, policy_may and not order.sanction)


def approved_enough(order: Order) -> bool:
    """Has everybody said yes whom this order needs?"""
    wanted = need(order)
    yes = {a.login: a.role for a in order.approvals if a.approved}
    if wanted.policy_may and POLICY in yes.values():
        return True
    people = [login for login, role in yes.items() if role in APPROVERS]
    return len(people) >= wanted.people and (not wanted.sanction or SANCTION in yes.values())


def may_decide(order: Order, actor: str, role: str, action: str) -> None:
    """Check that this actor in this role may say yes or no to this order.

    Raises:
        NotAllowed: the drafter, a policy where people must decide, or a role without the right.
    """
    if role == POLICY:
        if not need(order).policy_may:
            raise NotAllowed(f"{action} {order.kind}", "a person's decision")
        return
    if actor == order.drafted_by:
        raise NotAllowed(f"{action} {order.kind}", "a person other than the drafter")
    if role not in APPROVERS and not (role == SANCTION and order.sanction):
        raise NotAllowed(
            f"{action} {order.kind}", f"a role among {sorted(APPROVERS)}", "role_among"
        )


def waits_for(order: Order, login: str, role: str) -> bool:
    """Would a yes of this officer bring this draft forward?"""
    if login == order.drafted_by or any(a.login == login for a in order.approvals):
        return False
    if role == SANCTION:
        return order.sanction
    people = sum(a.approved and a.role in APPROVERS for a in order.approvals)
    return role in APPROVERS and people < need(order).people

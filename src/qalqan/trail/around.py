"""What is told of the accounts a trail follows besides the stolen money: all their payments, and
the newest balances that banks told (REQ-44, 90).

What bounds a hold, and who else pays a drop, stands there. A bank tells a balance beside a payment
of its own books, and at the end of a complete statement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from qalqan.trail.semantics import Coverage, Fact, Transfer


class Told(NamedTuple):
    """The newest balance that a bank has told of one account."""

    at_us: int
    balance: int
    fact: str = ""
    """`source:id` of the payment that it stood beside; empty for a statement's."""


class Around(NamedTuple):
    """Told of some accounts, in one currency."""

    transfers: Collection[Transfer]
    """All that name them, both sides joined."""
    told: Mapping[str, Told]
    """Account → its newest balance."""
    booked: Mapping[str, int]
    """Fact → when its payee's own bank booked it, by the clock by which it tells balances."""


NOTHING = Around((), {}, {})


def booked(facts: Iterable[Fact]) -> dict[str, int]:
    """When payees' own banks booked what they tell."""
    return {fact.id: fact.at_us for fact in facts if fact.side == "payee"}


@dataclass
class Newest:
    """The newest balance of each account; of two of one moment the smaller one, which is safe."""

    told: dict[str, Told] = field(default_factory=dict)

    def beside(self, fact: Fact, balance: int) -> None:
        """One told beside a payment. Where one bank's books tell both sides, it is nobody's."""
        account = {"payer": fact.payer, "payee": fact.payee}.get(fact.side)
        if account is not None:
            self.keep(account, Told(fact.at_us, balance, fact.id))

    def closing(self, statements: Iterable[Coverage]) -> None:
        """Those at the ends of statements."""
        for one in statements:
            if one.account is not None and one.closing is not None:
                self.keep(one.account, Told(one.to_us, one.closing))

    def keep(self, account: str, told: Told) -> None:
        """Keep it, unless a newer one is known."""
        before = self.told.get(account)
        if before is None or (told.at_us, -told.balance) > (before.at_us, -before.balance):
            self.told[account] = told

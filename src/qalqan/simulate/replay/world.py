"""One ring, its victims and the innocent people near it, as plain values (REQ-39).

Accounts are numbers. Times are UTC microseconds, sums tiyn. A world is drawn once and played
under every policy; nothing in it depends on what a policy does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from qalqan.simulate.plan import Stage

VICTIM, MEMBER, FRIEND, SHOP, SELLER, CROWD, OUTSIDE = range(7)
"""Who holds an account. OUTSIDE stands for all that lies beyond the banks that take part."""
INNOCENT = frozenset({FRIEND, SHOP, SELLER, CROWD})
"""Whoever of them is held from is harmed without a cause."""
BANKS = ("211", "223", "237", "259", "271", "283")
"""Codes of the six banks that take part, as in the simulated country."""
RING_FROM = 1_000_000
SELLER_EXIT = "seller"
"""Crypto bought by an ordinary transfer to a private seller: by intent gone as crypto."""


class Claim(NamedTuple):
    """One victim's loss."""

    number: int
    payer: int
    amount: int
    at_us: int
    stage: int
    """Where its money arrives first."""
    notice_share: float
    """Evenly in 0..1: how late within its clock the peer's notice comes."""


class Payment(NamedTuple):
    """A payment: one that somebody means to make of his own money, or one that took place."""

    at_us: int
    payer: int
    payee: int
    amount: int
    instrument: str
    abroad: bool
    number: int
    """Of its world: ordinary ones by their place, the ring's from `RING_FROM` on."""


@dataclass(frozen=True)
class World:
    """Everything that is meant to happen."""

    number: int
    kinds: tuple[int, ...]
    """Of each account; the last one is outside."""
    banks: tuple[int, ...]
    """Place in `BANKS` of each account's bank."""
    opening: tuple[int, ...]
    claims: tuple[Claim, ...]
    stages: tuple[Stage, ...]
    ordinary: tuple[Payment, ...]
    """In order of time."""
    dice: tuple[float, ...]
    """Standard normal draws: how long banks take to answer."""

    @property
    def outside(self) -> int:
        """The account that stands for everything beyond the banks."""
        return len(self.kinds) - 1

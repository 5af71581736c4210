"""What the register says to a screen: small tables that people's decisions and detectors fill.

Lists and holds go by whole token, never by hash; what has ended counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Indicator(NamedTuple):
    """A subject listed for action."""

    ground: str
    from_us: int
    until_us: int


class Held(NamedTuple):
    """An order of hold that is out for an account: sum in minor units, and until when."""

    amount: int
    currency: str
    ground: str
    until_us: int | None


class Found(NamedTuple):
    """The strongest live finding on a subject."""

    score: float
    detector: str


@dataclass(frozen=True)
class Listed:
    """The tables, as read at one moment; keys are tokens."""

    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    holds: Mapping[str, tuple[Held, ...]] = field(default_factory=dict)
    victims_payees: frozenset[str] = frozenset()
    """Accounts that a victim paid directly, as his bank confirmed."""
    followed: frozenset[str] = frozenset()
    """Accounts where money of an open case is, as far as is known."""
    found: Mapping[str, Found] = field(default_factory=dict)
    watched: frozenset[str] = frozenset()
    """Subjects listed as evidence only: a call from such a number counts, nothing is held."""

    def ground_of(self, subjects: tuple[str | None, ...], now_us: int) -> str | None:
        """The legal ground under which one of these subjects is listed now."""
        for subject in subjects:
            one = self.indicators.get(subject) if subject else None
            if one is not None and one.from_us <= now_us < one.until_us:
                return one.ground
        return None

    def held(self, account: str, now_us: int) -> tuple[Held, ...]:
        """Orders of hold that are out for an account and have not lapsed."""
        orders = self.holds.get(account, ())
        return tuple(one for one in orders if one.until_us is None or now_us < one.until_us)

    def is_suspect(self, subject: str, now_us: int) -> bool:
        """Listed in any grade, or found."""
        listed = subject in self.watched or subject in self.found
        return listed or self.ground_of((subject,), now_us) is not None

    def strongest(self, subjects: tuple[str | None, ...]) -> Found | None:
        """The strongest finding on any of these subjects."""
        found = [self.found[one] for one in subjects if one and one in self.found]
        return max(found, default=None)

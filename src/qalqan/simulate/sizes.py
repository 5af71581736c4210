"""How big a country is, and when it lives; every number of people and payments starts here."""

from __future__ import annotations

from dataclasses import dataclass

from qalqan.clock import DAY, HOUR
from qalqan.errors import InputRejected

FIRST_US = 1_769_972_400_000_000
"""Monday 2 February 2026, 00:00 in Almaty: the first moment of every country."""
ALMATY_US = 5 * HOUR
"""Almaty is five hours ahead of UTC since 1 March 2024, without summer time."""
HISTORY_DAYS = 36
"""What is already past when the centre opens; the rest is the live script."""
DAYS = 45
START_US = FIRST_US + HISTORY_DAYS * DAY
END_US = FIRST_US + DAYS * DAY


@dataclass(frozen=True)
class Span:
    """Days that are drawn at once."""

    first: int = 0
    days: int = DAYS

    @property
    def first_us(self) -> int:
        return FIRST_US + self.first * DAY


ALL_DAYS = Span()


@dataclass(frozen=True)
class Size:
    """Counts of one country; rates a person are the same in all sizes."""

    name: str
    people: int
    employers: int
    shops: int
    wholesalers: int
    billers: int
    changers: int
    couriers: int
    rings: int
    victims: int
    bulk_holders: int
    """People on whom a dealer has registered dozens of numbers."""
    fleets: int
    """Companies with dozens of numbers of their own: an innocent look-alike."""
    by_day: bool = False
    """Drawn and written day after day, in bounded memory; too large to be played."""


HAMLET = Size("hamlet", 650, 9, 16, 2, 6, 1, 4, 1, 4, 1, 1)
TOWN = Size("town", 2_000, 28, 48, 6, 6, 3, 11, 2, 12, 3, 1)
REGION = Size("region", 260_000, 3_600, 6_400, 800, 60, 400, 1_400, 40, 2_700, 60, 25)
COUNTRY = Size(
    "country", 500_000, 7_000, 12_400, 1_600, 110, 760, 2_700, 80, 5_200, 110, 45, by_day=True
)
SIZES = {size.name: size for size in (HAMLET, TOWN, REGION, COUNTRY)}
PLAYED = tuple(name for name, size in SIZES.items() if not size.by_day)
"""Sizes whose banks can be started."""


def size_of(name: str) -> Size:
    """The size of that name; `InputRejected` if there is none."""
    if name not in SIZES:
        raise InputRejected("size", name, "one_of", choices=", ".join(SIZES))
    return SIZES[name]

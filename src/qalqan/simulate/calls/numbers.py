"""Telephone numbers as integers of digits: the country's mobile and city ranges, and others'.

Mobile numbers are dealt from dense blocks, as regulators deal them: behind most numbers someone
dials in sequence there is somebody. All of them are invented; likeness to a real one is chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qalqan.simulate.calls.places import REGIONS
from qalqan.simulate.identity import MOBILE_CODES, Ints

COUNTRY = 70_000_000_000
"""+7 before ten digits."""
FIRST_LOCAL = 2_000_000
"""First number of each mobile code's block."""
IN_USE = 0.6
"""Share of numbers in dealt blocks that somebody has: a judgement."""
CITY_IN_USE = 0.7
"""The same for city numbers: a judgement."""
OFFICES = 900_000
"""City numbers of offices begin here, behind the first digit."""
UNALLOCATED = (703, 704, 709, 740, 741, 745, 748, 770, 772, 779, 612, 655)
"""Codes of +7 that are Kazakhstan's and carry no service (`geo.numbering`)."""

COUNTRIES = {
    "RU": (79, 9), "UZ": (99890, 7), "KG": (99655, 7), "UA": (38067, 7), "BY": (37529, 7),
    "DE": (49151, 8), "TR": (90532, 7), "CN": (86138, 8), "KR": (8210, 8), "US": (1917, 7),
    "AE": (97150, 7), "PL": (4860, 7), "CZ": (42077, 7), "GB": (44770, 7), "LV": (3712, 7),
    "GE": (99555, 7), "AM": (37491, 6), "AZ": (99450, 7), "MD": (37369, 6), "IT": (39347, 7),
}  # fmt: skip
"""A mobile prefix of each country and the digits behind it."""
RELATIVES = {"RU": 55, "UZ": 9, "KG": 8, "DE": 8, "TR": 6, "CN": 5, "KR": 3, "US": 3, "AE": 3}
"""Where people's friends abroad live, in parts: a judgement."""
POST_SOVIET_AND_EUROPE = (
    "RU", "UA", "BY", "UZ", "KG", "GE", "AM", "AZ", "MD", "DE", "PL", "CZ", "LV", "GB", "IT",
)  # fmt: skip
"""Whom fraud call centres in the country rang (REQ-34)."""
PREMIUM_LIKE = (
    (252907, 6), (2233, 7), (21629, 6), (5352, 6), (6757, 7), (23222, 6), (960950, 4), (22241, 6),
)  # fmt: skip
"""Prefixes abroad of the kind that ring-once calls come from, and the digits behind them."""


@dataclass(frozen=True)
class Ranges:
    """Mobile slots are numbered through, code after code; each slot is a number."""

    width: int

    @property
    def slots(self) -> int:
        return len(MOBILE_CODES) * self.width

    def number(self, slot: Ints) -> Ints:
        """The numbers of slots."""
        code = MOBILE_CODES[slot // self.width]
        mobile: Ints = COUNTRY + code * 10**7 + FIRST_LOCAL + slot % self.width
        return mobile


def ranges_for(cards: int) -> Ranges:
    """Ranges wide enough for so many cards."""
    return Ranges(int(cards / IN_USE / len(MOBILE_CODES)) + 1)


def city(region: Ints, place: Ints) -> Ints:
    """City numbers: the region's code, then six digits told by the place in its range."""
    codes = np.array([one.city for one in REGIONS])
    line: Ints = COUNTRY + codes[region] * 10**6 + place
    return line


def abroad(generator: np.random.Generator, n: int, countries: dict[str, int]) -> Ints:
    """`n` mobile numbers of other countries, as frequent as told."""
    parts = np.array(list(countries.values()), dtype=float)
    which = generator.choice(len(parts), n, p=parts / parts.sum())
    prefix = np.array([COUNTRIES[name][0] for name in countries])[which]
    size = 10 ** np.array([COUNTRIES[name][1] for name in countries])[which]
    number: Ints = prefix * size + (generator.random(n) * 0.8 * size).astype(np.int64) + size // 10
    return number


def in_sequence(
    generator: np.random.Generator, first: int, n: int, most_step: int, slips: float
) -> Ints:
    """`n` numbers dialled on from `first`, steps of one up to `most_step`; some out of turn."""
    number = first + np.cumsum(generator.integers(1, most_step + 1, n))
    swapped = np.argsort(np.arange(n) + generator.random(n) * (1 + slips * 20), kind="stable")
    walked: Ints = number[swapped]
    return walked

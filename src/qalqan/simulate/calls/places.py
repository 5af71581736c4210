"""Regions, their cells and their city codes.

Codes are real (ISO 3166-2:KZ, the national numbering plan); shares of people are rough
judgements, and the cells are invented.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.simulate.identity import Ints, padded


@dataclass(frozen=True)
class Region:
    """A region, the city code of its centre with the first digit behind it, its share of people."""

    code: str
    city: int
    share: float


REGIONS = (
    Region("KZ-75", 7272, 11.4), Region("KZ-71", 7172, 7.6), Region("KZ-79", 7252, 6.2),
    Region("KZ-61", 7253, 10.5), Region("KZ-19", 7282, 7.7), Region("KZ-31", 7262, 6.1),
    Region("KZ-35", 7212, 5.7), Region("KZ-15", 7132, 4.7), Region("KZ-39", 7142, 4.1),
    Region("KZ-43", 7242, 4.2), Region("KZ-47", 7292, 4.0), Region("KZ-11", 7162, 3.9),
    Region("KZ-55", 7182, 3.8), Region("KZ-63", 7232, 3.6), Region("KZ-23", 7122, 3.5),
    Region("KZ-27", 7112, 3.5), Region("KZ-10", 7222, 3.0), Region("KZ-59", 7152, 2.6),
)  # fmt: skip
PEOPLE_A_CELL = 150
"""Subscribers of one cell in the simulated networks: a judgement."""
FEWEST_CELLS = 12
"""Cells of the smallest region: a judgement."""


@dataclass(frozen=True)
class Places:
    """Cells are numbered through, region after region; neighbours in number are neighbours."""

    first: Ints
    """First cell of each region."""
    count: Ints
    """Cells of each region."""

    def region_of(self, cell: Ints) -> Ints:
        """Region numbers of cells."""
        found: Ints = np.searchsorted(self.first, cell, side="right") - 1
        return found

    def some(self, generator: np.random.Generator, region: Ints) -> Ints:
        """A cell in each of these regions, more often one of the dense ones."""
        deep = generator.random(len(region)) ** 1.5
        cell: Ints = self.first[region] + (deep * self.count[region]).astype(np.int64)
        return cell

    def near(self, cell: Ints, step: Ints) -> Ints:
        """The cell so many steps away, in the same region."""
        region = self.region_of(cell)
        first = self.first[region]
        moved: Ints = first + (cell - first + step) % self.count[region]
        return moved

    def labels(self) -> tuple[pa.Array, pa.Array]:
        """The operators' marks of all cells, and their regions' codes."""
        region = np.repeat(np.arange(len(REGIONS)), self.count)
        codes = pa.array([one.code for one in REGIONS]).take(pa.array(region))
        number = np.arange(len(region)) - self.first[region]
        return pc.binary_join_element_wise(codes, padded(number, 5), "-"), codes


def settle(subscribers: int) -> tuple[Places, Ints]:
    """The cells of a country, and the region of every subscriber, region after region."""
    share = np.array([one.share for one in REGIONS])
    ends = np.rint(np.cumsum(share) / share.sum() * subscribers).astype(np.int64)
    people = np.diff(ends, prepend=0)
    count = np.maximum(FEWEST_CELLS, people // PEOPLE_A_CELL)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    return Places(first, count), np.repeat(np.arange(len(REGIONS)), people)

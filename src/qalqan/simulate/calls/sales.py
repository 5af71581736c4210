"""Who holds which number and who sold it: SIM registrations in the raw columns of their fact.

Holders, dealers and shares are invented; likeness to real ones is chance.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.clock import SECOND
from qalqan.simulate.calls.places import REGIONS
from qalqan.simulate.calls.records import NONE
from qalqan.simulate.flows import in_order
from qalqan.simulate.identity import Ints, bins, iins, padded

PEOPLE_A_DEALER = 3_000
"""Subscribers of one dealer: a judgement."""
DEALERS_A_REGION = 2
"""Fewest dealers of a region: a judgement."""
BORN_DAYS, SERIALS = 20_805, 2_000
_STEP = 15_485_863
PERSON, COMPANY = 0, 1
_KINDS = ("person", "company")


@dataclass
class Sales:
    """Registrations while they are drawn; dealers are numbered region after region."""

    generator: np.random.Generator
    dealers_each: int
    parts: list[tuple[Ints, ...]] = field(default_factory=list)
    people: int = 0
    companies: int = 0

    def persons(self, n: int) -> Ints:
        """IINs of `n` people, nobody twice."""
        key = (self.people + np.arange(n)) * _STEP % (BORN_DAYS * 2 * SERIALS)
        self.people += n
        serial = key // (BORN_DAYS * 2) * 5
        return iins(key % BORN_DAYS, key // BORN_DAYS % 2, serial)

    def firms(self, n: int) -> Ints:
        """BINs of `n` companies."""
        serial = (self.companies + np.arange(n)) * 7
        self.companies += n
        return bins(self.generator.integers(0, 250, n), 4, serial)

    def dealers(self, region: Ints) -> Ints:
        """A dealer in each of these regions."""
        return region * self.dealers_each + self.generator.integers(
            0, self.dealers_each, len(region)
        )

    def register(
        self, at_us: Ints, number: Ints, holder: Ints, kind: int, dealer: Ints, checked: float
    ) -> None:
        """Numbers activated; of so many the holder was checked by biometrics."""
        n = len(number)
        biometric = (self.generator.random(n) < checked).astype(np.int64)
        whole = at_us // SECOND * SECOND
        self.parts.append((whole, number, holder, np.full(n, kind), dealer, biometric))

    def table(self) -> pa.Table:
        """All registrations, ordered by time."""
        columns = [np.concatenate(column) for column in zip(*self.parts, strict=True)]
        order = in_order(columns[0])
        at, number, holder, kind, dealer, biometric = (column[order] for column in columns)
        n = len(at)
        region = pa.array([one.code for one in REGIONS]).take(
            pa.array(dealer // self.dealers_each, mask=dealer == NONE)
        )
        return pa.table(
            {
                "id": pc.binary_join_element_wise("sim", padded(np.arange(n), 8), "-"),
                "at_us": at,
                "event": pa.array(["activated"]).take(pa.array(np.zeros(n, dtype=np.int64))),
                "phone": phone_texts(number),
                "holder": padded(holder, 12),
                "holder_kind": pa.array(_KINDS).take(pa.array(kind)),
                "dealer": dealer_texts(dealer),
                "region": region,
                "biometric": pa.array(biometric.astype(bool)),
            }
        )


def phone_texts(number: Ints) -> pa.Array:
    """Numbers in E.164; null for none."""
    told = pa.array(number, mask=number == NONE).cast(pa.string())
    return pc.binary_join_element_wise("+", told, "")


def dealer_texts(dealer: Ints) -> pa.Array:
    """The operators' codes of dealers; null for none."""
    code = pc.binary_join_element_wise("D", padded(np.maximum(dealer, 0), 4), "-")
    return pc.if_else(pa.array(dealer == NONE), pa.scalar(None, pa.string()), code)

"""SIM cards and devices as they are dealt: numbers, IMSIs, IMEIs, each once.

Network codes behind 401 are real, their ranges here are not; models of devices are invented.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from qalqan.simulate.calls.numbers import Ranges
from qalqan.simulate.identity import MOBILE_CODES, Ints

NETWORK_OF_CODE = {
    700: 77, 701: 2, 702: 2, 705: 1, 706: 2, 707: 77, 708: 77, 747: 77, 771: 1, 775: 2, 776: 1,
    777: 1, 778: 2,
}  # fmt: skip
"""Mobile network code that each number code began with; numbers were ported since."""
NETWORKS = (1, 2, 77)
MODELS = 160
"""Models of telephones in people's hands: a judgement."""
POPULARITY = 0.9
"""Exponent of the models' popularity by rank: a judgement."""
GATEWAY_MODELS = 5
"""Models of GSM gateways, of modems in alarms and meters: judgements."""
_TWIN = 1
_SERIALS = 500_000
_STEP = 7_919


@dataclass(frozen=True)
class Issue:
    """Cards dealt together."""

    card: Ints
    number: Ints


@dataclass
class Cards:
    """All cards; a card's number is its place."""

    generator: np.random.Generator
    ranges: Ranges
    number: list[Ints] = field(default_factory=list)
    network: list[Ints] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self._taken = np.zeros(self.ranges.slots, dtype=bool)

    def deal(self, n: int, pack: bool = False) -> Issue:
        """`n` cards, their numbers anywhere; those of a pack follow each other."""
        free = np.flatnonzero(~self._taken)
        if pack:
            start = int(self.generator.integers(0, len(free) - n))
            slot = free[start : start + n]
        else:
            slot = self.generator.choice(free, n, replace=False, shuffle=True)
        return self._issue(slot)

    def _issue(self, slot: Ints) -> Issue:
        self._taken[slot] = True
        code = np.array([NETWORK_OF_CODE[int(one)] for one in MOBILE_CODES])
        self.number.append(self.ranges.number(slot))
        self.network.append(code[slot // self.ranges.width])
        card = np.arange(self.count, self.count + len(slot))
        self.count += len(slot)
        return Issue(card, self.number[-1])

    def port(self, card: Ints) -> None:
        """Move cards of the first deal to another network; they keep their numbers."""
        here = self.network[0]
        turn = self.generator.integers(1, len(NETWORKS), len(card))
        place = np.searchsorted(np.array(NETWORKS), here[card])
        here[card] = np.array(NETWORKS)[(place + turn) % len(NETWORKS)]

    def imsis(self) -> Ints:
        """IMSIs of all cards: 401, the network, ten digits."""
        serial = (np.arange(self.count) * 3_141_592_653 + 271_828_183) % 10**10
        imsi: Ints = (40_100 + np.concatenate(self.network)) * 10**10 + serial
        return imsi

    def numbers(self) -> Ints:
        """Numbers of all cards."""
        return np.concatenate(self.number)


def luhn(stem: Ints) -> Ints:
    """Fourteen digits with Luhn's check digit behind them."""
    digits = (stem[:, None] // 10 ** np.arange(14)) % 10
    doubled = digits[:, ::2] * 2
    total = (doubled - 9 * (doubled > 9)).sum(axis=1) + digits[:, 1::2].sum(axis=1)
    imei: Ints = stem * 10 + -total % 10
    return imei


@dataclass
class Devices:
    """All devices; a device's number is its place."""

    generator: np.random.Generator
    stem: list[Ints] = field(default_factory=list)
    count: int = 0

    def phones(self, n: int) -> Ints:
        """`n` telephones of ordinary models."""
        weight = 1 / np.arange(1, MODELS + 1) ** POPULARITY
        return self._add(self.generator.choice(MODELS, n, p=weight / weight.sum()), 35_000_000)

    def gateways(self, n: int) -> Ints:
        """`n` channels of GSM gateways, or modems of machines."""
        return self._add(np.full(n, self.generator.integers(GATEWAY_MODELS)), 86_900_000)

    def second_slots(self, device: Ints) -> Ints:
        """The second IMEIs of telephones of the first deal that take two cards."""
        return self._append(self.stem[0][device] + _TWIN)

    def _add(self, model: Ints, first: int) -> Ints:
        """Serials are even; odd ones are second slots."""
        place = self.count + np.arange(len(model))
        serial = 2 * (place * _STEP % _SERIALS)
        type_code = first + model * 4_871 + place // _SERIALS
        return self._append(type_code * 10**6 + serial)

    def _append(self, stem: Ints) -> Ints:
        self.stem.append(stem)
        added = np.arange(self.count, self.count + len(stem))
        self.count += len(stem)
        return added

    def imeis(self) -> Ints:
        """IMEIs of all devices."""
        return luhn(np.concatenate(self.stem))

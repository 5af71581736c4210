"""Calls as columns of numbers, millions at a time, before anything becomes text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from qalqan.simulate.identity import Ints, Mask

NONE = -1
"""No card, no device, no cell, no number, nobody."""
VOICE, SMS = 0, 1
HOME, ABROAD, UNKNOWN = 0, 1, 2
PLACES = ("home", "abroad", "unknown")
SERVICES = ("voice", "sms")
TRUNKS = (
    (None, "access"),
    ("dom-1", "domestic"), ("dom-2", "domestic"), ("dom-3", "domestic"),
    ("intl-1", "international"), ("intl-2", "international"), ("intl-3", "international"),
    ("intl-4", "international"), ("intl-5", "international"), ("intl-6", "international"),
    ("intl-7", "international"), ("intl-8", "international"),
    ("voip-1", "voip"), ("voip-2", "voip"), ("voip-3", "voip"), ("voip-4", "voip"),
)  # fmt: skip
"""Name and class of each trunk: (none) is the subscriber's own line."""
ACCESS = 0
DOMESTIC, INTERNATIONAL, PEERS = np.arange(1, 4), np.arange(4, 10), np.arange(12, 16)
LOOPS = np.arange(10, 12)
"""Trunks from abroad that carry nothing but domestic calls, by contract."""


@dataclass(frozen=True)
class Records:
    """Columns of equal length, a call or SMS at each index; `NONE` where nothing is told."""

    at_us: Ints
    caller: Ints
    """Network number as digits: 77011234567."""
    callee: Ints
    presented: Ints
    card: Ints
    """The SIM card that calls."""
    device: Ints
    cell: Ints
    trunk: Ints
    place: Ints
    service: Ints
    duration_s: Ints
    ring_s: Ints
    answered: Ints
    actor: Ints
    """The special actor whose call it is."""

    def __len__(self) -> int:
        return len(self.at_us)

    def where(self, choice: Ints | Mask) -> Records:
        """The calls of a mask, or of indices in their order."""
        return Records(*(getattr(self, field.name)[choice] for field in fields(self)))

    def but(self, **columns: Ints | int) -> Records:
        """The same calls with other columns."""
        mine = {field.name: getattr(self, field.name) for field in fields(self)}
        return Records(**{**mine, **{name: _wide(v, len(self)) for name, v in columns.items()}})


def _wide(values: Ints | int, n: int) -> Ints:
    return np.broadcast_to(np.asarray(values, dtype=np.int64), (n,))


_DEFAULTS = {
    "presented": NONE, "card": NONE, "device": NONE, "cell": NONE, "trunk": ACCESS, "place": NONE,
    "service": VOICE, "duration_s": 0, "ring_s": 0, "answered": 0, "actor": NONE,
}  # fmt: skip


def records(at_us: Ints, caller: Ints | int, callee: Ints | int, **columns: Ints | int) -> Records:
    """Calls with the columns that are told; single values count for all of them."""
    told = {**_DEFAULTS, **columns, "caller": caller, "callee": callee}
    return Records(at_us, **{name: _wide(values, len(at_us)) for name, values in told.items()})


def stacked(parts: Sequence[Records]) -> Records:
    """All calls in one, part after part."""
    return Records(
        *(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Records))
    )

"""A simulated country whose boxes, and half of whose look-alikes, begin after its first week."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.clock import DAY
from qalqan.simulate.calls.country import make, sized
from qalqan.simulate.calls.truth import Actor, CallTruth
from qalqan.simulate.sizes import FIRST_US

DAYS, WEEK, EARLY = 18, 7, 30
LATE = ("courier", "taxi", "probe", "alarms", "gateway", "fleet")
COLUMNS = [
    "at_us", "caller", "callee", "trunk_class", "service", "answered", "duration_s", "imei", "cell",
]  # fmt: skip
Found = set[str]


class Snapshot(NamedTuple):
    """Calls up to a moment, whose 30th call it is (None: a night); or that `of_card`s first."""

    calls: pa.Table
    box: Actor | None
    of_card: bool = False


@dataclass(frozen=True)
class Country:
    """Calls in order of time, the boxes among them, and numbers with a permit."""

    calls: pa.Table
    actor: np.ndarray[Any, Any]
    boxes: tuple[Actor, ...]
    permitted: tuple[str, ...]
    subscribers: int

    @property
    def guilty(self) -> Found:
        return {number for box in self.boxes for number in box.numbers}

    @property
    def person_days(self) -> float:
        """Subscribers times the days that are judged, in 100,000."""
        return self.subscribers / 100_000 * (DAYS - WEEK)

    def snapshots(self) -> Iterator[Snapshot]:
        """At each box's 30th call, and each night after the first week."""
        for box in self.boxes:
            yield Snapshot(self.calls.slice(0, self.of(box)[EARLY - 1] + 1), box)
        at = self.calls["at_us"].to_numpy()
        for day in range(WEEK + 1, DAYS + 1):
            yield Snapshot(self.calls.slice(0, np.searchsorted(at, FIRST_US + day * DAY)), None)

    def of_cards(self) -> Iterator[Snapshot]:
        """When the first card of each box makes its 30th call; its last call if none makes so
        many."""
        for box in self.boxes:
            mine = self.of(box)
            callers = self.calls["caller"].take(pa.array(mine)).to_numpy(zero_copy_only=False)
            _, card = np.unique(callers, return_inverse=True)
            so_far = (card[:, None] == np.arange(card.max() + 1)).cumsum(axis=0).max(axis=1)
            at = min(int(np.searchsorted(so_far, EARLY)), len(mine) - 1)
            yield Snapshot(self.calls.slice(0, mine[at] + 1), box, of_card=True)

    def of(self, box: Actor) -> np.ndarray[Any, Any]:
        """Places of the calls of a box."""
        return np.flatnonzero(self.actor == box.number)


def country(seed: int, subscribers: int) -> Country:
    """The simulated country, in which boxes and half of the look-alikes begin late."""
    made = make(seed, sized(subscribers, DAYS))
    actor = made.truth.actor_of_call
    kept = begun(made.calls, made.truth, seed)
    calls = made.calls.filter(kept)
    numbers = calls["caller"].combine_chunks()
    home = pc.if_else(pc.match_substring_regex(numbers, r"^\+7[067]"), "KZ", "XX")
    day = pc.cast(pc.cast(pc.divide(calls["at_us"], DAY), pa.int32()), pa.date32())
    told = calls.select(COLUMNS).append_column("caller_country", home).append_column("day", day)
    told = told.append_column("edge", pa.nulls(len(told), pa.string()))
    left = actor[kept.to_numpy(zero_copy_only=False)]
    boxes = tuple(b for b in made.truth.of("sim_box") if (left == b.number).sum() >= EARLY)
    permitted = tuple(n for a in made.truth.actors if a.allowed for n in a.numbers)
    return Country(told, left, boxes, permitted, subscribers)


def begun(calls: pa.Table, truth: CallTruth, seed: int) -> pa.Array:
    """Which calls are neither of nor to somebody who has not begun yet."""
    draw, since = np.random.default_rng([seed, 47]), dict[str, int]()
    for one in truth.actors:
        if one.kind.startswith("sim_box") or (one.kind in LATE and draw.random() < 0.5):
            last = DAYS - 1 if one.kind in LATE else WEEK + 3
            start = FIRST_US + int(draw.uniform(WEEK, last) * DAY)
            since |= dict.fromkeys(one.numbers, start)
    names, starts = pa.array(list(since)), pa.array(list(since.values()))
    kept = pa.array(np.ones(len(calls), bool))
    for side in ("caller", "callee"):
        start = starts.take(pc.index_in(calls[side].combine_chunks(), names))
        late = pc.less(calls["at_us"].combine_chunks(), start)
        kept = pc.and_(kept, pc.invert(pc.fill_null(late, False)))
    return kept

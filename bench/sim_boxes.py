"""Finding SIM boxes within their first calls: `calls.sim_box` beside a plain rule and LightGBM.

Calls are those of our simulated country: **all of it is simulated**, attackers and look-alikes
alike, and figures say what the method can do there, not what real boxes would let through. So that
nobody is told by when it came, every box and half of the couriers, dispatchers, probes, alarms,
gateways and fleets begin on a drawn day after the first week; what they did before is left out.

A box counts as found early if a run over all calls up to its 30th names one of its cards. Runs are
made at every box's 30th call, at its busiest card's 30th, and every night. A false alarm is a
number that any run names and that is in no box: each counts once. Gateways with a permit are on
the list.

The target, 95 % within 30 calls at 1 false alarm, is missed on both counts, and one can't be had
without the other: a box's first 30 calls come from 3 to 23 new cards, most of them with 5 calls at
most. So do those of a firm that takes up its new numbers, hours before a client rings back.
On a country of 100,000 that figures are not told of (seed 4801), asked at 30th calls and on the
last night: 12 of 14 boxes for 1.2 false alarms a day, every one a firm's number in its first two
hours, none left by the last night. With lower borders (in one place 3 cards and 5 numbers, 2 and 8
or 1 and 10; half of its newcomers) 14 of 14 for 1.8, then people who moved in too; with hardly any
borders for 4.9. One of the two missed had 14 of its 30 calls to its own cards and the others spread
over 7 cells and days, 5 numbers in the fullest, no more than neighbours who moved in.

Peers get the same calls at the same moments, as what each card did (`boxes/cards.sql`); the rule's
borders, the model and its threshold come from three other seeds, for at most one false alarm.
Not read, since boxes would betray themselves by how they are simulated: `imsi`, `trunk`,
`caller_place`, `ring_s`, `region`, the model in the IMEI, numbers in sequence, and when and where
cards were sold. That cards of a box are new to the network is kept, as it is true of real ones, and
told apart: the last line but one leaves out the reasons that ask it.
`python bench/sim_boxes.py [SEEDS [SUBSCRIBERS]]`: 2 seeds of 20,000 unless told.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from statistics import median
from typing import Any

import ibis
import pyarrow as pa

from boxes.country import DAYS, EARLY, Country, Found, Snapshot, country
from boxes.peers import Peers, features, plain
from qalqan.detectors import registry
from qalqan.lake.engine import DuckEngine
from qalqan.simulate.calls.truth import Actor

CODE = "calls.sim_box"
FIRST_SEED = 4_901
"""Figures are told of this seed and those after it, by which neither side was made."""
METHODS = ("ours", "known", "rule", "lightgbm")


class Score:
    """What one method found in all countries."""

    def __init__(self) -> None:
        self.early: dict[str, list[bool]] = {}
        self.by_busiest: list[bool] = []
        self.end: list[bool] = []
        self.cards: list[tuple[int, int]] = []
        self.calls_at_night: list[int] = []
        self.card_calls: list[int] = []
        self.wrong, self.days = 0, 0.0

    def add(self, place: Country, runs: list[tuple[Snapshot, Found]]) -> None:
        """Count one country's runs."""
        free = place.guilty | set(place.permitted)
        self.wrong += len(set().union(*(found for _, found in runs)) - free)
        self.days += place.person_days
        for snapshot, found in runs:
            if snapshot.box:
                hit = not found.isdisjoint(snapshot.box.numbers)
                same = self.early.setdefault(snapshot.box.kind, [])
                (self.by_busiest if snapshot.of_card else same).append(hit)
        nights = [(one.calls.num_rows, found) for one, found in runs if one.box is None]
        for box in place.boxes:
            self._box(place, box, nights)

    def _box(self, place: Country, box: Actor, nights: list[tuple[int, Found]]) -> None:
        mine, seen, numbers = place.of(box), nights[-1][1], set(box.numbers)
        callers = place.calls["caller"].take(pa.array(mine)).to_numpy(zero_copy_only=False)
        self.end.append(not seen.isdisjoint(numbers))
        self.cards.append((len(numbers & seen), len(set(callers))))
        first = next((rows for rows, found in nights if not found.isdisjoint(numbers)), None)
        if first is not None:
            self.calls_at_night.append(int((mine < first).sum()))
        for number in numbers & seen:
            rows = next(rows for rows, found in nights if number in found)
            self.card_calls.append(int((callers[mine < rows] == number).sum()))

    @property
    def recall(self) -> float:
        return sum(map(sum, self.early.values())) / sum(map(len, self.early.values()))

    @property
    def alarms(self) -> float:
        return self.wrong / self.days

    @property
    def by_card(self) -> float:
        return sum(found for found, _ in self.cards) / sum(used for _, used in self.cards)


def row(
    name: str, unit: str, ours: float, peer: str, theirs: float | None, n: int, notes: str
) -> None:
    """Print a line."""
    ratio = round(ours / theirs, 3) if theirs else None
    print(json.dumps({
        "name": name, "unit": unit, "ours": round(ours, 4), "peer": peer,
        "peer_value": None if theirs is None else round(theirs, 4), "ratio": ratio, "n": n,
        "notes": f"{notes}; simulated",
    }, ensure_ascii=False), flush=True)  # fmt: skip


class Ours:
    """The detector, asked in SQL that is written once: writing it takes as long as an answer."""

    def __init__(self, place: Country) -> None:
        self.connection = DuckEngine("").connection
        self.connection.con.register("told", place.calls)
        detector = registry.get(CODE)
        params = replace(detector.params, permitted=place.permitted)
        tables = {"call": self.connection.table("told")}
        self.sql = str(ibis.to_sql(replace(detector, params=params).ask(tables), dialect="duckdb"))

    def found(self, calls: pa.Table) -> list[dict[str, Any]]:
        """Its findings."""
        self.connection.con.register("told", calls)
        rows: list[dict[str, Any]] = (
            self.connection.con.execute(self.sql).to_arrow_table().to_pylist()
        )
        return rows


def judge(seeds: int, subscribers: int) -> tuple[dict[str, Score], list[tuple[float, int]]]:
    """All methods over all countries, and how long each night's run of ours took."""
    peers, scores = Peers(subscribers), {name: Score() for name in METHODS}
    took = []
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        place = country(seed, subscribers)
        ours = Ours(place)
        runs: dict[str, list[tuple[Snapshot, Found]]] = {name: [] for name in METHODS}
        for one in (*place.snapshots(), *place.of_cards()):
            start = time.perf_counter()
            rows = ours.found(one.calls)
            if one.box is None:
                took.append((time.perf_counter() - start, one.calls.num_rows))
            table = features(one.calls)
            for name, found in (
                ("ours", {r["subject"] for r in rows}),
                ("known", {r["subject"] for r in rows if not _new_alone(r)}),
                ("rule", plain(table, peers.borders)),
                ("lightgbm", peers.learnt(table)),
            ):
                runs[name].append((one, found))
        for name, score in scores.items():
            score.add(place, runs[name])
    return scores, took


def _new_alone(found: dict[str, Any]) -> bool:
    """Whether a card is named for nothing but that it is new."""
    return {one["reason"] for one in found["evidence"]["reasons"]} <= {"place", "circle"}


def main(given: list[int]) -> None:
    """Learn, judge, tell."""
    seeds, subscribers = (*given, *(2, 20_000)[len(given) :])[:2]
    scores, took = judge(seeds, subscribers)
    ours, about = scores["ours"], f"{seeds} seeds of {subscribers:,} subscribers, {DAYS} days"
    boxes = len(ours.end)
    for peer in ("rule", "lightgbm"):
        theirs = scores[peer]
        row(f"SIM boxes found within {EARLY} calls", "share", ours.recall, peer, theirs.recall,
            boxes, f"{about}; a run at each 30th call")  # fmt: skip
        row(f"SIM boxes found before any card's call {EARLY + 1}", "share",
            sum(ours.by_busiest) / boxes, peer, sum(theirs.by_busiest) / boxes, boxes,
            f"{about}; a run at its busiest card's 30th call")  # fmt: skip
        row("false alarms, 100,000 subscribers a day", "numbers", ours.alarms, peer, theirs.alarms,
            ours.wrong, f"{about}; of all runs; n: numbers wrongly named by us")  # fmt: skip
        row("SIM boxes found by the last night", "share", sum(ours.end) / boxes, peer,
            sum(theirs.end) / boxes, boxes, about)  # fmt: skip
        row("their cards found by the last night", "share", ours.by_card, peer, theirs.by_card,
            sum(used for _, used in ours.cards), f"{about}; of cards that called")  # fmt: skip
    for kind, hits in sorted(ours.early.items()):
        theirs = scores["lightgbm"].early[kind]
        row(f"{kind} found within {EARLY} calls", "share", sum(hits) / len(hits), "lightgbm",
            sum(theirs) / len(theirs), len(hits), about)  # fmt: skip
    row("calls of a box before the first night that finds it, median", "calls",
        median(ours.calls_at_night), "lightgbm", median(scores["lightgbm"].calls_at_night),
        len(ours.calls_at_night), f"{about}; of a card: {median(ours.card_calls):.0f}")  # fmt: skip
    row(f"SIM boxes found within {EARLY} calls, not asking who is new", "share",
        scores["known"].recall, "ours", ours.recall, boxes, about)  # fmt: skip
    spent, rows = sum(s for s, _ in took), sum(n for _, n in took)
    row(CODE, "s a million calls", spent / rows * 1e6, "none", None, rows,
        "DuckDB, 2 threads, from memory")  # fmt: skip


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:] if one.isdecimal()])

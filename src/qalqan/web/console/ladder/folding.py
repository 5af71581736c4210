"""What one picture can't show apart is drawn as one; every sum stays, and the table lists all.

Small accounts become one lane. Small payments out of sight become one exit of their account at
the time of the last of them: until then their units are drawn as staying.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from qalqan.web.console.ladder.flow import FOLDED, FOLDED_VICTIMS, End, Flow, Lane, Move

MAX_LANES = 14
MAX_VICTIMS = 5
"""More lanes than this can't be read."""
SMALL_LANES = 20
"""The smallest accounts are drawn as one while together they got less than this part of all."""
SMALL_EXIT = 100
"""A payment out of sight is small below this part of all: two pixels."""
SMALL_EXITS = 50
"""Small payments of one account from this part of all on are told by kind."""
SMALL = "small"
"""The state of small exits of several kinds together."""


def folded(whole: Flow) -> Flow:
    """The flow with what is small contracted."""
    into = _small_lanes(whole)
    lanes = _contracted_lanes(whole.lanes, into) if into else whole.lanes
    moves = _contracted_moves(whole.moves, into) if into else whole.moves
    ends = _contracted_ends(whole.ends, into) if into else whole.ends
    return Flow(lanes, tuple(_few_exits(moves, whole.stolen)), tuple(ends), whole.stolen)


def _small_lanes(whole: Flow) -> dict[str, str]:
    """Lane → the lane it is drawn in."""
    weight: Counter[str] = Counter()
    for move in whole.moves:
        weight[move.payee or ""] += move.units
        if whole.lanes[move.payer].victim:
            weight[move.payer] += move.units
    victims = [name for name, lane in whole.lanes.items() if lane.victim]
    accounts = [name for name, lane in whole.lanes.items() if not lane.victim]
    few = whole.stolen // SMALL_LANES
    return {
        **_smallest(weight, accounts, MAX_LANES, few, FOLDED),
        **_smallest(weight, victims, MAX_VICTIMS, 0, FOLDED_VICTIMS),
    }


def _smallest(
    weight: Counter[str], lanes: list[str], most: int, few: int, into: str
) -> dict[str, str]:
    """The smallest lanes: those above `most`, and more while together they got at most `few`."""
    ranked = sorted(lanes, key=lambda lane: (weight[lane], lane))
    together, found = 0, []
    for place, lane in enumerate(ranked):
        together += weight[lane]
        if together > few and len(ranked) - place < most:
            break
        found.append(lane)
    return dict.fromkeys(found, into) if len(found) > 1 else {}


def _few_exits(moves: Iterable[Move], stolen: int) -> Iterator[Move]:
    """Small exits of one lane together; what went back to victims is always told apart."""
    small: defaultdict[str, list[Move]] = defaultdict(list)
    for move in moves:
        if move.exit and move.exit != "returned" and move.units * SMALL_EXIT < stolen:
            small[move.payer].append(move)
        else:
            yield move
    for group in small.values():
        if sum(move.units for move in group) * SMALL_EXITS < stolen:
            yield _together(group)
        else:
            for kind in sorted({str(move.exit) for move in group}):
                yield _together([move for move in group if move.exit == kind])


def _together(group: list[Move]) -> Move:
    last = max(group, key=lambda move: move.key)
    kinds = {move.exit for move in group}
    return replace(
        last,
        exit=last.exit if len(kinds) == 1 else SMALL,
        units=sum(move.units for move in group),
        payments=sum(move.payments for move in group),
        since_us=min(move.key[0] for move in group),
    )


def _contracted_lanes(lanes: Mapping[str, Lane], into: Mapping[str, str]) -> dict[str, Lane]:
    counts = Counter(into.values())
    kept = {name: lane for name, lane in lanes.items() if name not in into}
    return kept | {name: Lane(name, "", count) for name, count in counts.items()}


def _contracted_moves(moves: Iterable[Move], into: Mapping[str, str]) -> Iterator[Move]:
    for move in moves:
        payer = into.get(move.payer, move.payer)
        payee = into.get(move.payee, move.payee) if move.payee else None
        if payer != payee:
            yield replace(move, payer=payer, payee=payee)


def _contracted_ends(ends: Iterable[End], into: Mapping[str, str]) -> Iterator[End]:
    together: defaultdict[tuple[str, str], list[End]] = defaultdict(list)
    for end in ends:
        together[into.get(end.lane, end.lane), end.kind].append(end)
    for (lane, kind), group in together.items():
        times = [end.at_us for end in group if end.at_us is not None]
        yield End(lane, kind, sum(end.units for end in group), max(times, default=None))

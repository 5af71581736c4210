"""What the money ladder draws: moves of stolen units between lanes, and where they end.

Reads a trail document (sums in minor units, times UTC microseconds) under one attribution rule
and for some of its claims (REQ-39). A lane is an account, a victim, or the many small accounts
that one picture can't show apart; contracting them keeps every sum.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from qalqan.errors import ContractBroken

FOLDED = "+accounts"
FOLDED_VICTIMS = "+victims"
VICTIM = "victim:"
MAX_LANES = 14
MAX_VICTIMS = 5
"""More than this in one picture can't be read; the table still lists every one."""

Key = tuple[int, int]
"""A moment: UTC microseconds, and the round of settlement within that instant."""


@dataclass(frozen=True)
class Saved:
    """What orders did to one account: sums in minor units, and since when."""

    held: int = 0
    held_us: int | None = None
    returned: int = 0
    returned_us: int | None = None


@dataclass(frozen=True)
class Facts:
    """What the picture needs besides the trail: this case's claims, orders, moments, names."""

    claims: frozenset[str]
    now_us: int
    reported_us: tuple[int, ...] = ()
    saved: Mapping[str, Saved] = field(default_factory=dict)
    awaited: Mapping[str, int] = field(default_factory=dict)
    """Account → when the partner's answer is due."""
    banks: Mapping[str, str] = field(default_factory=dict)
    """Bank code → name in the reader's language."""
    rule: str = "taint_first"


@dataclass(frozen=True)
class Lane:
    """One horizontal track of the picture."""

    id: str
    bank: str
    accounts: int = 1
    """How many accounts it stands for."""

    @property
    def victim(self) -> bool:
        return self.id.startswith((VICTIM, FOLDED_VICTIMS))

    @property
    def folded(self) -> bool:
        return self.id in {FOLDED, FOLDED_VICTIMS}


@dataclass(frozen=True)
class Move:
    """Stolen units that went from one lane to another, or out of sight (`exit`)."""

    key: Key
    payer: str
    payee: str | None
    exit: str | None
    units: int
    payments: int = 1


@dataclass(frozen=True)
class End:
    """Stolen units that stay in a lane: held, returned, moving or kept."""

    lane: str
    kind: str
    units: int
    at_us: int | None = None


@dataclass(frozen=True)
class Flow:
    """The whole picture in sums; `stolen` = what victims paid = ends + exits."""

    lanes: Mapping[str, Lane]
    moves: tuple[Move, ...]
    ends: tuple[End, ...]
    stolen: int


def units_of(by_rule: Mapping[str, Mapping[str, int]], rule: str, claims: frozenset[str]) -> int:
    """Units under `rule` that belong to `claims`."""
    return sum(units for claim, units in by_rule.get(rule, {}).items() if claim in claims)


def flow(document: Mapping[str, Any], facts: Facts) -> Flow:
    """The moves and ends of `facts.claims` under `facts.rule`, small lanes folded.

    Raises:
        ContractBroken: an account passes on more than it received, or the sums don't meet.
    """
    moves = tuple(_in_rounds(_moves(document, facts)))
    ends = tuple(_ends(document, facts, moves))
    stolen = sum(move.units for move in moves if move.payer.startswith(VICTIM))
    out = sum(move.units for move in moves if move.exit) + sum(end.units for end in ends)
    if stolen != out:
        raise ContractBroken(f"the trail starts with {stolen} units and ends with {out}")
    lanes = _lanes(document, moves)
    return _folded(Flow(lanes, moves, ends, stolen))


def _moves(document: Mapping[str, Any], facts: Facts) -> Iterator[Move]:
    roots = set()
    for claim in document["claims"]:
        roots.add(claim["root"])
        if claim["claim"] in facts.claims:
            payer = VICTIM + claim["payer"]
            yield Move((claim["at_us"], 0), payer, claim["payee"], None, claim["amount"])
    for leg in document["legs"]:
        units = units_of(leg["units"], facts.rule, facts.claims)
        if units and leg["id"] not in roots and leg["exit"] != "returned":
            payee = None if leg["exit"] else leg["payee"]
            exit_kind = leg["exit"] or (None if payee else "unknown")
            yield Move((leg["at_us"], 0), leg["payer"], payee, exit_kind, units)


def _in_rounds(moves: Iterable[Move]) -> Iterator[Move]:
    """Moves of one instant in the trail's order: a payer waits for what still comes to it."""
    ordered = sorted(moves, key=lambda move: (move.key, move.payer, move.payee or ""))
    for at_us, group in groupby(ordered, key=lambda move: move.key[0]):
        rest, turn = list(group), 0
        while rest:
            awaiting = {move.payee for move in rest}
            ready = [move for move in rest if move.payer not in awaiting] or rest
            yield from (replace(move, key=(at_us, turn)) for move in ready)
            settled = set(map(id, ready))
            rest = [move for move in rest if id(move) not in settled]
            turn += 1


def _ends(document: Mapping[str, Any], facts: Facts, moves: tuple[Move, ...]) -> Iterator[End]:
    money: Counter[str] = Counter()
    for move in moves:
        money[move.payer] -= move.units
        if move.payee:
            money[move.payee] += move.units
    kept = {
        node["account"]: units_of(node["kept"], facts.rule, facts.claims)
        for node in document["nodes"]
    }
    for account, here in sorted(money.items()):
        if account.startswith(VICTIM):
            continue
        if here < 0:
            raise ContractBroken(f"{account} passes on {-here} units more than it received")
        saved = facts.saved.get(account, Saved())
        yield from _split(account, here, kept.get(account, 0), saved)


def _split(account: str, here: int, kept: int, saved: Saved) -> Iterator[End]:
    returned = min(saved.returned, here)
    held = min(saved.held, here - returned)
    kept = min(kept, here - returned - held)
    parts = (
        ("returned", returned, saved.returned_us),
        ("held", held, saved.held_us),
        ("kept", kept, None),
        ("moving", here - returned - held - kept, None),
    )
    yield from (End(account, kind, units, at) for kind, units, at in parts if units)


def _lanes(document: Mapping[str, Any], moves: tuple[Move, ...]) -> dict[str, Lane]:
    banks = {node["account"]: node["bank"] for node in document["nodes"]}
    for claim in document["claims"]:
        banks[VICTIM + claim["payer"]] = claim["payer_bank"]
        banks.setdefault(claim["payee"], claim.get("payee_bank", ""))
    for leg in document["legs"]:
        banks.setdefault(leg["payer"], leg["payer_bank"])
    seen = {move.payer for move in moves} | {move.payee for move in moves if move.payee}
    return {lane: Lane(lane, banks.get(lane, "") or "") for lane in sorted(seen)}


def _folded(whole: Flow) -> Flow:
    """Contract the smallest lanes into one, so that a person can still read the picture."""
    weight: Counter[str] = Counter()
    for move in whole.moves:
        weight[move.payee or move.payer] += move.units if move.payee else 0
        if move.payer.startswith(VICTIM):
            weight[move.payer] += move.units
    into = {
        **_small(weight, [n for n, lane in whole.lanes.items() if not lane.victim], MAX_LANES, FOLDED),
        **_small(
            weight,
            [n for n, lane in whole.lanes.items() if lane.victim],
            MAX_VICTIMS,
            FOLDED_VICTIMS,
        ),
    }
    if not into:
        return whole
    return Flow(
        _contracted_lanes(whole.lanes, into),
        tuple(_contracted_moves(whole.moves, into)),
        tuple(_contracted_ends(whole.ends, into)),
        whole.stolen,
    )


def _small(weight: Counter[str], lanes: list[str], most: int, into: str) -> dict[str, str]:
    if len(lanes) <= most:
        return {}
    ranked = sorted(lanes, key=lambda lane: (-weight[lane], lane))
    return dict.fromkeys(ranked[most - 1 :], into)


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

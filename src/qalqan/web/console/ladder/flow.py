"""What the money ladder draws: moves of stolen units between lanes, and where they end.

Reads a trail document (sums in minor units, times UTC microseconds) under one attribution rule
and for some of its claims (REQ-39). A lane is an account, a victim, or many small ones together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from qalqan.errors import ContractBroken
from qalqan.trail.timeline import levels

FOLDED = "+accounts"
FOLDED_VICTIMS = "+victims"
VICTIM = "victim:"

Key = tuple[int, int]
"""A moment: UTC microseconds, and the round of settlement within that instant."""


@dataclass(frozen=True)
class Saved:
    """What holds keep of these claims at one account: minor units, and since when."""

    held: int = 0
    held_us: int | None = None


@dataclass(frozen=True)
class Scene:
    """What the picture needs besides the trail: this case's claims, holds, moments, names."""

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
    since_us: int | None = None
    """The first of several payments told as one, where that was earlier than `key`."""


@dataclass(frozen=True)
class End:
    """Stolen units that stay in a lane: held, moving or kept."""

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


def flow(document: Mapping[str, Any], scene: Scene) -> Flow:
    """The moves and ends of `scene.claims` under `scene.rule`.

    Raises:
        ContractBroken: an account passes on more than it received, or the sums don't meet.
    """
    moves = tuple(sorted(_moves(document, scene), key=_when))
    ends = tuple(_ends(document, scene, moves))
    stolen = sum(move.units for move in moves if move.payer.startswith(VICTIM))
    out = sum(move.units for move in moves if move.exit) + sum(end.units for end in ends)
    if stolen != out:
        raise ContractBroken(f"the trail starts with {stolen} units and ends with {out}")
    return Flow(_lanes(document, moves), moves, ends, stolen)


def _moves(document: Mapping[str, Any], scene: Scene) -> Iterator[Move]:
    """Every payment of stolen units, at the moment it arrives (or leaves our sight)."""
    for claim in document["claims"]:
        if claim["claim"] in scene.claims:
            payer = VICTIM + claim["payer"]
            yield Move((claim["at_us"], 0), payer, claim["payee"], None, claim["amount"])
    rounds = _rounds(document["legs"])
    for leg in document["legs"]:
        units = units_of(leg["units"], scene.rule, scene.claims)
        if units:
            payee = None if leg["exit"] else leg["payee"]
            under_way = payee is not None and leg["arrived_us"] > leg["at_us"]
            level = 1 + rounds[leg["at_us"]].get(leg["payer"], 0)
            key = (leg["arrived_us"], 0) if under_way else (leg["at_us"], level)
            yield Move(key, leg["payer"], payee, leg["exit"], units)


def _rounds(legs: Iterable[Mapping[str, Any]]) -> defaultdict[int, dict[str | None, int]]:
    """Instant → payer → its round there, as the trail settles (`docs/reference/trail.md` 3)."""
    edges: defaultdict[int, set[tuple[str, str]]] = defaultdict(set)
    for leg in legs:
        if leg["exit"] is None and leg["arrived_us"] == leg["at_us"]:
            edges[leg["at_us"]].add((leg["payer"], leg["payee"]))
    rounds: defaultdict[int, dict[str | None, int]] = defaultdict(dict)
    for at_us, pairs in edges.items():
        rounds[at_us] = levels(sorted(pairs))
    return rounds


def _when(move: Move) -> tuple[Key, str, str]:
    return move.key, move.payer, move.payee or ""


def _ends(document: Mapping[str, Any], scene: Scene, moves: tuple[Move, ...]) -> Iterator[End]:
    money: Counter[str] = Counter()
    for move in moves:
        money[move.payer] -= move.units
        if move.payee:
            money[move.payee] += move.units
    kept = {
        node["account"]: units_of(node["kept"], scene.rule, scene.claims)
        for node in document["nodes"]
    }
    for account, here in sorted(money.items()):
        if account.startswith(VICTIM):
            continue
        if here < 0:
            raise ContractBroken(f"{account} passes on {-here} units more than it received")
        saved = scene.saved.get(account, Saved())
        held = min(saved.held, here)
        drops = min(kept.get(account, 0), here - held)
        parts = (("held", held), ("kept", drops), ("moving", here - held - drops))
        at = {"held": saved.held_us}
        yield from (End(account, kind, units, at.get(kind)) for kind, units in parts if units)


def _lanes(document: Mapping[str, Any], moves: tuple[Move, ...]) -> dict[str, Lane]:
    banks = {node["account"]: node["bank"] for node in document["nodes"]}
    for claim in document["claims"]:
        banks[VICTIM + claim["payer"]] = claim["payer_bank"]
        banks.setdefault(claim["payee"], claim.get("payee_bank", ""))
    for leg in document["legs"]:
        banks.setdefault(leg["payer"], leg["payer_bank"])
    seen = {move.payer for move in moves} | {move.payee for move in moves if move.payee}
    return {lane: Lane(lane, banks.get(lane, "") or "") for lane in sorted(seen)}

"""A case's trail as its page shows it: picture, equal table, frontier, disagreements (REQ-39).

Sums of the tables are ranges over the four rules: no rule is the truth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qalqan.cases.figures import Held
from qalqan.model.order import WAITING, Kind, Order, held_now
from qalqan.text.catalogue import has
from qalqan.trail import Document
from qalqan.trail.semantics import RULES
from qalqan.web.console.clocks import Clock, clock_of
from qalqan.web.console.disclosure import Sealed, sealed
from qalqan.web.console.ladder.flow import Saved, Scene, units_of
from qalqan.web.console.ladder.picture import draw, trace
from qalqan.web.console.reader import Reader


@dataclass(frozen=True)
class Step:
    """One payment of the table; `to` is None where the money went out of sight (`exit`)."""

    at_us: int
    payer: Sealed | None
    payer_bank: str
    payee: Sealed | None
    payee_bank: str
    exit: str | None
    amount: int
    least: int
    most: int
    banks: int
    """How many banks tell it."""
    told: str
    """By whom: banks, victim (and the victim's bank), or a gap in a statement."""


@dataclass(frozen=True)
class Stop:
    """One account of the table: what came, what is there and how much of it is held."""

    account: Sealed
    bank: str
    first_us: int | None
    covered_us: int | None
    received: tuple[int, int]
    here: tuple[int, int]
    held: int
    kept: bool


@dataclass(frozen=True)
class Unknown:
    """A frontier account: from when on nobody has told us, and whether its bank is asked."""

    account: Sealed
    bank: str
    from_us: int
    told: bool
    """Something before `from_us` is told already."""
    units: tuple[int, int]
    order: str | None
    clock: Clock | None


@dataclass(frozen=True)
class Difference:
    """Two banks tell one payment differently."""

    at_us: int
    field: str
    payer_bank: str
    payer_says: str
    payee_bank: str
    payee_says: str


@dataclass(frozen=True)
class TrailView:
    """One currency of a case."""

    currency: str
    as_of_us: int
    picture: str | None
    notes: frozenset[str]
    steps: tuple[Step, ...]
    stops: tuple[Stop, ...]
    frontier: tuple[Unknown, ...]
    differences: tuple[Difference, ...]


def trail_view(
    reader: Reader, document: Document, scene: Scene, orders: Sequence[Order], held: Held
) -> TrailView:
    """Everything of one document; `scene` says whose claims and under which rule."""
    currency = document["currency"]
    flow = trace(document, scene)
    picture, notes = draw(flow, scene, currency, reader.language) if flow else (None, frozenset())
    legs = [leg for leg in document["legs"] if _units(leg["units"], scene.claims)[1]]
    return TrailView(
        currency=currency,
        as_of_us=document["as_of_us"],
        picture=picture,
        notes=notes,
        steps=(*_roots(document, scene), *(_step(leg, scene.claims) for leg in legs)),
        stops=tuple(_stops(document, scene, held)),
        frontier=tuple(sorted(_frontier(reader, document, scene, orders), key=_most_first)),
        differences=tuple(d for leg in legs for d in _differences(reader, leg, currency)),
    )


def scene_of(
    reader: Reader,
    document: Document,
    claims: Iterable[str],
    reported_us: Iterable[int],
    orders: Iterable[Order],
    held: Held,
    rule: str,
) -> Scene:
    """What the picture needs besides the document."""
    mine = frozenset(claims)
    saved: dict[str, Saved] = {}
    awaited: dict[str, int] = {}
    for order in orders:
        account = order.account or ""
        if order.kind is Kind.HOLD and held_now(order, reader.now_us) and account not in saved:
            of = held.get((account, document["currency"]), {})
            units = sum(units for claim, units in of.items() if claim in mine)
            saved[account] = Saved(units, order.answered_us)
        if order.state in WAITING and order.due_us is not None and order.kind is not Kind.CONFIRM:
            awaited[account] = min(order.due_us, awaited.get(account, order.due_us))
    return Scene(mine, reader.now_us, tuple(reported_us), saved, awaited, dict(reader.banks), rule)


def _units(by_rule: Mapping[str, Mapping[str, int]], claims: frozenset[str]) -> tuple[int, int]:
    """Least and most over the rules."""
    told = [units_of(by_rule, rule, claims) for rule in RULES]
    return min(told), max(told)


def _roots(document: Document, scene: Scene) -> Iterable[Step]:
    for claim in document["claims"]:
        if claim["claim"] in scene.claims:
            units = claim["amount"]
            yield Step(
                claim["at_us"], sealed(claim["payer"]), claim["payer_bank"],
                sealed(claim["payee"]), claim["payee_bank"], None, units, units, units, 1, "victim",
            )  # fmt: skip


def _step(leg: Mapping[str, Any], claims: frozenset[str]) -> Step:
    payee = leg["payee"]
    return Step(
        leg["at_us"], sealed(leg["payer"]) if leg["payer"] else None, leg["payer_bank"] or "",
        sealed(payee) if payee else None, leg["payee_bank"] or "", leg["exit"], leg["amount"],
        *_units(leg["units"], claims), len(leg["facts"]),
        "gap" if leg["id"].startswith("gap:") else "banks",
    )  # fmt: skip


def _stops(document: Document, scene: Scene, held: Held) -> Iterable[Stop]:
    for node in document["nodes"]:
        received = _units(node["received"], scene.claims)
        if received[1]:
            of = held.get((node["account"], document["currency"]), {})
            yield Stop(
                sealed(node["account"]), node["bank"], node["first_us"], node["covered_to_us"],
                received, _units(node["here"], scene.claims),
                sum(units for claim, units in of.items() if claim in scene.claims),
                bool(units_of(node["kept"], scene.rule, scene.claims)),
            )  # fmt: skip


def _frontier(
    reader: Reader, document: Document, scene: Scene, orders: Sequence[Order]
) -> Iterable[Unknown]:
    covered = {node["account"]: node["covered_to_us"] for node in document["nodes"]}
    for asked in document["frontier"]:
        account = asked["account"]
        mine = [o for o in orders if o.account == account and o.kind is Kind.STATEMENT]
        order = next((o for o in reversed(mine) if o.state in WAITING), None)
        units = asked["units"].values()
        yield Unknown(
            sealed(account), asked["bank"], asked["from_us"], covered.get(account) is not None,
            (min(units), max(units)), order.id if order else None,
            clock_of(order, reader.now_us) if order else None,
        )  # fmt: skip


def _most_first(asked: Unknown) -> tuple[int, int]:
    return -asked.units[1], asked.from_us


def _differences(reader: Reader, leg: Mapping[str, Any], currency: str) -> Iterable[Difference]:
    for field, (payer_says, payee_says) in (leg["disagreement"] or {}).items():
        yield Difference(
            leg["at_us"], field,
            reader.bank(leg["payer_bank"]), _said(reader, field, payer_says, currency),
            reader.bank(leg["payee_bank"]), _said(reader, field, payee_says, currency),
        )  # fmt: skip


def _said(reader: Reader, field: str, value: object, currency: str) -> str:
    """What one bank tells of a field, as a person reads it."""
    if field == "amount" and isinstance(value, int):
        return reader.money(value, currency)
    if field == "at_us" and isinstance(value, int):
        return reader.when(value)
    if field in {"payer", "payee"}:
        return "…" + sealed(str(value)).last
    key = f"console.instrument.{value}"
    return reader.say(key) if has(key) else str(value)

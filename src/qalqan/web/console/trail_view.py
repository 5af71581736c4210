"""A case's trail as its page shows it: picture, equal table, frontier, disagreements (REQ-39).

Sums of the tables are ranges over the four rules: no rule is the truth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qalqan.cases.figures import Held
from qalqan.cases.opening import Sealed, sealed
from qalqan.model.order import WAITING, Kind, Order, held_now
from qalqan.text.catalogue import has
from qalqan.trail import Document
from qalqan.trail.semantics import RULES
from qalqan.web.console.ladder.flow import Saved, Scene, units_of
from qalqan.web.console.ladder.picture import draw, trace
from qalqan.web.console.plan_view import Left, Plan, PlanLine, Small, Unknown, folded
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
    small_steps: Small
    stops: tuple[Stop, ...]
    small_stops: Small
    plan: tuple[PlanLine, ...]
    left: tuple[Left, ...]
    waiting: Small
    ask_first_us: int
    """So long after it came, money waits for its statement before it is held."""
    frontier: tuple[Unknown, ...]
    small_frontier: Small
    differences: tuple[Difference, ...]


def trail_view(
    reader: Reader, document: Document, scene: Scene, held: Held, plan: Plan
) -> TrailView:
    """Everything of one document; `scene` says whose claims and under which rule. What is below
    the policy's least is told as one line: largest remainders leave crumbs in many accounts."""
    currency = document["currency"]
    flow = trace(document, scene)
    picture, notes = draw(flow, scene, currency, reader.language) if flow else (None, frozenset())
    legs = [leg for leg in document["legs"] if _units(leg["units"], scene.claims)[1]]
    steps = [*_roots(document, scene), *(_step(leg, scene.claims) for leg in legs)]
    stops, least = list(_stops(document, scene, held)), plan.least(currency)
    frontier, small = plan.frontier(document)
    return TrailView(
        currency=currency,
        as_of_us=document["as_of_us"],
        picture=picture,
        notes=notes,
        steps=tuple(step for step in steps if _is_shown(step, least)),
        small_steps=folded([s.most for s in steps if not _is_shown(s, least)], least),
        stops=tuple(stop for stop in stops if stop.received[1] >= least),
        small_stops=folded([stop.received[1] for stop in stops], least),
        plan=plan.lines(currency),
        left=plan.left(currency),
        waiting=plan.waiting(currency),
        ask_first_us=plan.ask_first_us,
        frontier=frontier,
        small_frontier=small,
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


def _is_shown(step: Step, least: int) -> bool:
    """A gap tells of a bank's mistake, however small it is."""
    return step.most >= least or step.told == "gap"


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

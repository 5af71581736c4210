"""Where a case's money still moves: from its trail, as kept, and from what is not followed yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qalqan.cases.figures import Held
from qalqan.cases.places import arrivals
from qalqan.cases.urgency import Ordered, QueueRule, Spot, holds_now
from qalqan.trail import Document
from qalqan.trail.semantics import Root

Banks = list[list[Any]]
"""[bank code, tiyn that move there, tiyn held there], most first."""


def of_documents(documents: Sequence[Document], held: Held, rule: str) -> list[Spot]:
    """Where a case's money moves by its trail: what is there, is nobody's part, and not held."""
    found = []
    for document in documents:
        arrived = arrivals(document, rule)
        for node in document["nodes"]:
            units = _moving(node, document["currency"], held, rule)
            if units > 0:
                found.append(
                    Spot(
                        account=node["account"],
                        bank=node["bank"],
                        currency=document["currency"],
                        units=units,
                        hop=node["hop"],
                        arrived_us=arrived[node["account"]],
                        seen_us=node["covered_to_us"],
                    )
                )
    return found


def _moving(node: Mapping[str, Any], currency: str, held: Held, rule: str) -> int:
    if node["kept"].get(rule):
        return 0
    there: Mapping[str, int] = node["here"].get(rule, {})
    by_claim = held.get((node["account"], currency), {})
    return sum(units - by_claim.get(claim, 0) for claim, units in there.items())


def kept(places: Iterable[Sequence[Any]]) -> list[Spot]:
    """As the register keeps them, without what no trail followed then."""
    return [spot for spot in (Spot(*place) for place in places) if spot.hop]


def fresh(roots: Iterable[Root], followed: Mapping[str, int]) -> list[Spot]:
    """The newest confirmed payments that no trail follows yet, as hop 0; `followed` is what the
    trail knows to be stolen, by currency."""
    found, left = [], defaultdict[str, int](int)
    newest = sorted(roots, key=lambda root: (-root.at_us, root.id))
    for root in newest:
        left[root.currency] += root.amount
    for currency, units in followed.items():
        left[currency] -= units
    for root in newest:
        units = min(root.amount, left[root.currency])
        if units > 0:
            left[root.currency] -= units
            found.append(
                Spot(root.payee, root.payee_bank, root.currency, units, 0, root.at_us, None)
            )
    return found


def by_bank(
    spots: Iterable[Spot],
    orders: Iterable[tuple[str, Ordered]],
    rule: QueueRule,
    now_us: int,
    most: int,
) -> Banks:
    """The banks where money moves or is held; `orders` are (bank code, order)."""
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for spot in spots:
        sums[spot.bank][0] += rule.weigh(spot.units, spot.currency)
    for bank, order in orders:
        if holds_now(order, now_us):
            sums[bank][1] += rule.weigh(order.effect, order.currency)
    ranked = sorted(sums.items(), key=lambda of: (-sum(of[1]), of[0]))
    return [[bank, moving, held] for bank, (moving, held) in ranked if moving + held][:most]

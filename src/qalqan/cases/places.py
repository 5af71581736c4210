"""Where stolen money sits now: the accounts of a trail with all their victims (REQ-39, 44)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from qalqan.trail import Document
from qalqan.trail.plan import Stand
from qalqan.trail.standing import NOTHING_TOLD, Standing, told_of


@dataclass
class Place:
    """One followed account under one rule; sums in minor units, times UTC microseconds."""

    account: str
    bank: str
    currency: str
    first_us: int
    covered_us: int | None
    """Until when statements or a feed tell everything; None: nothing is told yet."""
    last_us: int
    """When stolen money last arrived."""
    traced: dict[str, int] = field(default_factory=dict)
    """Claim → units that are there."""
    kept: bool = False
    """Nearly all has been passed on: what is left is the holder's part (REQ-39)."""
    hop: int = 1
    """How many transfers from the victim."""
    sources: dict[str, int] = field(default_factory=dict)
    """Followed account → units that came from there."""
    outflows: list[tuple[int, int]] = field(default_factory=list)
    """(when, units) that left, other than back to their victim."""
    standing: Standing = NOTHING_TOLD
    """Its balance and the wages there, as far as anybody tells."""

    def stand(self) -> Stand:
        """As the hold plan looks at it."""
        return Stand(
            self.account, self.bank, self.hop, self.last_us, self.traced, self.covered_us,
            self.standing.balance, self.standing.spared,
        )  # fmt: skip

    def left_since(self, at_us: int) -> int:
        """Units that left after a moment, other than back to their victim."""
        return sum(units for when, units in self.outflows if when > at_us)

    @property
    def units(self) -> int:
        """Units of all claims."""
        return sum(self.traced.values())


def places(documents: Iterable[Document], rule: str) -> dict[tuple[str, str], Place]:
    """(account, currency) → place, over the documents of cases that were followed together."""
    documents = list(documents)
    found: dict[tuple[str, str], Place] = {}
    for document in documents:
        arrived = arrivals(document, rule)
        for node in document["nodes"]:
            place = _of(node, document["currency"], told_of(document, node["account"]))
            place = found.setdefault((place.account, place.currency), place)
            place.last_us = max(place.last_us, arrived[place.account])
            place.traced |= node["here"].get(rule, {})
            place.kept = place.kept or bool(node["kept"].get(rule))
    for document in documents:
        _add_legs(found, document, rule)
    return found


def _add_legs(found: Mapping[tuple[str, str], Place], document: Document, rule: str) -> None:
    for leg in document["legs"]:
        units, currency = sum(leg["units"].get(rule, {}).values()), document["currency"]
        payer, payee = found.get((leg["payer"], currency)), found.get((leg["payee"], currency))
        if units and payer is not None and leg["exit"] != "returned":
            payer.outflows.append((leg["at_us"], units))
        if units and payee is not None and leg["exit"] is None:
            payee.sources[leg["payer"]] = payee.sources.get(leg["payer"], 0) + units


def _of(node: Mapping[str, object], currency: str, standing: Standing) -> Place:
    account, bank, first_us, covered = (
        node[name] for name in ("account", "bank", "first_us", "covered_to_us")
    )
    assert isinstance(account, str)
    assert isinstance(bank, str)
    first, hop = first_us if isinstance(first_us, int) else 0, node["hop"]
    assert isinstance(hop, int)
    known = covered if isinstance(covered, int) else None
    return Place(account, bank, currency, first, known, 0, hop=hop, standing=standing)


def arrivals(document: Document, rule: str) -> defaultdict[str, int]:
    """Account → when stolen units last arrived there under the rule."""
    last: defaultdict[str, int] = defaultdict(int)
    for claim in document["claims"]:
        last[claim["payee"]] = max(last[claim["payee"]], claim["at_us"])
    for leg in document["legs"]:
        if leg["exit"] is None and rule in leg["units"]:
            last[leg["payee"]] = max(last[leg["payee"]], leg["arrived_us"])
    return last

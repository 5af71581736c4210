"""Spells for the hazard: from trails' documents and from findings (REQ-90). Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from qalqan.trail.body import Document
from qalqan.trail.hazard import ALL, FAR_HOP, MILLION, Spell
from qalqan.trail.semantics import Fact

_NOBODY_TOOK = frozenset({"returned", "unknown"})
"""Exits that say nothing of what a holder does with money that is not his."""


def traced(documents: Iterable[Document], rule: str, stopped_us: Mapping[str, int]) -> list[Spell]:
    """Arrivals of stolen units at accounts whose books tell what came of them, each once however
    many cases tell it. What lies in an account after a hold (`stopped_us`) is cut off there."""
    found: dict[tuple[str, int], Spell] = {}
    for document in documents:
        left, came = _left(document, rule), _came(document, rule)
        for node in document["nodes"]:
            account, covered_us = node["account"], node["covered_to_us"]
            if covered_us is None:
                continue
            until_us = min(covered_us, stopped_us.get(account, covered_us))
            for at_us in came[account]:
                if at_us <= until_us:
                    spell = _spell(node["hop"], at_us, left[account], until_us)
                    before = found.setdefault((account, at_us), spell)
                    if spell.left and not before.left:
                        found[account, at_us] = spell
    return list(found.values())


def _came(document: Document, rule: str) -> defaultdict[str, list[int]]:
    """Account → when stolen units arrived."""
    came: defaultdict[str, list[int]] = defaultdict(list)
    for claim in document["claims"]:
        came[claim["payee"]].append(claim["at_us"])
    for leg in _legs(document, rule):
        if leg["exit"] is None:
            came[leg["payee"]].append(leg["arrived_us"])
    return came


def _left(document: Document, rule: str) -> defaultdict[str, list[int]]:
    """Account → when stolen units left; of a statement's gap nobody knows."""
    left: defaultdict[str, list[int]] = defaultdict(list)
    for leg in _legs(document, rule):
        if not leg["id"].startswith("gap:"):
            left[leg["payer"]].append(leg["at_us"])
    return left


def _legs(document: Document, rule: str) -> Iterator[Document]:
    return (leg for leg in document["legs"] if rule in leg["units"])


def _spell(hop: int, at_us: int, left: Iterable[int], until_us: int) -> Spell:
    went = min((us for us in left if at_us <= us <= until_us), default=None)
    end_us = until_us if went is None else went
    return Spell(hop, at_us, end_us - at_us, went is not None)


def onward(documents: Iterable[Document], rule: str) -> dict[str, int]:
    """Hop → share of the units that left which reached another account, ppm."""
    left: defaultdict[str, int] = defaultdict(int)
    reached: defaultdict[str, int] = defaultdict(int)
    for document in documents:
        for leg in document["legs"]:
            if leg["exit"] in _NOBODY_TOOK:
                continue
            units = sum(leg["units"].get(rule, {}).values())
            for cell in (str(min(leg["hop"] - 1, FAR_HOP)), ALL):
                left[cell] += units
                reached[cell] += units if leg["exit"] in {None, "wallet"} else 0
    return {cell: reached[cell] * MILLION // units for cell, units in sorted(left.items()) if units}


def of_findings(named: Mapping[str, Sequence[str]], facts: Mapping[str, Fact]) -> list[Spell]:
    """Each receipt that a finding of an account names (`source:id`), and the first payment it
    names that went out after."""
    made = []
    for account, ids in sorted(named.items()):
        mine = [facts[one] for one in dict.fromkeys(ids) if one in facts]
        left = [fact.at_us for fact in mine if fact.payer == account]
        for fact in mine:
            if fact.payee == account and (after := [us for us in left if us >= fact.at_us]):
                made.append(Spell(0, fact.at_us, min(after) - fact.at_us, True))
    return made

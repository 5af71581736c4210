"""Lots of units, how they are shared and taken: sections 0 and 5 of `docs/reference/trail.md`,
every rule over the same plain list. Part of the oracle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

OWN = "~own"
"""Own money in a lot, beside the claims; stands last."""

Units = dict[str, int]


def stolen(units: Units) -> Units:
    """Claims' units only."""
    return {claim: n for claim, n in units.items() if claim != OWN and n}


def together(lots: Iterable[Units]) -> Units:
    """All lots as one."""
    whole: Units = defaultdict(int)
    for lot in lots:
        for claim, n in lot.items():
            whole[claim] += n
    return dict(whole)


def less(units: Units, part: Units) -> Units:
    """What is left."""
    return {claim: n - part.get(claim, 0) for claim, n in units.items()}


def shared(total: int, units: Units) -> Units:
    """`apportion` of section 0: rounded down, then one more to the largest remainders."""
    whole = sum(units.values())
    if whole == 0:
        assert total == 0
        return {}
    order = sorted(units, key=lambda claim: (claim == OWN, claim))
    exact = {claim: Fraction(total * units[claim], whole) for claim in order}
    parts = {claim: exact[claim].numerator // exact[claim].denominator for claim in order}
    by_remainder = sorted(order, key=lambda claim: parts[claim] - exact[claim])
    for claim in by_remainder[: total - sum(parts.values())]:
        parts[claim] += 1
    return parts


def taken(rule: str, book: list[Units], amount: int) -> Units:
    """Take a sum out of the book by the rule; the bundle is of exactly this sum."""
    if rule in {"taint_first", "pro_rata"}:
        book[:] = [together(book)]
    bundle: Units = {}
    if rule == "taint_first":
        claims = stolen(book[0])
        bundle = shared(min(amount, sum(claims.values())), claims)
        bundle[OWN] = min(amount - sum(bundle.values()), book[0].get(OWN, 0))
        book[0] = less(book[0], bundle)
    else:
        for i in reversed(range(len(book))) if rule == "lifo" else range(len(book)):
            needed = amount - sum(bundle.values())
            part = shared(min(needed, sum(book[i].values())), book[i])
            book[i] = less(book[i], part)
            bundle = together([bundle, part])
    bundle[OWN] = bundle.get(OWN, 0) + amount - sum(bundle.values())
    return bundle


def repaid(rule: str, book: list[Units], claims: set[str], amount: int) -> Units:
    """Take units of these claims alone, up to a sum."""
    found: Units = {}
    if rule in {"taint_first", "pro_rata"}:
        book[:] = [together(book)]
    for i in reversed(range(len(book))) if rule == "lifo" else range(len(book)):
        mine = {claim: n for claim, n in book[i].items() if claim in claims}
        part = shared(min(amount - sum(found.values()), sum(mine.values())), mine)
        book[i] = less(book[i], part)
        found = together([found, part])
    return found

"""The numbering plan as the tables of calls hold it: classes by code, operators by range."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from qalqan.geo.numbering import PLUS_7, NumberClass
from qalqan.screening.calls import lookup

UNNAMED = 255
"""Number of the operator of ranges that are in use without anybody's telling whose they are."""


class Range(NamedTuple):
    """Numbers that were given to an operator; both ends belong to it, whole thousands."""

    first: int
    last: int
    operator: int


def codes() -> bytes:
    """Class of each of the three digits behind +7."""
    return bytes(_class_of(owner) for owner in PLUS_7)


def _class_of(owner: NumberClass) -> int:
    if owner.country is None:
        return lookup.NOBODYS_CODE
    if owner.country != "KZ":
        return lookup.FOREIGN_CODE
    known = {"fixed": lookup.FIXED_CODE, "mobile": lookup.MOBILE_CODE}
    return known.get(owner.kind, _of_others(owner.kind))


def _of_others(kind: str) -> int:
    return lookup.EMPTY_CODE if kind == "unassigned" else lookup.NETWORK_CODE


def blocks(ranges: Iterable[Range] | None = None) -> bytes:
    """Operator of each thousand of numbers. Without ranges every thousand of a code in use counts
    as given to somebody: nothing is refused for a table that nobody filled.

    Raises:
        ValueError: a range is not of +7, not of whole thousands, or overlaps another.
    """
    found = bytearray(lookup.BLOCKS)
    if ranges is None:
        for code, klass in enumerate(codes()):
            if klass in (lookup.FIXED_CODE, lookup.MOBILE_CODE, lookup.NETWORK_CODE):
                found[code * 10_000 : (code + 1) * 10_000] = bytes([UNNAMED]) * 10_000
        return bytes(found)
    for one in ranges:
        first, last = one.first - lookup.PLUS_7, one.last - lookup.PLUS_7
        whole = first % lookup.THOUSAND == 0 and last % lookup.THOUSAND == lookup.THOUSAND - 1
        if not whole or not 0 <= first < last < lookup.SPAN:
            raise ValueError(f"{one.first}-{one.last} is no range of whole thousands behind +7")
        place = slice(first // lookup.THOUSAND, last // lookup.THOUSAND + 1)
        if any(found[place]):
            raise ValueError(f"{one.first}-{one.last} overlaps another range")
        found[place] = bytes([one.operator]) * (place.stop - place.start)
    return bytes(found)

"""The book of an account: no unit is made or lost, whichever rule says whose units leave."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.trail.books import OWN, open_book, share
from qalqan.trail.semantics import RULES

CLAIMS = ("R1", "R2", "R3")
lots = st.dictionaries(st.sampled_from([*CLAIMS, OWN]), st.integers(1, 10**15), min_size=1)
acts = st.lists(
    lots
    | st.integers(1, 10**15)
    | st.tuples(st.sets(st.sampled_from(CLAIMS), min_size=1).map(sorted), st.integers(0, 10**15)),
    max_size=12,
)


@pytest.mark.parametrize("rule", RULES)
@given(own=st.integers(0, 10**15), steps=acts)
def test_every_claims_units_are_here_or_left(rule: str, own: int, steps: list[object]) -> None:
    book, came, left = open_book(rule, own), dict.fromkeys(CLAIMS, 0), dict.fromkeys(CLAIMS, 0)
    for step in steps:
        if isinstance(step, dict):
            book.put(step)
            for claim in CLAIMS:
                came[claim] += step.get(claim, 0)
            continue
        if isinstance(step, int):
            bundle = book.take(step)
            assert sum(bundle.values()) == step
        else:
            claims, most = step
            before = book.here()
            bundle = book.take_of(claims, most)
            mine = sum(before.get(claim, 0) for claim in claims)
            assert sum(bundle.values()) == min(most, mine)
            assert set(bundle) <= set(claims)
        for claim in CLAIMS:
            left[claim] += bundle.get(claim, 0)
        assert all(units > 0 for units in bundle.values())
    here = book.here()
    assert {claim: here.get(claim, 0) + left[claim] for claim in CLAIMS} == came


@given(
    own=st.integers(0, 1000),
    stolen=st.integers(1, 1000),
    later=st.integers(0, 1000),
    paid=st.integers(1, 3000),
)
def test_who_leaves_first(own: int, stolen: int, later: int, paid: int) -> None:
    """Own money, then stolen, then own money again, then a payment: LIFO and FIFO by the text."""
    taken = {}
    for rule in RULES:
        book = open_book(rule, own)
        book.put({"R1": stolen})
        if later:
            book.put({OWN: later})
        taken[rule] = book.take(paid).get("R1", 0)
    assert taken["taint_first"] == min(paid, stolen)
    assert taken["lifo"] == min(max(paid - later, 0), stolen)
    assert taken["fifo"] == min(max(paid - own, 0), stolen)
    due = paid * stolen / (own + stolen + later)
    assert abs(taken["pro_rata"] - min(due, stolen)) < 1
    assert max(taken.values()) == taken["taint_first"]


@given(lots, st.data())
def test_a_share_is_exact_and_takes_no_more_than_there_is(
    units: dict[str, int], data: st.DataObject
) -> None:
    total = data.draw(st.integers(0, sum(units.values())))
    part = share(total, units)
    assert sum(part.values()) == total
    assert all(0 < part[claim] <= units[claim] for claim in part)
    with pytest.raises(ValueError, match="more units"):
        share(sum(units.values()) + 1, units)

"""Accounts whose money people decide on, not a machine (REQ-44)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qalqan.trail.attribution import Attributed
from qalqan.trail.body import Trail
from qalqan.trail.coverage import Covered
from qalqan.trail.policy import default
from qalqan.trail.restraint import left_to_people, others_of
from qalqan.trail.semantics import RULES, Root, Transfer

NOW = 1_773_100_800_000_000
HOUR = 3_600_000_000

names = st.sampled_from("abcdef")
graphs = st.dictionaries(names, st.dictionaries(names, st.integers(1, 9), max_size=3), max_size=6)
counts = st.dictionaries(names, st.integers(0, 9))
hops = st.fixed_dictionaries({name: st.integers(1, 4) for name in "abcdef"})


def paid(number, payer, payee, at_us=NOW - HOUR, instrument="transfer"):
    return Transfer(
        str(number), at_us, payer, "211", payee, "223", 100, "KZT", instrument, None, (), (),
        at_us, "both",
    )  # fmt: skip


def test_others_are_payers_of_late_who_are_neither_followed_nor_victims():
    root = Root("r", "R", "victim", "drop", "211", 100, "KZT", NOW - 2 * HOUR)
    rules = {rule: Attributed() for rule in RULES}
    banks = {"drop": "211", "shop": "223"}
    trail = Trail(
        default(), 1, NOW, "KZT", (root,), {"drop": 1, "shop": 2}, banks, {}, Covered([]), rules
    )
    transfers = [
        paid(1, "victim", "shop"), paid(2, "drop", "shop"), paid(3, "x", "shop"),
        paid(4, "x", "shop"), paid(5, "y", "shop", instrument="salary"), paid(6, None, "shop"),
        paid(7, "z", "shop", NOW - 73 * HOUR), paid(8, "w", "elsewhere"), paid(9, "w", "drop"),
    ]  # fmt: skip
    assert others_of(trail, transfers, set(trail.hops)) == {"shop": 1, "drop": 1}


def test_what_lies_beyond_a_busy_account_is_left_to_people_too():
    hops = {"drop": 1, "second": 2, "shop": 2, "customer": 3, "both": 3, "far": 4}
    sources = {
        "second": {"drop": 9}, "shop": {"drop": 5}, "customer": {"shop": 5},
        "both": {"shop": 2, "second": 2}, "far": {"customer": 3, "both": 2},
    }  # fmt: skip
    busy = {"shop": 5, "second": 4, "drop": 50}
    assert left_to_people(hops, busy, sources, 4) == {"shop", "customer", "far"}
    assert left_to_people(hops, {}, sources, 4) == frozenset()


@given(hops, counts, graphs, st.integers(0, 8))
def test_whom_a_victim_paid_is_never_left_and_a_higher_bound_leaves_no_more(
    hops, others, sources, most
):
    left = left_to_people(hops, others, sources, most)
    assert all(hops[account] > 1 for account in left)
    assert left >= left_to_people(hops, others, sources, most + 1)
    for account in left:
        if others.get(account, 0) <= most:
            units = sources[account]
            assert 2 * sum(units[a] for a in units if a in left) > sum(units.values())

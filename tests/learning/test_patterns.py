"""Graph patterns against a count by hand on small graphs; and no look into the future."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from qalqan.clock import DAY
from qalqan.learning import patterns

Rows = list[tuple[int, int, int, int]]
"""Day, payer, payee, minor units."""
PAYMENT = st.tuples(
    st.integers(0, 45), st.integers(0, 4), st.integers(0, 4), st.integers(90, 110)
).filter(lambda row: row[1] != row[2])
GRAPHS = st.lists(PAYMENT, min_size=1, max_size=14).map(sorted)


def table(rows: Rows) -> pa.Table:
    days, payers, payees, amounts = zip(*rows, strict=True)
    return patterns.in_order(
        pa.table(
            {
                "id": [str(k) for k in range(len(rows))],
                "source": ["bank"] * len(rows),
                "at_us": [day * DAY for day in days],
                "payer_account": [f"a{one}" for one in payers],
                "payee_account": [f"a{one}" for one in payees],
                "amount": list(amounts),
                "currency": ["KZT"] * len(rows),
            }
        )
    )


def found(rows: Rows) -> dict[tuple[int, str], float]:
    """A figure by the payment's place among `rows` and the column's name."""
    told = table(rows)
    values = patterns.graph_features(told)
    places = [int(one) for one in told["id"].to_pylist()]
    return {
        (place, name): float(values[k, c])
        for k, place in enumerate(places)
        for c, name in enumerate(patterns.COLUMNS)
    }


def seen(rows: Rows, i: int, days: int) -> Rows:
    """What payment `i` sees: the last `days` up to its own instant."""
    return [row for row in rows if rows[i][0] - days < row[0] <= rows[i][0]]


def onward(known: Rows, row: tuple[int, int, int, int]) -> Rows:
    """Payments by whom this one reached, not before it."""
    return [then for then in known if then[1] == row[2] and then[0] >= row[0]]


def cycles(known: Rows, u: int, v: int) -> dict[str, int]:
    """How money of the payee `v` had come to the payer `u`: payments that did so directly, else
    accounts it went over (of four and five payments: the second account)."""
    begun = [row for row in known if row[1] == v and row[2] != u]
    over = [(row, then) for row in begun for then in onward(known, row)]
    three = {row[2] for row, then in over if then[2] == u}
    further = [then for _, then in over if then[2] not in (u, v)]
    four = {then[2] for then in further if any(last[2] == u for last in onward(known, then))}
    five = {
        then[2]
        for then in further
        for last in onward(known, then)
        if any(end[2] == u for end in onward(known, last))
    }
    return {
        "cycle_2": sum(row[1:3] == (v, u) for row in known),
        "cycle_3": len(three),
        "cycle_4": len(four),
        "cycle_5": len(five),
        "targets_2": len({then[2] for _, then in over if then[2] != v}),
        "origins_2": len(
            {
                row[1]
                for row in known
                if row[1] != u and any(then[2] == u for then in onward(known, row))
            }
        ),
    }


def between(known: Rows, one: int, other: int) -> int:
    """Accounts that `one` paid and that paid `other`, in whatever order."""
    ways = {row[2] for row in known if row[1] == one} & {row[1] for row in known if row[2] == other}
    return len(ways - {one, other})


def ways(known: Rows, u: int, v: int) -> dict[str, int]:
    """Ways side by side: from who paid the payer to the payee; from the payer to whom he paid."""
    gather = [between(known, s, v) for s in {row[1] for row in known if row[2] == u} - {v}]
    scatter = [between(known, u, x) for x in {row[2] for row in known if row[1] == v} - {u}]
    return {
        "gather_sources": sum(width >= 2 for width in gather),
        "gather_widest": max(gather, default=0),
        "gather_wide": sum(width >= 4 for width in gather),
        "scatter_targets": sum(width >= 2 for width in scatter),
        "scatter_widest": max(scatter, default=0),
        "scatter_wide": sum(width >= 4 for width in scatter),
    }


def strangers(rows: Rows, known: Rows, u: int, v: int) -> dict[str, int]:
    """Payments between two who had not dealt with each other that way before."""
    new = [
        row for row in known if not any(was[1:3] == row[1:3] and was[0] < row[0] for was in rows)
    ]
    return {
        f"{role}_new_{way}_30d": sum(row[place] == one for row in new)
        for role, one in (("payer", u), ("payee", v))
        for way, place in (("in", 2), ("out", 1))
    }


def fans(rows: Rows, i: int) -> dict[str, int]:
    """Distinct counterparties of both."""
    _, u, v, _ = rows[i]
    told: dict[str, int] = {}
    for days in (3, 7, 30):
        known = seen(rows, i, days)
        for role, one in (("payer", u), ("payee", v)):
            told[f"{role}_fan_in_{days}d"] = len({row[1] for row in known if row[2] == one})
            told[f"{role}_fan_out_{days}d"] = len({row[2] for row in known if row[1] == one})
    return told


@settings(max_examples=60, deadline=None)
@given(GRAPHS)
def test_fans_cycles_and_ways_side_by_side_are_those_counted_by_hand(rows: Rows) -> None:
    told = found(rows)
    for i, (_, u, v, _) in enumerate(rows):
        known = seen(rows, i, 30)
        by_hand = {**fans(rows, i), **cycles(known, u, v), **ways(known, u, v)}
        by_hand |= strangers(rows, known, u, v)
        assert {name: told[i, name] for name in by_hand} == by_hand


def test_wide_ways_and_long_circles_are_seen() -> None:
    """What chance seldom makes: six ways side by side, and a circle of five payments."""
    apart = [(1, 0, n, 100) for n in range(2, 8)] + [(2, n, 9, 100) for n in range(2, 8)]
    told = found(sorted(apart))
    last = max(i for i, _ in told)
    assert (told[last, "gather_widest"], told[last, "gather_wide"]) == (6, 1)
    circle = [(day, day, (day + 1) % 5, 100) for day in range(5)]
    told = found(circle)
    assert [told[4, f"cycle_{n}"] for n in (2, 3, 4, 5)] == [0, 0, 0, 1]
    assert told[4, "chain_closes"] == 1


@settings(max_examples=50, deadline=None)
@given(GRAPHS)
def test_runs_of_payments_passed_on_are_the_longest(rows: Rows) -> None:
    told = found(rows)
    longest: list[int] = []
    for i, (day, payer, _, amount) in enumerate(rows):
        before = [
            longest[j]
            for j, (then, _, to, had) in enumerate(rows[:i])
            if to == payer
            and day - 30 < then < day
            and amount * 1000 <= had * 1005
            and amount * 100 >= had * 85
        ]
        longest.append(max(before, default=0) + 1)
        assert told[i, "chain_length"] == longest[i]
        assert told[i, "chain_sources"] == len(before)


@settings(max_examples=60, deadline=None)
@given(GRAPHS, st.integers(0, 45))
def test_later_payments_change_nothing(rows: Rows, until: int) -> None:
    known = [row for row in rows if row[0] <= until]
    if not known:
        return
    whole, part = table(rows), table(known)
    values = patterns.graph_features(whole)[: part.num_rows]
    np.testing.assert_array_equal(values, patterns.graph_features(part))


@settings(max_examples=30, deadline=None)
@given(GRAPHS)
def test_as_many_threads_as_one_likes_count_the_same(rows: Rows) -> None:
    told = table(rows)
    one = patterns.graph_features(told, threads=1)
    np.testing.assert_array_equal(one, patterns.graph_features(told, threads=3))


@settings(max_examples=30, deadline=None)
@given(GRAPHS, st.integers(0, 50))
def test_only_the_last_days_are_counted_the_same(rows: Rows, since: int) -> None:
    told = table(rows)
    whole = patterns.graph_features(told)
    part = patterns.graph_features(told, since_us=since * DAY)
    np.testing.assert_array_equal(whole[len(whole) - len(part) :], part)
    assert len(part) == sum(row[0] >= since for row in rows)

"""Graph patterns against a count by hand on small graphs; and no look into the future."""

from __future__ import annotations

from itertools import product

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from qalqan.clock import DAY
from qalqan.learning import kernel, patterns

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
        for c, name in enumerate(kernel.COLUMNS)
    }


def seen(rows: Rows, i: int, days: int) -> Rows:
    """What payment `i` sees: the last `days` up to its own instant."""
    return [row for row in rows if rows[i][0] - days < row[0] <= rows[i][0]]


def cycles(rows: Rows, i: int, length: int) -> int:
    """Distinct counterparties of the payee, or of it and them, that bring money to the payer."""
    _, u, v, _ = rows[i]
    known = seen(rows, i, 30)
    if length == 2:
        return sum(row[1:3] == (v, u) for row in known)
    return len(
        {
            first[2]
            for first, second in product(known, known)
            if first[1] == v
            and first[2] == second[1] != u
            and second[2] == u
            and first[0] <= second[0]
        }
    )


@settings(max_examples=80, deadline=None)
@given(GRAPHS)
def test_fans_and_short_cycles_are_those_counted_by_hand(rows: Rows) -> None:
    told = found(rows)
    for i, (_, u, v, _) in enumerate(rows):
        for days in (3, 7, 30):
            known = seen(rows, i, days)
            for role, one in (("payer", u), ("payee", v)):
                fan_in = {row[1] for row in known if row[2] == one}
                fan_out = {row[2] for row in known if row[1] == one}
                assert told[i, f"{role}_fan_in_{days}d"] == len(fan_in)
                assert told[i, f"{role}_fan_out_{days}d"] == len(fan_out)
        assert told[i, "cycle_2"] == cycles(rows, i, 2)
        assert told[i, "cycle_3"] == cycles(rows, i, 3)


@settings(max_examples=60, deadline=None)
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

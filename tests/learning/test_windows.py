"""Window features see nothing that comes later, and count each transfer once."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest

from qalqan.clock import DAY
from qalqan.learning.windows import READS, window_features

Row = tuple[str, int, str, str, str, int]


def features(rows: list[Row]) -> dict[str, dict[str, Any]]:
    """Features by a payment's id."""
    names = ("id", "at_us", "side", "payer_account", "payee_account", "amount")
    columns: dict[str, Any] = dict(zip(names, zip(*rows, strict=True), strict=True))
    n = len(rows)
    same = {"source": "bank", "currency": "KZT", "instrument": "transfer"}
    columns |= {name: [value] * n for name, value in same.items()}
    columns["payee_country"] = pa.nulls(n, pa.string())
    asked = window_features(ibis.memtable(pa.table({name: columns[name] for name in READS})))
    table = ibis.duckdb.connect(threads=1).to_pyarrow(asked)
    return {row["id"]: row for row in table.to_pylist()}


def payments(n: int) -> list[Row]:
    dice = np.random.default_rng(5)
    ends = [dice.choice(6, 2, replace=False) for _ in range(n)]
    days = np.sort(dice.integers(0, 40, n))
    return [
        (f"p{k}", int(days[k]) * DAY, "both", f"a{ends[k][0]}", f"a{ends[k][1]}", 100 + k)
        for k in range(n)
    ]


ROWS = payments(80)


@pytest.fixture(scope="module")
def whole() -> dict[str, dict[str, Any]]:
    return features(ROWS)


def test_later_payments_change_nothing(whole: dict[str, dict[str, Any]]) -> None:
    until = ROWS[50][1]
    part = features([row for row in ROWS if row[1] <= until])
    assert 50 < len(part) < len(whole)
    assert part == {name: whole[name] for name in part}


def test_sums_are_those_of_the_days_before(whole: dict[str, dict[str, Any]]) -> None:
    for name, at, _, payer, payee, _ in ROWS:
        week = [row for row in ROWS if at - 7 * DAY < row[1] <= at]
        came = [row[5] for row in week if row[4] == payer]
        gone = [row[5] for row in week if row[3] == payer]
        assert whole[name]["payer_in_sum_7d"] == sum(came)
        assert whole[name]["payer_out_count_7d"] == len(gone)
        met = any(row[3:5] == (payer, payee) and row[1] < at for row in ROWS)
        assert whole[name]["pair_first"] == (not met)


def test_a_transfer_told_by_both_banks_counts_once() -> None:
    rows: list[Row] = [
        ("out", 5, "payer", "a", "b", 100),
        ("in", 7, "payee", "a", "b", 100),
        ("next", DAY, "both", "b", "c", 90),
    ]
    told = features(rows)
    assert set(told) == {"out", "next"}
    assert told["next"]["payer_in_sum_3d"] == 100

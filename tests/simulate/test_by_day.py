"""A country drawn day by day: the same again, whole, in order, and its rings in it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan import simulate
from qalqan.clock import DAY, SECOND
from qalqan.errors import InputRejected
from qalqan.lake.schemas import SCHEMAS
from qalqan.model.identifiers import column
from qalqan.simulate import by_day, country, files
from qalqan.simulate.banks import BANKS
from qalqan.simulate.flows import in_order
from qalqan.simulate.lines import LATER_S
from qalqan.simulate.sizes import COUNTRY, DAYS, FIRST_US, HAMLET, HISTORY_DAYS
from qalqan.simulate.truth import truth_untouched

SMALL = replace(HAMLET, victims=7, by_day=True)


@pytest.fixture(scope="module")
def drawn():
    return by_day.make(SMALL, 7)


@pytest.fixture(scope="module")
def payments(drawn):
    """All lines of both banks that stream, by partner."""
    found: dict[str, list[pa.Table]] = {}
    for kind, source, table in drawn.history():
        if kind == "payment":
            found.setdefault(source, []).append(table)
    return found


def test_the_same_seed_gives_the_same_facts(drawn):
    again = by_day.make(SMALL, 7)
    assert again.made == drawn.made
    pairs = list(zip(drawn.history(), again.history(), strict=True))
    assert all(a[:2] == b[:2] and a[2].equals(b[2]) for a, b in pairs)
    assert by_day.make(SMALL, 8).plan != drawn.plan


def test_every_day_has_its_payments_and_no_others(drawn):
    days = list(drawn.days)
    assert len(days) == DAYS
    for number, day in enumerate(days):
        first = FIRST_US + number * DAY
        assert len(day) > 100
        assert first <= day.at_us[0]
        assert day.at_us[-1] < first + DAY
        assert (np.diff(day.at_us) >= 0).all()


def test_as_much_happens_as_in_a_country_drawn_at_once(drawn):
    whole = len(country.make("hamlet", 7).usual)
    assert abs(sum(map(len, drawn.days)) - whole) < whole / 20


def test_lines_come_a_day_a_table_in_order_up_to_the_start(drawn, payments):
    assert set(payments) == {bank.partner for bank in BANKS if bank.feed}
    for tables in payments.values():
        assert len(tables) == HISTORY_DAYS
        ends = [pc.min_max(table["at_us"]).as_py() for table in tables]
        for table in tables:
            assert (np.diff(table["at_us"].to_numpy()) >= 0).all()
        for before, after in pairwise(ends):
            assert after["min"] > before["max"] - LATER_S * SECOND
        assert ends[-1]["max"] <= drawn.start_us


def test_ids_are_told_once_and_both_banks_tell_one_payment_alike(payments):
    told = {name: pa.concat_tables(tables) for name, tables in payments.items()}
    for table in told.values():
        assert pc.count_distinct(table["id"]).as_py() == len(table)
    first, second = (
        table.append_column("number", pc.utf8_slice_codeunits(table["id"], 4)).select(
            ["number", "amount", "payer_account", "payee_account", "at_us", "instrument"]
        )
        for table in told.values()
    )
    both = first.join(second, "number", right_suffix="_there", join_type="inner")
    assert len(both) > 100
    for name in ("amount", "payer_account", "payee_account", "instrument"):
        assert both[name].equals(both[f"{name}_there"]), name
    apart = pc.abs(pc.subtract(both["at_us"], both["at_us_there"]))
    assert pc.max(apart).as_py() <= LATER_S * SECOND


def test_the_rings_pay_in_it(drawn, payments):
    accounts = drawn.population.accounts
    lines = pa.concat_tables(table for tables in payments.values() for table in tables)
    told = set(
        zip(lines["payer_account"].to_pylist(), lines["amount"].to_pylist(),
            lines["at_us"].to_pylist(), strict=True)
    )  # fmt: skip
    ours = [made for made in drawn.made if BANKS[min(accounts.bank[made.payer], 5)].feed]
    assert len(ours) > 10
    for made in ours:
        assert (accounts.text[made.payer].as_py(), made.amount, made.at_us) in told


def test_the_parts_add_up():
    country_ = by_day.make(SMALL, 7)
    stolen = sum(
        claim.amount for claim in country_.plan.claims if claim.reported_us <= country_.end_us
    )
    assert stolen > 0
    parts = truth_untouched(country_).as_dict()
    assert parts.pop("stolen_tiyn") == stolen
    assert sum(parts.values()) == stolen


def test_it_is_written_with_all_kinds_and_valid_identifiers(drawn, tmp_path):
    rows = files.write(by_day.make(SMALL, 7), tmp_path / "country")
    kinds = {name.split("/")[1] for name in rows}
    assert kinds == set(SCHEMAS)
    for name, count in rows.items():
        table = pq.read_table(tmp_path / "country" / name, partitioning=None)
        assert len(table) == count
        given_ = {c.name for c in SCHEMAS[name.split("/")[1]].given}
        assert set(table.column_names) <= given_
        if name.startswith("facts/payment"):
            for side in ("payer_account", "payee_account"):
                refused = column("account", table[side].combine_chunks().drop_null()).refused
                assert refused.null_count == len(refused)
    assert "Simulated" in (tmp_path / "country" / "README.md").read_text(encoding="utf-8")
    with pytest.raises(InputRejected):
        files.write(drawn, tmp_path / "country")


def test_a_country_is_not_played_by_banks():
    assert COUNTRY.by_day
    with pytest.raises(InputRejected) as refused:
        country.make("country", 1)
    assert "country" not in str(refused.value.params["choices"]).split(", ")


def test_sizes_that_are_played_are_drawn_at_once():
    assert isinstance(simulate.make("hamlet", 7), country.Country)


@given(st.lists(st.integers(-(2**62), 2**62) | st.integers(0, 5), max_size=40))
def test_order_of_time_is_that_of_a_stable_sort(moments):
    at_us = np.array(moments, dtype=np.int64)
    assert in_order(at_us).tolist() == np.argsort(at_us, kind="stable").tolist()

import tomllib
from importlib import resources

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from qalqan.model.identifiers import column
from qalqan.simulate.calls.country import VILLAGE, make
from qalqan.simulate.sizes import FIRST_US


def schema(kind: str) -> dict[str, dict[str, object]]:
    text = resources.files("qalqan.lake.schemas").joinpath(f"{kind}.toml").read_text("utf-8")
    columns = tomllib.loads(text)["columns"]
    return {name: told for name, told in columns.items() if told.get("given", True)}


def same_bytes(one: pa.Table, other: pa.Table) -> bool:
    sinks = [pa.BufferOutputStream(), pa.BufferOutputStream()]
    for table, sink in zip((one, other), sinks, strict=True):
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    return sinks[0].getvalue().equals(sinks[1].getvalue())


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(village):
    again = make(7, VILLAGE)
    assert same_bytes(village.calls, again.calls)
    assert same_bytes(village.subscriptions, again.subscriptions)
    assert same_bytes(village.truth.table(), again.truth.table())
    assert village.truth.moments == again.truth.moments
    assert np.array_equal(village.truth.actor_of_call, again.truth.actor_of_call)
    assert not village.calls["caller"].equals(make(8, VILLAGE).calls["caller"])


@pytest.mark.parametrize("kind", ["call", "subscription"])
def test_tables_have_the_columns_of_their_facts(village, kind):
    table = {"call": village.calls, "subscription": village.subscriptions}[kind]
    assert table.column_names[:2] == ["id", "at_us"]
    assert set(table.column_names[2:]) == set(schema(kind))
    for name, told in schema(kind).items():
        assert str(table.schema.field(name).type) == str(told["type"]), name
        assert not (told.get("required") and table[name].null_count), name
        if "enum" in told:
            assert set(table[name].unique().drop_null().to_pylist()) <= set(told["enum"]), name


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("call", "caller"), ("call", "callee"), ("call", "presented"), ("call", "imei"),
        ("call", "imsi"), ("subscription", "phone"), ("subscription", "holder"),
    ],
)  # fmt: skip
def test_every_identifier_is_canonical(village, kind, name):
    table = {"call": village.calls, "subscription": village.subscriptions}[kind]
    read = column(str(schema(kind)[name]["identifier"]), table[name])
    assert read.refused.null_count == len(table)
    assert read.text.equals(table[name].combine_chunks())
    assert table[name].null_count < len(table)


def test_calls_are_in_order_within_the_days_and_numbered_once(village):
    at = village.calls["at_us"].to_numpy()
    assert at.min() >= FIRST_US
    assert at.max() < VILLAGE.last_us
    assert (np.diff(at) >= 0).all()
    for table in (village.calls, village.subscriptions):
        assert pc.count_distinct(table["id"]).as_py() == len(table)


def test_a_village_has_tens_of_thousands_of_records(village):
    assert 50_000 < len(village.calls) < 110_000


def test_nobody_was_sold_a_number_twice_or_called_before_it_was_sold(village):
    sold = village.subscriptions.select(["phone", "at_us"]).rename_columns(["caller", "sold_us"])
    assert pc.count_distinct(sold["caller"]).as_py() == len(sold)
    own = village.calls.filter(pc.equal(village.calls["trunk_class"], "access"))
    both = own.select(["caller", "at_us"]).join(sold, "caller", join_type="left outer")
    assert both["sold_us"].null_count == 0
    early = pc.less(both["at_us"], pc.subtract(both["sold_us"], 1_000_000))
    assert not pc.any(early).as_py()


def test_an_own_line_tells_device_card_and_cell_and_no_other_does(village):
    own = pc.equal(village.calls["trunk_class"], "access")
    for name in ("imei", "imsi", "cell", "region"):
        assert pc.all(pc.equal(pc.is_valid(village.calls[name]), own)).as_py(), name

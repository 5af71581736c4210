"""Both engines give exactly the promised table."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from qalqan.errors import ContractBroken
from qalqan.lake.engine import DuckEngine, open_engine, table_address
from qalqan.lake.schemas import SCHEMAS
from qalqan.settings import Settings

BEYOND_DOUBLE = 2**53 + 1
DAY = 86_400_000_000
SCHEMA = SCHEMAS["payment"].ibis.to_pyarrow()


def payment(name: str, day: int = 0, **columns: Any) -> dict[str, Any]:
    return {"id": name, "source": "bank", "at_us": day * DAY, "amount": 1, **columns}


def answer(engine: Any, expr: Any) -> list[dict[str, Any]]:
    rows = engine.run(expr).to_pylist()
    return sorted(rows, key=lambda row: str(row["id"]))


def test_nothing_sealed_yet_is_an_empty_table(duck_lake: Any, open_on: Any) -> None:
    engine = open_on(duck_lake.root)
    assert engine.run(engine.table("payment")).equals(SCHEMA.empty_table())


def test_columns_come_in_the_schema_s_order_and_types(duck_lake: Any, open_on: Any) -> None:
    duck_lake.write("payment", [payment("a", amount=BEYOND_DOUBLE), payment("b", day=3)])
    engine = open_on(duck_lake.root)
    rows = engine.run(engine.table("payment").order_by("id"))
    assert rows.schema == SCHEMA
    assert rows["amount"].to_pylist() == [BEYOND_DOUBLE, 1]
    assert rows["day"].to_pylist() == [date(1970, 1, 1), date(1970, 1, 4)]
    assert rows["balance"].null_count == 2


def test_days_and_seal_narrow(duck_lake: Any, open_on: Any) -> None:
    duck_lake.write("payment", [payment("a"), payment("b", day=1), payment("c", day=2)])
    duck_lake.write("payment", [payment("late", day=1)], seal=2)
    engine = open_on(duck_lake.root)

    def seen(**bounds: Any) -> list[str]:
        return [row["id"] for row in answer(engine, engine.table("payment", **bounds))]

    assert seen() == ["a", "b", "c", "late"]
    assert seen(first_day=date(1970, 1, 2), last_day=date(1970, 1, 2)) == ["b", "late"]
    assert seen(last_day=date(1970, 1, 2), up_to_seal=1) == ["a", "b"]
    assert seen(first_day=date(2000, 1, 1)) == []
    assert seen(up_to_seal=0) == []


def test_a_file_added_after_the_call_is_not_seen(duck_lake: Any, open_on: Any) -> None:
    duck_lake.write("payment", [payment("a")])
    engine = open_on(duck_lake.root)
    before = engine.table("payment")
    duck_lake.write("payment", [payment("b")])
    assert [row["id"] for row in answer(engine, before)] == ["a"]
    assert [row["id"] for row in answer(engine, engine.table("payment"))] == ["a", "b"]


def test_files_older_than_a_column_and_rows_without_a_day(tmp_path: Path, open_on: Any) -> None:
    root = str(tmp_path / "көл + lake")
    old = pa.table(
        {
            "id": ["old", "lost"],
            "amount": pa.array([5, 6], pa.int32()),
            "day": pa.array([date(2026, 1, 1), None], pa.date32()),
            "seal": pa.array([1, 1], pa.int64()),
        }
    )
    new = pa.Table.from_pylist(
        [{"id": "new", "amount": 7, "day": date(2026, 1, 2), "seal": 2, "uetr": "u"}], SCHEMA
    )
    for rows in (old, new):
        write_deltalake(
            table_address(root, "payment"),
            rows,
            partition_by=["day"],
            mode="append",
            schema_mode="merge",
        )
    engine = open_on(root)
    found = answer(engine, engine.table("payment").select("id", "amount", "day", "uetr"))
    assert found == [
        {"id": "lost", "amount": 6, "day": None, "uetr": None},
        {"id": "new", "amount": 7, "day": date(2026, 1, 2), "uetr": "u"},
        {"id": "old", "amount": 5, "day": date(2026, 1, 1), "uetr": None},
    ]


def test_the_caller_s_rows_keep_nulls_and_last_units(duck_lake: Any, open_on: Any) -> None:
    duck_lake.write("payment", [payment("a"), payment("b")])
    engine = open_on(duck_lake.root)
    mine = pa.table({"id": ["a", "b", None], "limit_minor": pa.array([BEYOND_DOUBLE, None, 1])})
    joined = engine.table("payment").join(engine.memtable(mine), "id").select("id", "limit_minor")
    assert answer(engine, joined) == [
        {"id": "a", "limit_minor": BEYOND_DOUBLE},
        {"id": "b", "limit_minor": None},
    ]


def test_an_unknown_kind_is_named(duck_lake: Any) -> None:
    with pytest.raises(ContractBroken, match="rumour"):
        duck_lake.duck().table("rumour")


def test_settings_choose_the_engine(tmp_path: Path) -> None:
    engine = open_engine(Settings(home=tmp_path))
    assert isinstance(engine, DuckEngine)
    engine.close()


def test_without_pyspark_the_error_names_the_extra(tmp_path: Path) -> None:
    code = """
import sys
sys.modules["pyspark"] = None
from qalqan.errors import Unavailable
from qalqan.lake.engine import open_engine
from qalqan.settings import Settings
try:
    open_engine(Settings(engine="spark"))
except Unavailable as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "qalqan[spark]" in said.stdout


WANTED = {"payment": ("id", "amount", "day"), "call": ("id", "caller", "day")}


def test_what_is_held_is_what_the_files_say(duck_lake: Any, open_on: Any) -> None:
    duck_lake.write("payment", [payment("a", amount=BEYOND_DOUBLE), payment("b", day=1)])
    duck_lake.write("payment", [payment("late")], seal=2)
    engine = open_on(duck_lake.root)

    def seen(seal: int, *columns: str) -> pa.Table:
        return engine.run(engine.held("payment", columns, seal).order_by("id"))

    def asked() -> list[pa.Table]:
        return [seen(1, "amount", "id"), seen(2, "id"), seen(1, "id", "payer_account")]

    files = asked()
    with engine.holding(WANTED, 1):
        assert asked() == files
        assert engine.run(engine.held("call", ("caller",), 1)).num_rows == 0
        duck_lake.write("payment", [payment("later still")], seal=3)
        assert asked() == files
    assert asked() == files
    assert files[0].to_pydict() == {"amount": [BEYOND_DOUBLE, 1], "id": ["a", "b"]}
    assert files[0].schema == pa.schema([SCHEMA.field("amount"), SCHEMA.field("id")])


def held_tables(engine: Any) -> int:
    found = engine.connection.con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'held_%'"
    )
    return int(found.fetchone()[0])


def test_only_so_many_facts_are_held_and_none_for_longer(
    duck_lake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    duck_lake.write("payment", [payment("a"), payment("b")])
    duck_lake.write("session", [{"id": "s", "at_us": 0}])
    engine = DuckEngine(duck_lake.root)
    wanted = {"payment": ("id",), "session": ("id",)}
    for most, tables in ((3, 2), (2, 1), (1, 1), (0, 0)):
        monkeypatch.setattr("qalqan.lake.engine.HELD_ROWS", most)
        with engine.holding(wanted, 1):
            assert held_tables(engine) == tables
        assert held_tables(engine) == 0
    with pytest.raises(RuntimeError), engine.holding(wanted, 1):
        raise RuntimeError
    assert held_tables(engine) == 0

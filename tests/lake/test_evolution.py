"""A lake written under an old schema answers under the new one, and its Delta log follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from qalqan.errors import ContractBroken
from qalqan.lake import evolution, schemas
from qalqan.lake.schemas import SCHEMAS, Column
from qalqan.lake.table import Log, write_files

AT = 1_767_225_600_000_000  # 2026-01-01

NEW = Column("tariff", "string", {"kk": "т", "ru": "т", "en": "t"})


def calls(first: int, rows: int, **more: pa.Array) -> pa.Table:
    """Calls in the lake's columns but `seal`."""
    numbers = range(first, first + rows)
    return pa.table(
        {
            "id": [str(n) for n in numbers],
            "source": ["op"] * rows,
            "at_us": [AT + n for n in numbers],
            "caller": [f"phone:{n}" for n in numbers],
            "callee": ["phone:x"] * rows,
            "trunk_class": ["domestic"] * rows,
            "duration_s": pa.array(numbers, pa.int64()),
            "answered": [True] * rows,
            "day": [date(2026, 1, 1)] * rows,
            **more,
        }
    )


@pytest.fixture
def grown(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Gives calls a column more, between the others, as a later version would."""

    def grow() -> None:
        old = SCHEMAS["call"]
        columns = (*old.columns[:4], NEW, *old.columns[4:])
        monkeypatch.setitem(schemas.SCHEMAS, "call", replace(old, columns=columns))

    return grow


def test_a_column_added_is_null_in_old_facts(
    duck_lake: Any, open_on: Callable[[str], Any], grown: Callable[[], None]
) -> None:
    root = duck_lake.root
    Log(root, "call").commit(write_files(root, "call", calls(0, 3), 1), {"qalqan.seal": 1})
    grown()
    engine = open_on(root)
    assert set(engine.run(engine.table("call"))["tariff"].to_pylist()) == {None}
    new = calls(3, 2, tariff=pa.array(["a", "b"]))
    Log(root, "call").commit(write_files(root, "call", new, 2), {"qalqan.seal": 2})
    table = engine.table("call")
    rows = engine.run(table).sort_by("id").to_pylist()
    assert [row["tariff"] for row in rows] == [None, None, None, "a", "b"]
    assert list(rows[0]) == [column.name for column in schemas.SCHEMAS["call"].columns]


def test_the_log_has_the_new_column_after_the_next_commit(
    duck_lake: Any, grown: Callable[[], None]
) -> None:
    root = duck_lake.root
    Log(root, "call").commit(write_files(root, "call", calls(0, 3), 1), {"qalqan.seal": 1})
    before = DeltaTable(str(Path(root, "call")))
    assert "tariff" not in pa.schema(before.schema().to_arrow()).names
    grown()
    Log(root, "call").commit(write_files(root, "call", calls(3, 1), 2), {"qalqan.seal": 2})
    after = DeltaTable(str(Path(root, "call")))
    assert "tariff" in pa.schema(after.schema().to_arrow()).names
    assert set(before.file_uris()) < set(after.file_uris())
    assert after.transaction_version("qalqan.seal") == 2
    assert after.metadata().partition_columns == ["day"]


def narrow(root: str) -> None:
    """A table whose durations are 32 bits, as an old version would have written it."""
    Path(root, "call").parent.mkdir(exist_ok=True)
    fields = [
        field.with_type(pa.int32()) if field.name == "duration_s" else field
        for field in evolution.table_schema("call")
    ]
    DeltaTable.create(str(Path(root, "call")), pa.schema(fields), partition_by=["day"])
    files = write_files(root, "call", calls(0, 3), 1)
    path = Path(root, "call") / files[0].path
    old = pq.ParquetFile(path).read()
    place = old.schema.get_field_index("duration_s")
    pq.write_table(old.set_column(place, "duration_s", old["duration_s"].cast(pa.int32())), path)
    log = Log(root, "call")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("qalqan.lake.table.evolve", lambda *_: None)
        log.commit([replace(files[0], size=path.stat().st_size)], {"qalqan.seal": 1})


def test_a_number_widened_reads_on_both_engines(
    duck_lake: Any, open_on: Callable[[str], Any]
) -> None:
    narrow(duck_lake.root)
    wide = calls(3, 1, duration_s=pa.array([2**40]))
    files = write_files(duck_lake.root, "call", wide, 2)
    Log(duck_lake.root, "call").commit(files, {"qalqan.seal": 2})
    engine = open_on(duck_lake.root)
    found = engine.run(engine.table("call")).sort_by("id")
    assert found.schema.field("duration_s").type == pa.int64()
    assert found["duration_s"].to_pylist() == [0, 1, 2, 2**40]
    table = DeltaTable(str(Path(duck_lake.root, "call")))
    assert pa.schema(table.schema().to_arrow()).field("duration_s").type == pa.int64()


def test_a_type_that_can_t_become_ours_is_told() -> None:
    ours = evolution.table_schema("call")
    there = pa.schema([pa.field("duration_s", pa.string())])
    with pytest.raises(ContractBroken, match="duration_s"):
        evolution.merged(there, ours, "call")


def test_a_column_of_a_later_version_stays() -> None:
    ours = evolution.table_schema("call")
    later = ours.append(pa.field("of_tomorrow", pa.string()))
    assert evolution.merged(later, ours, "call").equals(later)


def test_a_lake_in_another_folder_is_none_the_wiser(tmp_path: Path) -> None:
    """A table that is new has our schema from the start: no commit of its own changes it."""
    root = str(tmp_path / "lake")
    log = Log(root, "call")
    assert log.commit(write_files(root, "call", calls(0, 1), 1), {"qalqan.seal": 1}) == 1

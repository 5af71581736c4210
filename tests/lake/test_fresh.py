"""Lately sealed facts, read without an engine."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from typing import Any

from qalqan.lake.fresh import rows_after

DAY = 86_400_000_000
COLUMNS = ("id", "seal", "holder", "device", "remote_access")


def session(name: str, at_us: int, **more: Any) -> dict[str, Any]:
    return {"id": name, "source": "b", "at_us": at_us, "outcome": "signed_in", **more}


def test_the_rows_are_those_of_the_engine(duck_lake: Any) -> None:
    duck_lake.write("session", [session("1", DAY), session("2", 3 * DAY, holder="h")], seal=1)
    duck_lake.write("session", [session("3", DAY, device="d", remote_access=True)], seal=2)
    duck_lake.write("session", [session("4", 2 * DAY, holder="g")], seal=3)
    for after, up_to, names in ((0, 3, "1234"), (1, 2, "3"), (1, 3, "34"), (2, 2, "")):
        found = rows_after(duck_lake.root, "session", COLUMNS, after, up_to)
        assert found is not None
        with closing(duck_lake.duck()) as engine:
            table = engine.table("session", up_to_seal=up_to, after_seal=after)
            expected = engine.run(table.select(*COLUMNS))
        assert found.schema == expected.schema
        assert found.sort_by("id").to_pylist() == expected.sort_by("id").to_pylist()
        assert sorted(found["id"].to_pylist()) == list(names)
    assert rows_after(duck_lake.root, "session", COLUMNS, 3, 9) is None
    assert rows_after(duck_lake.root, "call", ("id",), 0, 9) is None


def test_who_follows_the_log_loads_no_engine() -> None:
    asked = (
        "import sys, qalqan.work.screens.process;"
        "print({'ibis', 'duckdb', 'pandas'} & {*sys.modules})"
    )
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"

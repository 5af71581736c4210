"""The index of payments from the command line: built, looked at, followed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

ASKED = ("trace", "amlsim:amlsim-1", "--as-of", "2020-01-10")


def test_a_trail_over_the_index_is_the_one_over_the_lake(own: Any) -> None:
    assert own("index", "status", "--json").json["sound"] is False  # there is none
    lake = own(*ASKED, "--json").json
    said = own(*ASKED)
    assert "followed over the lake" in said.err
    built = own("index", "rebuild", "--json").json
    assert built["sound"] is True
    assert built["payments"] == {"KZT": 8}
    assert built["seal"] == built["newest_seal"] == lake["seal"]
    over = own(*ASKED)
    assert "followed over the index" in over.err
    assert over.out == said.out
    assert own(*ASKED, "--json").json == lake
    assert "followed over the lake" in own(*ASKED, "--engine", "duckdb").err


def test_an_index_that_lacks_facts_or_is_damaged_is_not_asked(own: Any, tmp_path: Path) -> None:
    own("index", "rebuild")
    more = own.transfers(tmp_path / "more.parquet", (*own.rows, (3, 3003, 7007, 5.0)))
    assert own("ingest", "payments", more, "--mapping", own.mapping).code == 0
    assert "followed over the lake" in own(*ASKED).err
    own("index", "rebuild")
    assert "followed over the index" in own(*ASKED).err
    (run,) = (own.home / "index" / "KZT").glob("*.run")
    run.write_bytes(run.read_bytes()[:-20])
    assert own("index", "status", "--json").json["sound"] is False
    said = own(*ASKED)
    assert said.code == 0
    assert "followed over the lake" in said.err

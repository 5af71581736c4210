"""Files of a table and the commits that name them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from qalqan.errors import ContractBroken
from qalqan.lake.schemas import KINDS
from qalqan.lake.storage import storage
from qalqan.lake.table import (
    MARK,
    DataFile,
    Log,
    at_newest,
    from_json,
    statistics,
    to_json,
    write_files,
)
from qalqan.lake.upkeep.named import named

AT = 1_767_225_600_000_000
DAY = 86_400_000_000


@pytest.fixture
def sessions(make_facts: Callable[..., pa.Table]) -> Callable[..., pa.Table]:
    """Facts of these days after 1 January 2026, without a seal."""

    def made(*days: int) -> pa.Table:
        rows: list[dict[str, Any]] = [
            {"id": str(day), "source": "s", "at_us": AT + day * DAY} for day in days
        ]
        return make_facts("session", rows).drop_columns("seal")

    return made


def test_a_file_a_day_that_nobody_sees_before_a_commit(
    sessions: Callable[..., pa.Table], lake_root: str
) -> None:
    files = write_files(lake_root, "session", sessions(1, 0, 1), 7)
    assert [file.day for file in files] == ["2026-01-01", "2026-01-02"]
    for file in files:
        assert Path(lake_root, "session", file.path).stat().st_size == file.size
    assert at_newest(storage(lake_root).address("session")) is None
    assert Log(lake_root, "session").commit(files, {MARK: 7}) == 1
    assert sorted((one.rows, one.first_seal) for one in named(lake_root, "session")) == [
        (1, 7), (2, 7),
    ]  # fmt: skip
    assert from_json(to_json(files)) == files


@pytest.mark.parametrize("kind", KINDS)
def test_the_log_tells_seals_however_many_columns_a_kind_has(kind: str, lake_root: str) -> None:
    bounds = statistics(3, {"at_us": AT, "seal": 6}, {"at_us": AT + 1, "seal": 7})
    Log(lake_root, kind).commit(
        [DataFile("day=2026-01-01/a", 1, "2026-01-01", AT, bounds)], {MARK: 7}
    )
    assert [(one.first_seal, one.last_seal) for one in named(lake_root, kind)] == [(6, 7)]


def test_the_same_commit_counts_once(sessions: Callable[..., pa.Table], lake_root: str) -> None:
    log = Log(lake_root, "session")
    files = write_files(lake_root, "session", sessions(0), 1)
    assert log.commit(files, {MARK: 1}) == log.commit(files, {MARK: 1}) == 1
    assert len(named(lake_root, "session")) == 1


@pytest.mark.parametrize("seal", [1, 2])
def test_a_register_older_than_the_lake_is_told(
    seal: int, sessions: Callable[..., pa.Table], lake_root: str
) -> None:
    """It gives out a seal that the log has from another one's commit, or a later one."""
    log = Log(lake_root, "session")
    log.commit(write_files(lake_root, "session", sessions(0), 2), {MARK: 2})
    with pytest.raises(ContractBroken) as error:
        log.commit(write_files(lake_root, "session", sessions(1), seal), {MARK: seal})
    assert error.value.code == "lake.ahead"
    assert len(named(lake_root, "session")) == 1

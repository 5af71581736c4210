"""Compaction moves rows between files; every answer stays what it was."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qalqan.clock import DAY, SharedClock
from qalqan.errors import Conflict
from qalqan.lake import sealing
from qalqan.lake.engine import DuckEngine, frozen_files
from qalqan.lake.table import Log, write_files
from qalqan.lake.upkeep import compaction, keeping, named
from qalqan.lake.upkeep.compaction import NIGHTLY, NOW, Rule, chosen, compact
from qalqan.lake.upkeep.named import Named
from qalqan.register.database import Database

AT = 1_767_225_600_000_000  # 2026-01-01
FIRST = date(2026, 1, 1)


def payments(ids: list[int], day: int) -> pa.Table:
    """Payments in the lake's columns but `seal`."""
    return pa.table(
        {
            "id": [str(n) for n in ids],
            "source": ["bank-a"] * len(ids),
            "at_us": pa.array([AT + day * DAY + n for n in ids], pa.int64()),
            "side": ["payer"] * len(ids),
            "payer_account": pa.array(
                [None if n % 5 == 0 else f"account:{n % 7}" for n in ids], pa.string()
            ),
            "amount": pa.array(ids, pa.int64()),
            "day": [FIRST + timedelta(days=day)] * len(ids),
        }
    )


def sealed(root: str, seal: int, ids: list[int], day: int = 0) -> None:
    files = write_files(root, "payment", payments(ids, day), seal)
    Log(root, "payment").commit(files, {sealing.MARK: seal})


@pytest.fixture
def server() -> None:
    """The register lends a lease here and nothing else: SQLite will do."""


@lru_cache
def engine_of(root: str) -> DuckEngine:
    return DuckEngine(root)


def known(root: str, up_to: int) -> list[dict[str, Any]]:
    engine = engine_of(root)
    found = engine.run(engine.table("payment", up_to_seal=up_to)).to_pylist()
    return sorted(found, key=lambda row: (row["day"], row["id"], row["seal"]))


def run(database: Database, root: str, rule: Rule = NOW) -> list[compaction.Compacted]:
    with keeping(database) as held:
        return compact(database, root, held, rule, ("payment",))


STEPS = st.lists(
    st.tuples(st.integers(1, 6), st.integers(0, 2), st.booleans()), min_size=1, max_size=8
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_as_known_at_every_seal_stays_as_it_was(
    database: Database, tmp_path_factory: pytest.TempPathFactory, steps: Any
) -> None:
    """Seals of some rows in some days, with compactions between: against the plain list."""
    root = str(tmp_path_factory.mktemp("lake"))
    told: list[tuple[int, int]] = []  # (seal, id)
    for seal, (rows, day, compacts) in enumerate(steps, start=1):
        ids = list(range(len(told), len(told) + rows))
        sealed(root, seal, ids, day)
        told += [(seal, one) for one in ids]
        if compacts:
            run(database, root)
    run(database, root)
    for seal in range(len(steps) + 1):
        found = [(row["seal"], int(row["id"])) for row in known(root, seal)]
        assert sorted(found) == [(one, fact) for one, fact in told if one <= seal]


def test_a_compacted_day_is_one_sorted_file_with_the_same_rows(
    database: Database, lake_root: str
) -> None:
    for seal in range(1, 6):
        sealed(lake_root, seal, list(range(seal * 10, seal * 10 + 4)))
    before = known(lake_root, 5)
    (done,) = run(database, lake_root)
    assert (done.files, done.parts, done.rows) == (5, 1, 20)
    (file,) = frozen_files(lake_root, "payment")
    rows = pq.ParquetFile(file).read()
    accounts = rows["payer_account"].to_pylist()
    order = [
        (one is None, one or "", at)
        for one, at in zip(accounts, rows["at_us"].to_pylist(), strict=True)
    ]
    assert order == sorted(order)
    assert "day" not in rows.column_names
    assert "payee_account" not in rows.column_names  # null in every row
    assert known(lake_root, 5) == before
    (one,) = named.named(lake_root, "payment")
    assert (one.rows, one.first_seal, one.last_seal) == (20, 1, 5)
    assert frozen_files(lake_root, "payment", after_seal=5) == []
    assert frozen_files(lake_root, "payment", after_seal=4) == [file]


def test_it_is_one_commit_that_changes_no_data(database: Database, lake_root: str) -> None:
    for seal in (1, 2):
        sealed(lake_root, seal, [seal])
    log = Path(lake_root, "payment") / "_delta_log"
    entries = len(list(log.glob("*.json")))
    run(database, lake_root)
    assert len(list(log.glob("*.json"))) == entries + 1
    newest = max(log.glob("*.json")).read_text()
    assert newest.count('"dataChange":false') == 3
    assert '"dataChange":true' not in newest


def test_many_small_days_are_few_commits(
    database: Database, lake_root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partner may bring facts of thousands of days at once."""
    for day in range(5):
        for seal in (1, 2):
            sealed(lake_root, 2 * day + seal, [2 * day + seal], day)
    log = Path(lake_root, "payment") / "_delta_log"
    entries = len(list(log.glob("*.json")))
    before = known(lake_root, 10)
    monkeypatch.setattr(compaction, "DAYS_A_COMMIT", 3)
    assert [(one.files, one.parts) for one in run(database, lake_root)] == [(2, 1)] * 5
    assert len(list(log.glob("*.json"))) == entries + 2
    assert known(lake_root, 10) == before
    assert len(named.named(lake_root, "payment")) == 5


def test_a_long_run_leaves_off_and_the_next_goes_on(
    database: Database, lake_root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seal in (1, 2):
        sealed(lake_root, seal, [seal])
    with monkeypatch.context() as changed:
        changed.setattr(compaction, "LONGEST_S", -1.0)
        assert run(database, lake_root) == []
    assert len(run(database, lake_root)) == 1


def test_a_large_day_becomes_parts_that_follow_each_other(
    database: Database, lake_root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "PART_ROWS", 15_000)
    for seal in (1, 2, 3):
        sealed(lake_root, seal, list(range(seal * 20_000, seal * 20_000 + 12_000)))
    (done,) = run(database, lake_root)
    assert done.parts > 1
    files = named.named(lake_root, "payment")
    assert sum(one.rows for one in files) == 36_000
    bounds = []
    for path in frozen_files(lake_root, "payment"):
        column = pq.read_table(path, columns=["payer_account"])["payer_account"].drop_null()
        if len(column):
            bounds.append((min(column.to_pylist()), max(column.to_pylist())))
    bounds.sort()
    assert all(one[1] <= other[0] for one, other in pairwise(bounds))


def test_a_reader_with_a_frozen_list_reads_on(database: Database, lake_root: str) -> None:
    for seal in (1, 2, 3):
        sealed(lake_root, seal, [seal])
    engine = DuckEngine(lake_root)
    frozen = engine.table("payment")
    run(database, lake_root)
    assert sorted(engine.run(frozen)["seal"].to_pylist()) == [1, 2, 3]
    engine.close()


def test_a_file_that_went_meanwhile_leaves_everything_as_it_is(
    database: Database, lake_root: str
) -> None:
    for seal in (1, 2):
        sealed(lake_root, seal, [seal])
    before = named.named(lake_root, "payment")
    run(database, lake_root)
    after = named.named(lake_root, "payment")
    assert not named.replace(database, lake_root, "payment", before)
    assert named.named(lake_root, "payment") == after


def test_a_seal_that_comes_between_is_not_stepped_over(
    database: Database, lake_root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever lost the lease "seal" in mid-commit meets the other's entry and gives way."""
    for seal in (1, 2):
        sealed(lake_root, seal, [seal])

    def slowly(*_: Any) -> None:
        stale = DeltaTable(str(Path(lake_root, "payment")))
        sealed(lake_root, 3, [3])
        monkeypatch.setattr(Log, "opened", lambda _: stale)

    monkeypatch.setattr(sealing, "finish_left", slowly)
    with pytest.raises(Conflict):
        run(database, lake_root)
    assert [row["seal"] for row in known(lake_root, 9)] == [1, 2, 3]


def test_only_one_keeps_the_lake(database: Database) -> None:
    with keeping(database), pytest.raises(Conflict), keeping(database):
        pass


def file(rows: int, path: str = "x", day: int = 0, written_us: int = 0) -> Named:
    return Named(path, FIRST + timedelta(days=day), rows, rows, 1, 1, written_us)


def test_a_busy_day_waits_for_many_files_and_a_closed_one_for_two(
    stopped_clock: SharedClock,
) -> None:
    today = stopped_clock.now_us() // DAY - AT // DAY
    few = [file(1, str(n), today) for n in range(63)]
    assert chosen(few, NIGHTLY) == []
    (some,) = chosen([*few, file(1, "last", today)], NIGHTLY)
    assert len(some) == 64
    assert len(chosen([file(1, "a", -1), file(1, "b", -1)], NIGHTLY)) == 1


def test_a_closed_day_into_which_facts_still_come_is_a_busy_one(
    stopped_clock: SharedClock,
) -> None:
    from qalqan import clock

    assert chosen([file(1, "a", -1), file(1, "b", -1, clock.wall_us())], NIGHTLY) == []


def test_a_great_file_is_not_rewritten_for_a_small_one() -> None:
    assert chosen([file(1_000, "a"), file(1, "b")], NIGHTLY) == []
    full = file(compaction.FULL_ROWS, "a")
    assert chosen([full, file(1, "b"), file(1, "c")], NOW) == [[file(1, "b"), file(1, "c")]]


@given(st.integers(1, 400))
def test_a_day_of_equal_seals_rewrites_each_row_a_few_times(seals: int) -> None:
    """Compacted whenever there are eight files: rows written over all, against n log2 n."""
    rule = Rule(open_files=8, closed_files=8, closed_times=1)
    files: list[Named] = []
    written = 0
    for number in range(seals):
        files.append(file(1, str(number)))
        for some in chosen(files, rule):
            rows = sum(one.rows for one in some)
            written += rows
            files = [one for one in files if one not in some] + [file(rows, f"c{number}")]
    assert len(files) <= 8
    assert written <= seals * (1 + seals.bit_length())

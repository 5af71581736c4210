"""One Delta table a kind of fact, partitioned by day, written so that it survives power loss.

Delta itself renames and links, but syncs nothing to a local disk; here the data files, then the
log entry, and the folders of both are synced, in this order (DESIGN section 4). A commit that
meets another one fails instead of stepping over it: whoever holds the lease tries again.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Transaction
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction

from qalqan import clock
from qalqan.errors import ContractBroken
from qalqan.lake.evolution import evolve, table_schema
from qalqan.lake.order import coded, in_order, spelled_out
from qalqan.lake.schemas import SCHEMAS
from qalqan.lake.storage import Storage, answered, options_of, storage

_EPOCH = date(1970, 1, 1)
_UNSYNCED_ENTRIES = 8
_SMALL_FILE = 10_000
"""Rows below which a dictionary for each column costs more than it saves (measured)."""
_WRITERS = 2
"""Files written at once: making one is mostly packing, which needs no interpreter."""
_MOST_OPEN = 64
STATISTICS = ("at_us", "seal")
MARK = "qalqan.seal"
"""Delta app transaction of every sealing commit: its seal."""
NO_HOOKS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
"""Delta would write checkpoints that nobody syncs: `upkeep.checkpoint` makes them."""


@dataclass(frozen=True)
class DataFile:
    """A file of the table that is written and synced, whether or not a commit names it yet."""

    path: str
    """Relative to the table."""
    size: int
    day: str
    written_us: int
    stats: str


def write_files(lake_root: str, kind: str, facts: pa.Table, seal: int) -> list[DataFile]:
    """Write facts (the lake's columns but `seal`) to new files, one a day, and sync them. No
    reader sees them before `commit`."""
    return write_ordered(lake_root, kind, spelled_out(in_order(kind, facts)), seal)


def write_ordered(lake_root: str, kind: str, facts: pa.Table, seal: int) -> list[DataFile]:
    """The same for facts that are in order and spelled out (`lake.order`)."""
    place = storage(lake_root)
    sealed = facts.append_column(
        pa.field("seal", pa.int64()), pa.repeat(pa.scalar(seal), len(facts))
    )
    name = f"{seal:012d}-{secrets.token_hex(4)}.parquet"

    def write(day: date, rows: pa.Table) -> DataFile:
        return _write(place, kind, f"day={day}/{name}", str(day), rows, seal)

    with ThreadPoolExecutor(_WRITERS) as pool:
        files = list(pool.map(write, *zip(*_by_day(sealed), strict=True)))
    place.keep([f"{kind}/{file.path}" for file in files])
    return files


def _by_day(facts: pa.Table) -> Iterator[tuple[date, pa.Table]]:
    """The rows of each day; `day` itself is in the folder's name."""
    days = facts["day"].cast(pa.int32()).to_numpy()
    empty = [name for name in facts.column_names if facts[name].null_count == len(facts)]
    rest = facts.drop_columns(["day", *empty])  # readers take a column that is not there as null
    bounds = np.flatnonzero(np.diff(days, prepend=days[:1] - 1))
    for start, end in zip(bounds, [*bounds[1:], len(days)], strict=True):
        yield _EPOCH + timedelta(days=int(days[start])), rest.slice(start, end - start)


def _write(place: Storage, kind: str, path: str, day: str, rows: pa.Table, seal: int) -> DataFile:
    with place.new_file(f"{kind}/{path}") as file:
        pq.write_table(
            rows,
            file,
            compression="zstd",
            use_dictionary=coded(rows) or len(rows) >= _SMALL_FILE,
            row_group_size=SCHEMAS[kind].row_group,
            store_schema=False,
        )
        size = file.tell()
    moments = pc.min_max(rows["at_us"]).as_py()
    stats = statistics(
        len(rows),
        {"at_us": moments["min"], "seal": seal},
        {"at_us": moments["max"], "seal": seal},
    )
    return DataFile(path, size, day, clock.wall_us(), stats)


def statistics(rows: int, least: dict[str, int], most: dict[str, int]) -> str:
    """What the log says of a file of so many rows: bounds of the columns in `STATISTICS`, which
    have no nulls."""
    return json.dumps(
        {
            "numRecords": rows,
            "minValues": least,
            "maxValues": most,
            "nullCount": dict.fromkeys(STATISTICS, 0),
        }
    )


_opened: dict[tuple[str, int], DeltaTable] = {}
"""Tables that this process has open, by address and thread: a log is read once, then followed."""


def at_newest(address: str) -> DeltaTable | None:
    """The table at this address at its newest version; None if there is none. Its owner is the
    calling thread."""
    key = (address, threading.get_ident())
    if (known := _opened.get(key)) is not None:
        try:
            known.update_incremental()
        except (DeltaError, OSError):  # the log was cleaned behind us, or is another one now
            del _opened[key]
        else:
            return known
    with answered(address):
        options = options_of(address)
        if not DeltaTable.is_deltatable(address, options):
            return None
        if len(_opened) > _MOST_OPEN:
            _opened.clear()
        _opened[key] = DeltaTable(address, storage_options=options)
        return _opened[key]


def newest_mark(address: str) -> int:
    """The newest seal in the log of the table at this address; 0 where there is none."""
    table = at_newest(address)
    try:
        return 0 if table is None else table.transaction_version(MARK) or 0
    except DeltaError:  # this process had it open when it went, or became another one
        _opened.pop((address, threading.get_ident()), None)
    with answered(address):
        table = at_newest(address)
        return 0 if table is None else table.transaction_version(MARK) or 0


@dataclass(frozen=True)
class Log:
    """The table's log, as the one who seals sees it."""

    lake_root: str
    kind: str

    def opened(self) -> DeltaTable:
        """The table at its newest version; made if it is not there."""
        place = storage(self.lake_root)
        address = place.address(self.kind)
        if (known := at_newest(address)) is not None:
            return known
        place.prove()
        schema = table_schema(self.kind)
        options = options_of(address)
        DeltaTable.create(
            address, schema, mode="ignore", partition_by=["day"], storage_options=options,
            configuration={"delta.dataSkippingStatsColumns": ",".join(STATISTICS)},
        )  # fmt: skip
        return DeltaTable(address, storage_options=options)

    def commit(self, files: list[DataFile], marks: dict[str, int], before: int = 0) -> int:
        """Make the files part of the table and answer its version; `marks` are Delta's app
        transactions, and `before` the seal that must be in the log already. If the log has the
        marks already, nothing is added: the same commit, tried twice, counts once. Either way the
        log is on stable storage afterwards.

        Raises:
            ContractBroken: the log has them from another commit: the register is older than the
                lake, and whoever took these files for committed would lose them; or it lacks the
                seal before, and its facts would be missed by nobody.
        """
        with answered(self.lake_root), _full_disk_told(f"{self.lake_root}/{self.kind}"):
            self.check_has(before)
            return self._commit(files, marks)

    def newest(self) -> int:
        """The newest seal in it, 0 if there is none; makes no table, for where it is not, a disk
        may not be mounted."""
        return newest_mark(storage(self.lake_root).address(self.kind))

    def check_has(self, seal: int) -> None:
        """Raise `ContractBroken` where the log lacks this seal."""
        found = self.newest() if seal else 0
        if found < seal:
            told = {"kind": self.kind, "register": seal, "lake": found}
            raise ContractBroken(f"{self.kind}: the lake lacks seal {seal}", "lake.older", **told)

    def _commit(self, files: list[DataFile], marks: dict[str, int]) -> int:
        table = self.opened()
        done = all(_reached(table, app, number) for app, number in marks.items())
        if _is_past(table, marks) or (done and not _are_named(table, files)):
            raise ContractBroken(f"{self.kind}: the register is older than the lake", "lake.ahead")
        if not done:
            evolve(table, self.kind)
            table.create_write_transaction(
                [added(file) for file in files],
                mode="append",
                schema=table.schema(),
                partition_by=["day"],
                commit_properties=_once(marks),
                post_commithook_properties=NO_HOOKS,
            )
            table.update_incremental()
        self._sync()
        return int(table.version())

    def keep(self) -> None:
        """Bring the log to stable storage after another kind of commit (`upkeep.named`)."""
        self._sync()

    def _sync(self) -> None:
        """The newest entry, and those that an earlier holder died before it synced."""
        storage(self.lake_root).keep_newest(f"{self.kind}/_delta_log", ".json", _UNSYNCED_ENTRIES)


@contextmanager
def _full_disk_told(folder: str) -> Iterator[None]:
    """Delta says in words only that there is no room; raises `OSError` that carries the number."""
    try:
        yield
    except (DeltaError, OSError) as error:
        if f"os error {errno.ENOSPC}" not in str(error):
            raise
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), folder) from error


def _reached(table: DeltaTable, app: str, number: int) -> bool:
    held = table.transaction_version(app)
    return held is not None and held >= number


def _is_past(table: DeltaTable, marks: dict[str, int]) -> bool:
    """Whether a later seal is in the log: nobody seals before a seal on its way is finished."""
    return MARK in marks and (table.transaction_version(MARK) or 0) > marks[MARK]


def _are_named(table: DeltaTable, files: list[DataFile]) -> bool:
    paths = pa.table(table.get_add_actions(flatten=True))["path"].to_pylist()
    return {file.path for file in files} <= {unquote(path) for path in paths}


def _once(marks: dict[str, int]) -> CommitProperties:
    applications = [Transaction(app, number) for app, number in marks.items()]
    return CommitProperties(max_commit_retries=0, app_transactions=applications)


def added(file: DataFile, moved: bool = False) -> AddAction:
    """Naming a file in a commit; `moved`: its rows stood in the table before."""
    return AddAction(
        path=file.path,
        size=file.size,
        partition_values={"day": file.day},
        modification_time=file.written_us // 1000,
        data_change=not moved,
        stats=file.stats,
    )


def to_json(files: list[DataFile]) -> list[dict[str, Any]]:
    """Files as they stand in the landing table between writing and sealing."""
    return [asdict(file) for file in files]


def from_json(entries: list[dict[str, Any]]) -> list[DataFile]:
    """The same, read back."""
    return [DataFile(**entry) for entry in entries]

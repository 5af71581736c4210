"""Many small files of a day into few sorted ones; no answer changes.

Sealing once a second leaves 86 400 files a day. A busy day is compacted whenever it has many
small files, always the smallest together, so that a fact is rewritten about log2 times; a closed
day ends as one file, or as several of `PART_ROWS` whose rows follow each other in the order that
look-ups use. DuckDB sorts within bounded memory and spills to disk.
"""

from __future__ import annotations

import secrets
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import select

from qalqan import clock
from qalqan.clock import HOUR, SECOND
from qalqan.lake.engine import DuckEngine, as_promised, view_name
from qalqan.lake.schemas import KINDS, SCHEMAS
from qalqan.lake.storage import storage
from qalqan.lake.table import STATISTICS, DataFile, statistics
from qalqan.lake.upkeep import still
from qalqan.lake.upkeep.named import Named, named, readable, replace
from qalqan.register.database import Database
from qalqan.register.leases import Held
from qalqan.register.orm import RetentionDrop

PART_ROWS = 4_000_000
FULL_ROWS = PART_ROWS // 2
"""A file of so many rows is not rewritten any more."""

SORT_MEMORY = "512MB"
GROUPS_A_PART = 100
"""Small row groups find one account quickly, very many of them cost more than they find: at eight
million rows a look-up took 96 ms with groups of 10 000 and 55 ms with 122 880 (measured)."""
_LARGEST_GROUP = 122_880
DAYS_A_COMMIT = 100
"""Small days are committed together: a commit reads the names of all files, and a partner may
bring facts of ten thousand days (28 years) at once."""
LONGEST_S = 1_800.0
"""A run leaves off after this, for backups and the rest of upkeep wait for it; the next goes on."""


@dataclass(frozen=True)
class Rule:
    """When a day's files are put together: at so many of them, and so that the greatest is at
    most `times` what is put to it. A day is closed once it is over and nothing came for a while."""

    open_files: int = 64
    open_times: int = 1
    closed_files: int = 2
    closed_times: int = 8
    quiet_us: int = HOUR


NIGHTLY = Rule()
NOW = Rule(open_files=2, open_times=8, quiet_us=0)
"""When a person asks for it."""


@dataclass(frozen=True)
class Compacted:
    """What was done to one day of one kind."""

    kind: str
    day: date
    files: int
    parts: int
    rows: int


def compact(
    database: Database,
    lake_root: str,
    held: Held,
    rule: Rule = NIGHTLY,
    kinds: Iterable[str] = KINDS,
) -> list[Compacted]:
    """Compact the days that the rule chooses, for `LONGEST_S` at most.

    Raises:
        Conflict: a commit came between, or the lease "upkeep" was lost; what was done stays.
    """
    done: list[Compacted] = []
    until_s = time.monotonic() + LONGEST_S
    for kind in kinds:
        going = _going(database, kind)
        files_of_kind = [file for file in named(lake_root, kind) if file.day not in going]
        for days in _together(chosen(files_of_kind, rule)):
            if time.monotonic() > until_s:
                return done
            done += _days(database, lake_root, held, kind, days)
    return done


def _together(days: Iterable[list[Named]]) -> Iterator[list[list[Named]]]:
    """Days whose compaction is one commit: many small ones, or what ends with a large one."""
    some: list[list[Named]] = []
    rows = 0
    for files in days:
        some.append(files)
        rows += sum(file.rows for file in files)
        if len(some) == DAYS_A_COMMIT or rows >= FULL_ROWS:
            yield some
            some, rows = [], 0
    if some:
        yield some


def _going(database: Database, kind: str) -> set[date]:
    """Days that retention has planned to drop, file by file."""
    with database.session() as session:
        asked = select(RetentionDrop.day).where(RetentionDrop.kind == kind)
        return set(session.scalars(asked.where(RetentionDrop.state != "done")))


def chosen(files: Iterable[Named], rule: Rule) -> list[list[Named]]:
    """The files to be put together, a list a day, oldest day first."""
    days: dict[date, list[Named]] = defaultdict(list)
    for file in files:
        if file.rows < FULL_ROWS:
            days[file.day].append(file)
    found = (_smallest(days[day], day, rule) for day in sorted(days))
    return [some for some in found if some]


def _smallest(files: list[Named], day: date, rule: Rule) -> list[Named]:
    """As many of the smallest as go together."""
    closed = _is_closed(files, day, rule.quiet_us)
    fewest = rule.closed_files if closed else rule.open_files
    times = rule.closed_times if closed else rule.open_times
    if len(files) < fewest:
        return []
    ordered = sorted(files, key=lambda file: (file.rows, file.path))
    below, together = 0, 0
    for number, file in enumerate(ordered):
        if number and file.rows <= times * below:
            together = number + 1
        below += file.rows
    return ordered[:together]


def _is_closed(files: Sequence[Named], day: date, quiet_us: int) -> bool:
    today = datetime.fromtimestamp(clock.now_us() // SECOND, UTC).date()
    newest = max(file.written_us for file in files)
    return day < today and clock.wall_us() - newest >= quiet_us


def _days(
    database: Database, lake_root: str, held: Held, kind: str, days: list[list[Named]]
) -> list[Compacted]:
    """Compact some days in one commit; none of them if a file of theirs went meanwhile."""
    done, every = [], []
    for files in days:
        still(database, held)
        parts = _day(lake_root, kind, files)
        rows = sum(file.rows for file in files)
        done.append(Compacted(kind, files[0].day, len(files), len(parts), rows))
        every += parts
    storage(lake_root).keep([f"{kind}/{part.path}" for part in every])
    gone = [file for files in days for file in files]
    return done if replace(database, lake_root, kind, gone, every) else []


def _day(lake_root: str, kind: str, files: list[Named]) -> list[DataFile]:
    with closing(DuckEngine(lake_root)) as engine:
        engine.connection.settings["memory_limit"] = SORT_MEMORY
        return list(_parts(engine, kind, files[0].day, files))


def _parts(engine: DuckEngine, kind: str, day: date, files: list[Named]) -> Iterator[DataFile]:
    """The rows of the files in order, in new files; nobody names them yet."""
    group = _row_group(kind, sum(file.rows for file in files))
    batches = iter(_sorted(engine, kind, files, group))
    newest = max(file.last_seal for file in files)
    batch = next(batches, None)
    while batch is not None:
        path = f"day={day}/{newest:012d}-{secrets.token_hex(4)}.parquet"
        part = _Part(day, path)
        with (
            storage(engine.lake_root).new_file(f"{kind}/{path}") as file,
            pq.ParquetWriter(file, batch.schema, compression="zstd", store_schema=False) as writer,
        ):
            while batch is not None and part.rows < PART_ROWS:
                writer.write_batch(batch, row_group_size=group)
                part.count(batch)
                batch = next(batches, None)
            writer.close()
            part.size = file.tell()
        yield part.written()


def _sorted(engine: DuckEngine, kind: str, files: list[Named], group: int) -> Any:
    """Batches of all rows in the order of the kind, without the columns that no file has and
    without `day`, which stands in the path."""
    schema = SCHEMAS[kind]
    addresses = readable(engine.lake_root, kind, [file.path for file in files])
    view = view_name(kind, addresses)
    found = engine.connection.read_parquet(
        addresses, table_name=view, hive_partitioning=True, union_by_name=True
    )
    there = [name for name in schema.ibis.names if name in found.columns and name != "day"]
    order = [name for name in schema.sorted_by if name in there]
    rows = as_promised(found, schema.ibis).select(*there).order_by(*order)
    asked = engine.connection.raw_sql(engine.connection.compile(rows))
    return asked.to_arrow_reader(group)


def _row_group(kind: str, rows: int) -> int:
    """Rows of a row group in a part of so many rows, or in one of several full ones."""
    wanted = min(rows, PART_ROWS) // GROUPS_A_PART
    return max(SCHEMAS[kind].row_group, min(wanted, _LARGEST_GROUP))


@dataclass
class _Part:
    """A file being written."""

    day: date
    path: str
    rows: int = 0
    size: int = 0

    def __post_init__(self) -> None:
        self.least: dict[str, int] = {}
        self.most: dict[str, int] = {}

    def count(self, batch: pa.RecordBatch) -> None:
        self.rows += batch.num_rows
        for name in STATISTICS:
            bounds = pc.min_max(batch.column(name)).as_py()
            self.least[name] = min(bounds["min"], self.least.get(name, bounds["min"]))
            self.most[name] = max(bounds["max"], self.most.get(name, bounds["max"]))

    def written(self) -> DataFile:
        stats = statistics(self.rows, self.least, self.most)
        return DataFile(self.path, self.size, str(self.day), clock.wall_us(), stats)

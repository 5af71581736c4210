"""Which data files a table names now, and putting others in their place.

A replacement is one Delta commit: the new files are synced before it, its log entry after it, as
at sealing. It holds the lease "seal" for as long as the commit takes, so it comes before or after
a seal and never over one; if a file that it replaces has gone meanwhile, it changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import RemoveAction
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict
from qalqan.lake import sealing
from qalqan.lake.storage import storage
from qalqan.lake.table import NO_HOOKS, DataFile, Log, added, at_newest
from qalqan.register.database import Database


@dataclass(frozen=True)
class Named:
    """A data file that the newest version names."""

    path: str
    """Relative to the table."""
    day: date
    rows: int
    size: int
    first_seal: int
    last_seal: int
    """Smallest and greatest seal of its rows."""
    written_us: int
    """Wall time, UTC microseconds."""


def named(lake_root: str, kind: str) -> list[Named]:
    """All files of the newest version; none if there is no table yet."""
    table = at_newest(storage(lake_root).address(kind))
    if table is None:
        return []
    return [_named(row) for row in pa.table(table.get_add_actions(flatten=True)).to_pylist()]


def _named(row: dict[str, Any]) -> Named:
    return Named(
        path=unquote(row["path"]),
        day=row["partition.day"],
        rows=row["num_records"],
        size=row["size_bytes"],
        first_seal=row["min.seal"],
        last_seal=row["max.seal"],
        written_us=row["modification_time"] * 1000,
    )


def readable(lake_root: str, kind: str, paths: Sequence[str]) -> list[str]:
    """Addresses of data files as engines read them."""
    place = storage(lake_root)
    return [place.readable(place.address(f"{kind}/{path}")) for path in paths]


def replace(
    database: Database,
    lake_root: str,
    kind: str,
    gone: Sequence[Named],
    new: Sequence[DataFile] = (),
    agreed: Callable[[Session], bool] = lambda _: True,
) -> bool:
    """Name `new` in place of `gone` in one commit; false, and nothing changed, if one of `gone`
    is not named any more, or if `agreed`, asked in the last write before the commit, says no.
    Without `new` the rows leave the table.

    Raises:
        Conflict: another commit came between, or the lease was lost; try again.
        Unavailable: another process seals for longer than a minute.
    """
    with sealing.sealing(database) as held:
        sealing.finish_left(database, lake_root, held)
        log = Log(lake_root, kind)
        table = log.opened()
        if not {one.path for one in gone} <= {one.path for one in named(lake_root, kind)}:
            return False
        with database.write() as session:
            held.check(session)
            if not agreed(session):
                return False
        _commit(table, kind, gone, new)
        log.keep()
    return True


def _commit(table: DeltaTable, kind: str, gone: Sequence[Named], new: Sequence[DataFile]) -> None:
    moved = bool(new)
    try:
        table.create_write_transaction(
            [*(_removed(one, moved) for one in gone), *(added(one, moved) for one in new)],
            mode="append",
            schema=table.schema(),
            partition_by=["day"],
            commit_properties=CommitProperties(max_commit_retries=0),
            post_commithook_properties=NO_HOOKS,
        )
    except CommitFailedError as error:
        raise Conflict("lake", kind, "moved on", "commit") from error


def _removed(file: Named, moved: bool) -> RemoveAction:
    """`moved`: its rows stand in another file, so that whoever follows the log reads none anew."""
    at_ms = clock.wall_us() // 1000
    return RemoveAction(file.path, not moved, at_ms, file.size, {"day": str(file.day)})

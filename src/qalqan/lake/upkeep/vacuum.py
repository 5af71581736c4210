"""Files that no table names any more, once nobody can still be reading them.

A file leaves a table by compaction or retention, or was never named because its writer died.
It stays for a grace period, since a question freezes its list of files and may take hours; files
of a staged seal, and of days being dropped, stay in any case.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import unquote

from sqlalchemy import select

from qalqan.lake import landing, sealing
from qalqan.lake.storage import storage
from qalqan.lake.table import at_newest
from qalqan.lake.upkeep import still
from qalqan.lake.upkeep.named import named
from qalqan.register.database import Database
from qalqan.register.leases import Held
from qalqan.register.orm import RetentionDrop

_AT_ONCE = 200


@dataclass(frozen=True)
class Vacuumed:
    """What was deleted of one kind."""

    kind: str
    files: int


def vacuum(
    database: Database, lake_root: str, held: Held, kind: str, grace_hours: float
) -> Vacuumed:
    """Delete the files of a kind that nobody names since `grace_hours` (whole ones, rounded up).

    Raises:
        Conflict: a lease was lost on the way; what was deleted was rightly deleted.
        Unavailable: another process seals for longer than a minute.
    """
    old = _unnamed(lake_root, kind, math.ceil(grace_hours))
    deleted = 0
    for start in range(0, len(old), _AT_ONCE):
        still(database, held)
        deleted += _delete(database, lake_root, kind, old[start : start + _AT_ONCE])
    return Vacuumed(kind, deleted)


def _unnamed(lake_root: str, kind: str, grace_hours: int) -> list[str]:
    """By Delta's own reckoning: the log's tombstones, and for a file that was never named the
    time of its writing."""
    table = at_newest(storage(lake_root).address(kind))
    if table is None:
        return []
    found = table.vacuum(
        retention_hours=grace_hours, dry_run=True, enforce_retention_duration=False, full=True
    )
    return sorted(map(unquote, found))


def _delete(database: Database, lake_root: str, kind: str, paths: list[str]) -> int:
    """Under the lease "seal", so that no sealer is between writing a file and staging it."""
    place = storage(lake_root)
    with sealing.sealing(database) as sealer:
        needed = {file.path for file in named(lake_root, kind)} | _spoken_for(database, kind)
        still(database, sealer)
        gone = [path for path in paths if path not in needed]
        for path in gone:
            place.delete(f"{kind}/{path}")
    return len(gone)


def _spoken_for(database: Database, kind: str) -> set[str]:
    """Files of a seal that is not committed yet, and of days whose identities are still read."""
    with database.session() as session:
        staged = landing.staged(session)
        dropped = session.scalars(
            select(RetentionDrop.files).where(
                RetentionDrop.kind == kind, RetentionDrop.state != "done"
            )
        ).all()
    ours = staged is not None and staged.kind == kind
    found = {file.path for file in staged.files} if staged is not None and ours else set()
    return found.union(*map(set, dropped))

"""The worker's jobs that keep the lake small, quick and no older than it may be."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from qalqan import clock
from qalqan.clock import DAY, HOUR
from qalqan.lake import runs
from qalqan.lake.engine import open_engine
from qalqan.lake.schemas import KINDS
from qalqan.lake.sealing import newest_seal
from qalqan.lake.upkeep import compaction, keeping, policy, retention
from qalqan.lake.upkeep.checkpoint import Shortened, shorten
from qalqan.lake.upkeep.compaction import Compacted, Rule
from qalqan.lake.upkeep.expiry import Expired, expire
from qalqan.lake.upkeep.folding import Folded, fold
from qalqan.lake.upkeep.retention import Kept
from qalqan.lake.upkeep.vacuum import Vacuumed, vacuum
from qalqan.register import jobs
from qalqan.register.database import Database
from qalqan.register.jobs import Leased
from qalqan.register.leases import Held
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work import legal_holds, vault_upkeep
from qalqan.work.agreement import check
from qalqan.work.backtests import BACKTEST, Trials
from qalqan.work.bulletins import Bulletins
from qalqan.work.number_links import Links
from qalqan.work.tracing import Building, Loops

KEEP = "keep"
COMPACT = "compact"
SEALS_A_LOOK = compaction.NIGHTLY.open_files
"""After so many seals a day may have too many files."""

_LOOK_S = 5.0
_BEGIN_S = 3600.0
_NIGHT_US = 21 * HOUR
"""Two in the morning in Almaty, an hour before the detectors: 21:00 UTC."""


@dataclass(frozen=True)
class Upkeep:
    """What one run did."""

    dropped: list[dict[str, Any]]
    held_back: list[Kept]
    expired: list[Expired]
    compacted: list[Compacted]
    folded: list[Folded]
    vacuumed: list[Vacuumed]
    shortened: list[Shortened]

    def as_dict(self) -> dict[str, Any]:
        """In plain values."""
        return asdict(self)


def keep(
    database: Database, keys: Keys, settings: Settings, rule: Rule = compaction.NIGHTLY
) -> Upkeep:
    """All upkeep, one after the other.

    Raises:
        Conflict: another process keeps the lake now, or a commit came between; what was done
            stays done.
        Unavailable: another process seals for longer than a minute.
    """
    root = settings.lake_root
    with keeping(database) as held:
        check(database, root)  # what is dropped or folded in another lake is missed in this one
        gone, held_back, expired = _drop(database, keys, root, held)
        compacted = compaction.compact(database, root, held, rule)
        folded = fold(database, root, held, settings.fold_days * DAY)
        hours = settings.lake_grace_hours
        vacuumed = [vacuum(database, root, held, kind, hours) for kind in KINDS]
        shortened = [shorten(root, kind, hours) for kind in KINDS]
        for kind in KINDS:
            runs.forget(database, root, kind)
    return Upkeep(
        gone,
        held_back,
        expired,
        compacted,
        folded,
        [one for one in vacuumed if one.files],
        [one for one in shortened if one.version is not None or one.entries],
    )


def _drop(
    database: Database, keys: Keys, root: str, held: Held
) -> tuple[list[dict[str, Any]], list[Kept], list[Expired]]:
    """What the policy in force keeps no longer: days that went, days that are held, rows."""
    with database.session() as session:
        in_force = policy.current(session)
    held_back: list[Kept] = []
    expired: list[Expired] = []
    holds = legal_holds.holds_alone
    if in_force is not None:
        _, held_back = retention.plan(database, root, in_force, legal_holds.holds)
        expired = expire(database, held, in_force, holds, legal_holds.expired)
    rows = retention.carry_out(database, keys, root, held, holds, legal_holds.noted)
    gone = [{"kind": row.kind, "day": row.day, "rows": row.rows} for row in rows]
    return gone, held_back, expired


class Keeper:
    """Handlers of the thread that keeps the lake."""

    def __init__(
        self, database: Database, keys: Keys, settings: Settings, loops: Loops | None = None
    ) -> None:
        self.database = database
        self.keys = keys
        self.settings = settings
        self._index = Building(database, settings, loops) if loops is not None else None
        self._looked_s = self._begun_s = float("-inf")
        self._looked_at = -1
        self._trials = Trials(database, lambda: open_engine(settings))
        self._links = Links(database, lambda: open_engine(settings))
        self._bulletins = Bulletins(database, settings)
        self.handlers: Mapping[str, Callable[[Leased], None]] = {
            KEEP: self.keep,
            COMPACT: self.compact,
            BACKTEST: self._trials.do,
            **self._bulletins.handlers,
        }

    def look(self) -> None:
        """When idle: queue the nightly run, and a compaction each time many seals have come."""
        now_s = time.monotonic()
        if now_s - self._looked_s < _LOOK_S:
            return
        self._looked_s = now_s
        if now_s - self._begun_s > _BEGIN_S:
            with self.database.write() as session:
                jobs.put(session, KEEP, "lake", _next_night())
            self._begun_s = now_s
        with self.database.session() as session:
            many = newest_seal(session) // SEALS_A_LOOK
        if many > self._looked_at:
            with self.database.write() as session:
                jobs.put(session, COMPACT, "lake")
            self._looked_at = many
        self._links.look()
        self._bulletins.look()
        if self._index is not None:
            self._index.look()

    def close(self) -> None:
        """Give back what the index is built with, and the lake of back-tests."""
        self._trials.close()
        self._links.close()
        if self._index is not None:
            self._index.close()

    def compact(self, job: Leased) -> None:
        """Days with too many files."""
        with keeping(self.database) as held:
            check(self.database, self.settings.lake_root)
            compaction.compact(self.database, self.settings.lake_root, held)
        jobs.done(self.database, job)

    def keep(self, job: Leased) -> None:
        """Everything, nightly."""
        keep(self.database, self.keys, self.settings)
        vault_upkeep.forget(self.database)
        vault_upkeep.rekey(self.database, self.keys)
        with self.database.write() as session:
            jobs.finish(session, job)
            jobs.put(session, KEEP, "lake", _next_night())


def _next_night() -> int:
    return (clock.now_us() - _NIGHT_US) // DAY * DAY + _NIGHT_US + DAY

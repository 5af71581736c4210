"""Runs detectors over the lake as it is at one seal and keeps what they find (REQ-39, 50)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

import ibis
from sqlalchemy import func, select

from qalqan.clock import DAY as _DAY_US
from qalqan.detectors import registry
from qalqan.detectors.base import Detector
from qalqan.lake.engine import Engine
from qalqan.model.finding import Finding
from qalqan.register.database import Database
from qalqan.register.leases import hold
from qalqan.register.orm import Seal
from qalqan.work.findings import Kept, Mode, keep, mode_of

_LEASE_S = 15
"""So long after the death of whoever runs detectors another may take over."""


@dataclass(frozen=True)
class DetectionSummary:
    """What one run did; counts are over all its detectors."""

    seal: int
    detectors: int
    findings: int
    """Seen in this run, in shadow or not."""
    new: int
    changed: int
    faded: int
    dismissed: int
    shadow: int
    """Of `findings`, those of detectors in shadow."""

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def detect(
    database: Database,
    engine: Engine,
    codes: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> DetectionSummary:
    """Run the named detectors (none: all that are not retired) over everything sealed.

    `progress(done, whole)` is called after each detector.

    Raises:
        NotFound: no such detector.
        Conflict: another process is running detectors now.
    """
    chosen = [registry.get(code) for code in codes or _not_retired(database)]
    with database.session() as session:
        seal = session.scalar(select(func.max(Seal.seal))) or 0
    runs: list[tuple[Kept, Mode]] = []
    with hold(database, "detect", _LEASE_S) as held:
        for done, detector in enumerate(chosen, start=1):
            found, first_us = _findings(engine, detector, seal)
            with database.write() as session:
                held.check(session)
                mode = mode_of(session, detector.code)
                runs.append((keep(session, detector.code, found, first_us), mode))
            if progress:
                progress(done, len(chosen))
    return _summary(seal, runs)


def _not_retired(database: Database) -> list[str]:
    with database.session() as session:
        return [code for code in registry.all_detectors() if mode_of(session, code) != "retired"]


def findings_at(engine: Engine, detector: Detector, seal: int) -> list[Finding]:
    """What it finds as known at `seal`."""
    return _findings(engine, detector, seal)[0]


def _findings(engine: Engine, detector: Detector, seal: int) -> tuple[list[Finding], int | None]:
    """The same, and where the facts it read begin (UTC microseconds)."""
    tables = {kind: engine.table(kind, up_to_seal=seal) for kind in detector.reads}
    rows = engine.run(detector.ask(tables)).to_pylist()
    begins = [_first_day(engine, table) for table in tables.values()]
    known = [_DAY_US * day for day in begins if day is not None]
    return list(detector.findings(rows, seal)), max(known) if len(known) == len(begins) else None


def _first_day(engine: Engine, table: ibis.Table) -> int | None:
    """Days since 1970 of the oldest fact; none if there are no facts."""
    first = engine.run(table.agg(first=table.day.min()))["first"][0].as_py()
    return (first - date(1970, 1, 1)).days if first else None


def _summary(seal: int, runs: Sequence[tuple[Kept, Mode]]) -> DetectionSummary:
    def total(name: str) -> int:
        return sum(getattr(kept, name) for kept, _ in runs)

    return DetectionSummary(
        seal=seal,
        detectors=len(runs),
        shadow=sum(kept.findings for kept, mode in runs if mode == "shadow"),
        **{name: total(name) for name in ("findings", "new", "changed", "faded", "dismissed")},
    )

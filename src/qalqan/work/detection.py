"""Runs detectors over the lake as it is at one seal and keeps what they find (REQ-39, 50)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import func, select

from qalqan.lake.engine import Engine
from qalqan.register.database import Database
from qalqan.register.leases import hold
from qalqan.register.orm import Seal
from qalqan.work import finders
from qalqan.work.findings import Kept, Mode, keep, mode_of
from qalqan.work.listed_devices import Listed, listed
from qalqan.work.tuning import current as tuning_of

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
    models: Path | None = None,
) -> DetectionSummary:
    """Run the named detectors (none: all that are not retired) over everything sealed, by the
    parameters in force.

    `progress(done, whole)` is called after each detector. `models` is where trained models lie;
    the one in use is a detector among the others, and the last (`finders`).

    Raises:
        NotFound: no such detector.
        Conflict: another process is running detectors now.
        Unavailable, ContractBroken: the model can't score; what the others found is kept.
    """
    with database.session() as session:
        tuning, lists = tuning_of(session), Listed(listed(session))
    names = codes or _not_retired(database, models, lists)
    chosen = [finders.get(code, models, tuning, lists) for code in names]
    with database.session() as session:
        seal = session.scalar(select(func.max(Seal.seal))) or 0
    runs: list[tuple[Kept, Mode]] = []
    with (
        hold(database, "detect", _LEASE_S) as held,
        engine.holding(finders.wanted(chosen), seal),
    ):
        for done, detector in enumerate(chosen, start=1):
            found, first_us = detector.found(engine, seal)
            found = [finding for finding in found if not lists.spares(finding)]
            with database.write() as session:
                held.check(session)
                mode = mode_of(session, detector.code)
                runs.append((keep(session, detector.code, found, first_us), mode))
            if progress:
                progress(done, len(chosen))
    return _summary(seal, runs)


def _not_retired(database: Database, models: Path | None, lists: Listed) -> list[str]:
    every = finders.all_of(models, lists=lists)
    with database.session() as session:
        return [code for code in every if mode_of(session, code) != "retired"]


def _summary(seal: int, runs: Sequence[tuple[Kept, Mode]]) -> DetectionSummary:
    def total(name: str) -> int:
        return sum(getattr(kept, name) for kept, _ in runs)

    return DetectionSummary(
        seal=seal,
        detectors=len(runs),
        shadow=sum(kept.findings for kept, mode in runs if mode == "shadow"),
        **{name: total(name) for name in ("findings", "new", "changed", "faded", "dismissed")},
    )

"""What did we know then? Detectors run again as known at an earlier seal.

A finding carries the seal at which it was seen; run again at that seal it comes out the same,
whatever was sealed or compacted since. Nothing of it is written to the register. What stands in
its way is told: days that retention took, or another version of the detector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from qalqan.errors import InputRejected, NotFound
from qalqan.lake.engine import Engine
from qalqan.lake.sealing import newest_seal
from qalqan.lake.upkeep import history
from qalqan.lake.upkeep.history import Lost
from qalqan.model.finding import Finding
from qalqan.register.database import Database
from qalqan.register.orm import FindingRow
from qalqan.work import finders, tuning
from qalqan.work.listed_devices import Listed, listed
from qalqan.work.tuning import Tuning


@dataclass(frozen=True)
class Replayed:
    """What detectors find as known at a seal."""

    seal: int
    findings: list[Finding]
    lost: list[Lost]
    """Days that were known then and that nobody can know again."""


@dataclass(frozen=True)
class Again:
    """A finding of the register beside what its detector finds at its seal now."""

    recorded: dict[str, Any]
    found: Finding | None
    same: bool
    same_version: bool
    """Whether the detector is the one that made it."""
    lost: list[Lost]


def replay(
    database: Database,
    engine: Engine,
    seal: int,
    codes: Sequence[str] | None = None,
    models: Path | None = None,
    changed: Tuning | None = None,
) -> Replayed:
    """Run the named detectors (none: all) as known at `seal`, by the parameters in force or by
    those that are told.

    Raises:
        NotFound: no such detector.
        InputRejected: that seal has not come yet.
    """
    with database.session() as session:
        _check(session, seal)
        by = tuning.current(session) if changed is None else changed
        lists = Listed(listed(session))
        names = codes or finders.all_of(models, lists=lists)
        chosen = [finders.get(code, models, by, lists) for code in names]
        kinds = sorted({kind for one in chosen for kind in one.kinds})
        lost = history.lost(session, kinds, up_to=seal)
    found = [finding for one in chosen for finding in one.found(engine, seal)[0]]
    return Replayed(seal, sorted(found, key=lambda one: one.identity), lost)


def _check(session: Session, seal: int) -> None:
    newest = newest_seal(session)
    if not 0 <= seal <= newest:
        raise InputRejected("at-seal", seal, "seal.known", newest=newest)


def replay_finding(
    database: Database, engine: Engine, number: int, models: Path | None = None
) -> Again:
    """A finding's detector, run at the finding's seal.

    Raises:
        NotFound: no finding of that number, or its detector is gone.
    """
    with database.session() as session:
        row = session.get(FindingRow, number)
        if row is None:
            raise NotFound("finding", str(number))
        by = {row.detector: tuning.of_version(session, row.detector, row.version)}
        lists = Listed(listed(session))
    then = replay(database, engine, row.seal, [row.detector], models, by)
    window = (row.window_from_us, row.window_to_us)
    identity = (row.detector, row.subject_kind, row.subject, *window)
    found = next((one for one in then.findings if one.identity == identity), None)
    same = found is not None and found.score == row.score and dict(found.evidence) == row.evidence
    recorded = {
        "finding": row.id,
        "detector": row.detector,
        "subject_kind": row.subject_kind,
        "subject": row.subject,
        "seal": row.seal,
        "score": row.score,
        "evidence": row.evidence,
    }
    version = finders.get(row.detector, models, by, lists).version == row.version
    return Again(recorded, found, same, version, then.lost)

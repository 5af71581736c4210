"""Findings under review: one row an identity, whatever runs again (REQ-39, 50).

A run updates what it finds again and adds what is new. What a person confirmed or dismissed
stays so, also under later versions of the detector. A finding that nobody has decided on and
that a later run over the same days does not see any more has **faded**; it comes back as new if
it is seen again. Detectors start in **shadow**: their findings are kept and measured, and shown
to nobody as work, until a person's recorded decision makes them live, or retires them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import finding_subjects
from qalqan.detectors import registry
from qalqan.errors import Conflict, NotFound
from qalqan.model.finding import Finding
from qalqan.register.audit import note
from qalqan.register.database import Database
from qalqan.register.orm import DetectorMode, FindingRow
from qalqan.work.finders import BESIDE

Mode = Literal["shadow", "live", "retired"]
Decision = Literal["confirmed", "dismissed", "new"]

_IDENTITY = (
    FindingRow.detector,
    FindingRow.subject_kind,
    FindingRow.subject,
    FindingRow.window_from_us,
    FindingRow.window_to_us,
)


@dataclass(frozen=True)
class Kept:
    """What one run changed."""

    findings: int
    new: int
    changed: int
    faded: int
    dismissed: int
    """Found again although dismissed: left alone."""


def mode_of(session: Session, detector: str) -> Mode:
    """The detector's mode: shadow unless a person has decided."""
    row = session.get(DetectorMode, detector)
    return row.mode if row else "shadow"  # type: ignore[return-value]


def set_mode(database: Database, detector: str, mode: Mode, login: str, reason: str) -> None:
    """Record a person's decision on a detector; its findings move into or out of shadow.

    Raises:
        NotFound: no such detector.
    """
    with database.write() as session:
        place(session, detector, mode, login, reason)


def place(
    session: Session, detector: str, mode: Mode, login: str, reason: str, **detail: Any
) -> None:
    """The same within a write. Raises NotFound: no such detector."""
    if detector not in BESIDE:
        registry.get(detector)
    before = mode_of(session, detector)
    session.merge(
        DetectorMode(detector=detector, mode=mode, decided_by=login, decided_us=clock.now_us())
    )
    rows = update(FindingRow).where(FindingRow.detector == detector)
    session.execute(rows.values(shadow=mode != "live"))
    note(session, login, f"detector.{mode}", "detector", detector, reason, before=before, **detail)


def decide(
    database: Database,
    finding: int,
    decision: Decision,
    login: str,
    reason: str,
    seen: str | None = None,
    case_id: str = "",
) -> None:
    """Record a person's decision on a finding; `new` takes an earlier decision back. `seen` is
    the state in which he saw it. Cases about the subject learn of it, as does one that he names.

    Raises:
        NotFound: no finding of that number.
        Conflict: it is in another state by now: somebody else has decided.
    """
    with database.write() as session:
        row = session.get(FindingRow, finding, with_for_update=True)
        if row is None:
            raise NotFound("finding", str(finding))
        if seen is not None and row.state != seen:
            raise Conflict("finding", str(finding), row.state, decision)
        before, row.state = row.state, decision
        row.decided_by, row.decided_us = login, clock.now_us()
        session.flush()
        finding_subjects.follow(session, row, before, login, case_id)
        note(session, login, f"finding.{decision}", "finding", str(finding), reason, before=before)


def keep(
    session: Session, detector: str, found: Iterable[Finding], first_us: int | None = None
) -> Kept:
    """Merge one whole run of a detector into the register, within a write.

    `first_us` is where the facts it ran over begin: findings of earlier windows, whose facts
    retention has dropped, can't be seen again and don't fade.
    """
    known = _known(session, detector)
    shadow, now = mode_of(session, detector) != "live", clock.now_us()
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    again: list[int] = []
    count = dismissed = 0
    for finding in found:
        count += 1
        values = _values(finding, shadow, now)
        row = known.pop(finding.identity, None)
        if row is None:
            fresh.append({**values, "state": "new", "first_us": now})
            continue
        dismissed += row.state == "dismissed"
        if row.state == "faded":
            again.append(row.id)
        if _differs(row, values):
            changed.append({"id": row.id, **values})
    gone = [row.id for row in known.values() if _fades(row, first_us)]
    if fresh:
        session.execute(insert(FindingRow), fresh)
    if changed:
        session.execute(update(FindingRow), changed)
    _move(session, again, "faded", "new")
    _move(session, gone, "new", "faded")
    return Kept(count, len(fresh), len(changed), len(gone), dismissed)


def _known(session: Session, detector: str) -> dict[tuple[Any, ...], Row[Any]]:
    columns = (
        *_IDENTITY, FindingRow.id, FindingRow.state, FindingRow.score, FindingRow.evidence,
        FindingRow.version, FindingRow.shadow,
    )  # fmt: skip
    rows = session.execute(select(*columns).where(FindingRow.detector == detector))
    return {tuple(row[: len(_IDENTITY)]): row for row in rows}


def _values(finding: Finding, shadow: bool, now: int) -> dict[str, Any]:
    values = {column.key: getattr(finding, column.key) for column in _IDENTITY}
    return {
        **values,
        "score": finding.score,
        "evidence": dict(finding.evidence),
        "version": finding.version,
        "seal": finding.seal,
        "shadow": shadow,
        "updated_us": now,
    }


def _differs(row: Row[Any], values: dict[str, Any]) -> bool:
    return any(
        getattr(row, name) != values[name] for name in ("score", "evidence", "version", "shadow")
    )


def _fades(row: Row[Any], first_us: int | None) -> bool:
    return row.state == "new" and first_us is not None and row.window_from_us >= first_us


def _move(session: Session, ids: list[int], before: str, after: str) -> None:
    """Only rows still in the state they were read in: a person may have decided meanwhile."""
    for start in range(0, len(ids), 500):
        some = FindingRow.id.in_(ids[start : start + 500])
        session.execute(
            update(FindingRow)
            .where(some, FindingRow.state == before)
            .values(state=after, updated_us=clock.now_us())
        )

"""The queues as people see them: how long each is, what was given up and why, and a person's
word on it: try again, or drop."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import InputRejected, NotFound
from qalqan.register import audit
from qalqan.register.orm import Job

LONGEST_REASON = 200


@dataclass(frozen=True)
class Queue:
    """One kind of job, counted."""

    kind: str
    due: int
    """Could be done now."""
    later: int
    leased: int
    """In a worker's hand."""
    parked: int
    """Given up: a person has to look."""
    oldest_us: int | None
    """Since when the job that is due longest has been due, UTC microseconds; None: none is."""


@dataclass(frozen=True)
class Entry:
    """One job of a queue. `error` is a code or a class's name."""

    id: int
    kind: str
    key: str
    state: str
    due_us: int
    attempts: int
    error: str | None
    created_us: int


def queues(session: Session) -> list[Queue]:
    """Every kind that has jobs, sorted by its name."""
    due = and_(Job.state == "queued", Job.due_us <= clock.now_us())
    counted = select(
        Job.kind,
        func.count().filter(due),
        func.count().filter(Job.state == "queued", ~due),
        func.count().filter(Job.state == "leased"),
        func.count().filter(Job.state == "parked"),
        func.min(Job.due_us).filter(due),
    )
    found = session.execute(counted.group_by(Job.kind))
    return sorted((Queue(*row) for row in found), key=lambda queue: queue.kind)


def entries(session: Session, kind: str | None, most: int, after: int = 0) -> list[Entry]:
    """Parked jobs, or all of one kind: what was given up first, then by when it is due."""
    asked = select(
        Job.id, Job.kind, Job.key, Job.state, Job.due_us, Job.attempts, Job.last_error,
        Job.created_us,
    )  # fmt: skip
    asked = asked.where(Job.state == "parked") if kind is None else asked.where(Job.kind == kind)
    order = (Job.state != "parked", Job.state != "leased", Job.due_us, Job.id)
    found = session.execute(asked.order_by(*order).offset(after).limit(most))
    return [Entry(*row) for row in found]


def retry(session: Session, job_id: int, actor: str) -> Entry:
    """Put a parked job back as if it were new, due now; where the same work waits already,
    that does it. `NotFound` if it is not parked (any more)."""
    job = _parked(session, job_id)
    twin = select(Job.id).where(Job.kind == job.kind, Job.key == job.key, Job.state == "queued")
    if session.scalar(twin) is not None:
        session.execute(delete(Job).where(Job.id == job_id))
    else:
        again = {"state": "queued", "due_us": clock.now_us(), "attempts": 0}
        session.execute(update(Job).where(Job.id == job_id).values(**again))
    _note(session, actor, "retry", job)
    return job


def drop(session: Session, job_id: int, actor: str, reason: str) -> Entry:
    """Take a parked job off the list for good. `NotFound` if it is not parked (any more),
    `InputRejected` without a reason."""
    reason = reason.strip()
    if not reason:
        raise InputRejected("reason", "", "text.empty")
    if len(reason) > LONGEST_REASON:
        raise InputRejected("reason", None, "text.too_long", most=LONGEST_REASON)
    job = _parked(session, job_id)
    session.execute(delete(Job).where(Job.id == job_id))
    _note(session, actor, "drop", job, reason)
    return job


def _parked(session: Session, job_id: int) -> Entry:
    row = session.scalar(
        select(Job).where(Job.id == job_id, Job.state == "parked").with_for_update()
    )
    if row is None:
        raise NotFound("job", str(job_id))
    return Entry(
        row.id, row.kind, row.key, row.state, row.due_us, row.attempts, row.last_error,
        row.created_us,
    )  # fmt: skip


def _note(session: Session, actor: str, action: str, job: Entry, reason: str = "") -> None:
    audit.note(
        session, actor, action, "job", str(job.id), reason,
        kind=job.kind, key=job.key, error=job.error,
    )  # fmt: skip

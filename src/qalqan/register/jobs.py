"""Work that nobody waits for, as leased rows: any number of workers, each job once in effect.

A job commits with what caused it. A worker leases it for some seconds of wall time and renews
the lease while it works; if the worker dies, the lease runs out and another takes the job again.
A job's own writes belong in the transaction that calls `finish`: if the lease was lost meanwhile,
all of it rolls back. Two jobs of the same kind and key never run at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, exists, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from qalqan import clock
from qalqan.errors import Conflict
from qalqan.register import dialect, jumps
from qalqan.register.database import Database
from qalqan.register.orm import Job, Landing
from qalqan.register.queueing import drop, put, wake

__all__ = [
    "Leased", "Pending", "done", "drop", "failed", "finish", "is_at_work", "lease", "lease_more",
    "pending", "put", "put_off", "renew", "wake",
]  # fmt: skip

LEASE_S = 8
"""What a killed worker had in hand waits no longer than this; the living renew in time."""
MAX_ATTEMPTS = 8
WORKER_DIED = "worker_died"
"""Why a job is parked that no worker has lived through."""
_LONGEST_ERROR = 400
_COLUMNS = (Job.id, Job.kind, Job.key, Job.payload, Job.due_us, Job.attempts)
_TWIN = aliased(Job)
_TWIN_AT_WORK = exists().where(
    _TWIN.kind == Job.kind, _TWIN.key == Job.key, _TWIN.state == "leased"
)

_EITHER = (
    "(state = 'queued' AND due_us <= :now OR state = 'leased' AND"
    " (lease_until_wall_us <= :wall OR lease_until_wall_us > :farthest))"
)
_DUE = text(f"SELECT 1 FROM jobs WHERE {_EITHER} LIMIT 1")
_DUE_OF = text(f"SELECT 1 FROM jobs WHERE kind IN :kinds AND {_EITHER} LIMIT 1").bindparams(
    bindparam("kinds", expanding=True)
)


@dataclass(frozen=True)
class Leased:
    """A job in hand; `attempt` counts from 1 and, with the owner, names this one lease."""

    id: int
    kind: str
    key: str
    payload: dict[str, Any]
    due_us: int
    owner: str
    attempt: int


@dataclass(frozen=True)
class Pending:
    """What is still to be done: jobs due now, in work, given up; facts not yet sealed; and
    when the next queued job is due (UTC microseconds)."""

    due: int
    leased: int
    landing: int
    parked: int
    next_due_us: int | None


def lease(database: Database, owner: str, kinds: Collection[str] | None = None) -> Leased | None:
    """Take a job whose worker died, else the one that is due longest, for `LEASE_S` of wall
    time; None if nothing is due."""
    with database.session() as session:
        if not _glance(session, kinds) or _next(session, kinds, lock=False) is None:
            return None
    with database.write() as session:
        while (row := _next(session, kinds, lock=True)) is not None:
            if row.attempts < MAX_ATTEMPTS:
                return _take(session, row, owner)
            _park(session, row.id, WORKER_DIED)
    return None


def lease_more(database: Database, owner: str, kind: str, most: int) -> list[Leased]:
    """Take up to `most` jobs of one kind that are due, to be done together with one in hand."""
    found: list[Leased] = []
    with database.write() as session:
        while len(found) < most and (row := _next(session, [kind], lock=True)) is not None:
            if row.attempts < MAX_ATTEMPTS:
                found.append(_take(session, row, owner))
            else:
                _park(session, row.id, WORKER_DIED)
    return found


def renew(database: Database, job: Leased) -> None:
    """Start the lease's term anew; `Conflict` if it was lost."""
    with database.write() as session:
        _ours(session, job, lease_until_wall_us=_lease_end())


def finish(session: Session, job: Leased) -> None:
    """Take the job off the list within the transaction that holds its effects; `Conflict` if
    the lease was lost, so that the effects roll back."""
    gone = session.execute(delete(Job).where(*_lease_of(job)))
    if not gone.rowcount:  # type: ignore[attr-defined]
        raise Conflict("job", str(job.id), "lost", "finish")


def done(database: Database, job: Leased) -> None:
    """`finish` in a transaction of its own, for jobs whose effects are safe to repeat."""
    with database.write() as session:
        finish(session, job)


def failed(database: Database, job: Leased, error: str, retry_us: int | None) -> None:
    """Queue the job again, due at `retry_us`; park it if that is None or after eight attempts.
    `error` is a code or a class's name: it must not carry a person's data."""

    def told(session: Session) -> None:
        _ours(session, job, last_error=error[:_LONGEST_ERROR])
        if retry_us is None or job.attempt >= MAX_ATTEMPTS:
            _park(session, job.id, error)
        elif _waiting_twin(session, job):
            finish(session, job)  # a newer one of the same kind and key does the work
        else:
            _ours(session, job, state="queued", due_us=retry_us, lease_owner=None)

    _give_back(database, told)


def put_off(database: Database, job: Leased, until_us: int) -> None:
    """Queue the job again for later, without blame: what it needs was not to be had. The
    attempt does not count."""

    def told(session: Session) -> None:
        twin = select(Job.id).where(Job.kind == job.kind, Job.key == job.key, Job.state == "queued")
        if session.scalar(twin) is not None:
            finish(session, job)
            return
        unblamed = {"attempts": job.attempt - 1, "lease_owner": None}
        _ours(session, job, state="queued", due_us=until_us, **unblamed)

    _give_back(database, told)


def _give_back(database: Database, told: Callable[[Session], None]) -> None:
    """Write it down; once more if a twin was queued in the same moment."""
    try:
        with database.write() as session:
            told(session)
    except IntegrityError:
        with database.write() as session:
            told(session)


def pending(session: Session) -> Pending:
    """How much is left to do."""
    now = clock.now_us()
    due, leased, parked, next_due = session.execute(
        select(
            func.count().filter(Job.state == "queued", Job.due_us <= now),
            func.count().filter(Job.state == "leased"),
            func.count().filter(Job.state == "parked"),
            func.min(Job.due_us).filter(Job.state == "queued"),
        )
    ).one()
    landing = session.scalar(select(func.count()).select_from(Landing)) or 0
    return Pending(due, leased, landing, parked, next_due)


def is_at_work(session: Session, kind: str, key: str | None = None) -> bool:
    """Whether a worker has a job of this kind (and key) in hand. With a key nobody takes the job
    up either before this transaction ends."""
    found = select(Job.id).where(Job.kind == kind, Job.state == "leased").limit(1)
    if key is not None:
        mine = select(Job.state).where(Job.kind == kind, Job.key == key).with_for_update()
        return "leased" in session.scalars(mine).all()
    return session.scalar(found) is not None


def _glance(session: Session, kinds: Collection[str] | None) -> bool:
    """May anything be due? Workers ask it many times a second, so it is one short question."""
    wall = clock.wall_us()
    told = {"now": clock.now_us(), "wall": wall, "farthest": jumps.farthest(wall)}
    if kinds is None:
        found = session.connection().execute(_DUE, told)
    else:
        found = session.connection().execute(_DUE_OF, {**told, "kinds": sorted(kinds)})
    return found.first() is not None


def _next(session: Session, kinds: Collection[str] | None, lock: bool) -> Row[Any] | None:
    """Two questions, so that each walks an index in order however long the queue is."""
    left = and_(Job.state == "leased", jumps.is_over(Job.lease_until_wall_us))
    waiting = and_(Job.state == "queued", Job.due_us <= clock.now_us(), ~_TWIN_AT_WORK)
    for wanted in (left, waiting):
        found = select(*_COLUMNS).where(wanted).order_by(Job.due_us, Job.id).limit(1)
        if kinds is not None:
            found = found.where(Job.kind.in_(kinds))
        if lock:
            found = dialect.skip_locked(found)
        if (row := session.execute(found).first()) is not None:
            return row
    return None


def _take(session: Session, row: Row[Any], owner: str) -> Leased:
    session.execute(
        update(Job)
        .where(Job.id == row.id)
        .values(
            state="leased",
            attempts=row.attempts + 1,
            lease_owner=owner,
            lease_until_wall_us=_lease_end(),
        )
    )
    return Leased(row.id, row.kind, row.key, row.payload, row.due_us, owner, row.attempts + 1)


def _park(session: Session, job_id: int, error: str) -> None:
    session.execute(
        update(Job)
        .where(Job.id == job_id)
        .values(state="parked", lease_owner=None, last_error=error[:_LONGEST_ERROR])
    )


def _lease_of(job: Leased) -> tuple[Any, ...]:
    return (
        Job.id == job.id,
        Job.state == "leased",
        Job.lease_owner == job.owner,
        Job.attempts == job.attempt,
    )


def _ours(session: Session, job: Leased, **values: Any) -> None:
    changed = session.execute(update(Job).where(*_lease_of(job)).values(**values))
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise Conflict("job", str(job.id), "lost", "keep")


def _waiting_twin(session: Session, job: Leased) -> bool:
    """Whether the same work is queued anew; it inherits the attempts, or failures would
    never add up."""
    twin = session.execute(
        update(Job)
        .where(Job.kind == job.kind, Job.key == job.key, Job.state == "queued")
        .values(attempts=job.attempt)
    )
    return bool(twin.rowcount)  # type: ignore[attr-defined]


def _lease_end() -> int:
    return clock.wall_us() + LEASE_S * clock.SECOND

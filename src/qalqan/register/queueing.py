"""How a job gets into its queue: with what caused it, once, and in nobody's way.

What a transaction queues is written at its very end, sorted: the rows of `jobs` that many
writers share stay locked for a moment only, and no two writers wait for each other in a ring.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Table, case, event, select, text
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.register import dialect
from qalqan.register.orm import Job

_JOBS = cast(Table, Job.__table__)
_Wanted = dict[tuple[str, str], tuple[int, dict[str, Any] | None]]
"""(kind, key) → when due, and the payload; no payload: only to wake."""
_QUEUED: dict[str, Any] = {
    "index_elements": ["kind", "key"],
    "index_where": text("state = 'queued'"),  # a bound value would fit no index
}


def put(session: Session, kind: str, key: str, due_us: int | None = None, **payload: Any) -> None:
    """Queue a job, due now unless told otherwise. One of the same kind and key that still
    waits is not doubled: it keeps the earlier due time and takes the new payload.
    It is written when the transaction commits."""
    due = clock.now_us() if due_us is None else due_us
    wanted = _wanted(session)
    if (kind, key) in wanted:
        due = min(due, wanted[kind, key][0])
    wanted[kind, key] = (due, payload)


def wake(session: Session, kind: str, key: str) -> None:
    """Queue a job now unless one waits already, which is left alone: no writer waits for
    another because of it. A worker may take that one before this transaction commits, so it is
    for work whose doer looks again by himself whether anything is left."""
    _wanted(session).setdefault((kind, key), (clock.now_us(), None))


def drop(session: Session, kind: str, key: str) -> None:
    """Don't queue what this transaction was to queue: it has done it itself."""
    _wanted(session).pop((kind, key), None)


def _wanted(session: Session) -> _Wanted:
    """What this transaction queues so far."""
    if "jobs" not in session.info:
        session.info["jobs"] = {}
        event.listen(session, "before_commit", _write_wanted)
    return cast(_Wanted, session.info["jobs"])


def _write_wanted(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for (kind, key), (due, payload) in sorted(session.info["jobs"].items(), key=lambda it: it[0]):
        if payload is None:
            _wake(session, kind, key, due)
        else:
            _put(session, kind, key, due, payload)
    session.info["jobs"].clear()


def _put(session: Session, kind: str, key: str, due: int, payload: dict[str, Any]) -> None:
    new = _new(session, kind, key, due, payload)
    earlier = case(
        (new.excluded.due_us < _JOBS.c.due_us, new.excluded.due_us), else_=_JOBS.c.due_us
    )
    session.execute(
        new.on_conflict_do_update(
            **_QUEUED, set_={"due_us": earlier, "payload": new.excluded.payload}
        )
    )


def _wake(session: Session, kind: str, key: str, due: int) -> None:
    waits = select(Job.id).where(
        Job.kind == kind, Job.key == key, Job.state == "queued", Job.due_us <= due
    )
    if session.scalar(waits.limit(1)) is None:
        new = _new(session, kind, key, due, {})
        session.execute(new.on_conflict_do_nothing(**_QUEUED))


def _new(
    session: Session, kind: str, key: str, due: int, payload: dict[str, Any]
) -> dialect.Insert:
    return dialect.insert(session, _JOBS).values(
        kind=kind, key=key, payload=payload, state="queued", due_us=due, attempts=0,
        created_us=clock.now_us(),
    )  # fmt: skip

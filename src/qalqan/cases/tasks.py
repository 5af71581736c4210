"""Tasks of a case: an examination, a request abroad, an expert's advice, anything with an owner
and a day (REQ-23, 24, 37, 70).

open → done or cancelled, and nothing leaves those; who errs sets another task. Overdue is no
state: it is what the clock says of an open one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.geo import countries
from qalqan.register import audit, orm, rights
from qalqan.register.rights import Person, Right
from qalqan.text.line import line


class Kind(StrEnum):
    """What is to be done."""

    EXAMINATION = "examination"
    """A forensic examination that was ordered (REQ-37)."""
    INTERNATIONAL = "international"
    """A request to another country, with its own deadline: what is asked, of whom and on which
    ground stands in the register of requests (`abroad_requests`, REQ-70)."""
    CONSULTATION = "consultation"
    """An expert centre or academy is asked (REQ-23)."""
    OTHER = "other"


class State(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


ENDS = frozenset({State.DONE, State.CANCELLED})
LONGEST_TITLE, LONGEST_OUTCOME, LONGEST_REFERENCE = 200, 400, 60


@dataclass(frozen=True)
class Wanted:
    """A task as an officer sets it; `due_us` UTC microseconds."""

    kind: str
    title: str
    owner: str | None = None
    due_us: int | None = None
    country: str | None = None
    """ISO 3166-1 code of two letters, of a request abroad."""
    reference: str | None = None


def is_overdue(task: orm.CaseTask, now_us: int) -> bool:
    """Whether it should have been done."""
    return task.state == State.OPEN and task.due_us is not None and task.due_us < now_us


def check_end(task: orm.CaseTask, to: State) -> None:
    """Raise `Conflict` unless the task may go there."""
    if task.state != State.OPEN or to not in ENDS:
        raise Conflict("task", str(task.id), task.state, to)


def set_task(session: Session, officer: Person, case_id: str, wanted: Wanted) -> orm.CaseTask:
    """Set a task.

    Raises:
        NotAllowed, NotFound: as `rights.check_case`. InputRejected: a kind, owner, country or day
            that can't be, no title or too long a one.
    """
    rights.check_case(session, officer, Right.CASEWORK, case_id)
    now = clock.now_us()
    if wanted.kind not in set(Kind):
        raise InputRejected("kind", wanted.kind, "task.kind")
    if wanted.due_us is not None and wanted.due_us < now:
        raise InputRejected("due", wanted.due_us, "task.due")
    abroad = wanted.kind == Kind.INTERNATIONAL
    task = orm.CaseTask(
        case_id=case_id,
        kind=wanted.kind,
        title=line("title", wanted.title, LONGEST_TITLE),
        owner=_owner(session, wanted.owner),
        country=_country(wanted.country) if abroad else None,
        reference=line("reference", wanted.reference, LONGEST_REFERENCE, needed=False) or None,
        due_us=wanted.due_us,
        state=State.OPEN,
        version=0,
        outcome="",
        made_by=officer.login,
        made_us=now,
    )
    session.add(task)
    session.flush()
    audit.note(session, officer.login, "set_task", "case", case_id, task=task.id, kind=task.kind)
    return task


def end(
    session: Session, officer: Person, case_id: str, task_id: int, to: str, outcome: str = ""
) -> orm.CaseTask:
    """Say that a task is done or need not be done; of two officers at once one gets `Conflict`.

    Raises:
        NotAllowed, NotFound: as `rights.check_case`; NotFound: the case has no such task.
        Conflict: it has ended already. InputRejected: no such end, or too long an outcome.
    """
    rights.check_case(session, officer, Right.CASEWORK, case_id)
    task = session.get(orm.CaseTask, task_id)
    if task is None or task.case_id != case_id:
        raise NotFound("task", str(task_id))
    if to not in ENDS:
        raise InputRejected("to", to, "task.end")
    check_end(task, State(to))
    request = select(orm.AbroadRequest.id).where(orm.AbroadRequest.task == task_id)
    if session.scalar(request) is not None:  # it ends with its request (`abroad_steps`)
        raise Conflict("task", str(task_id), "a request abroad", to, "request")
    words = line("outcome", outcome, LONGEST_OUTCOME, needed=False)
    return finish(session, officer.login, task, State(to), words)


def finish(session: Session, by: str, task: orm.CaseTask, to: State, outcome: str) -> orm.CaseTask:
    """End a task that may end, with its line in the record.

    Raises:
        Conflict: somebody else was quicker.
    """
    changed: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        update(orm.CaseTask)
        .where(orm.CaseTask.id == task.id, orm.CaseTask.version == task.version)
        .where(orm.CaseTask.state == State.OPEN)
        .values(
            state=to,
            version=task.version + 1,
            outcome=outcome,
            ended_by=by,
            ended_us=clock.now_us(),
        )
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        raise Conflict("task", str(task.id), "changed by somebody else", to)
    session.expire(task)
    audit.note(session, by, f"task_{to}", "case", task.case_id, task=task.id)
    return task


def set_due(session: Session, by: str, task: orm.CaseTask, due_us: int) -> None:
    """Say by when a task is to be done (UTC microseconds), with its line in the record."""
    task.due_us = due_us
    audit.note(session, by, "task_due", "case", task.case_id, task=task.id)


def of_case(session: Session, case_id: str) -> Sequence[orm.CaseTask]:
    """All tasks of a case: the open ones by their day, then the ended, the newest first."""
    found = session.scalars(select(orm.CaseTask).where(orm.CaseTask.case_id == case_id)).all()
    return sorted(found, key=_order)


def open_of(session: Session, login: str) -> Sequence[orm.CaseTask]:
    """Everything that an officer still has to do, by its day."""
    of = select(orm.CaseTask).where(orm.CaseTask.owner == login, orm.CaseTask.state == State.OPEN)
    return sorted(session.scalars(of), key=_order)


def count_open(session: Session, case_id: str) -> int:
    """How many tasks of a case are open."""
    of = select(func.count()).where(
        orm.CaseTask.case_id == case_id, orm.CaseTask.state == State.OPEN
    )
    return session.scalar(of) or 0


def _order(task: orm.CaseTask) -> tuple[bool, int, int]:
    if task.state == State.OPEN:
        return False, task.due_us if task.due_us is not None else 2**62, task.id
    return True, -(task.ended_us or 0), -task.id


def _owner(session: Session, login: str | None) -> str | None:
    if not login:
        return None
    user = session.get(orm.User, login)
    if user is None or not user.active or user.partner is not None:
        raise InputRejected("owner", login, "task.owner")
    return login


def _country(code: str | None) -> str:
    wanted = (code or "").strip().upper()
    if wanted not in countries.COUNTRIES:
        raise InputRejected("country", code, "task.country")
    return wanted

"""Courses and competence: who took what, until when it counts, and who lacks what his role needs;
experts' advice that cases wait for (REQ-23, 95)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import tasks
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.model.period import shift
from qalqan.register import audit, orm, rights
from qalqan.register.rights import Person, Right
from qalqan.text.line import line

_EPOCH = date(1970, 1, 1)
PROVIDERS = ("academy", "centre", "partner", "organisation", "own")
"""Police academy; analysis or cyber centre; firm; international organisation; ourselves."""
RESULTS = ("passed", "failed", "attended")
ROLES = tuple(role for role in rights.ROLES if role != "clerk")
LONGEST_TITLE, MOST_MONTHS = 200, 120
SOON_US = 30 * clock.DAY
"""What ends within a month is told in time."""


@dataclass(frozen=True)
class Lack:
    """Somebody whose role needs a course that he has not passed, or no longer."""

    login: str
    role: str
    course: orm.Course
    ended_us: int | None
    """When an earlier pass ended; None: there was none."""


def add(
    session: Session, officer: Person, title: str, provider: str, roles: Sequence[str],
    valid_months: int | None = None,
) -> orm.Course:  # fmt: skip
    """Enter a course.

    Raises:
        NotAllowed: no right. InputRejected: what can't be.
    """
    rights.check(officer, Right.TRAINING)
    words = line("title", title, LONGEST_TITLE)
    if provider not in PROVIDERS:
        raise InputRejected("provider", provider, "one_of", choices=", ".join(PROVIDERS))
    for role in roles:
        if role not in ROLES:
            raise InputRejected("roles", role, "one_of", choices=", ".join(ROLES))
    if valid_months is not None and not 1 <= valid_months <= MOST_MONTHS:
        raise InputRejected("months", valid_months, "training.months", most=MOST_MONTHS)
    row = orm.Course(
        title=words, provider=provider, roles=sorted(set(roles)), valid_months=valid_months,
        made_by=officer.login, made_us=clock.now_us(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.note(session, officer.login, "course_add", "course", str(row.id))
    return row


def end(session: Session, officer: Person, number: int) -> orm.Course:
    """Say that nobody needs a course any more.

    Raises:
        NotAllowed: no right. NotFound: no such course. Conflict: it has ended.
    """
    rights.check(officer, Right.TRAINING)
    row = _course(session, number)
    row.ended_us = clock.now_us()
    audit.note(session, officer.login, "course_end", "course", str(number))
    return row


def take(
    session: Session, officer: Person, number: int, login: str, day_us: int, result: str
) -> orm.CourseTaken:
    """Note that somebody took a course on a day. The same again is the row that stands.

    Raises:
        NotAllowed: no right. NotFound: no such course. Conflict: it has ended. InputRejected:
            nobody of that login, a day that has not come, no such result.
    """
    rights.check(officer, Right.TRAINING)
    course = _course(session, number)
    user = session.get(orm.User, login.strip())
    if user is None or user.partner is not None:
        raise InputRejected("login", login, "task.owner")
    if day_us > clock.now_us() + clock.DAY:
        raise InputRejected("day", day_us, "training.day")
    if result not in RESULTS:
        raise InputRejected("result", result, "one_of", choices=", ".join(RESULTS))
    row = orm.CourseTaken
    same = (row.course == number, row.login == user.login, row.day_us == day_us,
            row.result == result)  # fmt: skip
    if (before := session.scalar(select(row).where(*same))) is not None:
        return before
    taken = orm.CourseTaken(
        course=number, login=user.login, day_us=day_us, result=result,
        valid_until_us=_until(day_us, course.valid_months) if result == "passed" else None,
        noted_by=officer.login, noted_us=clock.now_us(),
    )  # fmt: skip
    session.add(taken)
    session.flush()
    audit.note(session, officer.login, "course_taken", "course", str(number), of=user.login)
    return taken


def listed(session: Session) -> Sequence[orm.Course]:
    """Courses that stand, by title."""
    asked = select(orm.Course).where(orm.Course.ended_us.is_(None)).order_by(orm.Course.title)
    return session.scalars(asked).all()


def of(session: Session, login: str) -> list[tuple[orm.CourseTaken, orm.Course]]:
    """What somebody took, the newest first."""
    asked = (
        select(orm.CourseTaken, orm.Course)
        .join(orm.Course, orm.Course.id == orm.CourseTaken.course)
        .where(orm.CourseTaken.login == login)
        .order_by(orm.CourseTaken.day_us.desc(), orm.CourseTaken.id.desc())
    )
    return [(taken, course) for taken, course in session.execute(asked)]


def lacking(session: Session, now_us: int, login: str = "") -> list[Lack]:
    """Who lacks a course that his role needs, of all or of one; by login and title."""
    asked = select(orm.User).where(orm.User.active, orm.User.partner.is_(None))
    if login:
        asked = asked.where(orm.User.login == login)
    users = session.scalars(asked.order_by(orm.User.login)).all()
    courses = listed(session)
    passes = _passes(session)
    found = []
    for user in users:
        for course in courses:
            if user.role in course.roles and not _counts(passes, course, user, now_us):
                ended = passes.get((course.id, user.login))
                found.append(Lack(user.login, user.role, course, ended))
    return found


def consultations(session: Session, officer: Person) -> Sequence[orm.CaseTask]:
    """Experts' advice that cases in view wait for, what is due first: tasks of their cases."""
    rights.check(officer, Right.CASES)
    task = orm.CaseTask
    view = select(orm.Case.id).where(rights.own_view(officer))
    asked = select(task).where(
        task.kind == tasks.Kind.CONSULTATION, task.state == tasks.State.OPEN,
        task.case_id.in_(view),
    )  # fmt: skip
    return session.scalars(asked.order_by(task.due_us.is_(None), task.due_us, task.id)).all()


def _course(session: Session, number: int) -> orm.Course:
    row = session.get(orm.Course, number, with_for_update=True)
    if row is None:
        raise NotFound("course", str(number))
    if row.ended_us is not None:
        raise Conflict("course", str(number), "ended", "take")
    return row


def _passes(session: Session) -> dict[tuple[int, str], int | None]:
    """(course, login) → until when the newest pass counts; None: for good."""
    row = orm.CourseTaken
    asked = select(row).where(row.result == "passed").order_by(row.day_us, row.id)
    return {(each.course, each.login): each.valid_until_us for each in session.scalars(asked)}


def _counts(
    passes: dict[tuple[int, str], int | None], course: orm.Course, user: orm.User, now_us: int
) -> bool:
    key = course.id, user.login
    if key not in passes:
        return False
    until = passes[key]
    return until is None or now_us < until


def _until(day_us: int, months: int | None) -> int | None:
    """The same day so many months on, or the last one of a shorter month."""
    if months is None:
        return None
    day = _EPOCH + timedelta(days=day_us // clock.DAY)
    return (shift(day, months) - _EPOCH).days * clock.DAY

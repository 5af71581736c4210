"""Runs of exercises, kept per login: what somebody did and how many points it brought (REQ-23, 95).

What an exercise is, and how it is scored, is the simulator's affair; here stand plain values. One's
own runs are one's own: others' are seen by whoever keeps courses, and then only ended ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import audit, orm, rights
from qalqan.register.rights import Person, Right

KINDS = ("follow", "judge")
LEVELS = ("guided", "alone")
"""With what the trail finds shown, and without."""
MOST_SEED = 1_000_000
SHOWN = 50


def begin(
    session: Session, person: Person, kind: str, level: str, seed: int, edition: str
) -> orm.Exercise:
    """Begin an exercise; one of the same kind and level that is not ended goes on instead.

    Raises:
        NotAllowed: no right. InputRejected: no such kind, level or seed.
    """
    rights.check(person, Right.EXERCISE)
    for field, value, known in (("kind", kind, KINDS), ("level", level, LEVELS)):
        if value not in known:
            raise InputRejected(field, value, "one_of", choices=", ".join(known))
    if not 0 <= seed < MOST_SEED:
        raise InputRejected("seed", seed, "training.seed", most=MOST_SEED - 1)
    row = orm.Exercise
    mine = (row.login == person.login, row.kind == kind, row.level == level, row.ended_us.is_(None))
    if (before := session.scalar(select(row).where(*mine).limit(1))) is not None:
        return before
    made = orm.Exercise(
        login=person.login, kind=kind, level=level, seed=seed, edition=edition, acts={}, version=0,
        begun_us=clock.now_us(), parts={},
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.note(session, person.login, "exercise_begin", "exercise", str(made.id), kind=kind)
    return made


def load(session: Session, person: Person, number: int) -> orm.Exercise:
    """A run: one's own, or an ended one of somebody else for who keeps courses.

    Raises:
        NotAllowed: no right, or somebody else's. NotFound: no such run.
    """
    rights.check(person, Right.EXERCISE)
    row = session.get(orm.Exercise, number)
    if row is None:
        raise NotFound("exercise", str(number))
    if row.login != person.login and (
        row.ended_us is None or not rights.has(person, Right.TRAINING)
    ):
        raise NotAllowed("exercise", "own_exercise")
    return row


def put(
    session: Session, person: Person, number: int, version: int, acts: Mapping[str, Any]
) -> orm.Exercise:
    """Keep what was done so far.

    Raises:
        NotAllowed, NotFound: as `load`; NotAllowed: somebody else's. Conflict: it has ended, or
            went on in another window.
    """
    row = _mine(session, person, number, version)
    row.acts, row.version = dict(acts), version + 1
    session.flush()
    return row


def end(
    session: Session, person: Person, number: int, version: int, points: int,
    parts: Mapping[str, Any],
) -> orm.Exercise:  # fmt: skip
    """Keep the points; the run is over.

    Raises:
        As `put`.
    """
    row = _mine(session, person, number, version)
    row.points, row.parts, row.ended_us = points, dict(parts), clock.now_us()
    row.version = version + 1
    audit.note(session, person.login, "exercise_end", "exercise", str(number), points=points)
    session.flush()
    return row


def of(session: Session, login: str) -> Sequence[orm.Exercise]:
    """Somebody's runs, the newest first."""
    asked = select(orm.Exercise).where(orm.Exercise.login == login)
    return session.scalars(asked.order_by(orm.Exercise.id.desc()).limit(SHOWN)).all()


def of_all(session: Session, person: Person) -> Sequence[orm.Exercise]:
    """Everybody's ended runs, the newest first.

    Raises:
        NotAllowed: he keeps no courses.
    """
    rights.check(person, Right.TRAINING)
    asked = select(orm.Exercise).where(orm.Exercise.ended_us.is_not(None))
    return session.scalars(asked.order_by(orm.Exercise.ended_us.desc()).limit(SHOWN)).all()


def _mine(session: Session, person: Person, number: int, version: int) -> orm.Exercise:
    rights.check(person, Right.EXERCISE)
    row = session.get(orm.Exercise, number, populate_existing=True, with_for_update=True)
    if row is None:
        raise NotFound("exercise", str(number))
    if row.login != person.login:
        raise NotAllowed("exercise", "own_exercise")
    if row.ended_us is not None:
        raise Conflict("exercise", str(number), "ended", "go on")
    if row.version != version:
        raise Conflict("exercise", str(number), "changed by somebody else", "go on", "changed")
    return row

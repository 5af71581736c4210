"""Whose case it is: taken, given, given back, each time with who did it (issue 5, Build 4).

A case is taken from nobody: of two officers at the same moment one gets it, the other a
`Conflict` that names the first. Whoever gives a case says whom he saw it with.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import standing
from qalqan.clock import SECOND
from qalqan.errors import Conflict, InputRejected
from qalqan.register import audit, orm, rights
from qalqan.register.database import Database
from qalqan.register.rights import COUNTRY, Person, Right

UNDO_US = 10 * SECOND
"""How long after a step its doer may undo it, wall time (design/README.md, Keys)."""
SLOW_US = 5 * SECOND
"""What the way to the server may take besides."""


def take(database: Database, case_id: str, person: Person) -> None:
    """Make a case that is nobody's the officer's own; his own stays his.

    Raises:
        NotFound: no such case. NotAllowed: a role without the right, or out of view.
        Conflict: it is somebody's, or closed.
    """
    with database.write() as session:
        case = rights.check_case(session, person, Right.CASEWORK, case_id)
        if case.owner != person.login:
            _move(session, case_id, None, person.login, person)


def give(database: Database, case_id: str, person: Person, to: str, seen: str) -> None:
    """Give a case to another officer, or to nobody (`to` empty); `seen` is whose it was when the
    giver looked, empty for nobody's.

    Raises:
        NotFound, NotAllowed: as `take`. InputRejected: not an officer who may work on it.
        Conflict: it is not the one's that was seen, or closed.
    """
    with database.write() as session:
        case = rights.check_case(session, person, Right.CASEWORK, case_id)
        if case.owner != person.login or to:  # one's own may be given back by oneself
            rights.check(person, Right.ASSIGN)
        if to and to not in able(session, case.region):
            raise InputRejected("to", to, "queue.officer")
        _move(session, case_id, seen or None, to or None, person)


def undo(database: Database, case_id: str, person: Person) -> None:
    """Take back one's own last step with a case, for some seconds.

    Raises:
        NotAllowed: a role without the right. Conflict: too late, or somebody moved it since.
    """
    with database.write() as session:
        rights.check(person, Right.CASEWORK)
        last = session.scalar(
            select(orm.CaseOwner)
            .where(orm.CaseOwner.case_id == case_id)
            .order_by(orm.CaseOwner.id.desc())
            .limit(1)
        )
        if last is None or last.by != person.login:
            raise Conflict("case", case_id, "moved by somebody else", "undo")
        if clock.wall_us() - last.wall_us > UNDO_US + SLOW_US:
            raise Conflict("undo", case_id, "too late", "undo")
        _move(session, case_id, last.owner, last.before, person)


def able(session: Session, region: str) -> list[str]:
    """Logins of active officers who may work on a case of a region."""
    roles = [role for role, given in rights.RIGHTS.items() if Right.CASEWORK in given]
    found = select(orm.User.login).where(
        orm.User.active, orm.User.role.in_(roles), orm.User.region.in_([region, COUNTRY])
    )
    return list(session.scalars(found.order_by(orm.User.login)))


def _move(
    session: Session, case_id: str, before: str | None, owner: str | None, person: Person
) -> None:
    case = orm.Case
    moved: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        update(case)
        .where(case.id == case_id, case.state == "open", case.owner.is_not_distinct_from(before))
        .values(owner=owner)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:
        raise _taken(session, case_id)
    session.add(
        orm.CaseOwner(
            case_id=case_id, before=before, owner=owner, by=person.login,
            at_us=clock.now_us(), wall_us=clock.wall_us(),
        )
    )  # fmt: skip
    audit.note(session, person.login, "case.owner", "case", case_id, before=before, owner=owner)
    standing.refresh(session, [case_id])


def _taken(session: Session, case_id: str) -> Conflict:
    state, owner = session.execute(
        select(orm.Case.state, orm.Case.owner)
        .where(orm.Case.id == case_id)
        .execution_options(populate_existing=True)
    ).one()
    if state != "open":
        return Conflict("case_state", case_id, state, "owner")
    return Conflict("owner" if owner else "nobody", case_id, owner or "", "owner")

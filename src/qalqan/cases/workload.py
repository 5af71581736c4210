"""How much each officer has in hand: open cases, money at risk, what is late, how long until
somebody first took a case (issue 5, Build 4)."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from qalqan.clock import DAY
from qalqan.register import orm, rights
from qalqan.register.rights import COUNTRY, Person, Right

LATELY_US = 30 * DAY
"""Over how long the first actions are looked at."""
MOST = 20_000
"""First actions looked at, the newest."""


@dataclass(frozen=True)
class Load:
    """One officer's; sums in tiyn."""

    login: str
    """Empty: what is nobody's."""
    role: str
    cases: int
    at_risk: int
    moving: int
    late: int
    """Cases with an answer overdue."""
    appeals: int
    median_us: int | None
    """From the opening of a case to its first owner; None: he took none lately."""
    taken: int


def loads(session: Session, person: Person, now_us: int) -> list[Load]:
    """Of the officer's unit, most at risk first; only his own without the right to assign."""
    officers = _officers(session, person)
    found, first = _sums(session, person), _first(session, now_us)
    names = [*officers, ""] if rights.has(person, Right.ASSIGN) else [person.login]
    made = [_load(login, officers.get(login, ""), found, first) for login in names]
    return sorted(made, key=lambda load: (load.login == "", -load.at_risk, -load.cases, load.login))


def _load(
    login: str,
    role: str,
    found: Mapping[str, tuple[int, ...]],
    first: Mapping[str, list[int]],
) -> Load:
    cases, at_risk, moving, late, appeals = found.get(login, (0, 0, 0, 0, 0))
    times = first.get(login, [])
    median = int(statistics.median(times)) if times else None
    return Load(login, role, cases, at_risk, moving, late, appeals, median, len(times))


def _officers(session: Session, person: Person) -> dict[str, str]:
    """Login → role of those who work on cases in the person's unit."""
    if not rights.has(person, Right.ASSIGN):
        return {person.login: person.role}
    user = orm.User
    roles = [role for role, given in rights.RIGHTS.items() if Right.CASEWORK in given]
    unit = [] if person.region == COUNTRY else [user.region == person.region]
    rows = session.execute(
        select(user.login, user.role).where(user.active, user.role.in_(roles), *unit)
    )
    return {login: role for login, role in rows}


def _sums(session: Session, person: Person) -> dict[str, tuple[int, ...]]:
    row = orm.CaseStanding
    seen = or_(row.owner == person.login, rights.in_view(person, row))
    rows = session.execute(
        select(
            row.owner, func.count(), func.sum(row.at_risk), func.sum(row.moving),
            func.count().filter(row.late > 0), func.count().filter(row.appealed > 0),
        )
        .where(row.active, seen)
        .group_by(row.owner)
    )  # fmt: skip
    return {owner or "": tuple(int(each) for each in rest) for owner, *rest in rows}


def _first(session: Session, now_us: int) -> dict[str, list[int]]:
    """Owner → how long after its opening he took a case that nobody had had before."""
    table = orm.CaseOwner
    rows = session.execute(
        select(table.owner, table.at_us, orm.Case.opened_us)
        .join(orm.Case, orm.Case.id == table.case_id)
        .where(table.before.is_(None), table.owner.is_not(None), table.at_us >= now_us - LATELY_US)
        .order_by(table.id.desc())
        .limit(MOST)
    )
    found: defaultdict[str, list[int]] = defaultdict(list)
    for owner, at_us, opened_us in rows:
        found[owner or ""].append(max(0, at_us - opened_us))
    return found

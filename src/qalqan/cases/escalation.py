"""Who is told when nobody answers: the ladder, rung by rung, as people (REQ-44).

The policy names the rungs; `cases.clocks` climbs them. An order's first rung is a reminder to its
partner; an appeal climbs the people alone. A case that nobody owns goes to its region at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Integer, and_, cast, false, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from qalqan.cases import appeal_book, order_book
from qalqan.cases.appeal_book import Appeal, Verdict
from qalqan.cases.policy import LADDER
from qalqan.model.order import WAITING, Order
from qalqan.register import orm, rights
from qalqan.register.rights import COUNTRY, Person, Right

PEOPLE = LADDER[1:]
"""The ladder of an appeal: nobody reminds a partner."""
MOST = 100
"""Orders shown at once of those that were escalated to an officer."""


@dataclass(frozen=True)
class Rung:
    """One rung: its name, who stands there, whether it has been reached."""

    name: str
    logins: tuple[str, ...]
    is_reached: bool


def rungs(
    session: Session, case: orm.Case, partner: str, climbed: int, ladder: Sequence[str]
) -> tuple[Rung, ...]:
    """The whole ladder of an order or appeal of this case, the first rung first."""
    return tuple(
        Rung(name, _people(session, case, partner, name), place <= climbed)
        for place, name in enumerate(ladder, 1)
    )


def _people(session: Session, case: orm.Case, partner: str, name: str) -> tuple[str, ...]:
    if name == "partner":
        return (partner,)
    if name == "owner":
        return (case.owner,) if case.owner else ()
    region = COUNTRY if name == "centre" else case.region
    rows = select(orm.User.login).where(
        orm.User.role == "supervisor", orm.User.region == region, orm.User.active.is_(True)
    )
    return tuple(session.scalars(rows.order_by(orm.User.login)))


def to_me(session: Session, person: Person) -> list[Order]:
    """Orders that partners leave unanswered and whose ladder has reached this officer, the
    longest overdue first."""
    ids = (
        select(orm.Order.id)
        .join(orm.Case, orm.Case.id == orm.Order.case_id)
        .where(orm.Order.state.in_([*WAITING]), _reached(person, orm.Order.escalated, LADDER))
        .order_by(orm.Order.escalated.desc(), orm.Order.created_us, orm.Order.id)
        .limit(MOST)
    )
    place = {order_id: n for n, order_id in enumerate(session.scalars(ids))}
    found = order_book.find(session, orm.Order.id.in_(list(place)))
    return sorted(found, key=lambda order: place[order.id])


def appeals_to_me(session: Session, person: Person) -> list[Appeal]:
    """Appeals that are overdue and have reached this officer, the oldest first."""
    row = orm.AppealRow
    rows = (
        select(row)
        .join(orm.Case, orm.Case.id == row.case_id)
        .where(row.state == Verdict.OPEN, _reached(person, row.escalated, PEOPLE))
        .order_by(row.received_us, row.id)
        .limit(MOST)
    )
    return [appeal_book.value(each) for each in session.scalars(rows)]


def _reached(
    person: Person, climbed: InstrumentedAttribute[int], ladder: Sequence[str]
) -> ColumnElement[bool]:
    """The condition that one of the rungs climbed so far is this officer's."""
    if not rights.has(person, Right.CASES):
        return false()

    def at_least(name: str) -> ColumnElement[bool]:
        return climbed >= cast(literal(ladder.index(name) + 1), Integer)

    mine = [and_(at_least("owner"), orm.Case.owner == person.login)]
    if rights.has(person, Right.ASSIGN):
        region = orm.Case.region == person.region
        mine += [
            and_(at_least("region"), region),
            and_(at_least("owner"), orm.Case.owner.is_(None), region),
        ]
        if person.region == COUNTRY:
            mine.append(at_least("centre"))
    return or_(*mine)

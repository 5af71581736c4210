"""Which identifiers a case has, and in which other cases each was seen (REQ-18).

Cases out of an officer's view count, but only their region and number are told: who needs to look
there asks that region, or breaks the glass.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from qalqan.errors import NotFound
from qalqan.register import orm, rights
from qalqan.register.rights import Person, Right


@dataclass(frozen=True)
class Entity:
    """One identifier of a case; `others` counts the other cases that have it."""

    kind: str
    subject: str
    source: str
    told_by: str
    first_us: int
    note: str
    others: int


@dataclass(frozen=True)
class Seen:
    """Other cases with one identifier: those in view by number, the rest by region."""

    entity: Entity
    cases: tuple[tuple[str, str, str | None], ...]
    """Number, region, owner."""
    hidden: tuple[tuple[str, int], ...]
    """Region, how many."""


def of_case(session: Session, case_id: str) -> list[Entity]:
    """All identifiers of a case, those in most other cases first; one query."""
    mine, other = orm.CaseEntity, orm.CaseEntity.__table__.alias("other")
    cases = func.count(func.distinct(other.c.case_id)).label("others")
    counted = (
        select(mine.subject, cases)
        .join(other, (other.c.subject == mine.subject) & (other.c.case_id != mine.case_id))
        .where(mine.case_id == case_id)
        .group_by(mine.subject)
        .subquery()
    )
    rows = session.execute(
        select(mine, func.coalesce(counted.c.others, 0).label("others"))
        .outerjoin(counted, counted.c.subject == mine.subject)
        .where(mine.case_id == case_id)
        .order_by(func.coalesce(counted.c.others, 0).desc(), mine.first_us, mine.kind, mine.subject)
    )
    return [_entity(row, others) for row, others in rows]


def count(session: Session, case_id: str) -> int:
    """How many identifiers a case has."""
    of = select(func.count()).where(orm.CaseEntity.case_id == case_id)
    return session.scalar(of) or 0


def named(session: Session, case_id: str, mark: str) -> Entity:
    """The identifier of a case that a mark stands for.

    Raises:
        NotFound: there is none.
    """
    for entity in of_case(session, case_id):
        if mark_of(entity.subject) == mark:
            return entity
    raise NotFound("identifier", mark)


def seen_in(session: Session, officer: Person, case_id: str, mark: str) -> Seen:
    """Which other cases have an identifier of this one.

    Raises:
        NotAllowed, NotFound: as `rights.check_case`; NotFound: the case has none such.
    """
    rights.check_case(session, officer, Right.CASES, case_id)
    entity = named(session, case_id, mark)
    Case = orm.Case
    view = case((rights.in_view(officer), 1), else_=0)
    others = select(orm.CaseEntity.case_id).where(
        orm.CaseEntity.subject == entity.subject, orm.CaseEntity.case_id != case_id
    )
    rows = session.execute(
        select(Case.id, Case.region, Case.owner, view)
        .where(Case.id.in_(others))
        .order_by(Case.id.desc())
    ).all()
    hidden: dict[str, int] = {}
    for _, region, _, visible in rows:
        if not visible:
            hidden[region] = hidden.get(region, 0) + 1
    cases = tuple((of, region, owner) for of, region, owner, visible in rows if visible)
    return Seen(entity, cases, tuple(sorted(hidden.items())))


def mark_of(subject: str) -> str:
    """How pages name an identifier; the marks of sealed values are the same."""
    return hashlib.sha256(subject.encode()).hexdigest()[:16]


def _entity(row: orm.CaseEntity, others: int) -> Entity:
    return Entity(
        row.kind, row.subject, row.source, row.told_by, row.first_us, row.note or "", others
    )

"""Drops as they are listed, by place in the flow, and one with all that is known (REQ-92)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from qalqan.cases import drop_steps, drops
from qalqan.register import orm, rights
from qalqan.register.rights import Person, Right

A_PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """Which drops; empty: any."""

    role: str = ""
    status: str = ""
    lapsed: bool = False
    """Labels that no longer stand, instead of those that do."""
    page: int = 1


@dataclass(frozen=True)
class Row:
    """One drop of the list."""

    drop: orm.Drop
    accounts: int
    cases: int


@dataclass(frozen=True)
class Listed:
    """A page of drops."""

    rows: tuple[Row, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // A_PAGE))


@dataclass(frozen=True)
class View:
    """One drop; `hidden` counts its cases out of view."""

    drop: orm.Drop
    accounts: tuple[str, ...]
    steps: Sequence[orm.DropStep]
    pending: orm.DropStep | None
    channels: Sequence[orm.DropChannel]
    cases: Sequence[orm.Case]
    hidden: int
    findings: Sequence[orm.FindingRow]
    offered: Sequence[orm.FindingRow]
    """Findings about its accounts that nobody has put forward."""


def listed(session: Session, officer: Person, wanted: Wanted) -> Listed:
    """A page of drops in view: the deepest in the flow first, then the largest part."""
    Drop = orm.Drop
    where = [drops.in_view(officer)]
    where.append(Drop.expired_us.is_not(None) if wanted.lapsed else Drop.expired_us.is_(None))
    where += [Drop.role == wanted.role] if wanted.role else []
    where += [Drop.status == wanted.status] if wanted.status else []
    total = session.scalar(select(func.count()).where(*where)) or 0
    accounts = _count(orm.DropAccount.drop_id == Drop.id, orm.DropAccount.account)
    cases = _count(orm.DropCase.drop_id == Drop.id, orm.DropCase.case_id)
    rows = session.execute(
        select(Drop, accounts, cases)
        .where(*where)
        .order_by(func.coalesce(Drop.hop, 0).desc(), func.coalesce(Drop.part, 0).desc(), Drop.id)
        .limit(A_PAGE)
        .offset((wanted.page - 1) * A_PAGE)
    )
    return Listed(tuple(Row(*row) for row in rows), total, wanted.page)


def one(session: Session, officer: Person, drop_id: str) -> View:
    """All that is known of a drop.

    Raises:
        NotAllowed, NotFound: as `drops.check`.
    """
    drop = drops.check(session, officer, Right.CASES, drop_id)
    linked = select(orm.DropCase.case_id).where(orm.DropCase.drop_id == drop_id)
    all_cases = session.scalar(select(func.count()).select_from(linked.subquery())) or 0
    in_view = session.scalars(
        select(orm.Case)
        .where(orm.Case.id.in_(linked), rights.in_view(officer))
        .order_by(orm.Case.id.desc())
    ).all()
    accounts = drops.accounts(session, drop_id)
    put, offered = _findings(session, drop, accounts)
    return View(
        drop=drop,
        accounts=tuple(accounts),
        steps=_steps(session, drop_id),
        pending=drop_steps.pending(session, drop_id),
        channels=_channels(session, drop_id),
        cases=in_view,
        hidden=all_cases - len(in_view),
        findings=put,
        offered=offered,
    )


def _count(where: ColumnElement[bool], column: InstrumentedAttribute[str]) -> ScalarSelect[int]:
    return select(func.count(column)).where(where).correlate(orm.Drop).scalar_subquery()


def _steps(session: Session, drop_id: str) -> Sequence[orm.DropStep]:
    of = select(orm.DropStep).where(orm.DropStep.drop_id == drop_id)
    return session.scalars(of.order_by(orm.DropStep.id.desc())).all()


def _channels(session: Session, drop_id: str) -> Sequence[orm.DropChannel]:
    of = select(orm.DropChannel).where(orm.DropChannel.drop_id == drop_id)
    return session.scalars(of.order_by(orm.DropChannel.at_us)).all()


def _findings(
    session: Session, drop: orm.Drop, accounts: Sequence[str]
) -> tuple[list[orm.FindingRow], list[orm.FindingRow]]:
    """Findings put forward, and those about its accounts or person that are not."""
    put = set(
        session.scalars(select(orm.DropFinding.finding).where(orm.DropFinding.drop_id == drop.id))
    )
    subjects = [*accounts, *([drop.person] if drop.person else [])]
    rows = session.scalars(
        select(orm.FindingRow)
        .where(orm.FindingRow.subject.in_(subjects), orm.FindingRow.state != "dismissed")
        .order_by(orm.FindingRow.score.desc(), orm.FindingRow.id)
        .limit(100)
    ).all()
    live = [row for row in rows if not row.shadow or row.id in put]
    return [row for row in live if row.id in put], [row for row in live if row.id not in put]

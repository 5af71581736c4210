"""The queue: cases in the order in which money is likeliest to be lost (issue 5, Build 4).

Reads `case_standings` alone. Appeals come first, the first to be due before the others: somebody
who may have done nothing waits, and has two hours' promise. Then what is at risk, then what ends
first; an archive list of all cases goes by other orders. Every list is of the officer's view.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, UnaryExpression, and_, func, select, true
from sqlalchemy.orm import Session

from qalqan.cases.urgency import NEVER
from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.register import orm, rights
from qalqan.register.rights import Person

A_PAGE = 40
TABS = ("all", "mine", "soon", "waiting", "nobody", "appeals")
SORTS = ("risk", "clock", "recoverable", "new")
AHEAD_US = 2 * HOUR
"""How far the horizon looks …"""
_BEHIND_US = 15 * MINUTE
"""… and how long what has ended stays on it."""
_ON_HORIZON = 60

Row = orm.CaseStanding
_APPEALED = Row.appealed > 0


@dataclass(frozen=True)
class Asked:
    """Which cases, in which order; as a page's address says it."""

    tab: str = "all"
    sort: str = "risk"
    region: str = ""
    method: str = ""
    owner: str = ""
    state: str = ""
    days: int = 0
    """Reported within so many days; 0: whenever."""
    page: int = 1
    archive: bool = False
    """All cases, not only those in which something is to be done."""

    def address(self, **other: object) -> str:
        """The query of a link that asks for this, with some things other."""
        asked = replace(self, **other)  # type: ignore[arg-type]
        told = {f.name: getattr(asked, f.name) for f in fields(self) if f.name != "archive"}
        usual = {f.name: f.default for f in fields(self)}
        if self.archive:
            usual["sort"] = "new"
        return urlencode({k: v for k, v in told.items() if v != usual[k]})


@dataclass(frozen=True)
class Counted:
    """How many cases each tab has, and the money of all of them (tiyn)."""

    tabs: Mapping[str, int]
    recoverable: int
    at_risk: int


@dataclass(frozen=True)
class Listed:
    """One page of a list."""

    rows: Sequence[orm.CaseStanding]
    page: int
    pages: int
    cases: int


def listed(
    session: Session,
    person: Person,
    asked: Asked,
    now_us: int,
    only: Collection[str] | None = None,
) -> Listed:
    """One page of the cases that were asked for; `only` among these."""
    where = _where(person, asked, now_us)
    if only is not None:
        where = and_(where, Row.case_id.in_(list(only)))
    counts = select(func.count(), func.count().filter(_APPEALED)).where(where)
    cases, ahead = session.execute(counts).one()
    pages = max(1, -(-cases // A_PAGE))
    page = min(max(1, asked.page), pages)
    start = (page - 1) * A_PAGE
    found = select(Row).where(where).order_by(*_order(asked))
    if asked.sort != "risk" or not ahead:
        rows = list(session.scalars(found.limit(A_PAGE).offset(start)))
        return Listed(rows, page, pages, cases)
    # In two questions: an order by both would read the whole queue to sort it.
    first = select(Row).where(where, _APPEALED).order_by(*_order(replace(asked, sort="clock")))
    rows = list(session.scalars(first.limit(A_PAGE).offset(start))) if start < ahead else []
    others = found.where(~_APPEALED).limit(A_PAGE - len(rows)).offset(max(0, start - ahead))
    return Listed([*rows, *session.scalars(others)], page, pages, cases)


def mine(session: Session, person: Person) -> int:
    """How many cases in the queue are the officer's own."""
    of = select(func.count()).select_from(Row).where(Row.active, Row.owner == person.login)
    return session.scalar(of) or 0


def of_cases(session: Session, case_ids: Sequence[str]) -> list[orm.CaseStanding]:
    """These cases' standings, in this order."""
    found = session.scalars(select(Row).where(Row.case_id.in_(list(case_ids))))
    by_case = {row.case_id: row for row in found}
    return [by_case[case_id] for case_id in case_ids if case_id in by_case]


def counted(session: Session, person: Person, asked: Asked, now_us: int) -> Counted:
    """What the tabs and the figures above them say."""
    tabs = [func.count().filter(_tab(tab, person, now_us)) for tab in TABS]
    sums = func.coalesce(func.sum(Row.moving), 0), func.coalesce(func.sum(Row.at_risk), 0)
    inside = _filters(replace(asked, owner=""), now_us)
    wanted = select(*tabs, *sums).where(Row.active, rights.in_view(person, Row), inside)
    *counts, recoverable, at_risk = (int(each) for each in session.execute(wanted).one())
    return Counted(dict(zip(TABS, counts, strict=True)), recoverable, at_risk)


def horizon(session: Session, person: Person, now_us: int) -> list[orm.CaseStanding]:
    """Whose clock ends within two hours, the first to end first."""
    soon = Row.clock_us.between(now_us - _BEHIND_US, now_us + AHEAD_US)
    found = select(Row).where(Row.active, soon, rights.in_view(person, Row))
    return list(session.scalars(found.order_by(Row.at_risk.desc()).limit(_ON_HORIZON)))


def mark(session: Session) -> str:
    """Changes when any standing does. A change that becomes visible late, behind a newer one,
    changes the number of those that changed lately."""
    newest = session.scalar(select(func.max(Row.changed_us))) or 0
    lately = select(func.count()).where(Row.changed_us > newest - MINUTE)
    return f"{newest:x}.{session.scalar(lately.select_from(Row)) or 0:x}"


def _where(person: Person, asked: Asked, now_us: int) -> ColumnElement[bool]:
    tab = true() if asked.archive else and_(Row.active, _tab(asked.tab, person, now_us))
    return and_(tab, rights.in_view(person, Row), _filters(asked, now_us))


def _tab(tab: str, person: Person, now_us: int) -> ColumnElement[bool]:
    return {
        "mine": Row.owner == person.login,
        "soon": Row.clock_us <= now_us + HOUR,
        "waiting": Row.awaited + Row.late > 0,
        "nobody": Row.owner.is_(None),
        "appeals": _APPEALED,
    }.get(tab, true())


def _filters(asked: Asked, now_us: int) -> ColumnElement[bool]:
    told = [
        column == value
        for column, value in (
            (Row.region, asked.region),
            (Row.method, asked.method),
            (Row.owner, asked.owner),
            (Row.state, asked.state),
        )
        if value
    ]
    if asked.days:
        told.append(Row.reported_us >= now_us - asked.days * DAY)
    return and_(true(), *told)


def _order(asked: Asked) -> tuple[UnaryExpression[Any], ...]:
    if asked.sort == "new":
        return Row.reported_us.desc(), Row.case_id.desc()
    if asked.sort == "recoverable":
        return Row.moving.desc(), Row.case_id.desc()
    if asked.sort == "clock":
        return Row.clock_us.asc(), _APPEALED.desc(), Row.at_risk.desc(), Row.case_id.desc()
    return Row.at_risk.desc(), Row.clock_us.asc(), Row.case_id.desc()


def has_clock(row: orm.CaseStanding) -> bool:
    """Whether any term runs."""
    return row.clock_us != NEVER

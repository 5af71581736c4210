"""The list of cases with its header of totals: what can still be saved comes first (REQ-15, 16)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan.cases import figures, order_book
from qalqan.model.order import WAITING, Kind, State
from qalqan.register import orm, rights
from qalqan.register.database import Database
from qalqan.register.people import SignedIn
from qalqan.trail.policy import default
from qalqan.web.console.case_page import denies, title_of
from qalqan.web.console.reader import Reader
from qalqan.web.console.sums import SumBar, sum_bars

A_PAGE = 40
SORTS = ("new", "recoverable")


@dataclass(frozen=True)
class Row:
    """One case of the list."""

    case: orm.Case
    title: str
    reports: int
    reported_us: int
    """When its newest report came."""
    delay_us: int
    """From the crime to the report, of its first report (REQ-16)."""
    told: tuple[tuple[str, int], ...]
    """(currency, minor units) that its reports tell of."""
    sums: tuple[SumBar, ...]
    """Empty until a payer's bank has confirmed a payment."""
    denied: bool
    """Every payer's bank has answered, and none confirmed a payment."""
    drafts: int
    awaited: int
    late: int


@dataclass(frozen=True)
class CaseList:
    """One page of the list."""

    rows: tuple[Row, ...]
    sort: str
    page: int
    pages: int
    cases: int


def totals(database: Database, rule: str) -> tuple[SumBar, ...]:
    """Where all stolen money is, one bar a currency."""
    with database.session() as session:
        whole = figures.kept_money(session)
    return sum_bars(whole, rule)


def case_list(
    session: Session,
    reader: Reader,
    officer: SignedIn,
    sort: str,
    page: int,
    only: Collection[str] | None = None,
) -> CaseList:
    """One page of all cases in view, or of those found: the newest first, or those with most money
    still to be had."""
    sort = sort if sort in SORTS else SORTS[0]
    newest = _newest(session, officer)
    ranked = _recoverable(session, newest) if sort == "recoverable" else newest
    if only is not None:
        ranked = [case_id for case_id in ranked if case_id in set(only)]
    pages = max(1, -(-len(ranked) // A_PAGE))
    page = min(max(1, page), pages)
    shown = ranked[(page - 1) * A_PAGE : page * A_PAGE]
    return CaseList(tuple(_rows(session, reader, shown)), sort, page, pages, len(ranked))


def _newest(session: Session, officer: SignedIn) -> list[str]:
    newest = func.max(orm.Report.reported_us)
    seen = orm.Report.case_id.in_(select(orm.Case.id).where(rights.in_view(officer)))
    ranked = select(orm.Report.case_id).where(seen).group_by(orm.Report.case_id)
    return list(session.scalars(ranked.order_by(newest.desc(), orm.Report.case_id.desc())))


def _recoverable(session: Session, newest: list[str]) -> list[str]:
    rule = default().rule
    moving = {
        case_id: sum(parts.traceable for parts in of.values())
        for case_id, of in figures.kept_of(session, newest, [rule])[rule].items()
    }
    return sorted(newest, key=lambda case_id: -moving[case_id])


def _rows(session: Session, reader: Reader, case_ids: Sequence[str]) -> list[Row]:
    reports: defaultdict[str, list[orm.Report]] = defaultdict(list)
    wanted = select(orm.Report).where(orm.Report.case_id.in_(case_ids)).order_by(orm.Report.id)
    for report in session.scalars(wanted):
        reports[report.case_id].append(report)
    rule = default().rule
    sums = figures.kept_of(session, case_ids, [rule])[rule]
    orders = _orders(session, case_ids, reader.now_us)
    return [
        _row(reader, session.get_one(orm.Case, case_id), reports[case_id],
             sum_bars({rule: sums[case_id]}, rule), orders[case_id])
        for case_id in case_ids
    ]  # fmt: skip


def _row(
    reader: Reader,
    case: orm.Case,
    reports: Sequence[orm.Report],
    sums: tuple[SumBar, ...],
    orders: Mapping[str, int],
) -> Row:
    told: defaultdict[str, int] = defaultdict(int)
    for report in reports:
        told[report.currency] += report.amount
    first = reports[0]
    return Row(
        case=case,
        title=title_of(reader, reports),
        reports=len(reports),
        reported_us=max(report.reported_us for report in reports),
        delay_us=first.reported_us - first.crime_us,
        told=tuple(sorted(told.items())),
        sums=sums,
        denied=not sums and orders["denied"] == len(reports),
        drafts=orders["drafts"],
        awaited=orders["awaited"],
        late=orders["late"],
    )


def _orders(
    session: Session, case_ids: Sequence[str], now_us: int
) -> defaultdict[str, defaultdict[str, int]]:
    """Case → how many orders are drafts, await an answer, are late; how many questions whether
    a payment was made were answered with no."""
    found: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    wanted = select(orm.Order.case_id, orm.Order.state, orm.Order.due_us).where(
        orm.Order.case_id.in_(case_ids), orm.Order.state.in_([State.DRAFTED, *WAITING])
    )
    for case_id, state, due_us in session.execute(wanted):
        if state == State.DRAFTED:
            found[case_id]["drafts"] += 1
            continue
        is_late = state == State.ESCALATED or (due_us is not None and due_us <= now_us)
        found[case_id]["late" if is_late else "awaited"] += 1
    asked = order_book.find(
        session, orm.Order.case_id.in_(case_ids), orm.Order.kind == Kind.CONFIRM
    )
    for order in asked:
        found[order.case_id]["denied"] += denies(order)
    return found

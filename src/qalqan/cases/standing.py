"""Where each case stands, kept for lists: sums, places, terms and the next step (issue 5, Build 4).

A standing is made anew in the transaction that follows a case's money (`retold`), takes a report,
decides an order or gives the case to somebody (`refresh`); whatever else moves an order queues the
job `STAND` for its case. As time passes without events, `cases.standing_sweep` weighs again what
moves. Writers lock a case's row before they read its orders, so the later one saw the earlier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import codes, figures, hazards, order_book, spots, trails, urgency
from qalqan.cases.figures import Parts
from qalqan.cases.order_book import STAND
from qalqan.cases.standing_totals import Changes
from qalqan.cases.urgency import Ordered, Spot, queue_rule
from qalqan.model.order import Kind, Order, Outcome, State
from qalqan.register import jobs, orm
from qalqan.trail import Document
from qalqan.trail.hazard import Hazard
from qalqan.trail.policy import default
from qalqan.trail.semantics import RULES, Root

BANKS = 3
"""Banks that a row names."""
_NO = frozenset({Outcome.NOT_FOUND, Outcome.REFUSED})

Sums = Mapping[str, Mapping[str, Parts]]
"""Rule → currency → parts."""


class Told(NamedTuple):
    """What a list needs of one report."""

    methods: list[str]
    methods_version: str
    amount: int
    currency: str
    crime_us: int
    reported_us: int


@dataclass(frozen=True)
class Known:
    """All that standings are made of, read for many cases at once."""

    now_us: int
    hazard: Hazard
    rows: Mapping[str, orm.CaseStanding]
    """As they stood."""
    cases: Sequence[orm.Case]
    reports: Mapping[str, list[Told]]
    orders: Mapping[str, list[tuple[str, Ordered]]]
    """Case → (bank code, order)."""
    sums: Mapping[str, Mapping[str, Mapping[str, Parts]]]
    """Rule → case → currency → parts."""
    kept: Mapping[str, Mapping[str, Any]]
    roots: Mapping[str, list[Root]]
    campaigns: Mapping[str, int]
    """Case that a campaign of calls opened → when its newest call was refused."""


def retold(
    session: Session,
    documents: Mapping[str, Sequence[Document]],
    orders: Sequence[Order],
    now_us: int,
) -> None:
    """Keep where these cases stand after they were followed together: the last thing that a
    transaction does."""
    rule = default().rule
    held = figures.held_at(documents, orders, now_us, rule)
    places = {case: spots.of_documents(of, held, rule) for case, of in documents.items()}
    _keep(session, sorted(documents), places, now_us)


def refresh(session: Session, case_ids: Iterable[str]) -> None:
    """Keep where these cases stand now; their money is where it was when last followed. The last
    thing that a transaction does."""
    _keep(session, sorted(set(case_ids)), {}, clock.now_us())


def _keep(
    session: Session, case_ids: Sequence[str], places: Mapping[str, list[Spot]], now_us: int
) -> None:
    if not case_ids:
        return
    session.flush()
    known, changes = _known(session, case_ids, now_us), Changes()
    for case in known.cases:
        if case.id in known.reports or case.id in known.campaigns:  # others are in no list
            _write(session, known, case, places.get(case.id), changes)
        jobs.drop(session, STAND, case.id)
    session.flush()
    changes.write(session)


def _known(session: Session, case_ids: Sequence[str], now_us: int) -> Known:
    table = orm.CaseStanding
    rows = session.scalars(
        select(table)
        .where(table.case_id.in_(case_ids))
        .order_by(table.case_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    locked = {row.case_id: row for row in rows}
    cases = select(orm.Case).where(orm.Case.id.in_(case_ids)).order_by(orm.Case.id)
    return Known(
        now_us=now_us,
        hazard=hazards.current(session),
        rows=locked,
        cases=session.scalars(cases.execution_options(populate_existing=True)).all(),
        reports=_reports(session, case_ids),
        orders=_orders(session, case_ids),
        sums=figures.kept_of(session, case_ids),
        kept=trails.figures_of(session, case_ids),
        roots=trails.roots_of(session, case_ids),
        campaigns=_campaigns(session, case_ids),
    )


def _campaigns(session: Session, case_ids: Sequence[str]) -> dict[str, int]:
    table = orm.CallCampaign
    newest = select(table.case_id, func.max(table.last_us)).where(table.case_id.in_(case_ids))
    return {case: last for case, last in session.execute(newest.group_by(table.case_id)) if case}


def _reports(session: Session, case_ids: Sequence[str]) -> dict[str, list[Told]]:
    table, found = orm.Report, defaultdict[str, list[Told]](list)
    columns = [getattr(table, name) for name in Told._fields]
    wanted = select(table.case_id, *columns).where(table.case_id.in_(case_ids))
    for case_id, *told in session.execute(wanted.order_by(table.id)):
        found[case_id].append(Told(*told))
    return dict(found)


def _orders(session: Session, case_ids: Sequence[str]) -> dict[str, list[tuple[str, Ordered]]]:
    table, found = orm.Order, defaultdict[str, list[tuple[str, Ordered]]](list)
    rows = session.execute(
        select(
            table.case_id, orm.Partner.bank_code, table.id, table.kind, table.state,
            table.parent_id, table.amount, table.currency, table.effect, table.created_us,
            table.sent_us, table.answered_us, table.due_us, table.expires_us,
        )
        .join(orm.Partner, orm.Partner.code == table.partner)
        .where(table.case_id.in_(case_ids))
        .order_by(table.id)
    )  # fmt: skip
    due = _appeals(session, case_ids)
    for case_id, bank, id, kind, state, parent, amount, currency, *rest in rows:
        order = Ordered(id, kind, state, parent, amount or 0, currency or "KZT", *rest)
        if state == State.APPEALED:
            order = order._replace(due_us=due.get(id))
        found[case_id].append((bank or "", order))
    return dict(found)


def _appeals(session: Session, case_ids: Sequence[str]) -> dict[str, int | None]:
    """Order → when the open appeal against it is to be decided."""
    table = orm.AppealRow
    open_ones = select(table.order_id, table.due_us).where(
        table.case_id.in_(case_ids), table.state == "open"
    )
    return {order: due for order, due in session.execute(open_ones)}


def _write(
    session: Session,
    known: Known,
    case: orm.Case,
    places: list[Spot] | None,
    changes: Changes,
) -> None:
    row = known.rows.get(case.id)
    values = _values(session, known, case, places)
    if row is None:
        row = orm.CaseStanding(
            case_id=case.id, changed_us=clock.wall_us(), computed_us=known.now_us, **values
        )
        session.add(row)
        changes.add(row.region, row.sums)
        return
    new = {name: value for name, value in values.items() if getattr(row, name) != value}
    if "sums" in new or "region" in new:
        changes.add(row.region, row.sums, -1)
        changes.add(values["region"], values["sums"])
    for name, value in new.items():
        setattr(row, name, value)
    row.computed_us = known.now_us
    if new:
        row.changed_us = clock.wall_us()


def _values(
    session: Session, known: Known, case: orm.Case, places: list[Spot] | None
) -> dict[str, Any]:
    row, rule, reports = known.rows.get(case.id), default().rule, known.reports.get(case.id, [])
    sums = {each: known.sums[each].get(case.id, {}) for each in RULES}
    if places is None:
        places = spots.kept(row.places) if row is not None else []
    followed = {
        currency: sums[rule][currency].stolen if of is None else of[rule]["stolen"]
        for currency, of in known.kept.get(case.id, {}).items()
    }
    places = places + spots.fresh(known.roots.get(case.id, []), followed)
    of_banks = known.orders.get(case.id, [])
    orders = [order for _, order in of_banks]
    told_us = known.campaigns.get(case.id, case.opened_us)
    found = _of_reports(reports, told_us) | _of_sums(sums) | pressing(places, orders, known)
    told = urgency.counts(orders, known.now_us)
    step = urgency.next_step(orders, told, owned=case.owner is not None, moving=found["moving"])
    busy = sum(told) + found["moving"] + found["held"] > 0
    return {
        **found,
        **told._asdict(),
        "state": case.state,
        "region": case.region,
        "owner": case.owner,
        "opened_us": case.opened_us,
        "active": case.state == "open" and busy,
        "places": [list(spot) for spot in places],
        "banks": spots.by_bank(places, of_banks, queue_rule(), known.now_us, BANKS),
        "denied": not found["sums"][rule] and _is_denied(session, orders, len(reports)),
        "step": step.code,
        "step_n": step.n,
    }


def pressing(places: Sequence[Spot], orders: Sequence[Ordered], known: Known) -> dict[str, Any]:
    """What changes as time passes: what is at risk, and what ends next."""
    rule, hazard, now_us = queue_rule(), known.hazard, known.now_us
    lapsing = urgency.lapsing(orders, now_us, rule)
    term = urgency.next_term(places, orders, hazard, now_us, rule)
    return {
        "at_risk": urgency.at_risk(places, hazard, now_us, rule) + lapsing,
        "lapsing": lapsing,
        "rule": rule.version,
        "hazard": hazard.version,
        "clock_us": term.at_us,
        "clock_from_us": term.from_us,
        "clock_kind": term.kind,
        "clock_order": term.order,
    }


def _of_reports(reports: Sequence[Told], otherwise_us: int) -> dict[str, Any]:
    """`otherwise_us`: when that was told which opened a case without reports."""
    told: defaultdict[str, int] = defaultdict(int)
    for report in reports:
        told[report.currency] += report.amount
    method, version = codes.first_method(
        (report.methods, report.methods_version) for report in reports
    )
    return {
        "reports": len(reports),
        "reported_us": max((report.reported_us for report in reports), default=otherwise_us),
        "delay_us": reports[0].reported_us - reports[0].crime_us if reports else 0,
        "method": method,
        "methods_version": version,
        "told": dict(sorted(told.items())),
    }


def _of_sums(sums: Sums) -> dict[str, Any]:
    rule, weighed = queue_rule(), defaultdict[str, int](int)
    for currency, parts in sums[default().rule].items():
        for part, units in vars(parts).items():
            weighed[part] += rule.weigh(units, currency)
    return {
        "sums": {
            each: {currency: parts.by_name() for currency, parts in sorted(of.items())}
            for each, of in sums.items()
        },
        "stolen": weighed["stolen"],
        "held": weighed["held"],
        "returned": weighed["returned"],
        "moving": weighed["traceable"],
    }


def _is_denied(session: Session, orders: Sequence[Ordered], reports: int) -> bool:
    """Every payer's bank has answered, and none confirmed a payment."""
    asked = [order.id for order in orders if order.kind == Kind.CONFIRM and order.answered_us]
    if not asked:
        return False
    found = order_book.find(session, orm.Order.id.in_(asked))
    return reports == sum(bool(o.answers) and o.answers[-1].outcome in _NO for o in found)

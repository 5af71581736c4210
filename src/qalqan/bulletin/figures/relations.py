"""What the register's figures are counted from: narrow tables without anything personal.

A relation is one query of the register and, where SQL of both its databases can't say it, a step in
Python. No column is a name, a number, an account or a token of one, so that what is counted can be
shown, and nobody can be found in it by more than region, method and time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa
from sqlalchemy import and_, cast, func, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import Select
from sqlalchemy.types import BigInteger, Boolean

from qalqan.bulletin.figures.bands import band_of
from qalqan.bulletin.figures.sectors import with_methods
from qalqan.cases.abroad_requests import OUT
from qalqan.cases.orders import Event
from qalqan.model.order import Kind, Outcome
from qalqan.register import orm

Row = dict[str, Any]


@dataclass(frozen=True)
class Relation:
    """One table that figures are counted from."""

    name: str
    query: Select[*tuple[Any, ...]]
    shape: Callable[[Iterable[Row]], list[Row]] = list
    """Rows of the query → rows that are counted."""
    shaped: Mapping[str, pa.DataType] | None = None
    """Columns that `shape` leaves, if it changes them."""

    @property
    def columns(self) -> Mapping[str, pa.DataType]:
        """Column → type; whole numbers are int64."""
        if self.shaped is not None:
            return self.shaped
        return {str(c.name): _type(c.type) for c in self.query.selected_columns}

    def rows(self, session: Session) -> pa.Table:
        """All rows as they stand in this snapshot of the register."""
        told = [dict(row._mapping) for row in session.execute(self.query)]
        return pa.Table.from_pylist(self.shape(told), schema=pa.schema(dict(self.columns)))


@cache
def relations() -> Mapping[str, Relation]:
    """Name → relation."""
    made = (
        _reports(), _roots(), _cases(), _orders(), _holds(), _delays(), _returns(), _appeals(),
        _abroad(), _drops(), _findings(), _calls(), _payers(), _batches(),
    )  # fmt: skip
    return {each.name: each for each in made}


def _reports() -> Relation:
    """Victims' reports; a second report of the same payment is `again`."""
    r, root, order = orm.Report, orm.Root, orm.Order
    confirmed = select(root.report_id).where(root.report_id == r.id).exists()
    first = (
        select(func.min(order.sent_us))
        .where(order.report_id == r.id, order.kind.in_([Kind.CONFIRM, Kind.HOLD]))
        .scalar_subquery()
    )
    in_case = (order.case_id == r.case_id, order.kind == Kind.HOLD, order.sent_us.is_not(None))
    asked = select(order.id).where(*in_case).exists()
    said = orm.OrderEvent.detail["outcome"].as_string()
    held = (
        select(orm.OrderEvent.id)
        .join(order, order.id == orm.OrderEvent.order_id)
        .where(*in_case, orm.OrderEvent.event == Event.ANSWER)
        .where(said.in_([Outcome.HELD, Outcome.PARTIAL]))
        .exists()
    )
    query = select(
        r.region, r.methods, r.methods_version, r.channel, r.language, r.amount, r.currency,
        r.crime_us, r.reported_us, r.root_id.is_not(None).label("again"),
        func.coalesce(r.cause, "").label("cause"), confirmed.label("confirmed"),
        first.label("first_order_us"), asked.label("asked"), held.label("held"),
    )  # fmt: skip
    shaped = {
        "region": pa.string(), "method": pa.string(), "sector": pa.string(), "means": pa.string(),
        "channel": pa.string(), "language": pa.string(), "cause": pa.string(),
        "amount": pa.int64(), "currency": pa.string(), "crime_us": pa.int64(),
        "reported_us": pa.int64(), "again": pa.bool_(), "confirmed": pa.bool_(),
        "first_order_us": pa.int64(), "asked": pa.bool_(), "held": pa.bool_(),
    }  # fmt: skip
    return Relation("reports", query, with_methods, shaped)


def _roots() -> Relation:
    """Payments that payers' banks confirmed as victims', at the moment of their report."""
    r, report = orm.Root, orm.Report
    query = select(
        report.region, r.payer_bank, r.payee_bank, r.amount, r.currency, report.reported_us,
    ).join(report, report.id == r.report_id)  # fmt: skip
    return Relation("confirmed", query)


def _cases() -> Relation:
    """Cases that have a standing."""
    case, standing = orm.Case, orm.CaseStanding
    query = select(
        case.region, case.opened_us, case.closed_us, standing.method,
        case.register_number.is_not(None).label("numbered"),
    ).join(standing, standing.case_id == case.id)  # fmt: skip
    return Relation("cases", query)


def _orders() -> Relation:
    """Orders that went out, with how long their answers took."""
    order, case = orm.Order, orm.Case
    query = select(
        order.kind, order.partner, order.state, case.region, order.sent_us, order.answered_us,
        order.due_us, (order.escalated > 0).label("escalated"),
    ).join(case, case.id == order.case_id).where(order.sent_us.is_not(None))  # fmt: skip
    return Relation("orders", query)


def _holds() -> Relation:
    """Holds that were asked for, prolongations left out, with what banks answered to hold."""
    order, case, event = orm.Order, orm.Case, orm.OrderEvent
    each = aliased(event)
    last = (
        select(func.max(each.id))
        .where(each.order_id == order.id, each.event == Event.ANSWER)
        .scalar_subquery()
    )
    release, appeal = aliased(orm.Order), orm.AppealRow
    freed = (
        select(func.coalesce(func.sum(release.effect), 0))
        .join(appeal, appeal.undone_by == release.id)
        .where(release.parent_id == order.id)
        .scalar_subquery()
    )
    query = (
        select(
            order.partner, case.region, order.amount, order.currency, order.sent_us,
            order.answered_us, event.detail, freed.label("freed"), orm.CaseStanding.method,
        )
        .join(case, case.id == order.case_id)
        .join(orm.CaseStanding, orm.CaseStanding.case_id == case.id, isouter=True)
        .join(event, event.id == last, isouter=True)
        .where(order.kind == Kind.HOLD, order.sent_us.is_not(None), order.parent_id.is_(None))
    )  # fmt: skip
    shaped = {
        "partner": pa.string(), "region": pa.string(), "method": pa.string(),
        "amount": pa.int64(), "held": pa.int64(), "freed": pa.int64(), "currency": pa.string(),
        "sent_us": pa.int64(), "answered_us": pa.int64(),
    }  # fmt: skip
    return Relation("holds", query, _with_held, shaped)


def _delays() -> Relation:
    """Cases with money that banks confirmed as stolen, in tenge: how late they were told, and what
    was ever held of it."""
    order, case, event, standing = orm.Order, orm.Case, orm.OrderEvent, orm.CaseStanding
    root = orm.Root
    stolen = (
        select(root.case_id, func.sum(root.amount).label("stolen"))
        .where(root.currency == "KZT")
        .group_by(root.case_id)
        .subquery()
    )
    each = aliased(event)
    last = (
        select(func.max(each.id))
        .where(each.order_id == order.id, each.event == Event.ANSWER)
        .scalar_subquery()
    )
    is_hold = and_(
        order.case_id == case.id, order.kind == Kind.HOLD, order.parent_id.is_(None),
        order.currency == "KZT",
    )  # fmt: skip
    query = (
        select(
            case.id, case.region, standing.method, standing.delay_us, standing.reported_us,
            cast(stolen.c.stolen, BigInteger).label("stolen"), order.amount, event.detail,
        )
        .join(stolen, stolen.c.case_id == case.id)
        .join(standing, standing.case_id == case.id)
        .join(order, is_hold, isouter=True)
        .join(event, event.id == last, isouter=True)
    )  # fmt: skip
    shaped = {
        "region": pa.string(), "method": pa.string(), "band": pa.string(),
        "reported_us": pa.int64(), "stolen": pa.int64(), "held": pa.int64(),
    }  # fmt: skip
    return Relation("delays", query, _by_case, shaped)


def _by_case(rows: Iterable[Row]) -> list[Row]:
    """A row a case; what its holds held, at most what was stolen."""
    found: dict[str, Row] = {}
    for row in _with_held(rows):
        case = row.pop("id")
        there = found.setdefault(case, {**row, "held": 0, "band": band_of(row["delay_us"])})
        there["held"] = min(there["stolen"], there["held"] + row["held"])
    return list(found.values())


def _with_held(rows: Iterable[Row]) -> list[Row]:
    """What the bank's last answer said that it holds; an answer "held" without a sum is all."""
    found = []
    for row in rows:
        said = row.pop("detail") or {}
        whole = row["amount"] if said.get("outcome") == Outcome.HELD else 0
        is_held = said.get("outcome") in (Outcome.HELD, Outcome.PARTIAL)
        held = (said.get("amount") if said.get("amount") is not None else whole) if is_held else 0
        found.append({**row, "held": held, "method": row["method"] or ""})
    return found


def _returns() -> Relation:
    """Returns that a bank has confirmed; `effect` is what came back."""
    order, case = orm.Order, orm.Case
    query = (
        select(
            order.partner, case.region, order.currency, order.effect.label("amount"),
            order.answered_us, order.report_id.label("report"),
        )
        .join(case, case.id == order.case_id)
        .where(order.kind == Kind.RETURN, order.answered_us.is_not(None), order.effect > 0)
    )  # fmt: skip
    return Relation("returns", query)


def _appeals() -> Relation:
    appeal, case = orm.AppealRow, orm.Case
    query = select(
        case.region, appeal.channel, appeal.state, appeal.received_us, appeal.decided_us
    ).join(case, case.id == appeal.case_id)
    return Relation("appeals", query)


def _abroad() -> Relation:
    """Requests to other countries that went out (REQ-24, 69, 70)."""
    row = orm.AbroadRequest
    query = select(row.kind, row.country, row.outcome, row.sent_us, row.answered_us)
    return Relation("abroad", query.where(row.direction == OUT, row.sent_us.is_not(None)))


def _drops() -> Relation:
    drop = orm.Drop
    return Relation("drops", select(drop.region, drop.role, drop.status, drop.opened_us))


def _findings() -> Relation:
    """Findings that are not in shadow."""
    row = orm.FindingRow
    query = select(row.detector, row.subject_kind, row.state, row.first_us)
    return Relation("findings", query.where(row.shadow.is_(False)))


def _calls() -> Relation:
    """Attempts by hour; see `cases.call_counts` for what is one."""
    row = orm.CallCount
    return Relation("calls", select(row.hour_us, row.partner, row.answer, row.rule, row.n))


def _payers() -> Relation:
    row = orm.PayerToWarn
    query = select(row.payer_bank, row.why, row.warned_us)
    return Relation("payers", query)


def _batches() -> Relation:
    """What partners told, batch by batch."""
    row = orm.Batch
    query = select(row.kind, row.source, row.accepted, row.started_us)
    return Relation("batches", query)


def _type(kind: object) -> pa.DataType:
    if isinstance(kind, Boolean):
        return pa.bool_()
    return pa.int64() if isinstance(kind, BigInteger) else pa.string()

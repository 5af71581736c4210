"""Several reports of one payment: one theft, one claim, one case that follows it (REQ-15, 44).

A victim tells the hotline and then a volunteer; the payer's bank confirms both by the same payment.
The first report's root stays the only one. Later reports are tied to it, and their cases point to
the case that follows the money; nothing is counted, held or returned twice. A tie is a decision
on record (audit `report.tie`), and a person may take it back while the case is open.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import reports, trails
from qalqan.errors import Conflict, NotFound
from qalqan.model.order import Order
from qalqan.register import audit, orm

JOINED, OPEN = "joined", "open"
"""States of a case whose money another one follows, and of one that follows its own."""


def tie(session: Session, order: Order, first: str) -> str | None:
    """Tie the report that `order` asked about to the root of the order `first`, whose answer rests
    on the same payment; the root, or None if that one has none yet. A write transaction."""
    report = session.get_one(orm.Report, order.report_id)
    other = session.get_one(orm.Order, first).report_id
    root = session.scalars(select(orm.Root).where(orm.Root.report_id == other)).first()
    if root is None or root.report_id == report.id:
        return None
    report.root_id = root.id
    case = session.get_one(orm.Case, report.case_id)
    if case.id != root.case_id and not trails.roots_of(session, [case.id]):
        case.state = JOINED
    audit.note(
        session, order.drafted_by, "report.tie", "report", report.id,
        root=root.id, case=root.case_id, order=order.id, same_as=first,
    )  # fmt: skip
    session.flush()
    return root.id


def untie(session: Session, report_id: str, login: str, reason: str) -> None:
    """A person says that the report tells of a payment of its own: its bank is asked again, and a
    trail begins once it has confirmed another payment. A write transaction.

    Raises:
        NotFound: no such report. Conflict: it is tied to none.
        NotAllowed: no policy in force that two people approved.
    """
    report = session.get(orm.Report, report_id)
    if report is None:
        raise NotFound("report", report_id)
    if report.root_id is None:
        raise Conflict("tie", report_id, "tied to none", "untie")
    before, report.root_id = report.root_id, None
    session.get_one(orm.Case, report.case_id).state = OPEN
    audit.note(session, login, "report.untie", "report", report_id, reason, root=before)
    reports.ask_again(session, report)


def followed_by(session: Session, case_id: str) -> list[str]:
    """Cases that follow the payments which this case's reports were tied to."""
    rows = (
        select(orm.Root.case_id)
        .join(orm.Report, orm.Report.root_id == orm.Root.id)
        .where(orm.Report.case_id == case_id, orm.Root.case_id != case_id)
        .distinct()
    )
    return sorted(session.scalars(rows))


def tied_to(session: Session, case_id: str) -> list[orm.Report]:
    """Reports of other cases that tell of payments which this case follows."""
    rows = (
        select(orm.Report)
        .join(orm.Root, orm.Report.root_id == orm.Root.id)
        .where(orm.Root.case_id == case_id, orm.Report.case_id != case_id)
        .order_by(orm.Report.id)
    )
    return list(session.scalars(rows))

"""What retention must leave alone: legal holds that people place, and every open case.

A day of facts is dropped whole or not at all, so a case holds all kinds from the day of its
first payment on. A hold lapses by its date or is lifted by a person; both leave their trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.clock import SECOND
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.lake.schemas import KINDS
from qalqan.lake.upkeep.retention import Hold
from qalqan.register.audit import note
from qalqan.register.orm import Case, LegalHold, Report, RetentionDrop, Root

LONGEST_REASON = 200


def place(
    session: Session,
    by: str,
    reason: str,
    *,
    kind: str | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    case_id: str | None = None,
    until_us: int | None = None,
) -> LegalHold:
    """Place a hold on a kind (none: all) and days, or on a case. A write transaction.

    Raises:
        InputRejected: no reason, an unknown kind, days that end before they begin, or both days
            and a case.
        NotFound: no such case.
    """
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise InputRejected("reason", reason, "hold.reason", most=LONGEST_REASON)
    if kind is not None and kind not in KINDS:
        raise InputRejected("kind", kind, "one_of", choices=", ".join(KINDS))
    if first_day and last_day and last_day < first_day:
        raise InputRejected("last-day", str(last_day), "hold.days")
    if case_id is not None and (first_day or last_day):
        raise InputRejected("case", case_id, "hold.case")
    if case_id is not None and session.get(Case, case_id) is None:
        raise NotFound("case", case_id)
    row = LegalHold(
        kind=kind,
        case_id=case_id,
        first_day=first_day,
        last_day=last_day,
        reason=reason,
        placed_by=by,
        placed_us=clock.now_us(),
        until_us=until_us,
    )
    session.add(row)
    session.flush()
    note(session, by, "legal_hold.place", "legal_hold", str(row.id), reason)
    return row


def lift(session: Session, by: str, hold_id: int, reason: str) -> LegalHold:
    """Lift a hold: the next run of retention may drop what it held. A write transaction.

    Raises:
        InputRejected: no reason.
        NotFound: no such hold.
        Conflict: it was lifted before.
    """
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise InputRejected("reason", reason, "hold.reason", most=LONGEST_REASON)
    row = session.get(LegalHold, hold_id)
    if row is None:
        raise NotFound("legal_hold", str(hold_id))
    if row.lifted_us is not None:
        raise Conflict("legal_hold", str(hold_id), "lifted", "lift")
    row.lifted_by, row.lifted_us = by, clock.now_us()
    note(session, by, "legal_hold.lift", "legal_hold", str(hold_id), reason)
    return row


def standing(session: Session) -> list[LegalHold]:
    """Holds that are neither lifted nor lapsed, oldest first."""
    now = clock.now_us()
    asked = select(LegalHold).where(LegalHold.lifted_us.is_(None)).order_by(LegalHold.id)
    return [row for row in session.scalars(asked) if row.until_us is None or row.until_us > now]


def holds(session: Session) -> Sequence[Hold]:
    """All that holds facts now, as retention asks for it."""
    found = [_of_row(session, row) for row in standing(session)]
    open_cases = select(Case.id).where(Case.state != "closed")
    first_us = _first_us(session, list(session.scalars(open_cases)))
    if first_us is not None:
        found.append(Hold("open cases", None, _day(first_us), None))
    return found


def _of_row(session: Session, row: LegalHold) -> Hold:
    name = f"legal hold {row.id}"
    if row.case_id is None:
        return Hold(name, row.kind, row.first_day, row.last_day)
    first_us = _first_us(session, [row.case_id])
    return Hold(name, row.kind, None if first_us is None else _day(first_us), None)


def _first_us(session: Session, cases: list[str]) -> int | None:
    """When the first payment or crime of these cases happened."""
    moments = []
    for start in range(0, len(cases), 500):
        some = cases[start : start + 500]
        roots = select(func.min(Root.at_us)).where(Root.case_id.in_(some))
        reports = select(func.min(Report.crime_us)).where(Report.case_id.in_(some))
        moments += [session.scalar(roots), session.scalar(reports)]
    return min((moment for moment in moments if moment is not None), default=None)


def _day(at_us: int) -> date:
    return datetime.fromtimestamp(at_us // SECOND, UTC).date()


def noted(session: Session, row: RetentionDrop) -> None:
    """A day that retention took, in the audit."""
    seals = {"first_seal": row.first_seal, "last_seal": row.last_seal}
    facts = f"{row.kind} {row.day}"
    note(session, "work", "retention.drop", "facts", facts, row.policy, rows=row.rows, **seals)

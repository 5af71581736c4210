"""What retention must leave alone: legal holds that people place, and every open case.

A day of facts is dropped whole or not at all, so a case holds all kinds from the day of its
first payment on. A hold lapses by its date or is lifted by a person; both leave their trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import cast

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.clock import SECOND
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.lake.schemas import KINDS
from qalqan.lake.upkeep.history import Lost, lost
from qalqan.lake.upkeep.retention import Hold
from qalqan.register import dialect
from qalqan.register.audit import note
from qalqan.register.orm import Case, LegalHold, Report, RetentionDrop, Root

LONGEST_REASON = 200
_HOLDS, _CASES = cast(Table, LegalHold.__table__), cast(Table, Case.__table__)


@dataclass(frozen=True)
class Scope:
    """What a hold keeps: a kind (none: all) on days that may be open, or since a case's first
    payment."""

    kind: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    case_id: str | None = None

    def check(self, session: Session) -> None:
        """Raises as `place` does."""
        if self.kind is not None and self.kind not in KINDS:
            raise InputRejected("kind", self.kind, "one_of", choices=", ".join(KINDS))
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise InputRejected("last-day", str(self.last_day), "hold.days")
        if self.case_id is not None and (self.first_day or self.last_day):
            raise InputRejected("case", self.case_id, "hold.case")
        if self.case_id is not None and session.get(Case, self.case_id) is None:
            raise NotFound("case", self.case_id)


EVERYTHING = Scope()


def place(
    session: Session, by: str, reason: str, scope: Scope = EVERYTHING, until_us: int | None = None
) -> LegalHold:
    """Place a hold; `gone` says which days it comes too late for. A write transaction, in which
    no day begins to be dropped.

    Raises:
        InputRejected: no reason, an unknown kind, days that end before they begin, or both days
            and a case.
        NotFound: no such case.
    """
    _check_reason(reason)
    scope.check(session)
    dialect.write_alone(session, _HOLDS)
    row = LegalHold(
        **asdict(scope), reason=reason, placed_by=by, placed_us=clock.now_us(), until_us=until_us
    )
    session.add(row)
    session.flush()
    note(session, by, "legal_hold.place", "legal_hold", str(row.id), reason)
    return row


def _check_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise InputRejected("reason", reason, "hold.reason", most=LONGEST_REASON)


def gone(session: Session, row: LegalHold) -> list[Lost]:
    """Days that a hold would keep and that retention has taken, or is taking, already."""
    scope = _of_row(session, row)
    kinds = KINDS if row.kind is None else (row.kind,)
    return [one for one in lost(session, kinds) if scope.covers(one.kind, one.day)]


def lift(session: Session, by: str, hold_id: int, reason: str) -> LegalHold:
    """Lift a hold: the next run of retention may drop what it held. A write transaction.

    Raises:
        InputRejected: no reason.
        NotFound: no such hold.
        Conflict: it was lifted before.
    """
    _check_reason(reason)
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


def holds_alone(session: Session) -> Sequence[Hold]:
    """The same in a write: until it ends nobody places a hold, opens a case or opens one again,
    and those who were about to have done so."""
    dialect.write_alone(session, _HOLDS)
    dialect.write_alone(session, _CASES)
    return holds(session)


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


def expired(session: Session, what: str, policy: str, rows: int) -> None:
    """Receipts or quarantined records whose term was over, in the audit."""
    note(session, "work", "retention.drop", what, what, policy, rows=rows)

"""Indicators: subjects listed for action, with ground, reason, source, expiry and appeal.

Only two people together list a subject so that money is stopped (DESIGN section 6); one withdraws
it. A subject is a token, never a person's value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.register import audit, policies
from qalqan.register.orm import IndicatorRow

BLOCK = "block"
"""Grade of a subject to whom payments are held."""
WATCH = "watch"
"""Grade of a subject that counts as evidence, and stops nothing."""
GRADES = (BLOCK, WATCH)
KINDS = ("account", "person", "phone")
LONGEST_US = 366 * clock.DAY
"""Nobody is listed for longer at a time: a list that is never looked at again harms innocents."""


@dataclass(frozen=True)
class Entry:
    """What is to be listed."""

    kind: str
    subject: str
    grade: str
    ground: str
    reason: str
    source: str
    until_us: int


def put(session: Session, entry: Entry, approved_by: Sequence[str]) -> int:
    """List a subject from now on; the number of the indicator. A write transaction.

    Raises:
        NotAllowed: fewer than two different people.
        InputRejected: no such kind or grade, or it would end too late or already.
        Conflict: the subject is listed already.
    """
    policies.check_approved(approved_by)
    now = clock.now_us()
    _check(entry, now)
    if any(one.subject == entry.subject for one in live(session, now)):
        raise Conflict("indicator", entry.subject, "listed", "list")
    row = IndicatorRow(
        subject_kind=entry.kind, subject=entry.subject, grade=entry.grade, ground=entry.ground,
        reason=entry.reason, source=entry.source, approved_by=sorted(set(approved_by)),
        from_us=now, until_us=entry.until_us,
    )  # fmt: skip
    session.add(row)
    session.flush()
    for login in row.approved_by:
        audit.note(session, login, "indicator.list", "indicator", str(row.id), entry.reason[:200])
    number: int = row.id
    return number


def withdraw(session: Session, number: int, login: str, why: str) -> None:
    """Take a subject off the list, whatever its term. A write transaction.

    Raises:
        NotFound: there is none of that number, or it was withdrawn.
    """
    row = session.get(IndicatorRow, number)
    if row is None or row.withdrawn_us is not None:
        raise NotFound("indicator", str(number))
    row.appeal, row.withdrawn_by, row.withdrawn_us = why[:400], login, clock.now_us()
    audit.note(session, login, "indicator.withdraw", "indicator", str(number), why[:200])


def live(session: Session, now_us: int) -> list[IndicatorRow]:
    """Indicators that have not ended and were not withdrawn."""
    asked = select(IndicatorRow).where(
        IndicatorRow.withdrawn_us.is_(None), IndicatorRow.until_us > now_us
    )
    return list(session.scalars(asked.order_by(IndicatorRow.id)))


def check_kind(kind: str) -> None:
    """Raise `InputRejected` for a kind of subject that can't be listed."""
    _one_of("kind", kind, KINDS)


def _check(entry: Entry, now_us: int) -> None:
    check_kind(entry.kind)
    _one_of("grade", entry.grade, GRADES)
    if not now_us < entry.until_us <= now_us + LONGEST_US:
        raise InputRejected("until", entry.until_us, "indicator.until", days=366)


def _one_of(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise InputRejected(name, value, "one_of", choices=", ".join(known))

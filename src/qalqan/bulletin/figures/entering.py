"""People enter what others have stated: with source and date, never over what stands (REQ-87).

An entry is public once a second person has compared it with its source (DESIGN section 6).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin.figures.definitions import Definition, definitions
from qalqan.bulletin.figures.kept import by_of
from qalqan.bulletin.figures.official import figure_of, number
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.model.figure import Figure
from qalqan.model.period import parse
from qalqan.register import audit, hands, orm, rights
from qalqan.register.rights import Person, Right
from qalqan.text.line import line

EXACTNESS = ("exact", "about", "over", "up_to")
LONGEST, LONGEST_WHY = 200, 400
MOST = 200
"""Of the newest entries that a page shows."""


@dataclass(frozen=True)
class Stated:
    """A figure as a person types it: money in tenge, shares in percent, spans in days."""

    code: str
    period: str
    """Empty: the source gives none."""
    part: str
    """`column=value`, or nothing."""
    value: str
    exactness: str
    source: str
    stated: str
    """ISO date of the statement."""
    place: str


@dataclass(frozen=True)
class Row:
    """An entry with who made it."""

    id: int
    figure: Figure
    by: str
    approved_by: str | None
    """None: it waits."""
    withdrawn_why: str
    is_withdrawn: bool


def enter(session: Session, person: Person, told: Stated, key: str) -> orm.OfficialFigure:
    """Keep a statement until a second person agrees; the same key again gives the same entry.

    Raises:
        NotAllowed: a role that may not. InputRejected: no such figure, period, part, number, date
            or source.
    """
    rights.check(person, Right.BULLETINS)
    there = session.scalar(
        select(orm.OfficialFigure).where(orm.OfficialFigure.idempotency_key == key)
    )
    if there is not None:
        return there
    of = definitions().get(told.code)
    if of is None or of.kind != "stated":
        raise InputRejected("code", told.code, "figure.stated")
    row = orm.OfficialFigure(
        code=of.code,
        period=parse(told.period).code if told.period.strip() else "",
        part=_part(of, told.part),
        value=str(_value(of, told.value)),
        exactness=_one_of("exactness", told.exactness),
        source=line("source", told.source, LONGEST),
        stated=_day(told.stated).isoformat(),
        place=line("place", told.place, LONGEST, needed=False),
        entered_by=person.login,
        entered_us=clock.now_us(),
        idempotency_key=key or new_key(),
    )
    session.add(row)
    session.flush()
    audit.note(session, person.login, "official_enter", "official", str(row.id), code=of.code)
    return row


def approve(session: Session, person: Person, entry: int) -> None:
    """The second person's word that the source says so: from now on it is shown and published.

    Raises:
        NotAllowed: a role that may not, who entered it, or one hand. NotFound.
        Conflict: it was agreed to or taken back before.
    """
    rights.check(person, Right.PUBLISH)
    row = _locked(session, entry)
    if row.approved_us is not None or row.withdrawn_us is not None:
        state = "withdrawn" if row.withdrawn_us is not None else "approved"
        raise Conflict("official", str(entry), state, "approve")
    if row.entered_by == person.login:
        raise NotAllowed("publish", "second_person")
    hands.check(session, person.login, [row.entered_by], "publish")
    row.approved_us, row.approved_by = clock.now_us(), person.login
    audit.note(session, person.login, "official_approve", "official", str(entry), code=row.code)


def take_back(session: Session, person: Person, entry: int, why: str) -> None:
    """Mark an entry as taken back; it stays on record.

    Raises:
        NotAllowed, NotFound. InputRejected: no reason, or too long.
        Conflict: it was taken back before.
    """
    rights.check(person, Right.BULLETINS)
    row = _locked(session, entry)
    told = line("why", why, LONGEST_WHY)
    if row.withdrawn_us is not None:
        raise Conflict("official", str(entry), "withdrawn", "withdraw")
    row.withdrawn_us, row.withdrawn_by = clock.now_us(), person.login
    row.withdrawn_why = told
    audit.note(session, person.login, "official_withdraw", "official", str(entry))


def rows(session: Session) -> list[Row]:
    """What people have entered, the newest first."""
    of = orm.OfficialFigure
    return [
        Row(
            row.id, figure_of(row), row.entered_by, row.approved_by, row.withdrawn_why,
            row.withdrawn_us is not None,
        )
        for row in session.scalars(select(of).order_by(of.id.desc()).limit(MOST))
    ]  # fmt: skip


def _locked(session: Session, entry: int) -> orm.OfficialFigure:
    row = session.get(orm.OfficialFigure, entry, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("official", str(entry))
    return row


def new_key() -> str:
    """A key for one form."""
    return secrets.token_urlsafe(16)


def _value(of: Definition, text: str) -> int | Fraction:
    plain = text.replace("\u00a0", "").replace(" ", "").replace(",", ".").rstrip("%")
    try:
        typed = number(plain)
    except (ValueError, ZeroDivisionError):
        raise InputRejected("value", text, "figure.number") from None
    scale = {"tiyn": Fraction(100), "share": Fraction(1, 100), "us": Fraction(clock.DAY)}
    found = typed * scale.get(of.unit, Fraction(1))
    is_whole = Fraction(found).denominator == 1
    if typed < 0 or (of.unit != "share" and not is_whole) or len(str(found)) > 80:
        raise InputRejected("value", text, "figure.number")
    if of.unit == "share" and found > 1:
        raise InputRejected("value", text, "figure.share")
    return int(found) if is_whole else Fraction(found)


def _part(of: Definition, text: str) -> dict[str, str]:
    if not text.strip():
        return {}
    try:
        found = by_of(text.strip())
    except ValueError:
        raise InputRejected("part", text, "figure.part", choices=", ".join(of.by)) from None
    if not set(found) <= set(of.by) or any(not v or len(v) > 60 for v in found.values()):
        raise InputRejected("part", text, "figure.part", choices=", ".join(of.by))
    return found


def _one_of(field: str, text: str) -> str:
    if text not in EXACTNESS:
        raise InputRejected(field, text, "one_of", choices=", ".join(EXACTNESS))
    return text


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        raise InputRejected("stated", text, "figure.day") from None
    if not date(2000, 1, 1) <= found <= date(2100, 1, 1):
        raise InputRejected("stated", text, "figure.day")
    return found

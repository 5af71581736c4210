"""People enter what others have stated: with source and date, never over what stands (REQ-87)."""

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
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.model.figure import Figure
from qalqan.model.period import parse
from qalqan.register import audit, orm, rights
from qalqan.register.rights import Person, Right

EXACTNESS = ("exact", "about", "over", "up_to")
LONGEST = 200
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
    withdrawn_why: str
    is_withdrawn: bool


def enter(session: Session, person: Person, told: Stated, key: str) -> orm.OfficialFigure:
    """Keep a statement; the same key again gives the same entry.

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
        source=_source(told.source),
        stated=_day(told.stated).isoformat(),
        place=told.place.strip()[:LONGEST],
        entered_by=person.login,
        entered_us=clock.now_us(),
        idempotency_key=key or new_key(),
    )
    session.add(row)
    session.flush()
    audit.note(session, person.login, "official_enter", "official", str(row.id), code=of.code)
    return row


def take_back(session: Session, person: Person, entry: int, why: str) -> None:
    """Mark an entry as taken back; it stays on record.

    Raises:
        NotAllowed, NotFound. InputRejected: no reason. Conflict: it is taken back already.
    """
    rights.check(person, Right.BULLETINS)
    row = session.get(orm.OfficialFigure, entry, with_for_update=True)
    if row is None:
        raise NotFound("official", str(entry))
    if not why.strip():
        raise InputRejected("why", why, "text.empty")
    if row.withdrawn_us is not None:
        raise Conflict("official", str(entry), "withdrawn", "withdraw")
    row.withdrawn_us, row.withdrawn_by = clock.now_us(), person.login
    row.withdrawn_why = why.strip()
    audit.note(session, person.login, "official_withdraw", "official", str(entry))


def rows(session: Session) -> list[Row]:
    """What people have entered, the newest first."""
    of = orm.OfficialFigure
    return [
        Row(row.id, figure_of(row), row.entered_by, row.withdrawn_why, row.withdrawn_us is not None)
        for row in session.scalars(select(of).order_by(of.id.desc()).limit(MOST))
    ]


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


def _source(text: str) -> str:
    if not text.strip():
        raise InputRejected("source", text, "text.empty")
    if len(text) > LONGEST:
        raise InputRejected("source", text, "text.too_long", most=LONGEST)
    return text.strip()


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        raise InputRejected("stated", text, "figure.day") from None
    if not date(2000, 1, 1) <= found <= date(2100, 1, 1):
        raise InputRejected("stated", text, "figure.day")
    return found

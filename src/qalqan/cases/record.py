"""The record of who did what, read: by person, officer, case and time; who looked at a case, who
looked at a person (REQ-18).

A person is looked for by an identifier, which becomes a token at once: the words that were typed
stand nowhere. Looking is itself in the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from qalqan.cases import opening
from qalqan.errors import InputRejected
from qalqan.model.identifiers import account, card, person, phone
from qalqan.register import audit, orm, rights
from qalqan.register.orm import Audit
from qalqan.register.rights import Person, Right
from qalqan.trust import tokens
from qalqan.trust.keys import Keys

MOST = 100
LONGEST = 100
_MOST_VALUES = 5_000
LOOKS = ("view", "export", "search", "reveal", "refused", "purpose")
"""What counts as looking, besides the breaking of glass."""
_READERS: Mapping[str, Callable[[str], Any]] = {
    "person": person.canonical,
    "account": account.canonical,
    "card": card.canonical,
    "phone": phone.canonical,
}


@dataclass(frozen=True)
class Asked:
    """What somebody wants to see of the record; empty: all of it."""

    person: str = ""
    """An IIN, account, phone or card as typed, or a token."""
    officer: str = ""
    case: str = ""
    from_us: int | None = None
    to_us: int | None = None
    before: int | None = None
    """Rows before this one: the next page."""


@dataclass(frozen=True)
class Found:
    """Rows, the newest first, and whether there are more."""

    rows: tuple[Audit, ...]
    more: bool


def find(session: Session, keys: Keys, reader: Person, asked: Asked) -> Found:
    """Rows that fit; who asked for whom is noted. A write transaction.

    Raises:
        NotAllowed: a role that may not. InputRejected: `person` is no identifier.
    """
    rights.check(reader, Right.AUDIT)
    where: list[ColumnElement[bool]] = []
    if asked.person.strip():
        marks = marks_of(keys, asked.person)
        where.append(about(session, marks))
        for mark in marks:
            audit.note(session, reader.login, "search", "record", mark)
    if asked.officer.strip():
        where.append(Audit.actor == asked.officer.strip())
    if asked.case.strip():
        where.append(_of_case(session, asked.case.strip()))
    return _page(session, where, asked)


def of_case(session: Session, case_id: str, before: int | None = None) -> Found:
    """Who looked at a case or opened a value of it; the caller has checked the case."""
    looks = or_(Audit.action.in_(LOOKS), Audit.action.startswith("glass."))
    return _page(session, [_of_case(session, case_id), looks], Asked(before=before))


def marks_of(keys: Keys, asked: str) -> list[str]:
    """The tokens that what was typed may stand for.

    Raises:
        InputRejected: it is no identifier.
    """
    asked = asked.strip()[:LONGEST]
    if asked[:4].rstrip("_") in tokens.PREFIXES.values() and asked.isascii():
        return [asked]
    found = []
    for klass, read in _READERS.items():
        try:
            found.append(tokens.token(keys, klass, read(asked).text))
        except InputRejected:
            continue
    if not found:
        raise InputRejected("person", asked, "record.person")
    return found


def about(session: Session, marks: Sequence[str]) -> ColumnElement[bool]:
    """The condition on rows about these tokens, or about cases whose victims they are."""
    report = orm.Report
    victims = select(report.case_id).where(
        or_(
            report.victim.in_(marks),
            report.victim_name.in_(marks),
            report.payer_account.in_(marks),
        )
    )
    cases = session.scalars(victims.distinct().limit(MOST)).all()
    return Audit.object.in_([*marks, *cases])


def _of_case(session: Session, case_id: str) -> ColumnElement[bool]:
    """Rows about the case itself, and about values that were opened within it."""
    opened = (Audit.action == "reveal") & Audit.purpose.startswith(f"{case_id}: ", autoescape=True)
    values = Audit.object.in_(_values(session, case_id))
    return or_(Audit.object == case_id, values & opened)


def _values(session: Session, case_id: str) -> list[str]:
    """Tokens whose opening may belong to the case: those that it shows, and accounts that its
    money has reached."""
    reached = select(orm.CaseAccount.account).where(orm.CaseAccount.case_id == case_id)
    return sorted(opening.tokens_of(session, case_id) | set(session.scalars(reached)))[
        :_MOST_VALUES
    ]


def _page(session: Session, where: list[ColumnElement[bool]], asked: Asked) -> Found:
    if asked.from_us is not None:
        where.append(Audit.at_us >= asked.from_us)
    if asked.to_us is not None:
        where.append(Audit.at_us < asked.to_us)
    if asked.before is not None:
        where.append(Audit.id < asked.before)
    rows = session.scalars(
        select(Audit).where(*where).order_by(Audit.id.desc()).limit(MOST + 1)
    ).all()
    return Found(tuple(rows[:MOST]), len(rows) > MOST)

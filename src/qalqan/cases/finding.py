"""Finding a case: by a number, a bank, a region, a method, or an account (REQ-18, 86).

Numbers may be written short ("123", "26-123") and with look-alike letters. Words are compared by
what nobody can tell apart. An account is found by its token alone, and who looked for one stands
in the audit; other personal values are not looked for here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, or_, select
from sqlalchemy.orm import Session

from qalqan.cases import codes
from qalqan.errors import InputRejected
from qalqan.model.identifiers import account as accounts
from qalqan.register import audit, orm, rights, search
from qalqan.register.database import Database
from qalqan.register.rights import Person, Right
from qalqan.text.alike import grams, likeness
from qalqan.text.fold import latin
from qalqan.trust import tokens
from qalqan.trust.keys import Keys

LONGEST = 100
ALIKE = 0.75
"""Share of the asked threes of letters that a region's or method's long name must hold."""
MOST = 200
"""Cases found at most."""
_NUMBER = re.compile(r"(?:([CRO])-?)?(?:(\d\d)-)?0*(\d{1,6})")
_Where = ColumnElement[bool]


@dataclass(frozen=True)
class Found:
    """What fits: cases, the newest first, and partners, the likest first."""

    cases: tuple[str, ...]
    partners: tuple[search.Found, ...]


def find(database: Database, keys: Keys, asked: str, person: Person) -> Found:
    """Everything in the officer's view that fits what he asked for.

    Raises:
        NotAllowed: a role that may not search.
    """
    rights.check(person, Right.SEARCH)
    asked = asked.strip()[:LONGEST]
    if not asked:
        return Found((), ())
    token = _account(keys, asked)
    if token is not None:
        with database.write() as session:
            audit.note(session, person.login, "search", "account", token)
    with database.session() as session:
        if token is not None:
            return Found(_cases(session, person, _with_account(token)), ())
        if (number := _NUMBER.fullmatch(latin(asked).text.upper())) is not None:
            return Found(_cases(session, person, _with_number(*number.groups())), ())
        partners = search.find(session, asked, {"partner"})
        where = _with_partners([one.of for one in partners]) + _with_words(asked)
        registered = orm.Report.case_id.in_(
            select(orm.Case.id).where(orm.Case.register_number == asked)
        )
        return Found(_cases(session, person, [*where, registered]), tuple(partners))


def _cases(session: Session, person: Person, where: Iterable[_Where]) -> tuple[str, ...]:
    newest = func.max(orm.Report.reported_us)
    seen = orm.Report.case_id.in_(select(orm.Case.id).where(rights.in_view(person)))
    fitting = select(orm.Report.case_id).where(or_(*where), seen).group_by(orm.Report.case_id)
    ranked = fitting.order_by(newest.desc(), orm.Report.case_id.desc()).limit(MOST)
    return tuple(session.scalars(ranked))


def _account(keys: Keys, asked: str) -> str | None:
    """The token of a whole account number; None if it is none."""
    try:
        told = accounts.canonical(asked)
    except InputRejected:
        return None
    return tokens.token(keys, "account", told.text) if told.bank_code else None


def _with_account(token: str) -> list[_Where]:
    reached = select(orm.CaseAccount.case_id).where(orm.CaseAccount.account == token)
    told = (orm.Report.payer_account == token, orm.Report.payee_account == token)
    return [*told, orm.Report.case_id.in_(reached)]


def _with_number(letter: str | None, year: str | None, digits: str) -> list[_Where]:
    def fits(column: Any, own: str) -> list[_Where]:
        if letter not in (None, own):
            return []
        return [column.like(f"{own}-{year or '__'}-{int(digits):06}")]

    order = [select(orm.Order.case_id).where(one) for one in fits(orm.Order.id, "O")]
    found = [*fits(orm.Report.case_id, "C"), *fits(orm.Report.id, "R")]
    return [*found, *(orm.Report.case_id.in_(each) for each in order)]


def _with_partners(of: list[str]) -> list[_Where]:
    ordered = select(orm.Order.case_id).where(orm.Order.partner.in_(of))
    return [orm.Report.case_id.in_(ordered), orm.Report.channel.in_(of)]


def _with_words(asked: str) -> list[_Where]:
    """Regions and methods whose names are like what was asked, in any language."""
    regions = _like(asked, codes.regions())
    methods = {code for book in codes.code_books() for code in _like(asked, book.methods)}
    named = [cast(orm.Report.methods, String).contains(f'"{code}"') for code in sorted(methods)]
    return [orm.Report.region.in_(sorted(regions)), *named]


def _like(asked: str, names: Any) -> set[str]:
    wanted = grams(asked)
    return {
        code
        for code, told in names.items()
        if any(likeness(wanted, grams(told[language])) >= ALIKE for language in ("kk", "ru", "en"))
    }

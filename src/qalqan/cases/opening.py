"""Sealed values of a case opened for a stated purpose, each with a row in the audit.

Pages show accounts by their last four and name a value by a mark that stands for its token; only
values that belong to the case can be opened, one at a time (DESIGN section 7, 5).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import order_book, seen, trails
from qalqan.cases.entities import SEALED
from qalqan.cases.order_text import sealed_in
from qalqan.errors import InputRejected, NotFound
from qalqan.register import blocking, orm, purposes, rights, vault
from qalqan.register.database import Database
from qalqan.register.people import SignedIn
from qalqan.register.purposes import Stated
from qalqan.register.rights import Person, Right
from qalqan.trust.keys import Keys
from qalqan.trust.tokens import klass_of, last_four


@dataclass(frozen=True)
class Sealed:
    """A value of the vault as pages show it."""

    mark: str
    klass: str
    """account, person or words."""
    last: str
    """Last four of an account, else empty."""


def sealed(token: str) -> Sealed:
    """How pages name and show this token."""
    return Sealed(seen.mark_of(token), klass_of(token), last_four(token))


def find(session: Session, case_id: str, mark: str) -> tuple[Sealed, str]:
    """The value of this case that the mark stands for, and its token.

    Raises:
        NotFound: the case has none such.
    """
    for token in tokens_of(session, case_id):
        value = sealed(token)
        if value.mark == mark:
            return value, token
    raise NotFound("sealed value", mark)


def open_one(
    database: Database, keys: Keys, case_id: str, mark: str, officer: SignedIn,
    given: Stated | None = None,
) -> str:  # fmt: skip
    """The clear value behind a mark, for the purpose that is given now, else the one that this
    session has stated for the case before.

    Raises:
        NotAllowed: a role that may not, a case out of view, or a value that is blocked.
        InputRejected: no purpose has been stated.
        NotFound: not a value of this case, or the vault does not have it.
    """
    with database.write() as session:
        rights.check_case(session, officer, Right.CASES, case_id)
        found, token = find(session, case_id, mark)
        rights.check_field(officer, found.klass)
        blocking.check(session, token, case_id)
        stated = given or purposes.of(session, officer.token_hash, case_id)
        if stated is None:
            raise InputRejected("purpose", "", "console.purpose_code")
        if given is not None:
            purposes.state(session, officer, case_id, given)
        return vault.reveal(session, keys, token, officer.login, f"{case_id}: {stated.text}")


def words_of(
    session: Session, keys: Keys, person: Person, case_id: str, tokens: Collection[str],
    stated: Stated | None,
) -> Mapping[str, str]:  # fmt: skip
    """Token → clear words, of those that may be opened: for whoever has stated what the case's
    words are needed for and whose role reads words; without what is gone or blocked. A write
    transaction; the case has been checked."""
    if stated is None or "words" not in rights.FIELDS.get(person.role, frozenset()):
        return {}
    states = {token: state_of(session, token, case_id) for token in tokens}
    able = {token for token, state in states.items() if state == State(None, None)}
    return vault.reveal_many(session, keys, able, person.login, f"{case_id}: {stated.text}")


@dataclass(frozen=True)
class State:
    """What else is to be told of a value: since when it is gone or blocked."""

    gone_us: int | None
    blocked_us: int | None
    over: bool = False
    """Retention has blocked it."""


def state_of(session: Session, token: str, case_id: str) -> State:
    """Whether a value can be opened at all."""
    gone, blocked = vault.gone_us(session, token), blocking.within(session, token, case_id)
    if blocked is None:
        return State(gone, None)
    return State(gone, blocked.blocked_us, blocked.blocked_by == blocking.RETENTION)


def tokens_of(session: Session, case_id: str) -> set[str]:
    """Every sealed value that a page of this case shows: what can be opened from it, and whose
    openings belong to it."""
    found: set[str | None] = {session.scalar(select(orm.Case.story).where(orm.Case.id == case_id))}
    notes = select(orm.CaseNote.words).where(orm.CaseNote.case_id == case_id)
    found |= set(session.scalars(notes)) | of_reports(session, case_id)
    for order in order_book.of_cases(session, [case_id]):
        found |= sealed_in(order)
    entity, file = orm.CaseEntity, orm.CaseDocument
    told = entity.kind.in_(sorted(SEALED))
    found |= set(session.scalars(select(entity.subject).where(entity.case_id == case_id, told)))
    drops = select(orm.DropCase.drop_id).where(orm.DropCase.case_id == case_id)
    found |= set(session.scalars(select(orm.Drop.name).where(orm.Drop.id.in_(drops))))
    found |= set(session.scalars(select(file.name).where(file.case_id == case_id)))
    return {token for token in found if token}


def of_reports(session: Session, case_id: str) -> set[str]:
    """Those that its reports, its appeals and the trails of its money name."""
    found: set[str | None] = set()
    for report in session.scalars(select(orm.Report).where(orm.Report.case_id == case_id)):
        found |= {report.victim, report.victim_name, report.words}
        found |= {report.payer_account, report.payee_account}
    for appeal in session.scalars(select(orm.AppealRow).where(orm.AppealRow.case_id == case_id)):
        found |= {appeal.words, appeal.note}
    for document in trails.newest(session, case_id):
        found |= {node["account"] for node in document["nodes"]}
        found |= {claim[end] for claim in document["claims"] for end in ("payer", "payee")}
        found |= {leg[end] for leg in document["legs"] for end in ("payer", "payee")}
    return {token for token in found if token}

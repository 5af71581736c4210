"""Notes of a case: an officer's words, kept in the vault, shown to those who may read words.

A note is never changed and never taken back: who errs adds another, so that nobody later reads
what nobody wrote (REQ-18; DESIGN section 7, 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import opening
from qalqan.errors import InputRejected
from qalqan.register import audit, orm, rights, vault
from qalqan.register.purposes import Stated
from qalqan.register.rights import Person, Right
from qalqan.trust.keys import Keys

LONGEST = 8_000


@dataclass(frozen=True)
class Note:
    """One note; `words` is None for whoever may not read them or has not said what for, and if
    retention took them."""

    id: int
    by: str
    at_us: int
    token: str
    words: str | None
    gone_us: int | None = None


def add(session: Session, keys: Keys, officer: Person, case_id: str, words: str) -> orm.CaseNote:
    """Add a note.

    Raises:
        NotAllowed, NotFound: as `rights.check_case`. InputRejected: no words, or too many.
    """
    rights.check_case(session, officer, Right.CASEWORK, case_id)
    token = keep_words(session, keys, words, "words")
    note = orm.CaseNote(case_id=case_id, words=token, by=officer.login, at_us=clock.now_us())
    session.add(note)
    session.flush()
    audit.note(session, officer.login, "add_note", "case", case_id, note=note.id)
    return note


def keep_words(session: Session, keys: Keys, words: str, field: str) -> str:
    """Words to the vault; their token.

    Raises:
        InputRejected: none, too many, or NUL among them.
    """
    told = words.replace("\r\n", "\n").strip()
    if not told:
        raise InputRejected(field, words, "text.empty")
    if len(told) > LONGEST:
        raise InputRejected(field, words, "text.too_long", most=LONGEST)
    if "\x00" in told:
        raise InputRejected(field, words, "text.characters")
    return vault.keep(session, keys, "words", told)


def read(
    session: Session, keys: Keys, officer: Person, case_id: str, stated: Stated | None
) -> list[Note]:
    """The notes of a case, the newest first, their words for the purpose that was stated; that
    they were read stands in the audit. A write transaction. Who may not read words, or has not
    said what for, sees that there are notes.

    Raises:
        NotAllowed, NotFound: as `rights.check_case`.
    """
    rights.check_case(session, officer, Right.CASES, case_id)
    rows = _rows(session, case_id)
    tokens = {row.words for row in rows}
    gone = {token: vault.gone_us(session, token) for token in tokens}
    words = opening.words_of(session, keys, officer, case_id, tokens, stated)
    return [
        Note(row.id, row.by, row.at_us, row.words, words.get(row.words), gone[row.words])
        for row in rows
    ]


def count(session: Session, case_id: str) -> int:
    """How many notes a case has."""
    return session.scalar(select(func.count()).where(orm.CaseNote.case_id == case_id)) or 0


def _rows(session: Session, case_id: str) -> Sequence[orm.CaseNote]:
    of = select(orm.CaseNote).where(orm.CaseNote.case_id == case_id)
    return session.scalars(of.order_by(orm.CaseNote.id.desc())).all()

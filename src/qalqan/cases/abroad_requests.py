"""Requests to other countries and from them, each an `international` task of its case (REQ-24, 70).

There is one register: a request that is drafted takes the case's task of that kind, or sets one,
and ends it when it is closed. What it relies on must be in force on the day it is drafted and on
the day it is sent. Words are masked; what it is about is an identifier of the case.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import abroad_treaties, seen, tasks
from qalqan.cases.abroad_kinds import MOST_KEPT, TERMS, Kind, State
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.geo.countries import COUNTRIES
from qalqan.register import audit, numbers, orm, rights
from qalqan.register.rights import COUNTRY, Person, Right
from qalqan.text.line import line
from qalqan.text.mask import mask

OUT, IN = "out", "in"
LONGEST_WORDS, LONGEST_ADDRESSEE, LONGEST_REFERENCE = 1000, 200, 60
LEAST_WORDS = 10


@dataclass(frozen=True)
class Wanted:
    """What an officer asks another country for."""

    kind: str
    country: str
    addressee: str
    basis: str
    words: str
    mark: str = ""
    """Of the case's identifier that it is about (`seen.mark_of`); empty: none."""
    term_days: int | None = None
    keep_days: int | None = None
    contact: int | None = None
    task: int | None = None
    """The case's task that this is; none: one is set."""
    parent: str | None = None
    """The request that it prolongs."""


@dataclass(frozen=True)
class Came:
    """A request that came from abroad."""

    kind: str
    country: str
    sender: str
    words: str
    reference: str = ""
    term_days: int | None = None
    case_id: str = ""


def draft(
    session: Session, officer: Person, case_id: str, wanted: Wanted, key: str
) -> orm.AbroadRequest:
    """Draft a request; it waits for a second person. The same key again is the same request.

    Raises:
        NotAllowed, NotFound: as `rights.check_case`; NotFound: no such identifier, task, contact.
        InputRejected: what can't be, or no treaty is in force for it. Conflict: the task is another
            request's, or the key came with another one.
    """
    rights.check_case(session, officer, Right.ABROAD, case_id)
    kind, country = _kind(wanted.kind), country_of(wanted.country)
    row = orm.AbroadRequest(
        direction=OUT, case_id=case_id, kind=kind, country=country, words=words_of(wanted.words),
        addressee=line("addressee", wanted.addressee, LONGEST_ADDRESSEE),
        term_days=_term(kind, wanted.term_days), keep_days=_kept(kind, wanted.keep_days),
        contact=_contact(session, wanted.contact, country),
        parent=_parent(session, wanted.parent, case_id), basis=wanted.basis, state=State.DRAFTED,
        idempotency_key=_key(officer, key), **_about(session, case_id, wanted.mark),
    )  # fmt: skip
    if (before := _before(session, row, wanted.task)) is not None:
        return before
    abroad_treaties.basis(session, wanted.basis, country, kind, clock.now_us())
    _add(session, officer, row)
    row.task = _task(session, officer, row, wanted.task)
    note(session, row, officer.login, "draft")
    return row


def receive(session: Session, officer: Person, came: Came, key: str) -> orm.AbroadRequest:
    """Enter a request that came from abroad. The same key again is the same request.

    Raises:
        NotAllowed, NotFound: as `rights.check_case`, where it is of a case. InputRejected: what
            can't be. Conflict: the key came with another one.
    """
    rights.check(officer, Right.ABROAD)
    case_id = came.case_id.strip() or None
    if case_id is not None:
        rights.check_case(session, officer, Right.ABROAD, case_id)
    kind = _kind(came.kind)
    row = orm.AbroadRequest(
        direction=IN, case_id=case_id, kind=kind, country=country_of(came.country),
        addressee=line("sender", came.sender, LONGEST_ADDRESSEE), words=words_of(came.words),
        reference=line("reference", came.reference, LONGEST_REFERENCE, needed=False),
        term_days=_term(kind, came.term_days), state=State.RECEIVED,
        idempotency_key=_key(officer, key),
    )  # fmt: skip
    if (before := _before(session, row)) is not None:
        return before
    row.due_us = clock.now_us() + row.term_days * clock.DAY
    _add(session, officer, row)
    note(session, row, officer.login, "receive")
    return row


def load(
    session: Session, officer: Person, request: str, *, to_act: bool = False
) -> orm.AbroadRequest:
    """A request, locked for who is about to do something with it.

    Raises:
        NotAllowed: no right, or its case is out of view. NotFound: no such request.
    """
    rights.check(officer, Right.ABROAD)
    row = session.get(
        orm.AbroadRequest, request, populate_existing=True, with_for_update=to_act or None
    )
    if row is None:
        raise NotFound("request", request)
    if row.case_id is not None:
        rights.check_case(session, officer, Right.ABROAD, row.case_id)
    return row


def note(
    session: Session, row: orm.AbroadRequest, by: str, event: str, words: str = "",
    document: str | None = None,
) -> None:  # fmt: skip
    """Write down what happened, for its page and for the record."""
    session.add(orm.AbroadStep(
        request=row.id, at_us=clock.now_us(), by=by, event=event, state=row.state, words=words,
        document=document,
    ))  # fmt: skip
    audit.note(session, by, f"abroad_{event}", "abroad", row.id, kind=row.kind, to=row.country)
    session.flush()


def country_of(code: str) -> str:
    """A country that is not ours. Raises `InputRejected`: none such."""
    wanted = code.strip().upper()
    if wanted not in COUNTRIES or wanted == COUNTRY:
        raise InputRejected("country", code, "task.country")
    return wanted


def words_of(text: str) -> str:
    """Masked words of a request or answer. Raises `InputRejected`: too few or too many."""
    words = mask("\n".join(" ".join(each.split()) for each in text.strip().splitlines()))
    if not LEAST_WORDS <= len(words) <= LONGEST_WORDS:
        raise InputRejected("words", "", "draft.words", least=LEAST_WORDS, most=LONGEST_WORDS)
    return words


def _kind(kind: str) -> Kind:
    if kind not in set(Kind):
        raise InputRejected("kind", kind, "one_of", choices=", ".join(Kind))
    return Kind(kind)


def _term(kind: Kind, days: int | None) -> int:
    terms = TERMS[kind]
    if days is None:
        return terms.usual
    if not terms.least <= days <= terms.most:
        raise InputRejected("term", days, "abroad.term", least=terms.least, most=terms.most)
    return days


def _kept(kind: Kind, days: int | None) -> int | None:
    least = TERMS[kind].keeps
    if least is None:
        return None
    if days is not None and not least <= days <= MOST_KEPT:
        raise InputRejected("keep", days, "abroad.term", least=least, most=MOST_KEPT)
    return days or least


def _about(session: Session, case_id: str, mark: str) -> dict[str, str | None]:
    if not mark:
        return {"subject_kind": None, "subject": None}
    entity = seen.named(session, case_id, mark)
    return {"subject_kind": entity.kind, "subject": entity.subject}


def _contact(session: Session, number: int | None, country: str) -> int | None:
    if number is None:
        return None
    contact = session.get(orm.AbroadContact, number)
    if contact is None or contact.retired_us is not None:
        raise NotFound("contact", str(number))
    if contact.country != country:
        raise InputRejected("contact", contact.country, "abroad.contact_country")
    return number


def _parent(session: Session, parent: str | None, case_id: str) -> str | None:
    if parent is None:
        return None
    row = session.get(orm.AbroadRequest, parent)
    if row is None or row.case_id != case_id or row.kind != Kind.PRESERVATION:
        raise NotFound("request", parent)
    return parent


def _key(officer: Person, key: str) -> str:
    return f"{officer.login}:{key}"[:120]


_CONTENT = ("direction", "case_id", "kind", "country", "addressee", "words", "term_days",
            "keep_days", "contact", "parent", "subject", "basis")  # fmt: skip


def _before(
    session: Session, row: orm.AbroadRequest, task: int | None = None
) -> orm.AbroadRequest | None:
    same = orm.AbroadRequest.idempotency_key == row.idempotency_key
    before = session.scalar(select(orm.AbroadRequest).where(same))
    if before is None:
        return None
    is_same = all(getattr(before, name) == getattr(row, name) for name in _CONTENT)
    if not is_same or task not in (None, before.task):
        raise Conflict("request", before.id, "drafted under this key", "another one", "key_used")
    return before


def _add(session: Session, officer: Person, row: orm.AbroadRequest) -> None:
    row.id = numbers.next_id(session, "X")
    row.version, row.reference = 0, row.reference or ""
    row.drafted_by, row.drafted_us = officer.login, clock.now_us()
    session.add(row)
    session.flush()


def _task(session: Session, officer: Person, row: orm.AbroadRequest, given: int | None) -> int:
    """The task of the case that this request is."""
    assert row.case_id is not None
    if given is None:
        wanted = tasks.Wanted(
            tasks.Kind.INTERNATIONAL, row.words[: tasks.LONGEST_TITLE], officer.login, None,
            row.country, row.id,
        )  # fmt: skip
        return tasks.set_task(session, officer, row.case_id, wanted).id
    task = session.get(orm.CaseTask, given, with_for_update=True)
    if task is None or task.case_id != row.case_id or task.kind != tasks.Kind.INTERNATIONAL:
        raise NotFound("task", str(given))
    if task.state != tasks.State.OPEN:
        raise Conflict("task", str(given), task.state, "request abroad")
    taken = select(orm.AbroadRequest.id).where(orm.AbroadRequest.task == given)
    if session.scalar(taken) is not None:
        raise Conflict("task", str(given), "is another request", "request abroad", "request")
    task.country, task.reference = row.country, row.id
    return given

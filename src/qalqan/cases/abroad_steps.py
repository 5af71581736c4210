"""What officers do with a request abroad, step by step, and the clock that expires it (REQ-70).

Two people let one out: who drafted it, and somebody else who is not in the same hand
(`register.hands`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import abroad_treaties, tasks
from qalqan.cases.abroad_kinds import ENDS, OUTCOMES, OWED, REFUSED, Event, State, after
from qalqan.cases.abroad_requests import LONGEST_REFERENCE, LONGEST_WORDS, load, note
from qalqan.cases.order_book import MACHINE
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import hands, orm
from qalqan.register.rights import Person
from qalqan.text.line import line

SECOND = frozenset({Event.APPROVE, Event.SEND_BACK})
"""What takes somebody else than who drafted it."""
AGAIN_US = clock.HOUR
"""Within it the same person's reminder is the same reminder."""


@dataclass(frozen=True)
class Told:
    """What goes with a step."""

    words: str = ""
    version: int | None = None
    """Of the request that was looked at; None: whichever it is."""
    outcome: str = ""
    """Of an answer: full, part, none."""
    reference: str = ""
    """The number that they gave it."""
    document: str | None = None
    """Evidence of the case that came with it."""


def step(
    session: Session, officer: Person, request: str, event: Event, told: Told | None = None
) -> orm.AbroadRequest:
    """Do a step; the same person's same step again, with the same outcome, number and file, changes
    nothing.

    Raises:
        NotAllowed: no right, a case out of view, or the same hand. NotFound: no such request.
        Conflict: it does not go from there, or somebody was quicker. InputRejected: an outcome that
            there is not, words too long, or no treaty that is in force any more.
    """
    told = told or Told()
    row = load(session, officer, request, to_act=True)
    words = line("words", told.words, LONGEST_WORDS, needed=False)
    reference = line("reference", told.reference, LONGEST_REFERENCE, needed=False)
    told = replace(told, words=words, reference=reference)
    if _is_again(session, row, officer, event, told):
        return row
    if told.version not in (None, row.version):
        raise Conflict("request", row.id, "changed by somebody else", event, "changed")
    to = after(row.id, row.state, event)
    _check_second(session, row, officer, event)
    _apply(session, row, officer, event, told)
    row.state, row.version = to, row.version + 1
    if event is Event.APPROVE:
        row.approved_by = officer.login
    note(session, row, officer.login, event, words, _document(session, row, told.document))
    if to in ENDS:
        _end_task(session, row, officer.login, words)
    return row


def expire(session: Session) -> int:
    """Note which requests nobody answered in their term; how many. A write transaction."""
    late = (orm.AbroadRequest.state.in_(sorted(OWED)),
            orm.AbroadRequest.due_us <= clock.now_us())  # fmt: skip
    asked = select(orm.AbroadRequest).where(*late).limit(1000).with_for_update(skip_locked=True)
    found = session.scalars(asked).all()
    for row in found:
        row.state, row.version = after(row.id, row.state, Event.EXPIRE), row.version + 1
        note(session, row, MACHINE, Event.EXPIRE)
    return len(found)


def stands(row: orm.AbroadRequest, now_us: int) -> str:
    """Its state at a moment, whether or not the machine has noted that the term is over."""
    late = row.due_us is not None and row.due_us <= now_us
    return State.EXPIRED if late and row.state in OWED else row.state


def _check_second(session: Session, row: orm.AbroadRequest, officer: Person, event: Event) -> None:
    if event not in SECOND:
        return
    if officer.login == row.drafted_by:
        raise NotAllowed("approve request", "second_person")
    if event is Event.APPROVE:
        hands.check(session, officer.login, [row.drafted_by], "approve request")


def _apply(
    session: Session, row: orm.AbroadRequest, officer: Person, event: Event, told: Told
) -> None:
    now = clock.now_us()
    if event is Event.SEND:
        abroad_treaties.basis(session, row.basis or "", row.country, row.kind, now)
        row.sent_us, row.due_us = now, now + row.term_days * clock.DAY
        if (task := _task(session, row)) is not None:
            tasks.set_due(session, officer.login, task, row.due_us)
    row.reference = told.reference or row.reference
    if event is Event.ANSWER:
        if told.outcome not in OUTCOMES:
            raise InputRejected("outcome", told.outcome, "one_of", choices=", ".join(OUTCOMES))
        row.outcome, row.answered_us = told.outcome, now
        if row.keep_days is not None and told.outcome != "none":
            row.kept_until_us = now + row.keep_days * clock.DAY
    if event is Event.REFUSE:
        row.outcome, row.answered_us = REFUSED, now


def _is_again(
    session: Session, row: orm.AbroadRequest, officer: Person, event: Event, told: Told
) -> bool:
    """Whether the newest step is this one, with all that goes with it."""
    steps = orm.AbroadStep
    newest = select(steps).where(steps.request == row.id).order_by(steps.id.desc()).limit(1)
    last = session.scalar(newest)
    wanted = officer.login, event, told.words, told.document
    if last is None or (last.by, last.event, last.words, last.document) != wanted:
        return False
    if told.reference not in ("", row.reference):
        return False
    if event is Event.ANSWER and told.outcome != row.outcome:
        return False
    return event is not Event.REMIND or last.at_us > clock.now_us() - AGAIN_US


def _document(session: Session, row: orm.AbroadRequest, document: str | None) -> str | None:
    if document is None:
        return None
    found = session.get(orm.CaseDocument, document)
    if found is None or found.case_id != row.case_id:
        raise NotFound("document", document)
    return document


def _task(session: Session, row: orm.AbroadRequest) -> orm.CaseTask | None:
    return session.get(orm.CaseTask, row.task, with_for_update=True) if row.task else None


def _end_task(session: Session, row: orm.AbroadRequest, by: str, words: str) -> None:
    """The case's task ends with its request."""
    task = _task(session, row)
    if task is not None and task.state == tasks.State.OPEN:
        to = tasks.State.DONE if row.state == State.CLOSED else tasks.State.CANCELLED
        tasks.finish(session, by, task, to, words[: tasks.LONGEST_OUTCOME])

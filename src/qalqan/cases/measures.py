"""Measures: who has to do what by when, and what shows that it was done (REQ-25, 93).

A measure is planned, running, claimed (somebody says that it is done, with evidence), done (a
second person, who added none of it, looked at the evidence and agreed) or dropped with a reason.
That its term has passed it says by itself. Its history is only added to. Whether it helped is
another question: `bulletin.effects`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import measure_words
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.model.period import day_in_almaty
from qalqan.register import audit, hands, orm, rights
from qalqan.register.numbers import next_id
from qalqan.register.orm import Measure, MeasureEvidence, MeasureStep
from qalqan.register.rights import Person, Right

EVIDENCE = ("document", "link", "order", "figure")
LONGEST_REFERENCE = 400


class State(StrEnum):
    """Where a measure stands."""

    PLANNED = "planned"
    RUNNING = "running"
    CLAIMED = "claimed"
    DONE = "done"
    DROPPED = "dropped"


class Event(StrEnum):
    """What moves it."""

    ADD = "add"
    START = "start"
    CLAIM = "claim"
    """It is done, says who follows it."""
    AGREE = "agree"
    """So says a second person."""
    REFUSE = "refuse"
    """The evidence does not show it."""
    DROP = "drop"


MOVES: Mapping[tuple[State | None, Event], State] = {
    (None, Event.ADD): State.PLANNED,
    (State.PLANNED, Event.START): State.RUNNING,
    (State.RUNNING, Event.CLAIM): State.CLAIMED,
    (State.CLAIMED, Event.AGREE): State.DONE,
    (State.CLAIMED, Event.REFUSE): State.RUNNING,
    (State.PLANNED, Event.DROP): State.DROPPED,
    (State.RUNNING, Event.DROP): State.DROPPED,
    (State.CLAIMED, Event.DROP): State.DROPPED,
}
"""The whole machine; what is not here does not go."""
NEED_WORDS = frozenset({Event.REFUSE, Event.DROP})
OPEN = (State.PLANNED, State.RUNNING, State.CLAIMED)


@dataclass(frozen=True)
class Wanted:
    """A measure as it is told."""

    names: Mapping[str, str]
    owner: str
    due_day: str
    programme: str | None = None
    person: str | None = None
    figure: str = ""
    target: str = ""


def add(
    session: Session, officer: Person, wanted: Wanted, key: str, whose: str = "",
    figures: Container[str] = (),
) -> Measure:  # fmt: skip
    """Take a measure in; the same `key` again is the same one, of the officer or of `whose` keys it
    is. `figures`: codes of those that are defined. A write transaction.

    Raises:
        NotAllowed. InputRejected: what is told can't be. Conflict: another one has the key.
    """
    rights.check(officer, Right.MEASURES)
    told, whose = _checked(session, wanted, figures), whose or officer.login
    before = by_key(session, whose, key)
    if before is not None:
        if any(getattr(before, name) != value for name, value in told.items()):
            raise Conflict("measure", before.id, "key_used", "another measure")
        return before
    row = Measure(
        id=next_id(session, "MS"), state=MOVES[None, Event.ADD], version=0, late=False,
        idempotency_key=measure_words.key_of(whose, key), made_us=clock.now_us(),
        made_by=officer.login, **told,
    )  # fmt: skip
    session.add(row)
    session.flush()
    told_of(session, row, Event.ADD, officer.login)
    return row


def by_key(session: Session, whose: str, key: str) -> Measure | None:
    """The measure that was taken in under a key."""
    mark = measure_words.key_of(whose, key)
    return session.scalar(select(Measure).where(Measure.idempotency_key == mark))


def move(
    session: Session, officer: Person, measure: str, event: str, text: str = "",
    version: int | None = None,
) -> Measure:  # fmt: skip
    """Start, claim, agree, refuse or drop; the same again by the same person changes nothing. A
    write transaction.

    Raises:
        NotFound, NotAllowed. InputRejected: no such event, no reason, or no evidence of what is
            claimed. Conflict: it does not go from where it stands, or it has moved on.
    """
    rights.check(officer, Right.MEASURES)
    if event not in set(Event) - {Event.ADD}:
        known = ", ".join(each for each in Event if each is not Event.ADD)
        raise InputRejected("event", event, "one_of", choices=known)
    of = Event(event)
    kept = measure_words.words(
        text, "words", measure_words.SHORTEST_WORDS if of in NEED_WORDS else 0
    )
    row = one(session, measure, lock=True)
    if _is_done_so(session, row, officer, of, kept):
        return row
    if version is not None and version != row.version:
        raise Conflict("measure", row.id, "moved_on", event)
    to = MOVES.get((State(row.state), of))
    if to is None:
        raise Conflict("measure", row.id, row.state, event)
    _apply(session, row, officer, of)
    row.state, row.version = to, row.version + 1
    told_of(session, row, of, officer.login, kept)
    return row


def show_evidence(
    session: Session, officer: Person, measure: str, kind: str, reference: str, text: str = "",
    figures: Container[str] = (),
) -> MeasureEvidence:  # fmt: skip
    """Add what shows that it was carried out: a public address, an order's number, a figure's code
    (of `figures`), or a paper by number and date, which whoever agrees has to look at. The same
    again is the same. A write transaction.

    Raises:
        NotFound, NotAllowed. InputRejected: no such kind, order, figure or address. Conflict: the
            measure is done or dropped.
    """
    rights.check(officer, Right.MEASURES)
    if kind not in EVIDENCE:
        raise InputRejected("kind", kind, "one_of", choices=", ".join(EVIDENCE))
    at = measure_words.words(reference, "reference", 3, LONGEST_REFERENCE, masked=kind != "link")
    _check_reference(session, kind, at, figures)
    row = one(session, measure, lock=True)
    same = select(MeasureEvidence).where(
        MeasureEvidence.measure == row.id, MeasureEvidence.kind == kind,
        MeasureEvidence.reference == at,
    )  # fmt: skip
    if (before := session.scalar(same)) is not None:
        return before
    if row.state not in OPEN:
        raise Conflict("measure", row.id, row.state, "evidence")
    made = MeasureEvidence(
        measure=row.id, kind=kind, reference=at, at_us=clock.now_us(), by=officer.login,
        words=measure_words.words(text, "words"),
    )  # fmt: skip
    session.add(made)
    audit.note(session, officer.login, "measure_evidence", "measure", row.id, kind=kind)
    session.flush()
    return made


def _check_reference(session: Session, kind: str, at: str, figures: Container[str]) -> None:
    is_there = {
        "link": at.startswith(("https://", "http://")),
        "order": kind == "order" and session.get(orm.Order, at) is not None,
        "figure": at in figures,
        "document": True,
    }
    if not is_there[kind]:
        raise InputRejected("reference", at[:80], f"measure.shown_{kind}")


def one(session: Session, measure: str, *, lock: bool = False) -> Measure:
    """A measure. Raises `NotFound` if there is none."""
    row = session.get(Measure, measure, with_for_update=lock or None)
    if row is None:
        raise NotFound("measure", measure)
    return row


def is_late(row: Measure, now_us: int) -> bool:
    """Whether its term has passed: for one that was done, before it was."""
    if row.state == State.DONE:
        return row.late
    return row.state in OPEN and day_in_almaty(now_us).isoformat() > row.due_day


def stands(row: Measure, now_us: int) -> str:
    """Its state as a reader sees it: late where its term has passed and nobody claims it done."""
    waits = row.state in (State.PLANNED, State.RUNNING)
    return "late" if waits and is_late(row, now_us) else row.state


def told_of(session: Session, row: Measure, event: str, by: str, text: str = "") -> None:
    """Write a step of its history, and the audit's row."""
    session.add(
        MeasureStep(
            measure=row.id, at_us=clock.now_us(), by=by, event=event, state=row.state, words=text
        )
    )
    audit.note(session, by, f"measure_{event}", "measure", row.id)
    session.flush()


def _checked(session: Session, wanted: Wanted, figures: Container[str]) -> dict[str, object]:
    if wanted.figure and wanted.figure not in figures:
        raise InputRejected("figure", wanted.figure[:80], "measure.shown_figure")
    for name, table, value in (
        ("programme", orm.Programme, wanted.programme), ("person", orm.User, wanted.person)
    ):  # fmt: skip
        if value and session.get(table, value) is None:
            raise InputRejected(name, value, f"measure.{name}")
    return {
        "names": measure_words.names(wanted.names),
        "owner": measure_words.words(wanted.owner, "owner", 2, measure_words.LONGEST_OWNER),
        "due_day": measure_words.day(wanted.due_day, "due_day"),
        "programme": wanted.programme or None,
        "person": wanted.person or None,
        "figure": wanted.figure,
        "target": measure_words.words(wanted.target, "target", most=80),
    }


def _is_done_so(session: Session, row: Measure, officer: Person, event: Event, text: str) -> bool:
    """Whether the newest step is this very one."""
    last = select(MeasureStep).where(MeasureStep.measure == row.id).order_by(MeasureStep.id.desc())
    step = session.scalar(last.limit(1))
    return step is not None and (step.by, step.event, step.words) == (officer.login, event, text)


def _apply(session: Session, row: Measure, officer: Person, event: Event) -> None:
    now = clock.now_us()
    if event is Event.START:
        row.started_us = now
    elif event is Event.CLAIM:
        have = select(func.count()).where(MeasureEvidence.measure == row.id)
        if not session.scalar(have):
            raise InputRejected("event", event, "measure.evidence")
        row.claimed_by, row.done_us = officer.login, now
    elif event is Event.AGREE:
        _check_second(session, row, officer)
        row.done_by = officer.login
        row.late = day_in_almaty(row.done_us or now).isoformat() > row.due_day
    elif event is Event.REFUSE:
        row.claimed_by, row.done_us = None, None


def _check_second(session: Session, row: Measure, officer: Person) -> None:
    shown = select(MeasureEvidence.by).where(MeasureEvidence.measure == row.id)
    first = {row.claimed_by or "", *session.scalars(shown)}
    if officer.login in first:
        raise NotAllowed("agree", "second_person")
    hands.check(session, officer.login, first, "agree")

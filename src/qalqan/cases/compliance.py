"""What operators are asked to put in order: numbers of theirs on one dealer or one person (REQ-51).

An item is one operator's numbers of one finding. It is asked, with a term in working days that the
law sets; the operator answers that it removed them, registered them anew, explains, or refuses; a
person of the centre closes the item, or asks again. It takes nothing from anybody and publishes
nothing, so one officer asks. An item that nobody answered in time is overdue by itself, and stays
late however it is answered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import number_user, sim_law, working_days
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.register import audit, orm, partner_events, rights
from qalqan.register.numbers import next_id
from qalqan.register.orm import ComplianceItem, ComplianceStep, FindingRow, NumberLink
from qalqan.register.rights import Person, Right
from qalqan.text.mask import mask

MACHINE = "machine"
DETECTORS = "subscriptions."
"""Findings of these are asked about."""
LONGEST_WORDS, SHORTEST_WORDS = 1000, 8
MOST_NUMBERS = 5_000
_HOLDERS = frozenset({"person", "company", "sole_trader"})


class State(StrEnum):
    """Where an item stands."""

    ASKED = "asked"
    OVERDUE = "overdue"
    ANSWERED = "answered"
    CLOSED = "closed"


class Event(StrEnum):
    """What moves it."""

    ASK = "ask"
    LAPSE = "lapse"
    """Its term is over."""
    ANSWER = "answer"
    AGAIN = "again"
    """The answer does not do: the term begins anew."""
    CLOSE = "close"


class Outcome(StrEnum):
    """What an operator answers."""

    REMOVED = "removed"
    REREGISTERED = "reregistered"
    EXPLAINED = "explained"
    REFUSED = "refused"


MOVES: Mapping[tuple[State | None, Event], State] = {
    (None, Event.ASK): State.ASKED,
    (State.ASKED, Event.LAPSE): State.OVERDUE,
    (State.ASKED, Event.ANSWER): State.ANSWERED,
    (State.OVERDUE, Event.ANSWER): State.ANSWERED,
    (State.ANSWERED, Event.AGAIN): State.ASKED,
    (State.ASKED, Event.CLOSE): State.CLOSED,
    (State.OVERDUE, Event.CLOSE): State.CLOSED,
    (State.ANSWERED, Event.CLOSE): State.CLOSED,
}
"""The whole machine; what is not here does not go."""
NEED_WORDS = frozenset({Outcome.EXPLAINED, Outcome.REFUSED})
OPEN = (State.ASKED, State.OVERDUE)


def after(state: State | None, event: Event) -> State:
    """Where an event leads.

    Raises:
        Conflict: it does not go there.
    """
    to = MOVES.get((state, event))
    if to is None:
        raise Conflict("compliance", "", str(state), event, state or "none")
    return to


def numbers_of(session: Session, finding: FindingRow) -> Mapping[str, list[str]]:
    """Operator → its numbers that a finding is about: of a holder all that are on him now, else
    those that the evidence names and an operator has told."""
    if finding.subject_kind in _HOLDERS:
        asked = select(NumberLink.phone).where(
            NumberLink.other == finding.subject, NumberLink.kind == "subscription"
        )
        numbers = session.scalars(asked.distinct().limit(MOST_NUMBERS)).all()
    else:
        numbers = finding.evidence.get("phones", [])
    found: dict[str, list[str]] = defaultdict(list)
    for phone, link in number_user.registrants(session, numbers).items():
        his = finding.subject_kind not in _HOLDERS or link.other == finding.subject
        if his and link.detail != "deactivated":
            found[link.source].append(phone)
    known = select(orm.Partner.code).where(
        orm.Partner.code.in_(found), orm.Partner.kind == "operator", orm.Partner.active
    )
    return {code: sorted(found[code]) for code in sorted(session.scalars(known))}


def askable(session: Session, most: int = 50) -> Sequence[FindingRow]:
    """Findings that nobody has asked about: live ones and confirmed ones, the strongest first."""
    asked = select(ComplianceItem.finding)
    live = (FindingRow.state == "confirmed") | ((FindingRow.state == "new") & ~FindingRow.shadow)
    found = select(FindingRow).where(
        FindingRow.detector.startswith(DETECTORS), live, FindingRow.id.not_in(asked)
    )
    return session.scalars(found.order_by(FindingRow.score.desc(), FindingRow.id).limit(most)).all()


def ask(session: Session, officer: Person, number: int) -> list[ComplianceItem]:
    """Ask every operator about its numbers of a finding; asking again asks those that were not.

    Raises:
        NotAllowed: a role that may not, or no term of law. NotFound: no such finding.
        InputRejected: none of its numbers is an operator's that takes part.
    """
    rights.check(officer, Right.DRAFT)
    finding = session.get(FindingRow, number, with_for_update=True)
    if finding is None or not finding.detector.startswith(DETECTORS):
        raise NotFound("finding", str(number))
    due, of = _due(), numbers_of(session, finding)
    if not of:
        raise InputRejected("finding", number, "compliance.none")
    have = select(ComplianceItem.partner).where(ComplianceItem.finding == number)
    new = sorted(of.keys() - set(session.scalars(have)))
    made = [
        ComplianceItem(
            id=next_id(session, "N"), partner=partner, finding=number, numbers=of[partner],
            term=sim_law.CHECK, asked_us=clock.now_us(), asked_by=officer.login, due_us=due,
            state=after(None, Event.ASK), version=0, words="", late=False,
        )
        for partner in new
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    for item in made:
        _told(session, item, Event.ASK, officer.login)
        _tell(session, item)
    return made


def answer(
    session: Session, item_id: str, partner: str, outcome: str, words: str, by: str
) -> ComplianceItem:
    """An operator's answer to its own item; the same again changes nothing. A write transaction.

    Raises:
        NotFound: no such item of this operator. InputRejected: no such answer, or no words where it
            needs some. Conflict: it was answered otherwise, or is closed.
    """
    item = _own(session, item_id, partner)
    if outcome not in set(Outcome):
        raise InputRejected("answer", outcome, "one_of", choices=", ".join(Outcome))
    words = _words(words, outcome in NEED_WORDS)
    if (item.answer, item.words) == (outcome, words) and item.state not in OPEN:
        return item
    item.late = item.late or item.due_us <= clock.now_us()
    _move(session, item, Event.ANSWER, by, outcome, words)
    item.answer, item.words = outcome, words
    item.answered_us, item.answered_by = clock.now_us(), by
    session.flush()
    return item


def judge(
    session: Session, officer: Person, item_id: str, event: Event, words: str
) -> ComplianceItem:
    """Close an item, or ask again: the centre's word, with its reason. A write transaction.

    Raises:
        NotAllowed, NotFound. InputRejected: no reason. Conflict: it does not go.
    """
    rights.check(officer, Right.DRAFT)
    item = session.get(ComplianceItem, item_id, with_for_update=True)
    if item is None:
        raise NotFound("compliance", item_id)
    _move(session, item, event, officer.login, None, _words(words, needed=True))
    if event is Event.AGAIN:
        item.due_us, item.answer, item.answered_us = _due(), None, None
        _tell(session, item)
    session.flush()
    return item


def lapse(session: Session) -> int:
    """Items whose term is over become overdue; how many. A write transaction."""
    due = select(ComplianceItem).where(
        ComplianceItem.state == State.ASKED, ComplianceItem.due_us <= clock.now_us()
    )
    found = session.scalars(due.limit(1000).with_for_update(skip_locked=True)).all()
    for item in found:
        item.late = True
        _move(session, item, Event.LAPSE, MACHINE)
    session.flush()
    return len(found)


def _due() -> int:
    now = clock.now_us()
    return working_days.end_after(now, sim_law.term(sim_law.CHECK, now).working_days)


def _tell(session: Session, item: ComplianceItem) -> None:
    now = clock.now_us()
    partner_events.note(
        session, item.partner, "numbers.asked", now, item=item.id, due_us=item.due_us
    )


def _own(session: Session, item_id: str, partner: str) -> ComplianceItem:
    item = session.get(ComplianceItem, item_id, with_for_update=True)
    if item is None or item.partner != partner:
        raise NotFound("compliance", item_id)
    return item


def _words(text: str, needed: bool) -> str:
    words = mask(" ".join(text.split()))
    if len(words) > LONGEST_WORDS or (needed and len(words) < SHORTEST_WORDS):
        least = SHORTEST_WORDS if needed else 0
        raise InputRejected("words", text, "compliance.words", least=least, most=LONGEST_WORDS)
    return words


def _move(
    session: Session, item: ComplianceItem, event: Event, by: str, answer: str | None = None,
    words: str = "",
) -> None:  # fmt: skip
    item.state = after(State(item.state), event)
    item.version += 1
    _told(session, item, event, by, answer, words)


def _told(
    session: Session, item: ComplianceItem, event: Event, by: str, answer: str | None = None,
    words: str = "",
) -> None:  # fmt: skip
    step = ComplianceStep(
        item=item.id, at_us=clock.now_us(), by=by, event=event, state=item.state, answer=answer,
        words=words,
    )  # fmt: skip
    session.add(step)
    audit.note(session, by, f"numbers_{event}", "compliance", item.id, partner=item.partner)

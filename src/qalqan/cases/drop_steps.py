"""Steps of a drop's history: the part it was seen in, and what the procedure decided
(REQ-40 to 43).

A label that nothing proves lapses after ninety days, one that was refuted at once (product,
section 6). To call somebody an organiser takes two people, as whatever blocks does: the word alone
harms. Who lapsed may be kept on for a stated reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import articles
from qalqan.clock import DAY
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.register import audit, hands, orm, rights
from qalqan.register.rights import Person, Right
from qalqan.text.line import line

ROLES = ("drop", "recruiter", "organiser")
TWO_PEOPLE = frozenset({"organiser"})
NEXT: Mapping[str, frozenset[str]] = {
    "seen": frozenset({"witness", "suspect", "charged", "exempted", "cleared"}),
    "witness": frozenset({"suspect", "charged", "exempted", "cleared"}),
    "suspect": frozenset({"witness", "charged", "exempted", "cleared"}),
    "charged": frozenset({"suspect", "exempted", "acquitted", "convicted", "cleared"}),
    "convicted": frozenset({"acquitted"}),
    "exempted": frozenset({"charged"}),
    "acquitted": frozenset({"charged"}),
    "cleared": frozenset({"witness", "suspect", "charged"}),
}
"""Procedural status → what it may become; `seen`: nobody has assessed it yet."""
STATUSES = tuple(NEXT)
PROVEN = frozenset({"charged", "convicted"})
"""A label with these does not lapse."""
REFUTED = frozenset({"acquitted", "cleared"})
"""With these it lapses at once."""
WITH_ARTICLE = frozenset({"charged", "convicted", "acquitted"})
TERM_US = 90 * DAY
"""How long an unproven label stands (product, section 6: proposed)."""
LONGEST_NOTE = 400


@dataclass(frozen=True)
class Assessed:
    """A procedural decision; `day_us` midnight UTC of its day."""

    status: str
    day_us: int
    article: str | None = None
    note: str = ""


def say_role(
    session: Session, officer: Person, drop: orm.Drop, role: str, note: str = ""
) -> orm.DropStep:
    """Say which part was seen; an organiser's waits for a second person.

    Raises:
        InputRejected: no such role, or too long a note. Conflict: one waits already.
    """
    rights.check(officer, Right.CASEWORK)
    _lock(session, drop)
    if role not in ROLES:
        raise InputRejected("role", role, "drop.role")
    waits = role in TWO_PEOPLE
    if waits and pending(session, drop.id) is not None:
        raise Conflict("drop", drop.id, "waits for a second person", role)
    step = _step(session, officer, drop, "role", role, note=note, pending=waits)
    if not waits:
        drop.role = role
        _renew(session, drop)
    return step


def agree(session: Session, officer: Person, drop: orm.Drop, yes: bool) -> orm.DropStep:
    """The second person's yes or no to a role that takes two.

    Raises:
        NotAllowed: he may not decide, or said it himself. Conflict: nothing waits.
    """
    rights.check(officer, Right.DECIDE)
    _lock(session, drop)
    step = pending(session, drop.id)
    if step is None:
        raise Conflict("drop", drop.id, drop.role, "agree")
    if step.by == officer.login:
        raise NotAllowed("agree", "second_person")
    if yes:
        hands.check(session, officer.login, [step.by], "agree")
    step.pending, step.second = False, officer.login
    if yes:
        drop.role = step.value
        _renew(session, drop)
    else:
        step.what = "refused"
    audit.note(session, officer.login, "drop_agree" if yes else "drop_refuse", "drop", drop.id)
    session.flush()
    return step


def assess(session: Session, officer: Person, drop: orm.Drop, told: Assessed) -> orm.DropStep:
    """Write what the procedure decided.

    Raises:
        Conflict: the status can't become this. InputRejected: no such status, a day to come, an
            article that is missing, unknown or was not in force on that day.
    """
    rights.check(officer, Right.CASEWORK)
    _lock(session, drop)
    if told.status not in NEXT:
        raise InputRejected("status", told.status, "drop.status")
    if told.status not in NEXT[drop.status]:
        raise Conflict("drop", drop.id, drop.status, told.status)
    if told.day_us > clock.now_us():
        raise InputRejected("day", told.day_us, "drop.day")
    if told.status in WITH_ARTICLE:
        articles.article(told.article or "", told.day_us)
    step = _step(
        session, officer, drop, "status", told.status, note=told.note, day_us=told.day_us,
        article=told.article if told.status in WITH_ARTICLE else None,
    )  # fmt: skip
    drop.status = told.status
    _renew(session, drop)
    return step


def keep_on(session: Session, officer: Person, drop: orm.Drop, note: str) -> orm.DropStep:
    """Let an unproven label stand for another term, for a stated reason; also one that lapsed.

    Raises:
        InputRejected: no reason. Conflict: it was refuted.
    """
    rights.check(officer, Right.CASEWORK)
    _lock(session, drop)
    if not note.strip():
        raise InputRejected("note", note, "text.empty")
    if drop.status in REFUTED:
        raise Conflict("drop", drop.id, drop.status, "keep")
    step = _step(session, officer, drop, "kept", drop.status, note=note)
    _renew(session, drop)
    return step


def pending(session: Session, drop_id: str) -> orm.DropStep | None:
    """The role that waits for a second person."""
    of = select(orm.DropStep).where(orm.DropStep.drop_id == drop_id, orm.DropStep.pending)
    return session.scalar(of)


def expire(session: Session) -> int:
    """Let unproven labels lapse whose term is over; how many."""
    now = clock.now_us()
    due = select(orm.Drop).where(orm.Drop.expires_us <= now, orm.Drop.expired_us.is_(None))
    found = session.scalars(due.limit(1000).with_for_update(skip_locked=True)).all()
    for drop in found:
        drop.expired_us = now
        session.execute(
            delete(orm.DropStep).where(orm.DropStep.drop_id == drop.id, orm.DropStep.pending)
        )
        session.add(
            orm.DropStep(
                drop_id=drop.id, at_us=now, by="machine", what="expired", value=drop.status
            )
        )
        audit.note(session, "machine", "drop_expired", "drop", drop.id)
    return len(found)


def has_any(session: Session, drop: orm.Drop) -> bool:
    """Whether anything was ever said of it."""
    of = select(orm.DropStep.id).where(orm.DropStep.drop_id == drop.id)
    return session.scalar(of.limit(1)) is not None


def _lock(session: Session, drop: orm.Drop) -> None:
    """The drop as it is now, and nobody else's until the end: of two steps at once the second sees
    what the first has said."""
    session.flush()
    session.refresh(drop, with_for_update=True)


def _renew(session: Session, drop: orm.Drop) -> None:
    """The label's term begins anew; what is proven has none, what is refuted ends now."""
    now = clock.now_us()
    if drop.status in REFUTED:
        drop.expires_us, drop.expired_us = now, now
    else:
        drop.expires_us = None if drop.status in PROVEN else now + TERM_US
        drop.expired_us = None
    session.flush()


def _step(
    session: Session,
    officer: Person,
    drop: orm.Drop,
    what: str,
    value: str,
    *,
    note: str = "",
    article: str | None = None,
    day_us: int | None = None,
    pending: bool = False,
) -> orm.DropStep:
    words = line("note", note, LONGEST_NOTE, needed=False)
    step = orm.DropStep(
        drop_id=drop.id, at_us=clock.now_us(), by=officer.login, what=what, value=value,
        article=article, day_us=day_us, note=words, pending=pending,
    )  # fmt: skip
    session.add(step)
    audit.note(session, officer.login, f"drop_{what}", "drop", drop.id, value=value)
    session.flush()
    return step

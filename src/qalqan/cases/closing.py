"""A case as a whole: its story, its number in the pre-trial register, closed and opened again
(REQ-18).

A case is closed by a person with a reason, and only when nothing runs in it any more: no order
waits, none holds money, no task is open. A closed one is opened again with a reason, as often as
needed; each step stays on record.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import notes, opening, tasks, trails
from qalqan.errors import Conflict, InputRejected
from qalqan.model.order import TERMINAL
from qalqan.register import audit, orm, rights
from qalqan.register.purposes import Stated
from qalqan.register.rights import Person, Right
from qalqan.text.mask import mask
from qalqan.trust.keys import Keys

OPEN, CLOSED = "open", "closed"
SHORTEST, LONGEST = 8, 400
"""Characters of a reason."""
_NUMBER = re.compile(r"[0-9A-ZА-ЯӘҒҚҢӨҰҮҺІ][0-9A-ZА-ЯӘҒҚҢӨҰҮҺІ/.\-]{3,39}")
"""Numbers of the pre-trial register (ЕРДР) are fifteen digits; regional books add letters, dashes
and strokes."""


def close(session: Session, officer: Person, case_id: str, reason: str) -> orm.Case:
    """Close an open case.

    Raises:
        NotAllowed, NotFound: as `rights.check_case`. Conflict: it is not open, or something in it
            is: `orders` or `tasks`. InputRejected: no reason, or too long a one.
    """
    case = rights.check_case(session, officer, Right.CASEWORK, case_id)
    session.flush()
    session.refresh(case, with_for_update=True)
    words = _reason(reason)
    if case.state != OPEN:
        raise Conflict("case", case_id, case.state, "close")
    for what, left in (("orders", open_orders(session, case_id)), ("tasks", _tasks(session, case))):
        if left:
            raise Conflict("case", case_id, f"{what} open: {left}", "close", f"{what}_open", left)
    case.state, case.closed_us = CLOSED, clock.now_us()
    _note(session, officer, case_id, "closed", words)
    return case


def reopen(session: Session, officer: Person, case_id: str, reason: str) -> orm.Case:
    """Open a closed case again; its money is followed again at once.

    Raises:
        NotAllowed, NotFound: as `rights.check_case`. Conflict: it is not closed. InputRejected:
            no reason, or too long a one.
    """
    case = rights.check_case(session, officer, Right.CASEWORK, case_id)
    session.flush()
    session.refresh(case, with_for_update=True)
    words = _reason(reason)
    if case.state != CLOSED:
        raise Conflict("case", case_id, case.state, "reopen")
    case.state, case.closed_us = OPEN, None
    _note(session, officer, case_id, "reopened", words)
    trails.pursue_later(session, [case_id])
    return case


def number(session: Session, officer: Person, case_id: str, given: str) -> orm.Case:
    """Give the case its number in the pre-trial register, or correct it.

    Raises:
        NotAllowed, NotFound: as `rights.check_case`. InputRejected: no such number, or another
            case's.
    """
    case = rights.check_case(session, officer, Right.CASEWORK, case_id)
    wanted = "".join(given.split()).upper()
    if not _NUMBER.fullmatch(wanted):
        raise InputRejected("number", given, "case.register_number")
    other = select(orm.Case.id).where(orm.Case.register_number == wanted, orm.Case.id != case_id)
    if (held := session.scalar(other.limit(1))) is not None:
        raise InputRejected("number", given, "case.register_number_taken", case=held)
    if case.register_number != wanted:
        case.register_number = wanted
        try:
            session.flush()
        except IntegrityError:  # given to another case at this moment
            raise InputRejected("number", given, "case.register_number_taken", case="…") from None
        _note(session, officer, case_id, "numbered", wanted)
    return case


def tell(session: Session, keys: Keys, officer: Person, case_id: str, words: str) -> None:
    """Say what happened, for whoever opens the case; earlier words stay in the vault.

    Raises:
        NotAllowed, NotFound: as `rights.check_case`. InputRejected: as `notes.keep_words`.
    """
    case = rights.check_case(session, officer, Right.CASEWORK, case_id)
    case.story = notes.keep_words(session, keys, words, "story")
    _note(session, officer, case_id, "told", "")


def story(
    session: Session, keys: Keys, officer: Person, case: orm.Case, stated: Stated | None
) -> str | None:
    """What happened, for those who may read words and have stated what for, while it is kept, with
    a row in the audit; a write transaction."""
    if case.story is None:
        return None
    told = opening.words_of(session, keys, officer, case.id, {case.story}, stated)
    return told.get(case.story)


def open_orders(session: Session, case_id: str) -> int:
    """Orders of a case that still run."""
    of = select(func.count()).where(
        orm.Order.case_id == case_id, orm.Order.state.not_in(sorted(TERMINAL))
    )
    return session.scalar(of) or 0


def events(session: Session, case_id: str) -> Sequence[orm.CaseEvent]:
    """What officers did with the case, oldest first."""
    of = select(orm.CaseEvent).where(orm.CaseEvent.case_id == case_id)
    return session.scalars(of.order_by(orm.CaseEvent.id)).all()


def _tasks(session: Session, case: orm.Case) -> int:
    return tasks.count_open(session, case.id)


def _reason(given: str) -> str:
    words = mask(" ".join(given.split()))
    if not SHORTEST <= len(words) <= LONGEST:
        raise InputRejected("reason", given, "case.reason", shortest=SHORTEST, longest=LONGEST)
    return words


def _note(session: Session, officer: Person, case_id: str, event: str, words: str) -> None:
    session.add(
        orm.CaseEvent(
            case_id=case_id, at_us=clock.now_us(), by=officer.login, event=event, note=words
        )
    )
    audit.note(session, officer.login, f"case_{event}", "case", case_id)
    session.flush()

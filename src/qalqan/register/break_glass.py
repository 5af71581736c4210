"""Behind broken glass: an hour with one case out of view, for a reason that others judge later.

Who breaks it sees the case at once, since a trail does not stop at a region's border; that he did
stands in the audit, and somebody else must say whether it was right (REQ-18; ASVS 5.0, 8.2.4).
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import audit, rights
from qalqan.register.orm import BreakGlass, Case, User
from qalqan.register.rights import Person, Right

HOUR_US = clock.HOUR
SHORTEST, LONGEST = 8, 200
"""Characters of a reason."""
Verdict = Literal["right", "wrong"]


def open_for(session: Session, person: Person, case_id: str, reason: str) -> BreakGlass:
    """Let a person see a case for an hour of wall time; asked again for the same reason meanwhile,
    it is the same hour. A write transaction.

    Raises:
        NotAllowed: a role that may not. NotFound: no such case.
        InputRejected: no reason, or too long a one.
    """
    rights.check(person, Right.BREAK_GLASS)
    reason = " ".join(reason.split())
    if not SHORTEST <= len(reason) <= LONGEST:
        raise InputRejected("reason", "", "console.purpose", shortest=SHORTEST, longest=LONGEST)
    if session.get(Case, case_id) is None:
        raise NotFound("case", case_id)
    now = clock.wall_us()
    mine = (BreakGlass.login == person.login, BreakGlass.case_id == case_id)
    same = (*mine, BreakGlass.reason == reason, BreakGlass.until_us > now)
    if (before := session.scalar(select(BreakGlass).where(*same).limit(1))) is not None:
        return before
    row = BreakGlass(
        login=person.login, case_id=case_id, reason=reason, from_us=now, until_us=now + HOUR_US
    )
    session.add(row)
    session.flush()
    audit.note(session, person.login, "glass.break", "case", case_id, reason)
    return row


def unreviewed(session: Session, person: Person) -> list[BreakGlass]:
    """What nobody has judged yet and the person may, oldest first. Raises `NotAllowed`."""
    rights.check(person, Right.REVIEW)
    asked = select(BreakGlass).where(BreakGlass.reviewed_us.is_(None), _in_reach(person))
    return list(session.scalars(asked.order_by(BreakGlass.id)))


def review(session: Session, person: Person, number: int, verdict: Verdict, note: str) -> None:
    """Judge one; the same again changes nothing. A write transaction.

    Raises:
        NotAllowed: a role that may not, or the one who broke it. NotFound: no such number.
        Conflict: it was judged otherwise, or by somebody else. InputRejected: too long a note.
    """
    rights.check(person, Right.REVIEW)
    if len(note) > LONGEST:
        raise InputRejected("note", None, "text.too_long", most=LONGEST)
    asked = select(BreakGlass).where(BreakGlass.id == number, _in_reach(person))
    row = session.scalar(asked.with_for_update())
    if row is None:
        raise NotFound("broken glass", str(number))
    if row.login == person.login:
        raise NotAllowed("review", "somebody else")
    if (row.reviewed_by, row.verdict, row.note) == (person.login, verdict, note):
        return
    if row.reviewed_us is not None:
        raise Conflict("broken glass", str(number), "reviewed", "review")
    row.verdict, row.note = verdict, note
    row.reviewed_by, row.reviewed_us = person.login, clock.wall_us()
    audit.note(session, person.login, f"glass.{verdict}", "case", row.case_id, note)


def _in_reach(person: Person) -> ColumnElement[bool]:
    """Of a reviewer of one region: what his region's people broke, or what shows its cases."""
    if person.region == rights.COUNTRY:
        return true()
    people = select(User.login).where(User.region == person.region)
    cases = select(Case.id).where(Case.region == person.region)
    return or_(BreakGlass.login.in_(people), BreakGlass.case_id.in_(cases))

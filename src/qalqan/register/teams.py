"""Joint teams: people of several regions or services who share named cases until a date (REQ-18).

A team is made and ended by whoever manages people, over cases in his own view; with it a case comes
into its members' view and no further.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import audit, rights
from qalqan.register.orm import Case, Team, TeamCase, TeamMember, User
from qalqan.register.rights import COUNTRY, RIGHTS, Person, Right

What = Literal["people", "cases"]
LONGEST_NAME = 80
LONGEST_DAYS = 366
MOST = 200
"""People, and cases, of one team."""


@dataclass(frozen=True)
class Shown:
    """A team with its people and cases."""

    id: int
    name: str
    made_by: str
    until_us: int
    """Wall time."""
    people: tuple[str, ...]
    cases: tuple[str, ...]
    is_mine: bool
    """Whether the one who looks may change it."""


def make(session: Session, actor: Person, name: str, days: int) -> int:
    """A team without people and cases; its number. Whoever makes the same again on the same day
    has made it already. A write transaction.

    Raises:
        NotAllowed: a role that may not. Conflict: the name is taken.
        InputRejected: a name of a wrong length, or too long a term.
    """
    rights.check(actor, Right.PEOPLE)
    name = " ".join(name.split())
    if not 3 <= len(name) <= LONGEST_NAME:
        raise InputRejected("name", None, "team.name", shortest=3, longest=LONGEST_NAME)
    if not 1 <= days <= LONGEST_DAYS:
        raise InputRejected("days", days, "team.days", most=LONGEST_DAYS)
    until_us = clock.wall_us() + days * clock.DAY
    before = session.scalar(select(Team).where(Team.name == name))
    if before is not None:
        if before.made_by == actor.login and 0 <= until_us - before.until_us < clock.DAY:
            return before.id
        raise Conflict("team", name, "registered", "make")
    team = Team(name=name, made_by=actor.login, until_us=until_us)
    session.add(team)
    session.flush()
    audit.note(session, actor.login, "team.make", "team", str(team.id), name=name, days=days)
    return team.id


def add_person(session: Session, actor: Person, number: int, login: str) -> None:
    """Take an officer in, once. Raises `NotFound`, `NotAllowed`, `Conflict`."""
    team = _mine(session, actor, number)
    user = session.get(User, login)
    if user is None or not user.active or Right.CASES not in RIGHTS.get(user.role, ()):
        raise NotFound("user", login)
    if session.get(TeamMember, (team.id, login)) is not None:
        return
    _check_room(len(_people(session, team.id)), team)
    session.add(TeamMember(team=team.id, login=login))
    audit.note(session, actor.login, "team.join", "team", str(team.id), login=login)


def remove_person(session: Session, actor: Person, number: int, login: str) -> None:
    """Let an officer go, if he is in it. Raises `NotFound`, `NotAllowed`, `Conflict`."""
    team = _mine(session, actor, number)
    if session.get(User, login) is None:
        raise NotFound("user", login)
    member = session.get(TeamMember, (team.id, login))
    if member is None:
        return
    session.delete(member)
    audit.note(session, actor.login, "team.leave", "team", str(team.id), login=login)


def add_case(session: Session, actor: Person, number: int, case_id: str) -> None:
    """Share a case of one's own region, once: what somebody else has shared, or what stands behind
    broken glass, is not one's to share. Raises `NotFound`, `NotAllowed`, `Conflict`."""
    team = _mine(session, actor, number)
    case = rights.check_case(session, actor, Right.CASES, case_id)
    if actor.region not in (COUNTRY, case.region) and case.owner != actor.login:
        raise NotAllowed("share", "view")
    if session.get(TeamCase, (team.id, case.id)) is not None:
        return
    _check_room(len(_cases(session, team.id)), team)
    session.add(TeamCase(team=team.id, case_id=case.id))
    audit.note(session, actor.login, "team.share", "case", case.id, team=team.id)


def remove_case(session: Session, actor: Person, number: int, case_id: str) -> None:
    """Share a case no more. Raises `NotFound`, `NotAllowed`, `Conflict`."""
    team = _mine(session, actor, number)
    if session.get(Case, case_id) is None:
        raise NotFound("case", case_id)
    shared = session.get(TeamCase, (team.id, case_id))
    if shared is None:
        return
    session.delete(shared)
    audit.note(session, actor.login, "team.unshare", "case", case_id, team=team.id)


def change(session: Session, actor: Person, number: int, what: What, of: str, remove: bool) -> None:
    """Take a person or a case in, or out. Raises as the four."""
    if what == "people":
        (remove_person if remove else add_person)(session, actor, number, of)
    else:
        (remove_case if remove else add_case)(session, actor, number, of)


def end(session: Session, actor: Person, number: int) -> None:
    """End it now; who was in it stays known, and one that ended stays as it is. Raises `NotFound`,
    `NotAllowed`."""
    team = _made(session, actor, number)
    if team.until_us <= clock.wall_us():
        return
    team.until_us = clock.wall_us()
    audit.note(session, actor.login, "team.end", "team", str(team.id))


def seen(session: Session, actor: Person) -> list[Shown]:
    """Teams that run and that the actor made or is in, or all for one of the whole country who
    manages people; the newest first."""
    asked = select(Team).where(Team.until_us > clock.wall_us())
    if not (actor.region == COUNTRY and rights.has(actor, Right.PEOPLE)):
        joined = select(TeamMember.team).where(TeamMember.login == actor.login)
        asked = asked.where(or_(Team.made_by == actor.login, Team.id.in_(joined)))
    return [_shown(session, actor, team) for team in session.scalars(asked.order_by(-Team.id))]


def _shown(session: Session, actor: Person, team: Team) -> Shown:
    people, cases = tuple(_people(session, team.id)), tuple(_cases(session, team.id))
    return Shown(team.id, team.name, team.made_by, team.until_us, people, cases, _may(actor, team))


def _people(session: Session, number: int) -> Sequence[str]:
    asked = select(TeamMember.login).where(TeamMember.team == number)
    return session.scalars(asked.order_by(TeamMember.login)).all()


def _cases(session: Session, number: int) -> Sequence[str]:
    asked = select(TeamCase.case_id).where(TeamCase.team == number)
    return session.scalars(asked.order_by(TeamCase.case_id)).all()


def _mine(session: Session, actor: Person, number: int) -> Team:
    """A team that runs and that the actor may change, locked."""
    team = _made(session, actor, number)
    if team.until_us <= clock.wall_us():
        raise Conflict("team", team.name, "ended", "change")
    return team


def _made(session: Session, actor: Person, number: int) -> Team:
    """The same, ended or not."""
    rights.check(actor, Right.PEOPLE)
    team = session.get(Team, number, with_for_update=True)
    if team is None or not _may(actor, team):
        raise NotFound("team", str(number))
    return team


def _may(actor: Person, team: Team) -> bool:
    whole = actor.region == COUNTRY
    return rights.has(actor, Right.PEOPLE) and (whole or team.made_by == actor.login)


def _check_room(there: int, team: Team) -> None:
    if there >= MOST:
        raise Conflict("team", team.name, "full", "add")

"""The register of drops: who was seen in which part, and what the procedure says of it
(REQ-38 to 43, 92).

A role (drop, recruiter, organiser) tells what was seen, never guilt; a procedural status tells what
an investigator or a court decided, with article and day (`drop_steps`). One person is one drop,
however many cases and accounts; `drop_place` says where in the flow.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import drop_steps, entities, finding_subjects, seen
from qalqan.errors import InputRejected, NotAllowed, NotFound
from qalqan.register import audit, names, numbers, orm, rights, vault
from qalqan.register.rights import COUNTRY, Person, Right
from qalqan.trust.keys import Keys
from qalqan.trust.tokens import klass_of

CHANNELS = ("handle", "url", "phone")
LONGEST_NAME = 200


def in_view(
    officer: Person, of_cases: Callable[[Person], ColumnElement[bool]] = rights.in_view
) -> ColumnElement[bool]:
    """The condition on `drops` that holds for those in the officer's view: his region's, and those
    seen in a case in his view."""
    linked = select(orm.DropCase.drop_id).where(
        orm.DropCase.case_id.in_(select(orm.Case.id).where(of_cases(officer)))
    )
    return or_(
        orm.Drop.region == officer.region,
        orm.Drop.id.in_(linked),
        *([orm.Drop.id.is_not(None)] if officer.region == COUNTRY else []),
    )


def check(session: Session, officer: Person, right: Right, drop_id: str) -> orm.Drop:
    """The drop, if the officer has the right and it is in view.

    Raises:
        NotAllowed: he has not, or it is not. NotFound: no such drop.
    """
    rights.check(officer, right)
    of_cases = rights.in_view if right is Right.CASES else rights.own_view
    seen_by = in_view(officer, of_cases)
    drop = session.scalar(select(orm.Drop).where(orm.Drop.id == drop_id, seen_by))
    if drop is not None:
        return drop
    if session.get(orm.Drop, drop_id) is None:
        raise NotFound("drop", drop_id)
    raise NotAllowed(right, "view")


def open_drop(
    session: Session, officer: Person, case_id: str, mark: str, role: str, note: str
) -> orm.Drop:
    """Put an account or a person of a case into the register, or link who stands there already.

    Raises:
        NotAllowed, NotFound: as `rights.check_case`; NotFound: the case has no such identifier.
        InputRejected: neither an account nor a person, or no such role.
        NotAllowed (`view`): another region's, and this case has it from an officer's hand alone:
            whoever types an account does not come to see by that who stands there.
    """
    case = rights.check_case(session, officer, Right.CASEWORK, case_id)
    entity = seen.named(session, case_id, mark)
    if entity.kind not in ("account", "person", "wallet") or entity.source == "victim":
        raise InputRejected("identifier", entity.kind, "drop.subject")
    drop = standing(session, entity.subject)
    if drop is None:
        drop = _new(session, officer, case.region)
    elif entity.source == "officer":
        check(session, officer, Right.CASEWORK, drop.id)
    _give(session, drop, entity.subject)
    link(session, officer, drop, case_id)
    if drop.role != role or not drop_steps.has_any(session, drop):
        drop_steps.say_role(session, officer, drop, role, note)
    return drop


def standing(session: Session, subject: str) -> orm.Drop | None:
    """The drop that an account's or a person's token belongs to."""
    if klass_of(subject) == "person":
        return session.scalar(select(orm.Drop).where(orm.Drop.person == subject))
    of = select(orm.DropAccount.drop_id).where(orm.DropAccount.account == subject)
    return session.scalar(select(orm.Drop).where(orm.Drop.id.in_(of)).order_by(orm.Drop.id))


def link(session: Session, officer: Person, drop: orm.Drop, case_id: str) -> None:
    """Say that the drop was seen in a case."""
    if session.get(orm.DropCase, (drop.id, case_id)) is None:
        now = clock.now_us()
        session.add(orm.DropCase(drop_id=drop.id, case_id=case_id, by=officer.login, at_us=now))
        audit.note(session, officer.login, "link_drop", "case", case_id, drop=drop.id)
        session.flush()


def add_channel(
    session: Session, keys: Keys, officer: Person, drop: orm.Drop, kind: str, value: str
) -> str:
    """Add a channel by which people were recruited; its subject.

    Raises:
        InputRejected: not of such a kind, or not such a value.
    """
    rights.check(officer, Right.CASEWORK)
    if kind not in CHANNELS:
        raise InputRejected("kind", kind, "drop.channel")
    subject = entities.told(session, keys, kind, value)
    if session.get(orm.DropChannel, (drop.id, kind, subject)) is None:
        now = clock.now_us()
        session.add(
            orm.DropChannel(
                drop_id=drop.id, kind=kind, subject=subject, by=officer.login, at_us=now
            )
        )
        audit.note(session, officer.login, "drop_channel", "drop", drop.id, kind=kind)
        session.flush()
    return subject


def call(session: Session, keys: Keys, officer: Person, drop: orm.Drop, name: str) -> None:
    """Give a drop the name by which the search finds it; an empty one takes it away.

    Raises:
        InputRejected: too long, or without a letter.
    """
    rights.check(officer, Right.CASEWORK)
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME or (name and not any(map(str.isalpha, name))):
        raise InputRejected("name", name, "drop.name", most=LONGEST_NAME)
    names.keep(session, keys, "drop", drop.id, name)
    drop.name = vault.keep(session, keys, "name", name) if name else None
    audit.note(session, officer.login, "drop_name", "drop", drop.id)
    session.flush()


def add_finding(session: Session, officer: Person, drop: orm.Drop, finding: int) -> None:
    """Put a finding about one of its accounts forward.

    Raises:
        NotFound: there is none such about it.
    """
    rights.check(officer, Right.CASEWORK)
    row = session.get(orm.FindingRow, finding)
    if row is None or row.subject not in {drop.person, *accounts(session, drop.id)}:
        raise NotFound("finding", str(finding))
    if session.get(orm.DropFinding, (drop.id, finding)) is None:
        session.add(orm.DropFinding(drop_id=drop.id, finding=finding))
        audit.note(session, officer.login, "drop_finding", "drop", drop.id, finding=finding)
        session.flush()
        finding_subjects.follow(session, row, row.state, officer.login)


def accounts(session: Session, drop_id: str) -> list[str]:
    """Tokens of its accounts."""
    of = select(orm.DropAccount.account).where(orm.DropAccount.drop_id == drop_id)
    return sorted(session.scalars(of))


def _new(session: Session, officer: Person, region: str) -> orm.Drop:
    now = clock.now_us()
    drop = orm.Drop(
        id=numbers.next_id(session, "D"),
        region=region,
        role="drop",
        status="seen",
        opened_by=officer.login,
        opened_us=now,
        expires_us=now + drop_steps.TERM_US,
    )
    session.add(drop)
    audit.note(session, officer.login, "open_drop", "drop", drop.id)
    session.flush()
    return drop


def _give(session: Session, drop: orm.Drop, subject: str) -> None:
    if klass_of(subject) == "person":
        drop.person = drop.person or subject
    elif session.get(orm.DropAccount, (drop.id, subject)) is None:
        session.add(orm.DropAccount(drop_id=drop.id, account=subject))
    session.flush()

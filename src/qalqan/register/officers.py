"""Accounts of officers and clerks in the hands of who manages them (REQ-18; ASVS 5.0, 6.4, 7.4).

A supervisor manages the people of his region, one of the whole country everybody; accounts of those
who watch over supervisors (prosecutor, auditor) only the latter. Nobody manages himself. Whatever
changes what somebody may do, or how he proves who he is, ends his sessions.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import InputRejected, NotAllowed, NotFound
from qalqan.register import audit, factors, orm, passkeys, people, rights, sessions
from qalqan.register.factors import Owned
from qalqan.register.orm import User
from qalqan.register.rights import COUNTRY, ROLES, Person, Right
from qalqan.trust import passwords
from qalqan.trust.keys import Keys

WATCHERS = frozenset({"prosecutor", "auditor"})
"""Roles whose accounts no supervisor of a region makes or touches."""
_BYTES = 10


@dataclass(frozen=True)
class OneTime:
    """A password that is shown once and has to be changed; made before the register is locked."""

    text: str = field(repr=False)
    hashed: str = field(repr=False)

    @classmethod
    def new(cls) -> OneTime:
        """80 random bits in fours, as one reads them out."""
        plain = base64.b32encode(secrets.token_bytes(_BYTES)).decode().lower()
        text = "-".join(plain[i : i + 4] for i in range(0, len(plain), 4))
        return cls(text, passwords.hash_password(text))


@dataclass(frozen=True)
class Account:
    """One account as its manager sees it."""

    login: str
    role: str
    region: str
    partner: str | None
    active: bool
    is_given: bool
    """The password is one that somebody else set."""
    owned: Owned
    sessions: int
    seen_us: int | None
    """Of the sessions that are open now."""


def in_reach(session: Session, actor: Person) -> list[Account]:
    """Everybody whom the actor manages, by login. Raises `NotAllowed`: he manages nobody."""
    if not rights.has(actor, Right.PEOPLE):
        rights.check(actor, Right.PARTNERS)
    users = session.scalars(select(User).order_by(User.login)).all()
    return [_account(session, user) for user in users if _reaches(actor, user)]


def found(session: Session, actor: Person, login: str) -> User:
    """An account to be changed, locked until the transaction ends.

    Raises:
        NotFound: none such, or out of the actor's reach. NotAllowed: his own.
    """
    user = session.get(User, login, with_for_update=True)
    if user is None or not _reaches(actor, user):
        raise NotFound("user", login)
    if user.login == actor.login:
        raise NotAllowed("people", "somebody else")
    return user


def account(session: Session, actor: Person, login: str) -> Account:
    """One account to be looked at; his own, too. Raises `NotFound`."""
    user = session.get(User, login)
    if user is None or not _reaches(actor, user):
        raise NotFound("user", login)
    return _account(session, user)


def add(
    session: Session,
    keys: Keys,
    actor: Person,
    given: OneTime,
    *,
    login: str,
    name: str,
    role: str,
    region: str,
    partner: str | None = None,
) -> None:
    """Take somebody in, with a one-time password.

    Raises:
        NotAllowed: out of the actor's reach. Conflict, InputRejected, NotFound: as
            `people.add_user`; a login is 1 to 40 plain signs, a name 2 to 100.
    """
    _check_place(actor, role, region)
    if not 2 <= len(name.strip()) <= 100:
        raise InputRejected("name", None, "user.name", shortest=2, longest=100)
    people.enter(
        session, keys, login, name.strip(), given.hashed, role, region, partner,
        by=actor.login, given_us=clock.wall_us(),
    )  # fmt: skip


def move(session: Session, actor: Person, login: str, role: str, region: str) -> None:
    """Give somebody another role or region; his sessions end. The same as he has changes nothing.
    Raises as `found` and `add`."""
    user = found(session, actor, login)
    _check_place(actor, role, region)
    if (user.role, user.region) == (role, region):
        return
    if (role == "clerk") != (user.partner is not None):
        raise InputRejected("role", role, "user.partner")
    give_role(session, user, role, region, actor.login)


def give_role(session: Session, user: User, role: str, region: str, by: str) -> None:
    """The same without asking whether one may."""
    old = {"old_role": user.role, "old_region": user.region}
    user.role, user.region = role, region
    audit.note(session, by, "role", "user", user.login, role=role, region=region, **old)
    sessions.end_all(session, user.login, by)


def lock(session: Session, user: User, by: str) -> None:
    """Nobody signs in by this account any more; its sessions end. A locked one stays as it is."""
    if not user.active:
        return
    user.active = False
    audit.note(session, by, "lock", "user", user.login)
    sessions.end_all(session, user.login, by)


def unlock(session: Session, user: User, by: str) -> None:
    """The account serves again, with the password it had. An open one stays as it is."""
    if user.active:
        return
    user.active = True
    audit.note(session, by, "unlock", "user", user.login)


def reset_password(session: Session, user: User, given: OneTime, by: str) -> None:
    """A one-time password instead of the old one; second factors stay, sessions end."""
    user.password_hash, user.given_us = given.hashed, clock.wall_us()
    audit.note(session, by, "password.reset", "user", user.login)
    sessions.end_all(session, user.login, by)


def reset_factors(session: Session, user: User, given: OneTime, by: str) -> None:
    """Whoever lost his device begins anew: factors go, and so does the password, since it alone
    would be enough now."""
    factors.remove_totp(session, user.login, by)
    passkeys.remove_all(session, user.login, by)
    reset_password(session, user, given, by)


def everybody(session: Session) -> Sequence[Account]:
    """All accounts, by login; for the machine's administrator."""
    users = session.scalars(select(User).order_by(User.login)).all()
    return [_account(session, user) for user in users]


def _reaches(actor: Person, user: User) -> bool:
    right = Right.PARTNERS if user.role == "clerk" else Right.PEOPLE
    if not rights.has(actor, right):
        return False
    if actor.region == COUNTRY:
        return True
    return user.region == actor.region and user.role not in WATCHERS


def _check_place(actor: Person, role: str, region: str) -> None:
    if role not in ROLES:
        raise InputRejected("role", role, "one_of", choices=", ".join(ROLES))
    rights.check(actor, Right.PARTNERS if role == "clerk" else Right.PEOPLE)
    if actor.region != COUNTRY and (region != actor.region or role in WATCHERS):
        raise NotAllowed("people", "region")


def _account(session: Session, user: User) -> Account:
    now = clock.wall_us()
    count, seen_us = session.execute(
        select(func.count(), func.max(orm.Session.seen_us)).where(
            orm.Session.login == user.login, orm.Session.expires_us > now
        )
    ).one()
    return Account(
        user.login,
        user.role,
        user.region,
        user.partner,
        user.active,
        user.given_us is not None,
        factors.owned(session, user.login),
        count,
        seen_us,
    )

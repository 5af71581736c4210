"""Who signs in: officers, and clerks of partners, with their logins (REQ-18, 19).

Session secrets are kept hashed. Terms here are wall time, which no simulation
moves: a stopped clock must not keep a stolen cookie alive.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, ContractBroken, InputRejected, NotAllowed, NotFound
from qalqan.register import audit, orm, throttle, vault
from qalqan.register.database import Database
from qalqan.register.orm import Partner, User
from qalqan.register.rights import ROLES
from qalqan.trust import passwords
from qalqan.trust.keys import Keys

IDLE_US = clock.HOUR
"""A session ends after an hour without a request …"""
SHIFT_US = 12 * clock.HOUR
"""… and after a shift in any case."""
_LOGIN = re.compile(r"[!-~]{1,40}")
_SLIDE_US = 5 * clock.MINUTE
"""How often at most a session's end is moved: spares a write on each request."""


@dataclass(frozen=True)
class SignedIn:
    """The officer behind a session; `name` is a vault token, `expires_us` wall time."""

    login: str
    name: str
    role: str
    region: str
    partner: str | None
    """The partner that a clerk works for."""
    csrf: str
    created_us: int
    expires_us: int


def add_user(
    session: Session,
    keys: Keys,
    login: str,
    name: str,
    password: str,
    role: str,
    region: str,
    partner: str | None = None,
) -> None:
    """Register an officer, or a partner's clerk; the name goes to the vault. `Conflict` if the
    login is taken, `InputRejected` for a password of a wrong length or a clerk of nobody."""
    if role not in ROLES:
        raise ContractBroken(f"no role {role}")
    if (role == "clerk") != (partner is not None):
        raise InputRejected("partner", partner, "user.partner")
    if partner is not None and session.get(Partner, partner) is None:
        raise NotFound("partner", partner)
    if not _LOGIN.fullmatch(login):
        raise InputRejected("login", login, "login.shape", longest=40)
    if session.get(User, login) is not None:
        raise Conflict("user", login, "registered", "add")
    session.add(
        User(
            login=login,
            name=vault.keep(session, keys, "name", name),
            password_hash=passwords.hash_password(password),
            role=role,
            region=region,
            partner=partner,
        )
    )
    audit.note(session, "register", "add", "user", login, role=role, region=region)
    session.flush()


def sign_in(database: Database, login: str, password: str) -> str:
    """The secret of a new session. `NotAllowed` with what is missing: `password` (or no such
    officer, which looks and lasts the same) or `patience` after too many failures.

    Takes the database, not a session: a failure has to be counted although it raises, and
    argon2 must not run while the register is locked."""
    with database.write() as session:
        throttle.enter(session, login)
        user = session.get(User, login)
    known = user.password_hash if user is not None and user.active else None
    right = passwords.check_password(password, known)
    with database.write() as session:
        if not right or user is None:
            audit.note(session, login if known else "unknown", "sign_in_failed", "session", "")
        else:
            throttle.forgive(session, login)
            _refresh_hash(session, user, password)
            return _open_session(session, login)
    raise NotAllowed("sign_in", "password")


def user_by_session(session: Session, secret: str) -> SignedIn:
    """The officer whose session this is, or `NotAllowed` if it ended."""
    row = session.execute(
        select(orm.Session, User)
        .join(User, User.login == orm.Session.login)
        .where(
            orm.Session.token_hash == passwords.hash_secret(secret),
            orm.Session.expires_us > clock.wall_us(),
            User.active,
        )
    ).first()
    if row is None:
        raise NotAllowed("session", "sign_in")
    signed, user = row
    return SignedIn(
        user.login,
        user.name,
        user.role,
        user.region,
        user.partner,
        signed.csrf,
        signed.created_us,
        signed.expires_us,
    )


def signed_in(database: Database, secret: str) -> SignedIn:
    """`user_by_session`, and the session lives on for another hour within its shift."""
    with database.session() as session:
        officer = user_by_session(session, secret)
    end = min(clock.wall_us() + IDLE_US, officer.created_us + SHIFT_US)
    if end - officer.expires_us >= _SLIDE_US:
        with database.write() as session:
            session.execute(
                update(orm.Session)
                .where(orm.Session.token_hash == passwords.hash_secret(secret))
                .values(expires_us=end)
            )
    return officer


def sign_out(session: Session, secret: str) -> None:
    """End a session; one that ended already is no error."""
    ended = session.get(orm.Session, passwords.hash_secret(secret))
    if ended is not None:
        session.delete(ended)
        session.flush()
        audit.note(session, ended.login, "sign_out", "session", "")


def _open_session(session: Session, login: str) -> str:
    secret = passwords.new_secret()
    now = clock.wall_us()
    session.execute(delete(orm.Session).where(orm.Session.expires_us <= now))
    session.add(
        orm.Session(
            token_hash=passwords.hash_secret(secret),
            login=login,
            csrf=passwords.new_secret(),
            created_us=now,
            expires_us=now + IDLE_US,
        )
    )
    audit.note(session, login, "sign_in", "session", "")
    return secret


def _refresh_hash(session: Session, user: User, password: str) -> None:
    if passwords.outdated(user.password_hash):
        session.execute(
            update(User)
            .where(User.login == user.login)
            .values(password_hash=passwords.hash_password(password))
        )

"""Sessions of officers and clerks: who is behind one, how far he has proved himself, how it ends.

A session's secret is kept hashed and is a new one after each further proof. Terms are wall time,
which no simulation moves: a stopped clock must not keep a stolen cookie alive, nor one that was
ahead and has been set back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import NotAllowed, NotFound
from qalqan.register import audit, orm, throttle
from qalqan.register.database import Database
from qalqan.register.orm import User
from qalqan.trust import passwords

IDLE_US = clock.HOUR
"""A session ends after an hour without a request …"""
SHIFT_US = 12 * clock.HOUR
"""… and after a shift in any case."""
PENDING_US = 15 * clock.MINUTE
"""So long a session waits for what is still wanted of it; it does not slide."""
FRESH_US = 10 * clock.MINUTE
"""So long a proof is good enough to change factors, or people."""
MOST = 20
"""Sessions of one person; the oldest ends when another begins."""
_SLIDE_US = 5 * clock.MINUTE
"""How often at most a session's end is moved: spares a write on each request."""


@dataclass(frozen=True)
class Caller:
    """Where a session is opened from, as far as it is kept: `Firefox, Windows`; `10.1.2.0`."""

    device: str = ""
    network: str = ""


NOWHERE = Caller()


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
    stage: str | None = None
    """What is still wanted: `factor`, `password`, `enrol`; None: nothing, the session works."""
    factors: str = "password"
    proved_us: int = 0
    token_hash: str = field(default="", repr=False)

    @property
    def is_fresh(self) -> bool:
        """Whether a password or factor was shown within the last ten minutes."""
        return -throttle.AHEAD_US <= clock.wall_us() - self.proved_us < FRESH_US


@dataclass(frozen=True)
class Device:
    """One of a person's sessions, as he sees it."""

    mark: str
    """Names the session in a form; tells nothing of its secret."""
    device: str
    network: str
    since_us: int
    seen_us: int
    factors: tuple[str, ...]
    is_this: bool


def user_by_session(session: Session, secret: str) -> SignedIn:
    """The officer whose session this is, or `NotAllowed` if it ended."""
    now = clock.wall_us()
    row = session.execute(
        select(orm.Session, User)
        .join(User, User.login == orm.Session.login)
        .where(
            orm.Session.token_hash == passwords.hash_secret(secret),
            orm.Session.expires_us > now,
            orm.Session.created_us <= now + throttle.AHEAD_US,
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
        signed.stage,
        signed.factors,
        signed.proved_us,
        signed.token_hash,
    )


def signed_in(database: Database, secret: str) -> SignedIn:
    """`user_by_session`, and the session lives on for another hour within its shift."""
    with database.session() as session:
        officer = user_by_session(session, secret)
    now = clock.wall_us()
    end = min(now + IDLE_US, officer.created_us + SHIFT_US)
    if officer.stage is None and end - officer.expires_us >= _SLIDE_US:
        with database.write() as session:
            session.execute(
                update(orm.Session)
                .where(orm.Session.token_hash == officer.token_hash)
                .values(expires_us=end, seen_us=now)
            )
    return officer


def open_one(
    session: Session, login: str, stage: str | None, factors: str, caller: Caller = NOWHERE
) -> str:
    """The secret of a new session; a write transaction."""
    now = clock.wall_us()
    session.execute(delete(orm.Session).where(orm.Session.expires_us <= now))
    for row in _rows(session, login)[MOST - 1 :]:
        session.delete(row)
    return _add(session, login, now, stage, factors, caller)


def renew(session: Session, officer: SignedIn, stage: str | None, factors: str) -> str:
    """A new secret for a session that has proved more; the old one is worth nothing any more.
    Raises `NotAllowed`: the session ended meanwhile."""
    row = session.get(orm.Session, officer.token_hash, with_for_update=True)
    if row is None:
        raise NotAllowed("session", "sign_in")
    caller = Caller(row.device or "", row.network or "")
    session.delete(row)
    session.flush()
    return _add(session, officer.login, row.created_us, stage, factors, caller)


def _add(
    session: Session,
    login: str,
    created_us: int,
    stage: str | None,
    factors: str,
    caller: Caller,
) -> str:
    secret, now = passwords.new_secret(), clock.wall_us()
    session.add(
        orm.Session(
            token_hash=passwords.hash_secret(secret),
            login=login,
            csrf=passwords.new_secret(),
            created_us=created_us,
            expires_us=min(now + (PENDING_US if stage else IDLE_US), created_us + SHIFT_US),
            stage=stage,
            factors=factors,
            device=caller.device[:60],
            network=caller.network[:50],
            seen_us=now,
            proved_us=now,
        )
    )
    session.flush()
    return secret


def sign_out(session: Session, secret: str) -> None:
    """End a session; one that ended already is no error."""
    ended = session.get(orm.Session, passwords.hash_secret(secret))
    if ended is not None:
        session.delete(ended)
        session.flush()
        audit.note(session, ended.login, "sign_out", "session", "")


def devices(session: Session, officer: SignedIn) -> list[Device]:
    """All his sessions, the newest first."""
    return [
        Device(
            mark_of(row.token_hash),
            row.device or "",
            row.network or "",
            row.created_us,
            row.seen_us,
            tuple(row.factors.split()),
            row.token_hash == officer.token_hash,
        )
        for row in _rows(session, officer.login)
    ]


def end_one(session: Session, officer: SignedIn, mark: str) -> None:
    """End one of a person's own sessions. Raises `NotFound`: none of his has this mark."""
    for row in _rows(session, officer.login):
        if mark_of(row.token_hash) == mark:
            session.delete(row)
            audit.note(session, officer.login, "session.end", "user", officer.login)
            return
    raise NotFound("session", mark)


def end_others(session: Session, officer: SignedIn) -> int:
    """End all of a person's sessions but this one; answers how many ended."""
    return end_all(session, officer.login, officer.login, but=officer.token_hash)


def end_all(session: Session, login: str, by: str, but: str = "") -> int:
    """End all sessions of a login, but one; answers how many ended."""
    ended = [row for row in _rows(session, login) if row.token_hash != but]
    for row in ended:
        session.delete(row)
    session.flush()
    if ended:
        audit.note(session, by, "session.end", "user", login, count=len(ended))
    return len(ended)


def mark_of(token_hash: str) -> str:
    """A session's name in forms."""
    return hashlib.sha256(token_hash.encode()).hexdigest()[:16]


def _rows(session: Session, login: str) -> Sequence[orm.Session]:
    mine = select(orm.Session).where(
        orm.Session.login == login, orm.Session.expires_us > clock.wall_us()
    )
    order = mine.order_by(orm.Session.created_us.desc(), orm.Session.token_hash)
    return session.scalars(order).all()

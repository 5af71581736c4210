"""Signing in, step by step (REQ-18; ASVS 5.0, V6 and V7).

A password opens a session that may still want something: a second factor (`factor`), a password of
one's own instead of one that somebody else set (`password`), a first second factor (`enrol`). Until
then it serves those steps alone (`web.access`). A passkey alone is two factors. Each step makes the
session's secret anew and is counted like a password, so codes can't be guessed either.

Whatever fails has to be counted although it raises, and argon2 must not run while the register is
locked: so these functions take the database, not a session.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import audit, factors, passkeys, sessions, throttle, vault
from qalqan.register.database import Database
from qalqan.register.orm import Audit, Partner, User
from qalqan.register.sessions import NOWHERE, Caller, SignedIn
from qalqan.trust import guessing, passwords
from qalqan.trust.keys import Keys
from qalqan.trust.passkeys import Site

GIVEN_US = 3 * clock.DAY
"""A password that somebody else set is good for so long, and for the first sign-in alone."""
UNKNOWN, SLOWED = "unknown", "sign_in_slowed"
_WORDS = re.compile(r"[^\W\d_]{3,}")


def sign_in(
    database: Database,
    login: str,
    password: str,
    *,
    required: bool = False,
    caller: Caller = NOWHERE,
) -> str:
    """The secret of a new session; with `required`, a second factor has to be set up by whoever
    has none. `NotAllowed` with what is missing: `password` (or no such officer, which looks and
    lasts the same) or `patience` after too many failures."""
    with database.session() as session:
        user = session.get(User, login)
    known = user.password_hash if user is not None and _may_enter(user) else None
    name = login if known else UNKNOWN
    with _patiently(database, name) as session:
        throttle.enter(session, login, caller.network)
    right = passwords.check_password(password, known)
    with database.write() as session:
        user = session.get(User, login, with_for_update=True)
        # the password may have been changed, or the account locked, while it was checked
        if right and user is not None and _may_enter(user) and user.password_hash == known:
            throttle.forgive(session, login, caller.network)
            _refresh_hash(user, password)
            return _open(session, login, "password", required, caller)
        audit.note(session, name, "sign_in_failed", "session", "")
    raise NotAllowed("sign_in", "password")


def sign_in_by_passkey(
    database: Database, site: Site, answer: str, *, required: bool = False, caller: Caller = NOWHERE
) -> str:
    """The secret of a new session of whoever's passkey has answered. Raises `NotAllowed`."""
    with _patiently(database, UNKNOWN) as session:
        throttle.enter(session, None, caller.network)
    try:
        with database.write() as session:
            login = passkeys.use(session, site, "sign_in", "", answer)
            throttle.forgive(session, None, caller.network)
            return _open(session, login, "passkey", required, caller)
    except NotAllowed:
        _failed(database, UNKNOWN)
        raise


def show_code(
    database: Database, keys: Keys, officer: SignedIn, given: str, *, required: bool = False
) -> str:
    """A code after the password, or again after a while; the session's new secret. `NotAllowed`:
    `code`, or `patience`."""
    name = _second(officer)
    with _patiently(database, officer.login) as session:
        throttle.again(session, name)
    with database.write() as session:
        kind = factors.use(session, keys, officer.login, given)
        if kind is not None:
            throttle.forgive(session, name)
            return _step(session, officer, kind, required)
    _failed(database, officer.login)
    raise NotAllowed("sign_in", "code")


def show_passkey(
    database: Database, site: Site, officer: SignedIn, answer: str, *, required: bool = False
) -> str:
    """The same with a passkey. Raises `NotAllowed`."""
    name = _second(officer)
    with _patiently(database, officer.login) as session:
        throttle.again(session, name)
    try:
        with database.write() as session:
            passkeys.use(session, site, "prove", officer.token_hash, answer, officer.login)
            throttle.forgive(session, name)
            return _step(session, officer, "passkey", required)
    except NotAllowed:
        _failed(database, officer.login)
        raise


def show_password(database: Database, officer: SignedIn, password: str) -> str:
    """The password again, by somebody who is in; the session's new secret. Raises as `sign_in`."""
    _check(database, officer, password)
    with database.write() as session:
        audit.note(session, officer.login, "prove", "session", "")
        return sessions.renew(session, officer, officer.stage, officer.factors)


def change_password(
    database: Database,
    keys: Keys,
    officer: SignedIn,
    old: str,
    new: str,
    *,
    required: bool = False,
) -> str:
    """A password of one's own; all other sessions end, this one gets a new secret.

    Raises:
        NotAllowed: the old one is wrong (`password`), or `patience`.
        InputRejected: the new one is too short, too long, easily guessed, or the old one.
    """
    if officer.stage == "factor":
        raise NotAllowed("session", "factor")
    _check(database, officer, old)
    if new == old:
        raise InputRejected("password", "", "password.same")
    guessing.check_new(new, _own_words(database, keys, officer))
    hashed = passwords.hash_password(new)
    with database.write() as session:
        mine = update(User).where(User.login == officer.login)
        session.execute(mine.values(password_hash=hashed, given_us=None))
        audit.note(session, officer.login, "password.change", "user", officer.login)
        sessions.end_others(session, officer)
        return _step(session, officer, None, required)


def go_on(session: Session, officer: SignedIn, kind: str, *, required: bool = False) -> str:
    """After a factor (`totp`, `passkey`) was set up, and so shown: the session's new secret, and
    all others end."""
    sessions.end_others(session, officer)
    return _step(session, officer, kind, required)


def go_without(session: Session, officer: SignedIn, *, required: bool = False) -> str:
    """After a factor was taken away: the same. Raises `Conflict`: it was the last, and one is
    required."""
    if required and not factors.owned(session, officer.login).any:
        raise Conflict("factor", officer.login, "last", "remove")
    sessions.end_others(session, officer)
    return _step(session, officer, None, required)


def words_of(session: Session, login: str, name: str, partner: str | None) -> list[str]:
    """Words that a password of this person must not be made of: login, name, whom he works for."""
    known = session.get(Partner, partner) if partner is not None else None
    house = [known.code, *known.names.values()] if known is not None else []
    return [login, *(word for each in (login, name, *house) for word in _WORDS.findall(each))]


def _own_words(database: Database, keys: Keys, officer: SignedIn) -> list[str]:
    with database.write() as session:
        try:
            name = vault.reveal(session, keys, officer.name, officer.login, "own password")
        except NotFound:  # retention may have taken it
            name = ""
        return words_of(session, officer.login, name, officer.partner)


def _check(database: Database, officer: SignedIn, password: str) -> None:
    with _patiently(database, officer.login) as session:
        throttle.again(session, _proof(officer))
        known = session.get_one(User, officer.login).password_hash
    if not passwords.check_password(password, known):
        _failed(database, officer.login)
        raise NotAllowed("sign_in", "password")
    with database.write() as session:
        throttle.forgive(session, _proof(officer))


def _open(session: Session, login: str, shown: str, required: bool, caller: Caller) -> str:
    stage = _stage(session, login, shown, required)
    begun = "sign_in" if stage is None else "sign_in_begun"
    audit.note(session, login, begun, "session", "", factors=shown)
    return sessions.open_one(session, login, stage, shown, caller)


def _step(session: Session, officer: SignedIn, kind: str | None, required: bool) -> str:
    shown = officer.factors
    if kind is not None and shown == "password":
        shown = f"password {kind}"
    stage = _stage(session, officer.login, shown, required)
    came = officer.stage is not None and stage is None
    if came or kind is not None:
        action = "sign_in" if came else "prove"
        audit.note(session, officer.login, action, "session", "", factors=shown)
    return sessions.renew(session, officer, stage, shown)


def _stage(session: Session, login: str, shown: str, required: bool) -> str | None:
    """What a session wants that has shown these."""
    has = factors.owned(session, login).any
    if has and shown == "password":
        return "factor"
    if session.get_one(User, login).given_us is not None:
        return "password"
    return "enrol" if required and not has else None


def _may_enter(user: User) -> bool:
    fresh = user.given_us is None or abs(clock.wall_us() - user.given_us) < GIVEN_US
    return user.active and fresh


def _failed(database: Database, login: str) -> None:
    with database.write() as session:
        audit.note(session, login, "sign_in_failed", "session", "")


@contextmanager
def _patiently(database: Database, login: str) -> Iterator[Session]:
    """A write transaction that counts a try; that it came too early is noted, once a minute."""
    try:
        with database.write() as session:
            yield session
    except NotAllowed:
        with database.write() as session:
            since = clock.now_us() - clock.MINUTE
            told = (Audit.actor == login, Audit.action == SLOWED, Audit.at_us > since)
            if session.scalar(select(Audit.id).where(*told).limit(1)) is None:
                audit.note(session, login, SLOWED, "session", "")
        raise


def _proof(officer: SignedIn) -> str:
    """Counted apart from strangers' tries at the same login."""
    return f"{officer.login} proof"


def _second(officer: SignedIn) -> str:
    """Failures of the second factor are counted apart: a right password forgives none of them."""
    return f"{officer.login} second factor"


def _refresh_hash(user: User, password: str) -> None:
    """`user` is locked, and the password is its own."""
    if passwords.outdated(user.password_hash):
        user.password_hash = passwords.hash_password(password)

"""Passkeys of people, and the questions put to them: asked once, answered once, within minutes
(REQ-18; WebAuthn level 2, 13.4.3)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import audit
from qalqan.register.orm import Challenge, Passkey, User
from qalqan.trust import passkeys
from qalqan.trust.passkeys import Site

Purpose = Literal["make", "sign_in", "prove"]
LONGEST_NAME = 60
MOST = 20
"""Passkeys of one person."""
ANSWER_US = 5 * clock.MINUTE
_WAITING = 10_000
"""Questions that may wait at once: strangers can ask as well."""


def of(session: Session, login: str) -> Sequence[Passkey]:
    """A person's passkeys, the oldest first."""
    mine = select(Passkey).where(Passkey.login == login)
    return session.scalars(mine.order_by(Passkey.created_us, Passkey.id)).all()


def ask_to_make(session: Session, site: Site, login: str, holder: str) -> dict[str, Any]:
    """The question by which a browser makes a passkey; `holder` is the hash of the session's
    secret. A write transaction."""
    known = [each.credential for each in of(session, login)]
    if len(known) >= MOST:
        raise Conflict("passkey", login, "many", "add")
    return passkeys.asked_to_make(site, login, _ask(session, "make", holder), known)


def ask_to_sign(
    session: Session, site: Site, purpose: Purpose, login: str = "", holder: str = ""
) -> dict[str, Any]:
    """The question by which a passkey proves its owner; without a login any of the site's may
    answer. A write transaction."""
    known = [each.credential for each in of(session, login)] if login else []
    return passkeys.asked_to_sign(site, _ask(session, purpose, holder), known)


def add(session: Session, site: Site, login: str, holder: str, answer: str, name: str) -> str:
    """Keep the passkey that a browser made; answers its number. A write transaction.

    Raises:
        NotAllowed: the answer does not hold, or answers nothing. Conflict: it is kept already.
        InputRejected: a name of a wrong length.
    """
    kept = _named(name)
    _, challenge = passkeys.told(answer)
    _take(session, challenge, "make", holder)
    made = passkeys.made(site, answer, challenge)
    number = _number(made.credential)
    if session.get(Passkey, number) is not None:
        raise Conflict("passkey", number, "registered", "add")
    row = Passkey(id=number, login=login, name=kept, created_us=clock.wall_us(), count=made.count)
    row.credential, row.public_key = made.credential, made.public_key
    session.add(row)
    audit.note(session, login, "passkey.add", "user", login)
    session.flush()
    return number


def use(
    session: Session, site: Site, purpose: Purpose, holder: str, answer: str, login: str = ""
) -> str:
    """The login of the passkey that has answered; with `login`, it must be that one's. A write
    transaction. Raises `NotAllowed`: the answer does not hold, is another's, or came before."""
    credential, challenge = passkeys.told(answer)
    _take(session, challenge, purpose, holder)
    key = session.get(Passkey, _number(credential), with_for_update=True)
    if key is None or (login and key.login != login):
        raise NotAllowed("sign_in", "passkey")
    if not session.get_one(User, key.login).active:
        raise NotAllowed("sign_in", "passkey")
    key.count = passkeys.signed(site, answer, challenge, key.public_key, key.count)
    key.used_us = clock.wall_us()
    return key.login


def rename(session: Session, login: str, number: str, name: str) -> None:
    """Call one of a person's own passkeys otherwise. Raises `NotFound`, `InputRejected`."""
    _own(session, login, number).name = _named(name)


def remove(session: Session, login: str, number: str) -> None:
    """Take one of a person's own passkeys away. Raises `NotFound`."""
    session.delete(_own(session, login, number))
    session.flush()
    audit.note(session, login, "passkey.remove", "user", login)


def remove_all(session: Session, login: str, by: str) -> None:
    """Take all passkeys of a login away; none is no error."""
    gone = session.execute(delete(Passkey).where(Passkey.login == login))
    if getattr(gone, "rowcount", 0):
        audit.note(session, by, "passkey.remove", "user", login)


def _own(session: Session, login: str, number: str) -> Passkey:
    key = session.get(Passkey, number, with_for_update=True)
    if key is None or key.login != login:
        raise NotFound("passkey", number)
    return key


def _ask(session: Session, purpose: Purpose, holder: str) -> bytes:
    now = clock.wall_us()
    session.execute(delete(Challenge).where(Challenge.until_us <= now))
    same = select(Challenge.id).where(Challenge.purpose == purpose)  # strangers ask to sign in
    oldest = same.order_by(Challenge.until_us.desc()).offset(_WAITING)
    session.execute(delete(Challenge).where(Challenge.id.in_(oldest)))
    challenge = secrets.token_bytes(32)
    until = now + ANSWER_US
    session.add(Challenge(id=_number(challenge), purpose=purpose, session=holder, until_us=until))
    session.flush()
    return challenge


def _take(session: Session, challenge: bytes, purpose: Purpose, holder: str) -> None:
    """Use a question up; whoever comes second finds none."""
    taken = session.execute(
        delete(Challenge).where(
            Challenge.id == _number(challenge),
            Challenge.purpose == purpose,
            Challenge.session == holder,
            Challenge.until_us > clock.wall_us(),
        )
    )
    if getattr(taken, "rowcount", 0) != 1:
        raise NotAllowed("sign_in", "passkey")


def _named(name: str) -> str:
    kept = " ".join(name.split())
    if not 1 <= len(kept) <= LONGEST_NAME:
        raise InputRejected("name", None, "passkey.name", longest=LONGEST_NAME)
    return kept


def _number(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()

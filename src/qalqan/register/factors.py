"""Second factors: codes from an app, codes on paper (REQ-18; RFC 6238; ASVS 5.0, 6.5).

A code counts once: the newest step used is kept under a lock, a paper code gets its date.
"""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.register import audit
from qalqan.register.orm import Passkey, RecoveryCode, Totp
from qalqan.trust import passwords, totp
from qalqan.trust.keys import Keys

CODES = 10
"""Codes on paper."""
_CODE_BYTES = 15
"""120 bits: so many that a plain hash keeps them (ASVS 6.5.2)."""
_NOISE = re.compile(r"[\s-]")


@dataclass(frozen=True)
class Owned:
    """Which factors a person has."""

    totp_since_us: int | None
    codes_left: int
    passkeys: int

    @property
    def any(self) -> bool:
        """Whether there is a second factor at all; paper codes alone are none."""
        return self.totp_since_us is not None or self.passkeys > 0


def owned(session: Session, login: str) -> Owned:
    """The factors of a login."""
    row = session.get(Totp, login)
    left = select(func.count()).where(RecoveryCode.login == login, RecoveryCode.used_us.is_(None))
    keys = select(func.count()).where(Passkey.login == login)
    return Owned(
        None if row is None else row.since_us,
        session.scalar(left) or 0,
        session.scalar(keys) or 0,
    )


def begin_totp(session: Session, keys: Keys, login: str) -> None:
    """Draw a secret that waits for its first code; a second tab finds the same. A write
    transaction. Raises `Conflict`: there is a proved one."""
    row = session.get(Totp, login, with_for_update=True)
    if row is not None and row.since_us is not None:
        raise Conflict("totp", login, "set up", "begin")
    if row is None:
        box = totp.seal(keys, login, totp.new_secret())
        session.add(Totp(login=login, box=box))
        session.flush()


def waiting_secret(session: Session, keys: Keys, login: str) -> bytes | None:
    """The secret that waits for its first code, or None."""
    row = session.get(Totp, login)
    if row is None or row.since_us is not None:
        return None
    return totp.unseal(keys, login, row.box)


def confirm_totp(session: Session, keys: Keys, login: str, given: str) -> None:
    """Prove that the app has the secret. A write transaction.

    Raises:
        NotFound: nothing waits. Conflict: proved already. InputRejected: another code.
    """
    row = session.get(Totp, login, with_for_update=True)
    if row is None:
        raise NotFound("totp", login)
    if row.since_us is not None:
        raise Conflict("totp", login, "set up", "confirm")
    if not _is_next(keys, row, _plain(given)):
        raise InputRejected("code", "", "factor.code")
    row.since_us = clock.wall_us()
    audit.note(session, login, "totp.add", "user", login)


def remove_totp(session: Session, login: str, by: str) -> None:
    """Take the secret and the paper codes away; none is no error."""
    gone = session.execute(delete(Totp).where(Totp.login == login))
    session.execute(delete(RecoveryCode).where(RecoveryCode.login == login))
    if getattr(gone, "rowcount", 0):
        audit.note(session, by, "totp.remove", "user", login)


def new_codes(session: Session, login: str) -> list[str]:
    """Ten fresh paper codes instead of any older ones; they are shown this once."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.login == login))
    made = [_paper() for _ in range(CODES)]
    for code in made:
        session.add(RecoveryCode(code_hash=_hash(code), login=login))
    session.flush()
    audit.note(session, login, "codes.new", "user", login)
    return made


def use(session: Session, keys: Keys, login: str, given: str) -> str | None:
    """Use a code up: `totp`, `code` for one of paper, or None if it is neither, or was used. A
    write transaction."""
    plain = _plain(given)
    row = session.get(Totp, login, with_for_update=True)
    if row is not None and row.since_us is not None and _is_next(keys, row, plain):
        return "totp"
    paper = session.get(RecoveryCode, _hash(plain), with_for_update=True)
    if paper is None or paper.login != login or paper.used_us is not None:
        return None
    paper.used_us = clock.wall_us()
    return "code"


def _is_next(keys: Keys, row: Totp, plain: str) -> bool:
    secret = totp.unseal(keys, row.login, row.box)
    step = totp.step_of(secret, plain, clock.wall_us(), row.last_step)
    if step is None:
        return False
    row.last_step = step
    return True


def _plain(given: str) -> str:
    """As typed from paper or an app: without spaces and lines."""
    return _NOISE.sub("", given)[:64]


def _paper() -> str:
    plain = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower()
    return "-".join(plain[i : i + 4] for i in range(0, len(plain), 4))


def _hash(code: str) -> str:
    return passwords.hash_secret(_plain(code).lower())

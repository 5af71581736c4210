"""Who signs in: officers, and clerks of partners, with their logins (REQ-18, 19).

How they prove who they are stands in `register.sign_in`, their sessions in `register.sessions`,
what a manager does with their accounts in `register.officers`.
"""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from qalqan.errors import Conflict, ContractBroken, InputRejected, NotFound
from qalqan.register import audit, vault
from qalqan.register.orm import Partner, User
from qalqan.register.rights import ROLES
from qalqan.register.sessions import (
    IDLE_US,
    SHIFT_US,
    SignedIn,
    sign_out,
    signed_in,
    user_by_session,
)
from qalqan.register.sign_in import sign_in, words_of
from qalqan.trust import guessing, passwords
from qalqan.trust.keys import Keys

__all__ = [
    "IDLE_US",
    "SHIFT_US",
    "SignedIn",
    "add_user",
    "enter",
    "sign_in",
    "sign_out",
    "signed_in",
    "user_by_session",
]

_LOGIN = re.compile(r"[!-~]{1,40}")


def add_user(
    session: Session,
    keys: Keys,
    login: str,
    name: str,
    password: str,
    role: str,
    region: str,
    partner: str | None = None,
    *,
    given_us: int | None = None,
) -> None:
    """Register an officer, or a partner's clerk; the name goes to the vault. `given_us` says when
    somebody else set the password: it has to be changed at the first sign-in, and soon.

    Raises:
        Conflict: the login is taken. NotFound: no such partner.
        InputRejected: a password of a wrong length or easily guessed, or a clerk of nobody.
    """
    guessing.check_new(password, words_of(session, login, name, partner))
    hashed = passwords.hash_password(password)
    enter(session, keys, login, name, hashed, role, region, partner, given_us=given_us)


def enter(
    session: Session,
    keys: Keys,
    login: str,
    name: str,
    password_hash: str,
    role: str,
    region: str,
    partner: str | None,
    *,
    by: str = "register",
    given_us: int | None = None,
) -> None:
    """The same with a password that is hashed already. Raises as `add_user`."""
    _check(session, login, role, partner)
    session.add(
        User(
            login=login,
            name=vault.keep(session, keys, "name", name),
            password_hash=password_hash,
            role=role,
            region=region,
            partner=partner,
            given_us=given_us,
        )
    )
    audit.note(session, by, "add", "user", login, role=role, region=region)
    session.flush()


def _check(session: Session, login: str, role: str, partner: str | None) -> None:
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

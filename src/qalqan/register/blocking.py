"""Blocked values: they stay in the vault and nobody opens them, until somebody decides on them
(Law 94-V of 21 May 2013, article 1: "blocking" of personal data).

An auditor blocks and unblocks, with a reason; signed orders that name a blocked account still go
out, for the law that a hold follows does not stop at a quarrel over data.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import audit, rights
from qalqan.register.orm import VaultBlock, VaultEntry
from qalqan.register.rights import Person, Right

SHORTEST, LONGEST = 8, 200
"""Characters of a reason."""


def of(session: Session, token: str) -> VaultBlock | None:
    """The block that stands on a value, if one does."""
    return session.get(VaultBlock, token)


def check(session: Session, token: str) -> None:
    """Raise `NotAllowed` if the value is blocked."""
    if of(session, token) is not None:
        raise NotAllowed("open", "blocked")


def block(session: Session, person: Person, token: str, reason: str) -> None:
    """Block a value. A write transaction.

    Raises:
        NotAllowed: a role that may not. NotFound: the vault does not have it.
        Conflict: it is blocked already. InputRejected: no reason, or too long a one.
    """
    reason = _checked(person, reason)
    if session.get(VaultEntry, token) is None:
        raise NotFound("vault entry", token)
    if of(session, token) is not None:
        raise Conflict("value", token, "blocked", "block")
    row = VaultBlock(token=token, reason=reason, blocked_by=person.login, blocked_us=clock.now_us())
    session.add(row)
    audit.note(session, person.login, "vault.block", "vault", token, reason)


def unblock(session: Session, person: Person, token: str, reason: str) -> None:
    """Let a value be opened again. A write transaction; raises as `block`."""
    reason = _checked(person, reason)
    row = of(session, token)
    if row is None:
        raise NotFound("block", token)
    session.delete(row)
    audit.note(session, person.login, "vault.unblock", "vault", token, reason)


def _checked(person: Person, reason: str) -> str:
    rights.check(person, Right.AUDIT)
    reason = " ".join(reason.split())
    if not SHORTEST <= len(reason) <= LONGEST:
        raise InputRejected("reason", "", "console.purpose", shortest=SHORTEST, longest=LONGEST)
    return reason

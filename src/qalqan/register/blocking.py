"""Blocked values: they stay in the vault and nobody opens them, until somebody decides on them
(Law 94-V of 21 May 2013, article 1: "blocking" of personal data).

An auditor blocks and unblocks, with a reason; signed orders that name a blocked account still go
out, also on paper and within an evidence pack, for the law that a hold follows does not stop at a
quarrel over data. Retention blocks what it may not delete (`cases.sweeps`): such a value opens from
a case that still runs, and from no other.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import audit, rights
from qalqan.register.log_rows import token_digest
from qalqan.register.orm import Case, VaultBlock, VaultEntry
from qalqan.register.rights import Person, Right

SHORTEST, LONGEST = 8, 200
"""Characters of a reason."""
RETENTION = "work"
"""Who blocks what is past its term."""


def of(session: Session, token: str) -> VaultBlock | None:
    """The block that stands on a value, if one does."""
    return session.get(VaultBlock, token)


def within(session: Session, token: str, case_id: str) -> VaultBlock | None:
    """The block that stands on a value for whoever looks at it in this case."""
    row = of(session, token)
    if row is None or row.blocked_by != RETENTION:
        return row
    case = session.get(Case, case_id)
    return row if case is None or case.state == "closed" else None


def check(session: Session, token: str, case_id: str) -> None:
    """Raise `NotAllowed` if the value is blocked for whoever opens it from this case."""
    if within(session, token, case_id) is not None:
        raise NotAllowed("open", "blocked")


def retain(session: Session, tokens: Sequence[str], why: str) -> None:
    """Block values that are past their term and not blocked yet. A write transaction."""
    now = clock.now_us()
    told = {"reason": why, "blocked_by": RETENTION, "blocked_us": now}
    session.execute(insert(VaultBlock), [{"token": token, **told} for token in sorted(tokens)])
    rows, digest = len(tokens), token_digest(sorted(tokens))
    audit.note(session, RETENTION, "vault.block", "vault", "vault", why, rows=rows, digest=digest)


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

"""Partners' keys: scopes, terms, certificates; rotation that nobody has to hurry for (REQ-18, 19).

A key is 256 random bits, shown once and kept hashed. Terms are wall time, which no simulation
moves: a stopped clock must not keep a stolen key alive. A web process remembers a key for a second
(`web.callers`), so a revoked one is dead everywhere within that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import audit
from qalqan.register.database import Database
from qalqan.register.orm import Partner, PartnerKey
from qalqan.register.scopes import checked
from qalqan.trust import passwords

OVERLAP_US = clock.DAY
"""How long a key stays good after its successor was made, unless told otherwise."""
WARNED_US = 14 * clock.DAY
"""How long before its end a partner is told of it."""
MOST = 20
"""Living keys of one partner."""
_SEEN_US = clock.HOUR
"""How exactly it is known when a key was used: spares a write on each request."""
_THUMBPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Known:
    """Whose a key is and what it opens."""

    partner: Partner
    key: int
    scopes: frozenset[str]
    thumbprint: str | None


def add_key(
    session: Session,
    partner: str,
    label: str,
    actor: str,
    *,
    scopes: Sequence[str] = (),
    until_us: int | None = None,
    thumbprint: str | None = None,
) -> str:
    """A new key of a partner; answers its secret, which is shown this once.

    Raises:
        NotFound: no such partner. InputRejected: a scope that its kind has no use for, a label of
            no length, a term that is over, a thumbprint that is none. Conflict: too many keys.
    """
    found = session.get(Partner, partner, with_for_update=True)
    if found is None:
        raise NotFound("partner", partner)
    _check(label, until_us, thumbprint)
    if len(living(session, partner)) >= MOST:
        raise Conflict("keys", partner, "full", "add")
    secret = passwords.new_secret()
    key = PartnerKey(
        partner=partner,
        label=label.strip(),
        token_hash=passwords.hash_secret(secret),
        thumbprint=thumbprint,
        scopes=checked(found.kind, scopes),
        made_us=clock.wall_us(),
        made_by=actor,
        until_us=until_us,
    )
    session.add(key)
    session.flush()
    audit.note(session, actor, "add_key", "partner", partner, key=key.id, label=label.strip())
    return secret


def _check(label: str, until_us: int | None, thumbprint: str | None) -> None:
    if not 0 < len(label.strip()) <= 60:
        raise InputRejected("label", label, "key.label", most=60)
    if until_us is not None and until_us <= clock.wall_us():
        raise InputRejected("until", until_us, "key.term")
    if thumbprint is not None and not _THUMBPRINT.fullmatch(thumbprint):
        raise InputRejected("certificate", thumbprint, "key.thumbprint")


def rotate_key(session: Session, key_id: int, actor: str, keep_us: int = OVERLAP_US) -> str:
    """A successor with the same label, scopes, certificate and length of term; the key itself
    stays good for `keep_us` of wall time at most. `NotFound` if it lives no more."""
    key = _living(session, key_id)
    now = clock.wall_us()
    term = None if key.until_us is None else now + (key.until_us - key.made_us)
    ends = now + keep_us
    secret = add_key(
        session, key.partner, key.label, actor,
        scopes=key.scopes, until_us=term, thumbprint=key.thumbprint,
    )  # fmt: skip
    key.until_us = ends if key.until_us is None else min(ends, key.until_us)
    key.warned_us = now
    audit.note(session, actor, "rotate_key", "partner", key.partner, key=key.id)
    session.flush()
    return secret


def revoke_key(session: Session, key_id: int, actor: str) -> None:
    """End a key now. `NotFound` if it lives no more."""
    key = _living(session, key_id)
    key.revoked_us = clock.wall_us()
    audit.note(session, actor, "revoke_key", "partner", key.partner, key=key.id)
    session.flush()


def _living(session: Session, key_id: int) -> PartnerKey:
    key = session.get(PartnerKey, key_id, with_for_update=True)
    if key is None or not is_good(key):
        raise NotFound("key", str(key_id))
    return key


def is_good(key: PartnerKey) -> bool:
    """Whether a key opens anything now."""
    over = key.until_us is not None and key.until_us <= clock.wall_us()
    return key.revoked_us is None and not over


def living(session: Session, partner: str) -> list[PartnerKey]:
    """A partner's keys that are good now, the oldest first."""
    return [key for key in keys_of(session, partner) if is_good(key)]


def keys_of(session: Session, partner: str) -> list[PartnerKey]:
    """All keys that a partner ever had, the oldest first."""
    wanted = select(PartnerKey).where(PartnerKey.partner == partner).order_by(PartnerKey.id)
    return list(session.scalars(wanted))


def own_key(session: Session, partner: str, key_id: int) -> PartnerKey:
    """A partner's own key; another's is as good as none. `NotFound`."""
    key = session.get(PartnerKey, key_id)
    if key is None or key.partner != partner:
        raise NotFound("key", str(key_id))
    return key


def known(session: Session, secret: str) -> Known:
    """The active partner whose key this is, or `NotAllowed`."""
    row = session.execute(
        select(Partner, PartnerKey)
        .join(PartnerKey, PartnerKey.partner == Partner.code)
        .where(
            Partner.active,
            PartnerKey.token_hash == passwords.hash_secret(secret),
            PartnerKey.revoked_us.is_(None),
            or_(PartnerKey.until_us.is_(None), PartnerKey.until_us > clock.wall_us()),
        )
    ).first()
    if row is None:
        raise NotAllowed("partner", "token")
    partner, key = row
    return Known(partner, key.id, frozenset(key.scopes), key.thumbprint)


def seen(database: Database, key_id: int) -> None:
    """Note that a key was shown, once an hour at most."""
    now = clock.wall_us()
    stale = or_(PartnerKey.used_us.is_(None), PartnerKey.used_us <= now - _SEEN_US)
    with database.session() as session:
        if session.scalar(select(PartnerKey.id).where(PartnerKey.id == key_id, stale)) is None:
            return
    with database.write() as session:
        session.execute(update(PartnerKey).where(PartnerKey.id == key_id).values(used_us=now))


def ending(session: Session) -> list[PartnerKey]:
    """Living keys that end within `WARNED_US` and have no successor, the first to end first."""
    now = clock.wall_us()
    wanted = select(PartnerKey).where(
        PartnerKey.revoked_us.is_(None),
        PartnerKey.until_us > now,
        PartnerKey.until_us <= now + WARNED_US,
    )
    return list(session.scalars(wanted.order_by(PartnerKey.until_us, PartnerKey.id)))

"""Who looks into an identifier, so that two officers don't work on one number unawares (REQ-18).

One row a person and identifier, renewed when he looks again and forgotten after `KEPT_US`. The
audit keeps the same for good; this is only what colleagues see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import cast

from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.register import dialect
from qalqan.register.orm import Asked

KEPT_US = 14 * clock.DAY
MOST = 20
_TABLE = cast(Table, Asked.__table__)


def note(session: Session, login: str, subjects: Iterable[tuple[str, str]]) -> None:
    """Note that an officer looks into these (kind, subject) now; a write transaction."""
    now = clock.now_us()
    session.execute(delete(Asked).where(Asked.last_us < now - KEPT_US))
    for kind, subject in sorted(set(subjects)):
        added = dialect.insert(session, _TABLE).values(
            subject=subject, login=login, kind=kind, first_us=now, last_us=now
        )
        again = added.on_conflict_do_update(
            index_elements=["subject", "login"], set_={"last_us": now}
        )
        session.execute(again)


def others(session: Session, login: str, subjects: Collection[str]) -> list[Asked]:
    """Who else looks into any of these, the latest first."""
    since = clock.now_us() - KEPT_US
    found = (
        select(Asked)
        .where(Asked.subject.in_(sorted(subjects)), Asked.login != login, Asked.last_us >= since)
        .order_by(Asked.last_us.desc(), Asked.login)
        .limit(MOST)
    )
    return list(session.scalars(found))


def mine(session: Session, login: str) -> list[Asked]:
    """What this officer looked into lately, the latest first."""
    since = clock.now_us() - KEPT_US
    found = select(Asked).where(Asked.login == login, Asked.last_us >= since)
    return list(session.scalars(found.order_by(Asked.last_us.desc(), Asked.subject).limit(MOST)))

"""Work that stands still until a person lets it go on, such as delivery after a restore."""

from __future__ import annotations

from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import NotFound
from qalqan.register.audit import note
from qalqan.register.orm import Pause

DELIVERY = "delivery"
"""Signing of orders and all pushes to partners."""


def paused(session: Session, name: str) -> Pause | None:
    """Since when, by whom and why this work stands still; None if it goes on."""
    return session.get(Pause, name)


def pause(session: Session, name: str, by: str, reason: str) -> None:
    """Let it stand still; what stands already keeps its first reason. A write transaction."""
    if paused(session, name) is None:
        session.add(Pause(name=name, since_us=clock.now_us(), by=by, reason=reason))
        note(session, by, f"{name}.pause", "work", name, reason[:200])


def resume(session: Session, name: str, by: str, reason: str) -> None:
    """Let it go on. A write transaction.

    Raises:
        NotFound: it does not stand still.
    """
    row = paused(session, name)
    if row is None:
        raise NotFound("pause", name)
    session.delete(row)
    note(session, by, f"{name}.resume", "work", name, reason[:200], since_us=row.since_us)

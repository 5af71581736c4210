"""Versions of policies: two people put one in force together, and earlier ones stay on record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import NotAllowed
from qalqan.register.orm import Policy

PEOPLE = 2
"""How many different people approve a version before it counts."""


def in_force(session: Session, name: str, at_us: int) -> Policy | None:
    """The newest version of a policy at `at_us`; None if there is none that people approved."""
    row = session.scalars(
        select(Policy)
        .where(Policy.name == name, Policy.valid_from_us <= at_us)
        .order_by(Policy.version.desc())
        .limit(1)
    ).first()
    return row if row is not None and len(row.approved_by) >= PEOPLE else None


def next_version(session: Session, name: str) -> int:
    """The number that the next version gets."""
    return (session.scalar(select(func.max(Policy.version)).where(Policy.name == name)) or 0) + 1


def put_in_force(
    session: Session, name: str, version: int, body: dict[str, Any], approved_by: Sequence[str]
) -> None:
    """Let a version count from now on. A write transaction.

    Raises:
        NotAllowed: fewer than two different people.
    """
    check_approved(approved_by)
    session.add(
        Policy(
            name=name,
            version=version,
            body=body,
            valid_from_us=clock.now_us(),
            approved_by=sorted(set(approved_by)),
        )
    )
    session.flush()


def check_approved(approved_by: Sequence[str]) -> None:
    """Raise `NotAllowed` unless two different people agree."""
    if len(set(approved_by)) < PEOPLE:
        raise NotAllowed("approve policy", "a second person", "second_person")

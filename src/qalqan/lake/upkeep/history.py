"""What was known when: the log of seals, the files that hold them, and what retention took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan.lake.schemas import KINDS
from qalqan.lake.upkeep.named import Named, named
from qalqan.register.orm import RetentionDrop, Seal


@dataclass(frozen=True)
class Lost:
    """A day of a kind that retention took out of the lake."""

    kind: str
    day: date
    rows: int
    first_seal: int
    last_seal: int
    policy: str
    at_seal: int
    """Newest seal when it went."""
    at_us: int


@dataclass(frozen=True)
class Sealed:
    """One seal. `files` is how many files may hold its facts now; `lost` whether retention took
    any day that may have held some of them."""

    seal: int
    kind: str
    rows: int
    at_us: int
    files: int
    lost: bool


def newest_at(session: Session, at_us: int) -> int:
    """The newest seal at a moment (UTC microseconds): what was known then is what has this seal
    or a smaller one; 0 if nothing was sealed yet."""
    return session.scalar(select(func.max(Seal.seal)).where(Seal.at_us <= at_us)) or 0


def seals(
    session: Session,
    lake_root: str,
    kinds: Sequence[str] = KINDS,
    up_to: int | None = None,
    most: int = 50,
) -> list[Sealed]:
    """The newest seals of these kinds, `up_to` included, newest first."""
    asked = select(Seal).where(Seal.kind.in_(kinds)).order_by(Seal.seal.desc()).limit(most)
    if up_to is not None:
        asked = asked.where(Seal.seal <= up_to)
    rows = session.scalars(asked).all()
    files = {kind: named(lake_root, kind) for kind in {row.kind for row in rows}}
    gone = {kind: lost(session, [kind]) for kind in files}
    return [
        Sealed(
            row.seal,
            row.kind,
            row.rows,
            row.at_us,
            _holding(files[row.kind], row.seal),
            any(one.first_seal <= row.seal <= one.last_seal for one in gone[row.kind]),
        )
        for row in rows
    ]


def _holding(files: Iterable[Named], seal: int) -> int:
    return sum(file.first_seal <= seal <= file.last_seal for file in files)


def lost(session: Session, kinds: Iterable[str] = KINDS, up_to: int | None = None) -> list[Lost]:
    """Days of these kinds that retention took and that held facts of seals up to `up_to`, oldest
    first: nobody can know them again."""
    asked = select(RetentionDrop).where(
        RetentionDrop.kind.in_(list(kinds)), RetentionDrop.state != "planned"
    )
    if up_to is not None:
        asked = asked.where(RetentionDrop.first_seal <= up_to)
    return [
        Lost(
            row.kind,
            row.day,
            row.rows,
            row.first_seal,
            row.last_seal,
            row.policy,
            row.at_seal,
            row.at_us,
        )
        for row in session.scalars(asked.order_by(RetentionDrop.day, RetentionDrop.id))
    ]

"""How a centre is, read from its register and lake: what waits, since when, how much there is.

One place for whoever asks: `/metrics`, `/ready`, `qalqan doctor`. Nothing here needs a process
to have counted along, so it is right also after all of them were killed. Moments are UTC
microseconds of the centre's clock.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan.lake import landing
from qalqan.lake.schemas import KINDS
from qalqan.lake.storage import storage
from qalqan.lake.table import at_newest
from qalqan.register.orm import Landing, Order, Quarantined, Seal


@dataclass(frozen=True)
class Waiting:
    """Facts of a kind that were answered for and have no seal yet."""

    rows: int
    oldest_us: int


@dataclass(frozen=True)
class Newest:
    """The log's position."""

    seal: int
    at_us: int


@dataclass(frozen=True)
class Files:
    """Data files of one kind that the lake's newest version names."""

    files: int
    bytes: int


def waiting(session: Session) -> dict[str, Waiting]:
    """What has landed and is not sealed, by kind."""
    asked = (
        select(Landing.kind, func.sum(Landing.rows), func.min(Landing.landed_us))
        .where(Landing.batch != landing.STAGED)
        .group_by(Landing.kind)
    )
    return {kind: Waiting(int(rows), since) for kind, rows, since in session.execute(asked)}


def newest(session: Session) -> Newest | None:
    """The newest seal; None before the first."""
    row = session.execute(
        select(Seal.seal, Seal.at_us).order_by(Seal.seal.desc()).limit(1)
    ).one_or_none()
    return None if row is None else Newest(*row)


def orders(session: Session) -> dict[str, int]:
    """Orders by state."""
    asked = select(Order.state, func.count()).group_by(Order.state)
    return {state: n for state, n in session.execute(asked)}


def sealed_since(session: Session, seal: int) -> tuple[dict[str, int], int]:
    """Facts sealed after this seal, by kind, and the newest seal that was counted."""
    asked = (
        select(Seal.kind, func.sum(Seal.rows), func.max(Seal.seal))
        .where(Seal.seal > seal)
        .group_by(Seal.kind)
    )
    rows = session.execute(asked).all()
    return {kind: int(n) for kind, n, _ in rows}, max((top for *_, top in rows), default=seal)


def sealed_between(session: Session, after: int, up_to: int) -> dict[str, int]:
    """Facts of the seals `after < seal <= up_to`, by kind."""
    asked = (
        select(Seal.kind, func.sum(Seal.rows))
        .where(Seal.seal > after, Seal.seal <= up_to)
        .group_by(Seal.kind)
    )
    return {kind: int(rows) for kind, rows in session.execute(asked)}


def quarantined_since(session: Session, last: int) -> tuple[dict[str, int], int]:
    """Records quarantined after this one, by kind, and the newest that was counted."""
    asked = (
        select(Quarantined.kind, func.count(), func.max(Quarantined.id))
        .where(Quarantined.id > last)
        .group_by(Quarantined.kind)
    )
    rows = session.execute(asked).all()
    return {kind: n for kind, n, _ in rows}, max((top for *_, top in rows), default=last)


def lake_files(lake_root: str) -> dict[str, Files]:
    """Size of the lake by kind; kinds of which nothing was ever sealed fall out. The calling
    thread keeps the tables open."""
    found = {}
    for kind in KINDS:
        table = at_newest(storage(lake_root).address(kind))
        if table is not None:
            sizes = pa.table(table.get_add_actions(flatten=True))["size_bytes"]
            found[kind] = Files(len(sizes), int(pc.sum(sizes).as_py() or 0))
    return found

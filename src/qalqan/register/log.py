"""The log: rows get their places in it, and each run ends with a signed checkpoint.

Rows commit in any order, so their ids can't be places: they wait with none (`seq` is null) until a
run numbers what has committed, adds the leaves to the tree and signs its root, all in one
transaction. Until then, a second at most while a worker runs, a row can still be changed unseen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import cast

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import NotFound
from qalqan.register import dialect, log_rows
from qalqan.register.database import Database
from qalqan.register.log_rows import SOURCES, Logged
from qalqan.register.log_tree import Tree
from qalqan.register.orm import LogCheckpoint, LogTile
from qalqan.trust import checkpoints, merkle
from qalqan.trust.checkpoints import Checkpoint
from qalqan.trust.keys import Keys

A_RUN = 2_000
"""Rows of one transaction: SQLite's other writers wait for it."""
_TILES = cast(Table, LogTile.__table__)


def keep_up(database: Database, keys: Keys, most: int = 1_000_000) -> int:
    """Log what waits, at most so many rows; how many there were. Safe from any number of
    processes at once."""
    logged = 0
    while logged < most and is_waiting(database):
        rows = _run(database, keys)
        if not rows:
            break
        logged += rows
    return logged


def is_waiting(database: Database) -> bool:
    """Whether any row has no place yet."""
    with database.session() as session:
        return any(
            session.execute(select(table.c.id).where(table.c.seq.is_(None)).limit(1)).first()
            for table in SOURCES
        )


def _run(database: Database, keys: Keys) -> int:
    with database.write() as session:
        dialect.write_alone(session, _TILES)
        rows = log_rows.waiting(session, A_RUN)
        if rows:
            _append(session, keys, rows)
        return len(rows)


def _append(session: Session, keys: Keys, rows: Sequence[Logged]) -> None:
    last = newest(session)
    size = last.size if last else 0
    places = defaultdict[Table, list[dict[str, int]]](list)
    leaves = []
    for seq, logged in enumerate(rows, size):
        places[logged.table].append({"of": logged.row.id, "place": seq})
        leaves.append(log_rows.leaf(keys.log_blind, seq, logged))
    for table, given in places.items():
        placed = update(table).where(table.c.id == bindparam("of")).values(seq=bindparam("place"))
        session.connection().execute(placed, given)
    tree = Tree(session)
    tree.append(size, leaves)
    _sign(session, keys, size + len(rows), tree, last)


def _sign(session: Session, keys: Keys, size: int, tree: Tree, last: Checkpoint | None) -> None:
    root, now = merkle.root(tree.node, size), clock.wall_us()
    made = checkpoints.sign(keys.log_key, size, root, now)
    if last is not None and last.at_us // clock.DAY == now // clock.DAY:
        session.execute(delete(LogCheckpoint).where(LogCheckpoint.size == last.size))
    session.add(LogCheckpoint(size=size, root=root, at_us=now, note=made.note))


def newest(session: Session) -> Checkpoint | None:
    """The newest checkpoint; None before the first."""
    row = session.scalar(select(LogCheckpoint).order_by(LogCheckpoint.size.desc()).limit(1))
    return None if row is None else checkpoints.glance(row.note)


def kept(session: Session) -> list[Checkpoint]:
    """The last checkpoint of each day, and the newest, oldest first."""
    rows = session.scalars(select(LogCheckpoint).order_by(LogCheckpoint.size))
    return [checkpoints.glance(row.note) for row in rows]


def consistency(session: Session, first: int, second: int) -> list[bytes]:
    """Proof that the log of `second` rows only continues that of `first`.

    Raises:
        NotFound: the log is shorter, or `first` is the larger.
    """
    _check_size(session, second)
    if not 0 <= first <= second:
        raise NotFound("log", f"{first}…{second}")
    return merkle.consistency(Tree(session).node, first, second)


def inclusion(session: Session, seq: int, size: int) -> tuple[bytes, list[bytes]]:
    """A leaf's hash, and the proof that it is in the log of `size` rows.

    Raises:
        NotFound: the log is shorter, or has no such row yet.
    """
    _check_size(session, size)
    if not 0 <= seq < size:
        raise NotFound("log", str(seq))
    tree = Tree(session)
    return tree.node(0, seq), merkle.inclusion(tree.node, seq, size)


def _check_size(session: Session, size: int) -> None:
    last = newest(session)
    if last is None or size > last.size:
        raise NotFound("log", str(size))

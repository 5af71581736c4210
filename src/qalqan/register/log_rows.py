"""What the log commits to, and how a row becomes a leaf.

Three tables feed it: the audit, the orders' history (each step with a digest of the order as it
stands after it) and the vault's batches (each with a digest of its tokens, which are HMACs of the
values themselves). A leaf is the row's canonical JSON behind 32 bytes that only the centre can
make: an outsider who sees hashes can't guess rows, and one row can still be shown to a court with
its own 32 bytes and an inclusion proof.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from heapq import merge
from typing import Any, cast

from sqlalchemy import Row, Table, select
from sqlalchemy.orm import Session

from qalqan.register.orm import Audit, OrderEvent, VaultBatch
from qalqan.trust import merkle

SOURCES = tuple(cast(Table, each.__table__) for each in (Audit, OrderEvent, VaultBatch))
"""Tables whose rows the log takes."""
_PIECE = 2_000
NOWHERE = 2**63


@dataclass(frozen=True)
class Logged:
    """A row and where it comes from."""

    table: Table
    row: Row[Any]

    @property
    def name(self) -> str:
        """`audit 17`: how a person finds it."""
        return f"{self.table.name} {self.row.id}"

    def text(self) -> bytes:
        """The canonical row: its table and all that it says, but its place."""
        said = {name: value for name, value in self.row._mapping.items() if name != "seq"}
        return canonical([self.table.name, said])


def canonical(value: Any) -> bytes:
    """JSON that is the same for the same values: sorted, without spaces, UTF-8."""
    text = json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode("utf-8", "surrogatepass")


def row_digest(columns: Mapping[str, Any]) -> str:
    """SHA-256 of a row, hex; what is empty is left out, so that a column added later changes the
    digest of no older row."""
    return sha256(canonical({k: v for k, v in columns.items() if v is not None})).hexdigest()


def token_digest(tokens: Iterable[str]) -> str:
    """SHA-256 over sorted tokens, each with a line's end."""
    return sha256("".join(f"{token}\n" for token in tokens).encode()).hexdigest()


def blind(key: bytes, seq: int) -> bytes:
    """The 32 bytes before the row at this place (HMAC-SHA256)."""
    return hmac.digest(key, seq.to_bytes(8, "big"), "sha256")


def leaf(key: bytes, seq: int, logged: Logged) -> bytes:
    """The leaf's hash."""
    return merkle.leaf_hash(blind(key, seq) + logged.text())


def waiting(session: Session, most: int) -> list[Logged]:
    """Committed rows that have no place yet, in the order of their time."""
    found = [
        Logged(table, row)
        for table in SOURCES
        for row in session.execute(
            select(table).where(table.c.seq.is_(None)).order_by(table.c.id).limit(most)
        )
    ]
    found.sort(key=lambda each: (each.row.at_us, each.table.name, each.row.id))
    return found[:most]


def placed(session: Session) -> Iterator[Logged]:
    """All rows that have a place, also one that no log gives, in its order; a piece in memory at a
    time. A row that can't be read says no more than its number and its place."""
    return merge(*(_of(session, table) for table in SOURCES), key=lambda each: place_of(each.row))


def place_of(row: Row[Any]) -> int:
    """The row's place; what is no number stands behind all."""
    return row.seq if isinstance(row.seq, int) else NOWHERE


def _of(session: Session, table: Table) -> Iterator[Logged]:
    asked = select(table.c.id, table.c.seq).where(table.c.seq.is_not(None)).order_by(table.c.seq)
    rows = session.execute(asked.execution_options(yield_per=_PIECE))
    for piece in rows.partitions(_PIECE):
        yield from _read(session, table, piece)


def _read(session: Session, table: Table, piece: Sequence[Any]) -> Iterator[Logged]:
    """These rows whole; where one of them can't be read, it is found by halves."""
    try:
        wanted = select(table).where(table.c.id.in_([row.id for row in piece]))
        found = {row.id: row for row in session.execute(wanted)}
    except (ValueError, TypeError, LookupError, OverflowError):
        if len(piece) == 1:
            yield Logged(table, piece[0])
            return
        half = len(piece) // 2
        yield from _read(session, table, piece[:half])
        yield from _read(session, table, piece[half:])
        return
    yield from (Logged(table, found.get(row.id, row)) for row in piece)

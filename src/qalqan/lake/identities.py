"""Which facts have been seen before: identity → content, for as long as the facts are kept.

Identity is a hash of (source, the source's id), content the sum of hashes of "column=value" over
all that the lake keeps of the fact; of a payment, one half of it over who paid whom how much
alone (`same_money`). Hashes are 128 bits, under a key drawn from the centre's own
(`trust.fingerprints`), so that no sender can make two facts meet. Small batches stand as rows in
the register; a bulk file brings a *run* (`runs`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from qalqan.lake.columns import whole
from qalqan.lake.refusals import Mask
from qalqan.register import dialect
from qalqan.register.orm import Batch, Identity
from qalqan.trust.fingerprints import Fingerprinter, Fingerprints, fingerprinter
from qalqan.trust.keys import Keys

Hashes = Fingerprints

_IDENTITIES = cast(Table, Identity.__table__)
_ASKED_AT_ONCE = 5_000
_BETWEEN = "\x1f"
"""Stands in no fact: the intake refuses control characters."""


@dataclass(frozen=True)
class Marks:
    """Identity and content of each row of a batch."""

    identity: Hashes
    content: Hashes

    def __len__(self) -> int:
        return len(self.identity)

    def of(self, some: Any) -> Marks:
        """Those of some rows: a mask, or their numbers."""
        rows = np.asarray(some)
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows.astype(np.int64)
        return Marks(self.identity.take(rows, axis=0), self.content.take(rows, axis=0))


_NOT_CONTENT = frozenset({"id", "source", "day", "seal", "statement"})
"""A payment stays itself in a stream and in every statement that lists it."""


_MONEY = frozenset({"payer_account", "payee_account", "amount", "currency"})
"""What every telling of one payment must say alike, whatever times and words its message has."""


def marks(keys: Keys, facts: pa.Table) -> Marks:
    """Marks of facts in the lake's columns, text plain or dictionary-encoded. An empty value
    leaves no trace in the content, so a column added later changes no old fact's mark."""
    printer = fingerprinter(keys.token_key("document"))
    ids = pc.binary_join_element_wise(_plain(facts["source"]), _plain(facts["id"]), _BETWEEN)
    identity = printer.texts("identity", whole(ids))
    content = np.zeros_like(identity)
    a_payment = _MONEY.issubset(facts.column_names)
    for name in facts.column_names:
        if name not in _NOT_CONTENT and facts[name].null_count < len(facts):
            prints = _column_prints(printer, f"content {name}", whole(facts[name]))
            if a_payment and name not in _MONEY:
                prints[:, 0] = 0
            content += prints
    return Marks(identity, content)


def same_money(content: Hashes, standing: Hashes) -> Mask:
    """Of payments with equal identities: whether both tellings have the same two accounts and the
    same sum."""
    same: Mask = content[:, 0] == standing[:, 0]
    return same


def _plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return values.cast(pa.string()) if pa.types.is_dictionary(values.type) else values


def _column_prints(printer: Fingerprinter, label: str, values: pa.Array) -> Hashes:
    """Of each row's value in this column, nought where there is none."""
    if pa.types.is_integer(values.type) or pa.types.is_boolean(values.type):
        return printer.numbers(label, values)
    if not pa.types.is_dictionary(values.type):
        return printer.texts(label, values)
    distinct = np.vstack([printer.texts(label, values.dictionary), np.zeros((1, 2), "<u8")])
    rows: Hashes = distinct.take(values.indices.fill_null(len(distinct) - 1).to_numpy(), axis=0)
    return rows


def first_of_each(found: Marks) -> tuple[Mask, Hashes]:
    """Which rows are the first of their identity in the batch, and for each row the row that is."""
    order = np.argsort(found.identity[:, 0], kind="stable")
    if (np.diff(found.identity[order, 0]) == 0).any():  # equal heads: their tails decide
        order = np.lexsort((found.identity[:, 1], found.identity[:, 0]))
    halves = found.identity[order]
    same = (halves[1:] == halves[:-1]).all(axis=1)
    leader = np.arange(len(found))
    if same.any():
        starts = np.r_[True, ~same]
        leader[order] = order[np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))]
    return leader == np.arange(len(found)), leader


def _bytes(hashes: Hashes) -> list[bytes]:
    raw = np.ascontiguousarray(hashes).tobytes()
    return [raw[start : start + 16] for start in range(0, len(raw), 16)]


@dataclass(frozen=True)
class Known:
    """For each of some marks, whether its identity has been taken before, and its content then."""

    seen: Mask
    content: Hashes

    @classmethod
    def none_of(cls, found: Marks) -> Known:
        return cls(np.zeros(len(found), bool), np.zeros_like(found.content))

    def also(self, other: Known) -> Known:
        """What either knows."""
        content = np.where(other.seen[:, None], other.content, self.content)
        return Known(self.seen | other.seen, content.astype("<u8"))


def claim(session: Session, kind: str, batch: str | Sequence[str], found: Marks) -> Known:
    """Write identities down as this batch's (or each as its own one's: batches that nothing was
    claimed for before) and say which others had taken before; each identity comes once.
    Concurrent claims of one identity wait for each other."""
    if len(found) == 0:
        return Known.none_of(found)
    identities, contents = _bytes(found.identity), _bytes(found.content)
    batches = [batch] * len(found) if isinstance(batch, str) else batch
    claims = sorted(zip(identities, contents, batches, strict=True))
    columns = map(list, zip(*claims, strict=True))
    rows: dict[str, list[Any]] = {"kind": [kind] * len(claims)}
    rows |= dict(zip(("identity", "content", "batch"), columns, strict=True))
    dialect.insert_new(session, _IDENTITIES, rows)
    ours = select(Identity.identity).where(Identity.batch.in_(set(batches)))
    mine = set(session.scalars(ours))
    others = in_rows(session, kind, [one for one in identities if one not in mine])
    return _known(found, others)


def has_rows(session: Session, kind: str, source: str) -> bool:
    """Whether any identity of this kind and source stands as a row."""
    batches = select(Batch.batch).where(Batch.source == source, Batch.kind == kind)
    asked = select(Identity.batch).where(Identity.batch.in_(batches)).limit(1)
    return session.scalar(asked) is not None


def freeze(session: Session) -> None:
    """Let nobody else claim identities until this transaction ends."""
    dialect.write_alone(session, _IDENTITIES)


def known_rows(session: Session, kind: str, found: Marks) -> Known:
    """What stands as rows in the register."""
    return _known(found, in_rows(session, kind, _bytes(found.identity)))


def _known(found: Marks, contents: dict[bytes, bytes]) -> Known:
    known = Known.none_of(found)
    if contents:
        for row, identity in enumerate(_bytes(found.identity)):
            if (content := contents.get(identity)) is not None:
                known.seen[row] = True
                known.content[row] = np.frombuffer(content, "<u8")
    return known


def in_rows(session: Session, kind: str, identities: list[bytes]) -> dict[bytes, bytes]:
    """Identity → content of those that stand as rows in the register."""
    found: dict[bytes, bytes] = {}
    for piece in pieces(identities):
        asked = select(Identity.identity, Identity.content).where(
            Identity.kind == kind, Identity.identity.in_(piece)
        )
        found.update((one, content) for one, content in session.execute(asked))
    return found


def unclaim(session: Session, kind: str, found: Marks) -> None:
    """Take back identities that a run turned out to hold already."""
    forget(session, kind, raw(found))


def forget(session: Session, kind: str, gone: list[bytes]) -> None:
    """Delete rows of identities, a statement for many, in the order in which they are claimed,
    so that none waits for another in a ring."""
    for piece in pieces(gone):
        session.execute(delete(Identity).where(Identity.kind == kind, Identity.identity.in_(piece)))


def raw(found: Marks) -> list[bytes]:
    """Identities as the register's rows hold them."""
    return _bytes(found.identity)


def pieces(some: list[bytes]) -> Iterator[list[bytes]]:
    """Identities in order, as many at a time as one statement takes."""
    ordered = sorted(some)
    for start in range(0, len(ordered), _ASKED_AT_ONCE):
        yield ordered[start : start + _ASKED_AT_ONCE]

"""The batches of facts that one partner handed in, for that partner: by files as by POSTs, and with
his answers to orders; so that he can count them against his own books (REQ-19)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from qalqan.errors import InputRejected
from qalqan.lake.upkeep.expiry import SUM
from qalqan.register.orm import Batch

_COLUMNS = (
    Batch.batch, Batch.kind, Batch.name, Batch.idempotency_key, Batch.started_us,
    Batch.finished_us, Batch.read, Batch.accepted, Batch.duplicate, Batch.quarantined,
)  # fmt: skip
Way = Literal["post", "file", "answer", "paper", "sum"]
_ANSWER = re.compile(r"answer to (O-\d\d-\d+)")
_CASE = re.compile(r"C-\d\d-\d+ ")
_CURSOR = re.compile(r"(\d{1,18})\.([!-~]{1,40})")


@dataclass(frozen=True)
class Kept:
    """What became of one batch: `read = accepted + duplicate + quarantined`."""

    batch: str
    kind: str
    way: Way
    """How it came: by a POST, as a file, with an answer to an order, on paper that an officer took
    in; `sum` adds up the batches whose receipts are past their term."""
    of: str | None
    """The file's name or the order's number."""
    key: str | None
    """Its sender's idempotency key."""
    at_us: int
    finished_us: int | None
    """None: a file that is being taken."""
    read: int
    accepted: int
    duplicate: int
    quarantined: int


@dataclass(frozen=True)
class Page:
    """Some batches, and the cursor after them: empty on the last page."""

    batches: tuple[Kept, ...]
    next: str


def page(session: Session, source: str, *, after: str, most: int, kind: str = "") -> Page:
    """Batches of a partner, the newest first, of all kinds of fact or one.

    Raises:
        InputRejected: a cursor that was never given.
    """
    asked = select(*_COLUMNS).where(Batch.source == source, *_older(after))
    if kind:
        asked = asked.where(Batch.kind == kind)
    newest = asked.order_by(Batch.started_us.desc(), Batch.batch.desc())
    rows = session.execute(newest.limit(most + 1)).all()
    shown = tuple(_kept(row) for row in rows[:most])
    ends = shown[-1] if len(rows) > most else None
    return Page(shown, "" if ends is None else f"{ends.at_us}.{ends.batch}")


def _older(after: str) -> Sequence[ColumnElement[bool]]:
    if not after:
        return ()
    found = _CURSOR.fullmatch(after)
    if found is None:
        raise InputRejected("after", after, "api.cursor")
    return (tuple_(Batch.started_us, Batch.batch) < (int(found[1]), found[2]),)


def _kept(row: Any) -> Kept:
    return Kept(
        row.batch, row.kind, *_way(row.batch, row.name),
        _own_key(row.kind, row.idempotency_key), row.started_us, row.finished_us,
        row.read, row.accepted, row.duplicate, row.quarantined,
    )  # fmt: skip


def _way(batch: str, name: str) -> tuple[Way, str | None]:
    """How a batch came, by the names that the ways in give; a case's number stays inside."""
    if batch.startswith(SUM):
        return "sum", None
    if name.startswith("POST "):
        return "post", None
    if found := _ANSWER.fullmatch(name):
        return "answer", found[1]
    return ("paper", None) if _CASE.match(name) else ("file", name)


def _own_key(kind: str, key: str | None) -> str | None:
    """The key as its sender wrote it; it stands behind the kind that it was a key of, and the lines
    of a statement have its statement's."""
    if key is None:
        return None
    of, _, own = key.partition(":")
    return own if of == kind else own.removesuffix("/lines")

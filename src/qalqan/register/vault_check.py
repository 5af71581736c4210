"""Does the vault still hold what the log committed to? Each batch's tokens make its digest, and
each box opens to the value whose token it stands under; so a value that is missing, slipped in,
changed or swapped is found, whatever key it was sealed with since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import func, literal, null, select
from sqlalchemy.orm import Session

from qalqan.errors import ContractBroken
from qalqan.register import dialect
from qalqan.register.log_check import Difference, Told
from qalqan.register.log_rows import token_digest
from qalqan.register.orm import Audit, VaultBatch, VaultEntry, VaultGone
from qalqan.register.vault import DROP
from qalqan.trust import encryption, tokens
from qalqan.trust.keys import Keys

_PIECE = 2_000
_Row = tuple[Any, ...]
"""batch, token, klass, created_us, box; of what is gone only the first two."""


def differences(session: Session, keys: Keys, told: Told = lambda _: None) -> Iterator[Difference]:
    """All that differs, batch by batch."""
    batches = session.execute(
        select(VaultBatch.id, VaultBatch)
        .order_by(VaultBatch.id)
        .execution_options(yield_per=_PIECE)
    )
    known = next(batches, None)
    for number, rows in groupby(_values(session), key=itemgetter(0)):
        while known is not None and known[0] < number:
            yield Difference("vault.missing", f"vault batch {known[0]}")
            known = next(batches, None)
        batch = known[1] if known is not None and known[0] == number else None
        yield from _batch(keys, number, batch, rows, told)
        if batch is not None:
            known = next(batches, None)
    while known is not None:
        yield Difference("vault.missing", f"vault batch {known[0]}")
        known = next(batches, None)
    yield from _drops(session)


def count(session: Session) -> int:
    """How many values there are to look at."""
    return session.scalar(select(func.count()).select_from(VaultEntry)) or 0


def _values(session: Session) -> Iterator[_Row]:
    """What is there and what is gone, by batch and token."""
    here = select(
        VaultEntry.batch, VaultEntry.token, VaultEntry.klass, VaultEntry.created_us, VaultEntry.box
    ).order_by(VaultEntry.batch, dialect.bytewise(session, VaultEntry.token))
    gone = select(VaultGone.batch, VaultGone.token, literal(""), literal(0), null()).order_by(
        VaultGone.batch, dialect.bytewise(session, VaultGone.token)
    )
    both = (session.execute(each.execution_options(yield_per=_PIECE)) for each in (here, gone))
    return merge(*both, key=lambda row: (row[0], row[1].encode()))


def _batch(
    keys: Keys, number: int, batch: VaultBatch | None, rows: Iterable[_Row], told: Told
) -> Iterator[Difference]:
    """One batch. All its tokens are in memory, and its boxes a piece at a time."""
    seen, piece = list[str](), list[_Row]()
    for row in rows:
        seen.append(row[1])
        if row[4] is not None:
            piece.append(row)
        if len(piece) == _PIECE:
            yield from _boxes(keys, batch, piece, told)
            piece = []
    yield from _boxes(keys, batch, piece, told)
    if batch is None:
        yield Difference("vault.inserted", f"vault batch {number}")
    elif len(seen) != batch.rows:
        kind = "vault.missing" if len(seen) < batch.rows else "vault.inserted"
        yield Difference(kind, f"vault batch {number}")
    elif token_digest(seen) != batch.digest:
        yield Difference("vault.changed", f"vault batch {number}")


def _boxes(
    keys: Keys, batch: VaultBatch | None, piece: list[_Row], told: Told
) -> Iterator[Difference]:
    """Each box is its token's, of its class and its batch's time."""
    told(len(piece))
    for klass, some in groupby(sorted(piece, key=itemgetter(2)), key=itemgetter(2)):
        rows = list(some)
        values = [_opened(keys, klass, token, box) for _, token, _, _, box in rows]
        made = _tokens(keys, klass, values)
        for (_, token, _, created_us, _), right in zip(rows, made, strict=True):
            late = batch is not None and batch.id and created_us != batch.at_us
            if token != right or late:
                yield Difference("vault.changed", f"vault {token}")


def _opened(keys: Keys, klass: str, token: str, box: bytes) -> str | None:
    try:
        return encryption.open_box(keys.box_key(klass), box, token.encode()).decode()
    except (ContractBroken, ValueError, TypeError, LookupError, OverflowError):
        return None  # damaged in whatever way: it is not the value any more


def _tokens(keys: Keys, klass: str, values: list[str | None]) -> list[str | None]:
    """The tokens of what opened."""
    opened = [value for value in values if value is not None]
    made = iter(tokens.token_list(keys, klass, opened) if opened else [])
    return [None if value is None else next(made) for value in values]


def _drops(session: Session) -> Iterator[Difference]:
    """What is gone is what the audit says that retention took, and when."""
    noted = select(Audit.id, Audit.at_us, Audit.detail).where(
        Audit.object == "vault", Audit.action == DROP
    )
    try:
        told = {row.id: (row.at_us, row.detail.get("digest")) for row in session.execute(noted)}
    except (ValueError, AttributeError):  # the log's own check says which row
        yield Difference("vault.gone", "audit")
        return
    gone = select(VaultGone.number, VaultGone.token, VaultGone.at_us).order_by(
        VaultGone.number, dialect.bytewise(session, VaultGone.token)
    )
    rows = session.execute(gone.execution_options(yield_per=_PIECE))
    for number, some in groupby(rows, key=itemgetter(0)):
        taken = list(some)
        times = {row.at_us for row in taken}
        digest = token_digest(row.token for row in taken)
        if len(times) != 1 or told.pop(number, None) != (times.pop(), digest):
            yield Difference("vault.gone", f"audit {number}")
    yield from (Difference("vault.gone", f"audit {number}") for number in told)

"""The vault: the one place where tokens turn back into personal values.

A value is kept as an AES-GCM box under its token, bound to it, with a key per class. Keeping
needs no reason; revealing names an actor and a purpose and leaves a row in the audit. What comes in
together is a batch, whose tokens the log commits to: a value that is lost, slipped in or changed
afterwards is found (`qalqan audit verify`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Table, delete, func, insert, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import ContractBroken, NotAllowed, NotFound
from qalqan.register import audit, dialect
from qalqan.register.log_rows import token_digest
from qalqan.register.orm import VaultBatch, VaultEntry, VaultGone
from qalqan.trust import encryption, tokens
from qalqan.trust.keys import Keys

_VAULT = cast(Table, VaultEntry.__table__)
_PIECE = 20_000
"""Distinct values worked on at once: bounds memory."""
_ASKED_AT_ONCE = 500
_SAMPLE = 500
DROP = "vault.drop"
"""How the audit calls values that retention took."""
_CANARY = "qalqan"
_BATCH_BITS = 62


def keep(session: Session, keys: Keys, klass: str, canonical: str) -> str:
    """Keep one canonical value and answer its token; a write transaction, until whose end
    retention leaves the value alone."""
    kept = tokens.token(keys, klass, canonical)
    _insert_missing(session, keys, klass, [kept], [canonical], held=True)
    return kept


def keep_many(
    session: Session, keys: Keys, klass: str, values: pa.Array | pa.ChunkedArray
) -> pa.Array:
    """Keep a whole column of canonical text and answer its tokens, null for null; each
    distinct value is worked on once."""
    encoded = tokens.encode(values)
    distinct: list[str] = []
    for start in range(0, len(encoded.dictionary), _PIECE):
        piece = encoded.dictionary.slice(start, _PIECE).to_pylist()
        kept = tokens.token_list(keys, klass, piece)
        _insert_missing(session, keys, klass, kept, piece)
        distinct += kept
    return tokens.spread(encoded, distinct)


def keep_new(session: Session, keys: Keys, klass: str, values: pa.Array, made: pa.Array) -> None:
    """Keep distinct canonical values whose tokens are made already, those that are not there.
    All go in the order of their tokens: each page of the index is touched once."""
    order = pc.sort_indices(made)
    values, made = values.take(order), made.take(order)
    mostly_new = _mostly_new(session, made)
    for start in range(0, len(values), _PIECE):
        kept, piece = made.slice(start, _PIECE).to_pylist(), values.slice(start, _PIECE).to_pylist()
        if mostly_new:
            _insert(session, keys, klass, kept, piece)
        else:
            _insert_missing(session, keys, klass, kept, piece)


def _mostly_new(session: Session, made: pa.Array) -> bool:
    """By a sample: then asking for each costs more than sealing some in vain."""
    sample = made.take(pa.array(range(0, len(made), len(made) // _SAMPLE + 1), pa.int64()))
    return len(dialect.present(session, _VAULT, "token", sample.to_pylist())) * 10 < len(sample)


def reveal(session: Session, keys: Keys, token: str, actor: str, purpose: str) -> str:
    """The value behind a token, with a row in the audit; a write transaction. `NotFound`,
    `NotAllowed` without a purpose, `ContractBroken` if the box was tampered with."""
    return reveal_many(session, keys, [token], actor, purpose)[token]


def reveal_many(
    session: Session, keys: Keys, asked: Iterable[str], actor: str, purpose: str
) -> dict[str, str]:
    """The values behind tokens, by token, each with its own row in the audit."""
    if not purpose.strip():
        raise NotAllowed("reveal", "purpose")
    wanted = sorted(set(asked))
    boxes = _boxes(session, wanted)
    revealed = {}
    for token in wanted:
        if token not in boxes:
            raise NotFound("vault entry", token)
        klass = tokens.klass_of(token)
        box = encryption.open_box(keys.box_key(klass), boxes[token], token.encode())
        revealed[token] = box.decode()
        audit.note(session, actor, "reveal", "vault", token, purpose)
    return revealed


def gone_us(session: Session, token: str) -> int | None:
    """When retention took a value; None if it did not, or it has been told again since."""
    if session.get(VaultEntry, token) is not None:
        return None
    return session.scalar(select(func.max(VaultGone.at_us)).where(VaultGone.token == token))


def unheld(session: Session, tokens: Sequence[str]) -> list[str]:
    """Those of the values that nobody is naming at this moment (`keep`); until the end of this
    write transaction nobody does."""
    found: list[str] = []
    for start in range(0, len(tokens), _ASKED_AT_ONCE):
        some = VaultEntry.token.in_(tokens[start : start + _ASKED_AT_ONCE])
        found += session.scalars(dialect.skip_locked(select(VaultEntry.token).where(some)))
    return found


def drop(session: Session, going: Sequence[str], why: str) -> list[str]:
    """Take values out for good; those that were there. Their tokens stay with the number of the
    audit's row that tells of it, whose digest they make. A write transaction."""
    there: list[tuple[str, int]] = [
        (row.token, row.batch)
        for start in range(0, len(going), _ASKED_AT_ONCE)
        for row in session.execute(
            select(VaultEntry.token, VaultEntry.batch).where(
                VaultEntry.token.in_(going[start : start + _ASKED_AT_ONCE])
            )
        )
    ]
    if not there:
        return []
    there.sort(key=lambda row: row[0].encode())
    gone = [token for token, _ in there]
    digest = token_digest(gone)
    row = audit.note(session, "work", DROP, "vault", "vault", why, rows=len(gone), digest=digest)
    session.flush()
    told = {"number": row.id, "at_us": row.at_us}
    session.execute(
        insert(VaultGone), [{"token": token, "batch": batch, **told} for token, batch in there]
    )
    for start in range(0, len(gone), _ASKED_AT_ONCE):
        piece = gone[start : start + _ASKED_AT_ONCE]
        session.execute(delete(VaultEntry).where(VaultEntry.token.in_(piece)))
    return gone


def check_keys(session: Session, keys: Keys) -> None:
    """Prove at the start that these keys are the ones that made this vault; `ContractBroken`
    if not, since new values would get other tokens than old ones. A write transaction."""
    canary = tokens.token(keys, "words", _CANARY)
    if box := _boxes(session, [canary]).get(canary):
        encryption.open_box(keys.box_key("words"), box, canary.encode())
    elif session.scalar(select(VaultEntry.token).limit(1)) is not None:
        raise ContractBroken("the key file does not belong to this register", "keys.other")
    else:
        keep(session, keys, "words", _CANARY)


def keys_fit(session: Session, keys: Keys) -> bool:
    """Whether these keys made this vault, without writing; an empty one fits any."""
    canary = tokens.token(keys, "words", _CANARY)
    box = _boxes(session, [canary]).get(canary)
    if box is None:
        return session.scalar(select(VaultEntry.token).limit(1)) is None
    encryption.open_box(keys.box_key("words"), box, canary.encode())
    return True


def _boxes(session: Session, wanted: Sequence[str]) -> dict[str, bytes]:
    boxes: dict[str, bytes] = {}
    for start in range(0, len(wanted), _ASKED_AT_ONCE):
        piece = wanted[start : start + _ASKED_AT_ONCE]
        rows = session.execute(
            select(VaultEntry.token, VaultEntry.box).where(VaultEntry.token.in_(piece))
        )
        boxes.update((token, box) for token, box in rows)
    return boxes


def _insert_missing(
    session: Session, keys: Keys, klass: str, kept: Sequence[str], values: Sequence[str],
    held: bool = False,
) -> None:  # fmt: skip
    known = dialect.present(session, _VAULT, "token", kept, held)
    missing = sorted(pair for pair in zip(kept, values, strict=True) if pair[0] not in known)
    if missing:
        fresh, new = map(list, zip(*missing, strict=True))
        _insert(session, keys, klass, fresh, new)


def _insert(
    session: Session, keys: Keys, klass: str, fresh: Sequence[str], values: Sequence[str]
) -> None:
    """Values in the order of their tokens; one that is there already stays as it is."""
    boxes = encryption.seal_many(
        keys.box_key(klass),
        [value.encode() for value in values],
        [token.encode() for token in fresh],
    )
    batch, now = secrets.randbits(_BATCH_BITS) + 1, clock.now_us()
    columns: dict[str, Sequence[object]] = {
        "token": fresh,
        "klass": [klass] * len(fresh),
        "box": boxes,
        "created_us": [now] * len(fresh),
        "batch": [batch] * len(fresh),
    }
    count = dialect.insert_new(session, _VAULT, columns)
    new = fresh if count == len(fresh) else _of_batch(session, fresh, batch)
    if new:
        row = {"id": batch, "at_us": now, "rows": len(new), "digest": token_digest(new)}
        session.execute(insert(VaultBatch), row)


def _of_batch(session: Session, tokens: Sequence[str], batch: int) -> list[str]:
    """Which of the tokens came in with this batch, in their order."""
    there = set[str]()
    for start in range(0, len(tokens), _ASKED_AT_ONCE):
        piece = VaultEntry.token.in_(tokens[start : start + _ASKED_AT_ONCE])
        there |= set(
            session.scalars(select(VaultEntry.token).where(piece, VaultEntry.batch == batch))
        )
    return [token for token in tokens if token in there]

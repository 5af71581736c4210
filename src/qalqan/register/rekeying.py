"""Boxes of the vault sealed anew under their class's newest key. The value, its token and its batch
stay the same, so the log needs no word of it. An older key is never thrown away here: backups, and
boxes outside the vault (signed orders, documents, quarantined records), still need it."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from qalqan.register.database import Database
from qalqan.register.orm import VaultEntry
from qalqan.trust import encryption
from qalqan.trust.keys import Keys

_PIECE = 2_000


def rekey(
    database: Database, keys: Keys, klass: str, told: Callable[[int], None] = lambda _: None
) -> int:
    """Seal anew every box of a class that an older key sealed; how many there were."""
    if keys.box_key(klass).newest == 1:
        return 0
    after, changed = "", 0
    while True:
        with database.session() as session:
            last, old = _look(session, keys, klass, after)
        if last is None:
            return changed
        if old:
            with database.write() as session:
                changed += _seal(session, keys, klass, old)
        told(_PIECE)
        after = last


def versions(session: Session, klass: str) -> dict[int, int]:
    """Version of the key → boxes that it sealed."""
    found: dict[int, int] = {}
    boxes = select(VaultEntry.box).where(VaultEntry.klass == klass)
    for box in session.scalars(boxes.execution_options(yield_per=_PIECE)):
        version = encryption.version_of(box)
        found[version] = found.get(version, 0) + 1
    return found


def _look(
    session: Session, keys: Keys, klass: str, after: str
) -> tuple[str | None, dict[str, bytes]]:
    """The last token of the next piece, and the boxes in it that an older key sealed."""
    asked = (
        select(VaultEntry.token, VaultEntry.klass, VaultEntry.box)
        .where(VaultEntry.token > after)
        .order_by(VaultEntry.token)
        .limit(_PIECE)
    )
    rows = session.execute(asked).all()
    newest = keys.box_key(klass).newest
    old = {
        token: box for token, of, box in rows if of == klass and encryption.version_of(box) < newest
    }
    return (rows[-1].token if rows else None), old


def _seal(session: Session, keys: Keys, klass: str, old: dict[str, bytes]) -> int:
    ring, names = keys.box_key(klass), [token.encode() for token in old]
    values = [encryption.open_box(ring, old[token], token.encode()) for token in old]
    boxes = encryption.seal_many(ring, values, names)
    table = VaultEntry.__table__
    # Only if it is still the box that was read: it may have gone meanwhile.
    replaced = (
        update(VaultEntry.__table__)  # type: ignore[arg-type]
        .where(table.c.token == bindparam("of"), table.c.box == bindparam("was"))
        .values(box=bindparam("new"))
    )
    rows = zip(old, old.values(), boxes, strict=True)
    given = [{"of": token, "was": was, "new": box} for token, was, box in rows]
    return session.connection().execute(replaced, given).rowcount

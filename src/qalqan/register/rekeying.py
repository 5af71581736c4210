"""Boxes sealed anew under their class's newest key, wherever they stand (`register.boxes`). What is
in a box, and what it is bound to, stay the same, so the log needs no word of it. An older key is
never thrown away here: backups still need it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import RowMapping, and_, bindparam, func, select, tuple_, update
from sqlalchemy.orm import Session

from qalqan.errors import ContractBroken
from qalqan.register.boxes import BOXES, Boxes
from qalqan.register.database import Database
from qalqan.trust import encryption
from qalqan.trust.encryption import Ring
from qalqan.trust.keys import Keys

log = logging.getLogger("qalqan.register")


def rekey(
    database: Database, keys: Keys, klass: str, told: Callable[[int], None] = lambda _: None
) -> int:
    """Seal anew every box of a class that an older key sealed; how many there were. A box that
    does not open is left as it is, and the log tells of it. Pieces commit by themselves: whoever
    is cut off goes on the next time."""
    if keys.box_key(klass).newest == 1:
        return 0
    return sum(_column(database, keys, klass, of, told) for of in BOXES if of.holds(klass))


def versions(session: Session, klass: str) -> dict[str, dict[int, int]]:
    """Column → version of the key → boxes of the class that it sealed."""
    found: dict[str, dict[int, int]] = {}
    for of in BOXES:
        if of.holds(klass):
            counted = found.setdefault(of.name, {})
            head = of.head().label("head")
            for told, rows in session.execute(
                select(head, func.count()).where(of.of(klass)).group_by(head)
            ):
                version = of.version(told)
                counted[version] = counted.get(version, 0) + rows
    return found


def older(keys: Keys, klass: str, counted: Mapping[str, Mapping[int, int]]) -> int:
    """How many of the boxes that `versions` counted a newer key has yet to seal."""
    newest = keys.box_key(klass).newest
    return sum(rows for of in counted.values() for version, rows in of.items() if version < newest)


def _column(
    database: Database, keys: Keys, klass: str, of: Boxes, told: Callable[[int], None]
) -> int:
    ring, after, changed, broken = of.keys(keys, klass), None, 0, 0
    while True:
        with database.session() as session:
            rows = _look(session, klass, of, ring.newest, after)
        if not rows:
            break
        fresh = [each for row in rows if (each := _sealed(of, ring, row)) is not None]
        if fresh:
            with database.write() as session:
                changed += _replace(session, of, fresh)
        broken += len(rows) - len(fresh)
        told(len(rows))
        after = [rows[-1][name] for name in of.key]
    if broken:
        log.warning("%s: %d boxes of class %s don't open", of.name, broken, klass)
    return changed


def _look(
    session: Session, klass: str, of: Boxes, newest: int, after: list[Any] | None
) -> list[RowMapping]:
    """The next piece of the rows whose box an older key sealed."""
    key = [of.table.c[name] for name in of.key]
    asked = select(*(of.table.c[name] for name in of.needed), of.column.label("was"))
    asked = asked.where(of.of(klass), of.is_older(newest)).order_by(*key).limit(of.at_once)
    if after is not None:
        asked = asked.where(tuple_(*key) > tuple_(*after))
    return list(session.execute(asked).mappings())


def _sealed(of: Boxes, ring: Ring, row: RowMapping) -> dict[str, Any] | None:
    """The row's new box beside the old one; None if that does not open."""
    bound = of.bound_to(row)
    try:
        value = encryption.open_box(ring, of.unpacked(row["was"]), bound)
    except (ContractBroken, ValueError):
        return None
    named = {f"of_{name}": row[name] for name in of.key}
    return {**named, "was": row["was"], "new": of.packed(encryption.seal(ring, value, bound))}


def _replace(session: Session, of: Boxes, fresh: list[dict[str, Any]]) -> int:
    """Only what is still the box that was read: it may have gone meanwhile."""
    own = of.table.c[of.column.key]
    here = and_(*(of.table.c[name] == bindparam(f"of_{name}") for name in of.key))
    replaced = update(of.table).where(here, own == bindparam("was")).values({own: bindparam("new")})
    return session.connection().execute(replaced, fresh).rowcount

"""Every column of the register that holds boxes, a line each: what `qalqan keys` counts and what a
newer key seals anew (`register.rekeying`). A table with boxes that is missing here fails a test.
"""

from __future__ import annotations

import base64
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Table, func, inspect, literal_column
from sqlalchemy.orm import InstrumentedAttribute

from qalqan.register import orm
from qalqan.trust import encryption, totp
from qalqan.trust.encryption import Ring
from qalqan.trust.keys import Keys

_Column = InstrumentedAttribute[Any]
_LETTERS = 2
"""Letters of base64 that the first byte, a box's version, stands in …"""
_FILL = range(0, 256, 16)
"""… and what may stand in the second of them beside its last bits."""
_FIRST: ColumnElement[Any] = literal_column("1")
"""Written out: what is grouped by may hold no parameter."""


@dataclass(frozen=True)
class Boxes:
    """A column of boxes."""

    column: _Column
    klass: str | _Column
    """Class of the keys that seal it, or the column that names it."""
    bound: str
    """What a box is bound to: a template over columns of its row."""
    at_once: int
    """Rows of one transaction: bounds memory, and how long others wait."""
    text: bool = False
    """Boxes stand in it as base64."""
    ring: Callable[[Keys], Ring] | None = None
    """Keys that are made from the class's own, where it is not they themselves."""

    @property
    def name(self) -> str:
        """`document_pieces.box`"""
        return f"{self.table.name}.{self.column.key}"

    @cached_property
    def table(self) -> Table:
        """Where the column stands."""
        return self.column.class_.__table__  # type: ignore[no-any-return]

    @cached_property
    def key(self) -> tuple[str, ...]:
        """Columns by which a row is known."""
        return tuple(column.name for column in inspect(self.column.class_).primary_key)

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """Columns that the template takes, and the key's."""
        named = [name for _, name, _, _ in string.Formatter().parse(self.bound) if name]
        return tuple(dict.fromkeys((*self.key, *named)))

    def holds(self, klass: str) -> bool:
        """Whether boxes of this class may stand in it."""
        return self.klass == klass if isinstance(self.klass, str) else True

    def of(self, klass: str) -> ColumnElement[bool]:
        """The condition on rows with a box of this class."""
        there = self.column.is_not(None)
        return there if isinstance(self.klass, str) else (self.klass == klass) & there

    def head(self) -> ColumnElement[Any]:
        """The part of a box that tells its version, so that the rest need not be read."""
        if self.text:
            return func.substr(self.column, _FIRST, literal_column(str(_LETTERS)))
        return func.substr(self.column, _FIRST, _FIRST, type_=LargeBinary())

    def version(self, head: Any) -> int:
        """The version that a head tells; 0 for what is no box."""
        return encryption.version_of(_bytes_of(head) if self.text else head)

    def is_older(self, newest: int) -> ColumnElement[bool]:
        """The condition on rows whose box an older key sealed."""
        if not self.text:
            return self.head() < bytes([newest])
        return self.head().in_(
            sorted({_text(bytes([v, rest]))[:_LETTERS] for v in range(newest) for rest in _FILL})
        )

    def unpacked(self, kept: Any) -> bytes:
        """The box itself."""
        return base64.b64decode(kept) if self.text else kept

    def packed(self, box: bytes) -> Any:
        """The box as the column keeps it."""
        return _text(box) if self.text else box

    def bound_to(self, row: Mapping[Any, Any]) -> bytes:
        """What this row's box is bound to."""
        return self.bound.format_map(row).encode()

    def keys(self, keys: Keys, klass: str) -> Ring:
        """The keys of its boxes."""
        return keys.box_key(klass) if self.ring is None else self.ring(keys)


def _text(box: bytes) -> str:
    return base64.b64encode(box).decode()


def _bytes_of(head: str) -> bytes:
    return base64.b64decode(f"{head}==") if len(head) == _LETTERS else b""


BOXES = (
    Boxes(orm.VaultEntry.box, orm.VaultEntry.klass, "{token}", 2_000),
    Boxes(orm.DocumentPiece.box, "document", "{document}/{place}", 16),
    Boxes(orm.Order.jws, "document", "{id}", 200, text=True),
    Boxes(orm.Order.recall, "document", "{id}/recall", 50, text=True),
    Boxes(orm.Quarantined.record, "document", "{batch} {place}", 100),
    Boxes(orm.Totp.box, "person", "totp {login}", 200, ring=totp.ring),
)

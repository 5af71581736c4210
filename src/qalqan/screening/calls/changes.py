"""Changes of numbers as records of a fixed size: what the centre tells its edges.

A record says how something stands from now on, never by how much it changed: whoever reads some of
them twice, in their order, ends with the same tables. Each has a checksum over what it says and
its place in the row, so that a hole, a torn end or a mixed-up file shows.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from . import layout
from .keeper import Keeper, mobile
from .lookup import MOST_VALUE, PLUS_7, THOUSAND

ABROAD, TOLD, VALUE = range(1, 4)
"""Kinds: whether a number is abroad; when an operator last told all places, seconds; flags << 8 |
operator of a number."""
_RECORD = struct.Struct("<BxxxIqq")
SIZE = _RECORD.size
MOST = 4_096
"""Records that are handed on at once."""


class Change(NamedTuple):
    """How something stands from now on."""

    kind: int
    number: int
    """Of a subscriber; of `TOLD` the operator's."""
    value: int


def packed(changes: Iterable[Change], place: int) -> bytes:
    """Records of changes, the first of which has this place."""
    return b"".join(
        _RECORD.pack(one.kind, _sum(*one, place + at), one.number, one.value)
        for at, one in enumerate(changes)
    )


def _sum(kind: int, number: int, value: int, place: int) -> int:
    return zlib.crc32(struct.pack("<Bqqq", kind, number, value, place))


def unpacked(body: bytes, place: int) -> Iterator[Change]:
    """Changes of records, the first of which has this place, up to the first damaged one."""
    whole = len(body) // SIZE * SIZE
    for at, (kind, told, number, value) in enumerate(_RECORD.iter_unpack(body[:whole])):
        if not ABROAD <= kind <= VALUE or told != _sum(kind, number, value, place + at):
            return
        yield Change(kind, number, value)


class Changing(Keeper):
    """A keeper that counts its changes in the file itself: a file that travels says which
    changes of its version it holds.

    Raises:
        BlockingIOError, ValueError: as `Keeper`.
    """

    @property
    def version(self) -> int:
        """Of the file."""
        return int(self.about["version"])

    @property
    def place(self) -> int:
        """How many changes of this version are done."""
        return self._word(layout.PLACE_AT)

    def do(self, changes: Iterable[Change]) -> None:
        """Make changes, in their order; they count as done once `remember` was told.

        Raises:
            ValueError: one that fits no table. Full: the file must be made anew.
        """
        for kind, number, value in changes:
            if kind == ABROAD:
                self.set_abroad(number, bool(value))
            elif kind == TOLD:
                self.told(number, value)
            else:
                self.set_value(number, value)

    def remember(self, place: int) -> None:
        """So many are done. The file says so after what it says is on the disk: whoever is killed
        in between, or loses power, does some of them again."""
        os.fdatasync(self._file)
        os.pwrite(self._file, struct.pack("q", place), layout.PLACE_AT)

    def is_abroad(self, number: int) -> bool:
        """Whether the number's home network sees it abroad."""
        byte, bit = divmod(mobile(number), 8)
        return bool(os.pread(self._file, 1, self._places["abroad"].at + byte)[0] >> bit & 1)

    def told_s(self, operator: int) -> int:
        """When an operator last told all places; 0: never."""
        return self._word(self._places["fed"].at + 8 * operator)

    def value(self, number: int) -> int:
        """Flags << 8 | operator of a number; 0 where nothing is kept of it."""
        found = self._found(number)
        return found[1] & MOST_VALUE if found else 0

    def operator(self, number: int) -> int:
        """Whose a number of +7 is: whom it was ported to, else whom its thousand was given to;
        0: nobody's."""
        if ported := self.value(number) & 255:
            return ported
        at = (number - PLUS_7) // THOUSAND
        blocks = self._places["blocks"]
        return os.pread(self._file, 1, blocks.at + at)[0] if 0 <= at < blocks.size else 0

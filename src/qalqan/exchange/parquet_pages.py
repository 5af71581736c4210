"""What the pages of a Parquet file say of themselves, read before any of them is unpacked.

A footer can lie, and a page of a few kilobytes can unpack to gigabytes: the reader would only
find out when its memory is gone. So the headers of a row group's pages (Thrift's compact
protocol; parquet-format, "Parquet.thrift") are walked first, which unpacks nothing. The footer is
read here too: asked for what it says of a column, pyarrow 26 ends the process if it is damaged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

MOST_PAGE = 128 << 20
"""Bytes one page may unpack to; writers aim at one megabyte."""

MOST_FOOTER = 8 << 20
"""Bytes of a footer: enough for hundreds of millions of rows."""

MOST_VALUES = 1 << 26
"""Values one page may hold: readers make room for all of them."""

_HEADS = (512, 64 << 10, 2 << 20)
"""A header is tried within so many bytes; statistics in it may be long."""

_DATA, _INDEX, _DICTIONARY, _DATA_2 = 0, 1, 2, 3
_COUNTED_IN = {_DATA: 5, _DATA_2: 8}
_DEEP = 12
_MAGIC = b"PAR1"


class Damaged(Exception):
    """The pages are not what the footer says."""


class Trap(Exception):
    """A page would unpack to more than anybody sends."""


@dataclass(frozen=True)
class Chunk:
    """One column of one row group, as the footer has it: bytes from `start` on."""

    start: int
    size: int
    values: int


@dataclass(frozen=True)
class Group:
    """One row group, its columns by name (of nested ones, by path)."""

    rows: int
    columns: dict[str, Chunk]


def groups(file: BinaryIO) -> list[Group]:
    """The row groups that the file's footer names.

    Raises:
        Damaged: there is no footer, it is too long, or it is none.
    """
    size = file.seek(0, 2)
    file.seek(max(size - 8, 0))
    tail = file.read(8)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != _MAGIC or length > min(size - 8, MOST_FOOTER):
        raise Damaged
    file.seek(size - 8 - length)
    try:
        found = _Thrift(file.read(length)).struct(_DEEP)
    except IndexError:
        raise Damaged from None
    return [_group(one) for one in _list(found, 4)]


def _group(fields: object) -> Group:
    rows = _number(fields, 3)
    columns = {}
    for column in _list(fields, 1):
        about = column.get(3) if isinstance(column, dict) else None
        names = _list(about, 3)
        if not all(isinstance(name, bytes) for name in names):
            raise Damaged
        path = b".".join(names).decode("utf-8", "replace")
        starts = [_number(about, 9)]
        if isinstance(about, dict) and about.get(11):
            starts.append(_number(about, 11))
        columns[path] = Chunk(min(starts), _number(about, 7), rows)
    return Group(rows, columns)


def _list(fields: object, number: int) -> list[Any]:
    found = fields.get(number) if isinstance(fields, dict) else None
    if not isinstance(found, list):
        raise Damaged
    return found


def bytes_a_row(file: BinaryIO, chunk: Chunk) -> int:
    """Most bytes that a value takes, on average of a data page.

    Raises:
        Damaged: the pages don't fill the chunk, or don't hold its values.
        Trap: one of them unpacks to too much.
    """
    most, values = 0, 0
    for held, size in _data_pages(file, chunk):
        values += held
        most = max(most, -(-size // max(held, 1)))
    if values != chunk.values:
        raise Damaged
    return most


def _data_pages(file: BinaryIO, chunk: Chunk) -> Iterator[tuple[int, int]]:
    """Values and unpacked bytes of each data page."""
    at, end = chunk.start, chunk.start + chunk.size
    if at < 0:
        raise Damaged
    while at < end:
        page, header = _page(file, at, end - at)
        kind, unpacked, packed = (_number(page, number) for number in (1, 2, 3))
        if unpacked < 0 or packed < 0 or at + header + packed > end:
            raise Damaged
        if unpacked > MOST_PAGE:
            raise Trap
        if kind in _COUNTED_IN:
            held = _number(page.get(_COUNTED_IN[kind]), 1)
            if held < 0:
                raise Damaged
            if held > MOST_VALUES:
                raise Trap
            yield held, unpacked
        at += header + packed


def _number(fields: object, number: int) -> int:
    found = fields.get(number) if isinstance(fields, dict) else None
    if not isinstance(found, int) or isinstance(found, bool):
        raise Damaged
    return found


def _page(file: BinaryIO, at: int, most: int) -> tuple[dict[int, Any], int]:
    for size in _HEADS:
        file.seek(at)
        thrift = _Thrift(file.read(min(size, most)))
        try:
            return thrift.struct(_DEEP), thrift.at
        except IndexError:
            continue
    raise Damaged


class _Thrift:
    """As much of the compact protocol as a page header needs; IndexError where bytes end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def struct(self, deep: int) -> dict[int, Any]:
        """Fields by number."""
        if deep == 0:
            raise Damaged
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            step, kind = head >> 4, head & 15
            number = number + step if step else self._whole()
            fields[number] = self._value(kind, deep)
        return fields

    def _value(self, kind: int, deep: int) -> Any:
        if kind in (1, 2):  # a flag is its own type
            return kind == 1
        if kind == 3:
            return self._byte()
        if kind in (4, 5, 6):
            return self._whole()
        if kind in (7, 8):
            return self._bytes(8 if kind == 7 else self._varint())
        if kind in (9, 10):
            return self._several(deep)
        if kind == 12:
            return self.struct(deep - 1)
        raise Damaged  # maps stand in neither footer nor header

    def _several(self, deep: int) -> list[Any]:
        head = self._byte()
        size, kind = head >> 4, head & 15
        if size == 15:
            size = self._varint()
        if kind in (1, 2):
            return [self._byte() == 1 for _ in range(size)]
        return [self._value(kind, deep - 1) for _ in range(size)]

    def _byte(self) -> int:
        byte = self._data[self.at]
        self.at += 1
        return byte

    def _bytes(self, size: int) -> bytes:
        if self.at + size > len(self._data):
            raise IndexError
        self.at += size
        return self._data[self.at - size : self.at]

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise Damaged

    def _whole(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

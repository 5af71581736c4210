"""What the pages of a Parquet file say of themselves, read before any of them is unpacked.

A footer can lie, and a page of a few kilobytes can unpack to gigabytes: the reader would only
find out when its memory is gone. So the headers of a row group's pages (Thrift's compact
protocol; parquet-format, "Parquet.thrift") are walked first, which unpacks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

MOST_PAGE = 128 << 20
"""Bytes one page may unpack to; writers aim at one megabyte."""

MOST_VALUES = 1 << 26
"""Values one page may hold: readers make room for all of them."""

_HEADS = (512, 64 << 10, 2 << 20)
"""A header is tried within so many bytes; statistics in it may be long."""

_DATA, _INDEX, _DICTIONARY, _DATA_2 = 0, 1, 2, 3
_COUNTED_IN = {_DATA: 5, _DATA_2: 8}
_DEEP = 8


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
    while at < end:
        page, header = _page(file, at, end - at)
        kind, unpacked, packed = (page.get(number, 0) for number in (1, 2, 3))
        if unpacked < 0 or packed < 0 or at + header + packed > end:
            raise Damaged
        if unpacked > MOST_PAGE:
            raise Trap
        if kind in _COUNTED_IN:
            held = page.get(_COUNTED_IN[kind], {}).get(1, -1)
            if held < 0:
                raise Damaged
            if held > MOST_VALUES:
                raise Trap
            yield held, unpacked
        at += header + packed


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
            return self._skip(8 if kind == 7 else self._varint())
        if kind == 12:
            return self.struct(deep - 1)
        raise Damaged  # lists, sets and maps stand in no page header

    def _byte(self) -> int:
        byte = self._data[self.at]
        self.at += 1
        return byte

    def _skip(self, size: int) -> None:
        self.at += size
        if self.at > len(self._data):
            raise IndexError

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

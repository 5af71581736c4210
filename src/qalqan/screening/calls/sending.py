"""A whole file of tables on its way to another machine: only pages on which something stands,
compressed, with a checksum behind the last one.

A frame is its place, its length and its bytes; the last one has the file's length, no bytes, and
SHA-256 over all frames. The file may change meanwhile: its head, with the count of changes that it
holds, goes first, so that whoever follows does again what came in between (`changes`).
"""

from __future__ import annotations

import errno
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from hashlib import sha256

from . import layout

_FRAME = struct.Struct("<QI")
_PAGE = 4_096
_READ = 256 * _PAGE
_NOTHING = bytes(_PAGE)
MOST = 1 << 32
"""Bytes of a file that is taken: what lies is no reason to fill a disk."""


class Damaged(ValueError):
    """What came is no whole file of tables."""


def sent(descriptor: int) -> Iterator[bytes]:
    """An open file as a stream."""
    pressed, seen = zlib.compressobj(1), sha256()
    for at, body in _pieces(descriptor):
        frame = _FRAME.pack(at, len(body)) + body
        seen.update(frame)
        if told := pressed.compress(frame):
            yield told
    end = _FRAME.pack(os.fstat(descriptor).st_size, 0)
    seen.update(end)
    yield pressed.compress(end + seen.digest()) + pressed.flush()


def _pieces(descriptor: int) -> Iterator[tuple[int, bytes]]:
    head = bytearray(os.pread(descriptor, layout.HEAD, 0))
    head[layout.RETIRED_AT : layout.RETIRED_AT + 8] = bytes(8)
    yield 0, bytes(head)
    size, at = os.fstat(descriptor).st_size, layout.HEAD
    while at < size:
        try:
            at = os.lseek(descriptor, at, os.SEEK_DATA) // _PAGE * _PAGE
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            return  # holes up to the end
        body = os.pread(descriptor, _READ, at)
        for start in range(0, len(body), _PAGE):
            page = body[start : start + _PAGE]
            if page != _NOTHING[: len(page)]:
                yield at + start, page
        at += len(body)


def received(read: Callable[[int], bytes], descriptor: int) -> None:
    """Write a stream into an empty file; `read` gives at most so many bytes of it, none at its end.

    Raises:
        Damaged: the stream, or the file, is not whole.
    """
    frames, seen = _Frames(read), sha256()
    while True:
        frame = frames.take(_FRAME.size)
        at, length = _FRAME.unpack(frame)
        if at + length > MOST:
            raise Damaged("a file of tables that is too long")
        body = frames.take(length)
        seen.update(frame + body)
        if not length:
            break
        os.pwrite(descriptor, body, at)
    if frames.take(seen.digest_size) != seen.digest():
        raise Damaged("a file of tables that was changed on its way")
    os.ftruncate(descriptor, at)
    _, places = layout.read_head(os.pread(descriptor, layout.HEAD, 0))
    if layout.length(places) != at:
        raise Damaged("a file of tables that is cut short")


class _Frames:
    """Bytes behind a compressed stream."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read, self._opened, self._held = read, zlib.decompressobj(), bytearray()

    def take(self, count: int) -> bytes:
        while len(self._held) < count:
            piece = self._read(1 << 16)
            if not piece:
                raise Damaged("a file of tables that did not come whole")
            try:
                self._held += self._opened.decompress(piece)
            except zlib.error as error:
                raise Damaged(str(error)) from None
        found = bytes(self._held[:count])
        del self._held[:count]
        return found

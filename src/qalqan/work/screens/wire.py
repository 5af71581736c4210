"""How web processes talk to an owner: frames of JSON over a Unix socket of this machine.

A frame is four bytes of length and a list of messages, so that all that comes in one turn of the
event loop goes in one write. A question is `[number, word, body]`, its answer
`[number, outcome, body]`; answers come in any order.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic_core import from_json, to_json

from qalqan.errors import Unavailable

PAYMENT, LOAN, PAYERS, STATUS = "payment", "loan", "payers", "status"
"""Words of questions. `payers` asks the payee's shard what the payer's shard needs to know."""
OK, BUSY, USED, LOADING, FAILED = "ok", "busy", "used", "loading", "failed"
"""Outcomes; `used`: the same number was asked about with another content."""
MOST_BYTES = 16 * 2**20
_LENGTH = struct.Struct(">I")
_LONGEST_PATH = 100
"""Bytes of a Unix socket's address; Linux takes 107."""


def frame(messages: Sequence[Any]) -> bytes:
    """Messages as one frame."""
    body = to_json(messages)
    return _LENGTH.pack(len(body)) + body


class Frames:
    """Takes frames apart as bytes come."""

    def __init__(self) -> None:
        self._rest = b""

    def fed(self, data: bytes) -> list[list[Any]]:
        """All messages that are whole now. Raises `ValueError` if this is no such talk."""
        self._rest += data
        found: list[list[Any]] = []
        place = 0
        while len(self._rest) - place >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._rest, place)
            if length > MOST_BYTES:
                raise ValueError("a frame is too long")
            end = place + _LENGTH.size + length
            if len(self._rest) < end:
                break
            found += from_json(self._rest[place + _LENGTH.size : end])
            place = end
        self._rest = self._rest[place:]
        return found


def folder_of(home: Path, shard: int) -> Path:
    """Where an owner keeps its files."""
    return home.absolute() / "screen" / str(shard)


def socket_of(home: Path, shard: int) -> Path:
    """The socket of an owner; a home with a long name has it in a folder of the machine's.

    Raises:
        Unavailable: that folder belongs to somebody else.
    """
    path = folder_of(home, shard) / "socket"
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        return path
    mark = hashlib.sha256(os.fsencode(home.absolute())).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"qalqan-{os.getuid()}-{mark}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise Unavailable(f"{folder} is not ours alone", "screens.folder", path=str(folder))
    return folder / f"screen-{shard}"

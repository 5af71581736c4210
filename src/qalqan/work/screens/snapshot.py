"""The memory of weeks in one file, with the seal up to which it knows the log.

A snapshot only saves time: it is replaced as a whole, believed only if its checksum is right and
the register's log still has that very seal, and otherwise made anew from the lake.
"""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from qalqan.errors import ContractBroken
from qalqan.lake.storage import sync
from qalqan.register.orm import Seal
from qalqan.screening.remembered import Remembered

FORMAT = 1
FILE = "snapshot"


def write(folder: Path, remembered: Remembered, seal: int, mark: str) -> None:
    """Replace the snapshot. The thread that teaches only."""
    bodies = {name: memory.to_bytes() for name, memory in remembered.tables().items()}
    whole = b"".join(bodies.values())
    head = {
        "format": FORMAT, "seal": seal, "mark": mark, "crc": zlib.crc32(whole),
        "tables": {name: len(body) for name, body in bodies.items()},
    }  # fmt: skip
    new = folder / f"{FILE}.new"
    with new.open("wb") as file:
        file.write(json.dumps(head).encode() + b"\n" + whole)
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / FILE)
    sync([folder])


def read(folder: Path, session: Session, share: str) -> tuple[Remembered, int]:
    """What was remembered and up to which seal; nothing and 0 if there is no snapshot that fits
    this register's log and this share of the accounts."""
    try:
        head, whole = _read(folder / FILE)
        if head["mark"] != mark(session, head["seal"], share):
            return Remembered(), 0
        remembered = Remembered()
        place = 0
        for name, memory in remembered.tables().items():
            length = head["tables"][name]
            memory.read(whole[place : place + length])
            place += length
    except (FileNotFoundError, ContractBroken, KeyError, TypeError, ValueError):
        return Remembered(), 0
    return remembered, head["seal"]


def mark(session: Session, seal: int, share: str) -> str:
    """What tells this log's seal from one of the same number in another log."""
    row = session.get(Seal, seal)
    return f"{share}:none" if row is None else f"{share}:{row.kind}:{row.rows}:{row.at_us}"


def _read(path: Path) -> tuple[dict[str, Any], bytes]:
    first, _, whole = path.read_bytes().partition(b"\n")
    head = json.loads(first)
    if head["format"] != FORMAT or head["crc"] != zlib.crc32(whole):
        raise ContractBroken("a screen's snapshot is damaged")
    return head, whole

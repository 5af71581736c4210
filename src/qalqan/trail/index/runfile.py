"""One file of columns that never changes once it has its name, mapped into memory by readers.

A run is written under a passing name, synced, then renamed; its head tells where each column lies
and the checksum of its bytes. A file that is cut short, belongs to another index, or was touched
is recognised by its head (at every opening) or its checksums (`Mapped.check`).
"""

from __future__ import annotations

import json
import mmap
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

MAGIC = b"QALQANRUN1\n"
HEAD = 4096
ALIGNED = 64

Array = npt.NDArray[Any]


class Damaged(Exception):
    """A file of the index is not what its manifest says: it has to be built anew."""


class Written:
    """A run in the making: room for columns is reserved in order and filled piece by piece."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._passing = path.with_suffix(".part")
        self._file = os.open(self._passing, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self._end = HEAD
        self._columns: dict[str, dict[str, Any]] = {}
        self._filled: dict[str, int] = {}

    def reserve(self, name: str, dtype: Any, rows: int, width: int = 1) -> None:
        """Room for `rows` × `width` values of `dtype`."""
        size = np.dtype(dtype).itemsize * rows * width
        self._columns[name] = {
            "at": self._end, "dtype": np.dtype(dtype).str, "rows": rows, "width": width, "crc": 0,
        }  # fmt: skip
        self._filled[name] = 0
        self._end = -(-(self._end + size) // ALIGNED) * ALIGNED

    def fill(self, name: str, values: Array) -> None:
        """The next values of a column."""
        column = self._columns[name]
        octets = _octets(np.ascontiguousarray(values, column["dtype"]))
        done, at = 0, column["at"] + self._filled[name]
        while done < len(octets):
            done += os.pwrite(self._file, octets[done : done + (1 << 28)], at + done)
        column["crc"] = zlib.crc32(octets, column["crc"])
        self._filled[name] += len(octets)

    def whole(self, name: str, values: Array) -> None:
        """A column at once."""
        width = values.shape[1] if values.ndim > 1 else 1
        self.reserve(name, values.dtype, len(values), width)
        if values.size:
            self.fill(name, values)

    def close(self, told: dict[str, Any]) -> tuple[int, int]:
        """Give the run its name; its size and the checksum of its head."""
        head = json.dumps({**told, "columns": self._columns}).encode()
        if len(head) + len(MAGIC) > HEAD:
            raise ValueError("a run's head does not fit")
        octets = (MAGIC + head).ljust(HEAD, b"\n")
        os.pwrite(self._file, octets, 0)
        os.ftruncate(self._file, self._end)
        os.fsync(self._file)
        os.close(self._file)
        self._passing.rename(self._path)
        return self._end, zlib.crc32(octets)

    def leave(self) -> None:
        """Give up: nothing stays."""
        os.close(self._file)
        self._passing.unlink(missing_ok=True)


class Mapped:
    """A run as its readers see it; it stays readable while one of them holds it, also after its
    file was removed.

    Raises:
        Damaged: not the file of this size and head.
        FileNotFoundError: it has been merged into another one.
    """

    def __init__(self, path: Path, size: int, crc: int) -> None:
        self.path = path
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != size:
                raise Damaged(f"{path.name} has another size")
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        head = self._map[:HEAD]
        if zlib.crc32(head) != crc or not head.startswith(MAGIC):
            raise Damaged(f"{path.name} has another head")
        self.told: dict[str, Any] = json.loads(head[len(MAGIC) :])
        octets = np.frombuffer(self._map, np.uint8)
        self._columns = {
            name: _column(octets, column) for name, column in self.told["columns"].items()
        }

    def __getitem__(self, name: str) -> Array:
        return self._columns[name]

    def check(self) -> None:
        """Read all of it. Raises `Damaged`."""
        for name, column in self.told["columns"].items():
            values = self._columns[name]
            if values.size and zlib.crc32(_octets(values)) != column["crc"]:
                raise Damaged(f"column {name} of {self.path.name} was changed")

    def forget(self) -> None:
        """Give pages back to the system: a merge reads each only once."""
        self._map.madvise(mmap.MADV_DONTNEED)


def _column(octets: Array, column: dict[str, Any]) -> Array:
    dtype = np.dtype(column["dtype"])
    size = dtype.itemsize * column["rows"] * column["width"]
    values: Array = octets[column["at"] : column["at"] + size].view(dtype)
    return values.reshape(-1, column["width"]) if column["width"] > 1 else values


def _octets(values: Array) -> memoryview:
    whole: Any = values
    return memoryview(whole).cast("B")

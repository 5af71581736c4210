"""Where the lake's files lie: a folder of this machine, or a bucket of an S3-compatible server.

Both promise the same: what `new_file` wrote and `keep` was asked for survives power loss. In a
folder that takes an fsync of the file and then of every folder whose entry names it; a bucket
answers a put only when it is durable, and the log's commits are conditional puts, so two
sealers can't write one entry. Files never change once written: a copy of one is as good as it.

Of a bucket, `QALQAN_LAKE=s3://bucket/prefix` says only where it is; server, keys and region come
from the standard `AWS_…` variables, which are read by the libraries and never shown.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

import pyarrow as pa

from qalqan.errors import InputRejected
from qalqan.settings import BUCKET

if TYPE_CHECKING:
    from qalqan.lake.bucket import Bucket

_SYNCED_ONE_BY_ONE = 32


@dataclass(frozen=True)
class Stored:
    """A file as a listing shows it."""

    name: str
    """Relative to the lake."""
    size: int
    changed_s: float
    """Unix time at which it was written."""


class Storage(Protocol):
    """Files of one lake, each named by its path below the lake's root, parted by `/`."""

    def address(self, name: str) -> str:
        """Where a file or table lies, as `deltalake` opens it; percent-escaped if it is a path."""

    def new_file(self, name: str) -> AbstractContextManager[pa.NativeFile]:
        """A context that gives a `pyarrow.NativeFile` to write; nobody may rely on the file before
        `keep` was asked for it."""

    def keep(self, names: Sequence[str]) -> None:
        """Bring written files, and that they are there, to stable storage."""

    def keep_newest(self, folder: str, ending: str, count: int) -> None:
        """The same for the last files, by name, that somebody else wrote to a folder."""

    def files(self, below: str) -> list[Stored]:
        """All files below a folder of the lake, sorted by name; none if there is no such folder."""

    def delete(self, name: str) -> None:
        """Take a file away, if it is there."""

    def local(self, name: str) -> Path:
        """A file of this machine with these contents, to be read or memory-mapped at once."""

    def readable(self, uri: str) -> str:
        """A file of a table, as `deltalake` names it, in the words of DuckDB and Spark."""

    def reader(self) -> Any:
        """The `fsspec` file system that a reader of `address` needs; None if it needs none."""

    def prove(self) -> None:
        """Make sure that nobody can step over another's log entry here. Raises `ContractBroken`."""


@lru_cache(maxsize=64)
def storage(lake_root: str) -> Storage:
    """The storage that an address names.

    Raises:
        InputRejected: the address is a URL, but not one of an S3 bucket.
        Unavailable: the extra for buckets is not installed.
    """
    if "://" not in lake_root:
        return Folder(Path(lake_root).absolute())
    return _bucket(lake_root)


def _bucket(lake_root: str) -> Bucket:
    if not BUCKET.fullmatch(lake_root):
        raise InputRejected("QALQAN_LAKE", lake_root.partition("://")[0] + "://…", "setting.lake")
    from qalqan.lake.bucket import Bucket

    return Bucket(lake_root.rstrip("/"))


def options_of(address: str) -> dict[str, str] | None:
    """What `deltalake` must be told to open a table at this address."""
    if not address.startswith("s3://"):
        return None
    from qalqan.lake.bucket import options

    return options()


def answered(address: str) -> AbstractContextManager[None]:
    """A context in which a bucket's server that does not answer is `Unavailable`."""
    if not address.startswith("s3://"):
        return nullcontext()
    from qalqan.lake.bucket import answered as told

    return told(address)


@dataclass(frozen=True)
class Folder:
    """A folder of a local disk."""

    root: Path

    def address(self, name: str) -> str:
        return (self.root / name).as_uri()

    @contextmanager
    def new_file(self, name: str) -> Iterator[pa.NativeFile]:
        path = self.root / name
        if not self.root.exists():  # another lake than the one whose name `keep` saw to
            anchor.cache_clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        with pa.OSFile(str(path), "wb") as file:
            yield file

    def keep(self, names: Sequence[str]) -> None:
        """Files first, then the folders that name them, from below up to the root."""
        folders = {folder for name in names for folder in Path(name).parents}
        deepest_first = sorted(folders, key=lambda one: (-len(one.parts), one))
        sync([self.root / name for name in names] + [self.root / one for one in deepest_first])
        anchor(self.root)

    def keep_newest(self, folder: str, ending: str, count: int) -> None:
        names = sorted(path.name for path in (self.root / folder).glob(f"*{ending}"))[-count:]
        self.keep([f"{folder}/{name}" for name in names])

    def files(self, below: str) -> list[Stored]:
        found = []
        for path in sorted((self.root / below).rglob("*")):
            if path.is_file():
                about = path.stat()
                name = path.relative_to(self.root).as_posix()
                found.append(Stored(name, about.st_size, about.st_mtime))
        return found

    def delete(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    def local(self, name: str) -> Path:
        return self.root / name

    def readable(self, uri: str) -> str:
        return unquote(uri)

    def reader(self) -> None:
        """Paths are what every reader knows."""

    def prove(self) -> None:
        """A log entry is linked to its name, and no link replaces a file."""


@lru_cache(maxsize=64)
def anchor(folder: Path) -> None:
    """Bring the name of a home or a lake, and those of the folders above it, to stable storage:
    once a process, for whoever made them may have died before he could."""
    for above in folder.absolute().parents:
        try:
            sync([above])
        except PermissionError:  # no folder of ours, so none that we have made
            return
        if above.is_mount():
            return


def sync(paths: Sequence[Path]) -> None:
    """Bring files, or folders with their names, to stable storage. They lie in one file system;
    for very many of them one call syncs all of it, where the machine has such a call."""
    if len(paths) > _SYNCED_ONE_BY_ONE and _sync_file_system(paths[0]):
        return
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sync_file_system(path: Path) -> bool:
    """Linux's syncfs(2), which waits and reports what could not be written."""
    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None:
        return False
    handle = os.open(path, os.O_RDONLY)
    try:
        if syncfs(handle) != 0:
            raise OSError(ctypes.get_errno(), "syncfs", str(path))
    finally:
        os.close(handle)
    return True

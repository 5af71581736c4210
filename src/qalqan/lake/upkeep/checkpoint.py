"""The Delta log kept short: a checkpoint now and then, and no entries from long before it.

Delta writes a checkpoint and the pointer to it without syncing either: after a loss of power the
pointer may lead to half a file. Here it is made in a folder aside, synced, and only then linked
into the log, the pointer last; entries go once a synced checkpoint stands for them.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deltalake import DeltaTable

from qalqan import clock
from qalqan.clock import HOUR, SECOND
from qalqan.lake.storage import Folder, Stored, options_of, storage, sync
from qalqan.lake.table import at_newest

EVERY = 100
"""Log entries after which a checkpoint pays."""

_ENTRY = re.compile(r"(\d{20})\.(json|checkpoint\.parquet)")
_POINTER = "_last_checkpoint"


@dataclass(frozen=True)
class Shortened:
    """What was done to the log of one kind; `version` is the new checkpoint's, if one was made."""

    kind: str
    version: int | None
    entries: int
    """Entries deleted."""


def shorten(lake_root: str, kind: str, keep_hours: float, every: int = EVERY) -> Shortened:
    """Make a checkpoint if `every` entries came since the last, then delete what is older than
    the newest checkpoint and was written more than `keep_hours` ago."""
    made = None
    table = at_newest(storage(lake_root).address(kind))
    if table is not None and table.version() - _newest_checkpoint(lake_root, kind) >= every:
        made = int(table.version())
        _checkpoint(lake_root, kind, made)
    return Shortened(kind, made, _clean(lake_root, kind, keep_hours))


def _entries(lake_root: str, kind: str) -> Iterator[tuple[int, str, Stored]]:
    """Version, ending and file of all that stands in the log, oldest first."""
    for file in storage(lake_root).files(f"{kind}/_delta_log"):
        if found := _ENTRY.fullmatch(file.name.rpartition("/")[2]):
            yield int(found[1]), found[2], file


def _newest_checkpoint(lake_root: str, kind: str) -> int:
    """Its version; -1 if there is none."""
    checkpoints = (version for version, ending, _ in _entries(lake_root, kind) if ending != "json")
    return max(checkpoints, default=-1)


def _checkpoint(lake_root: str, kind: str, version: int) -> None:
    place = storage(lake_root)
    if isinstance(place, Folder):
        _checkpoint_folder(place.root, kind, version)
    else:  # a bucket's puts are whole and durable, and the pointer is the second of them
        address = place.address(kind)
        DeltaTable(
            address, version=version, storage_options=options_of(address)
        ).create_checkpoint()


def _checkpoint_folder(root: Path, kind: str, version: int) -> None:
    log = root / kind / "_delta_log"
    with _aside(root, kind) as aside:
        for path in log.iterdir():
            found = _ENTRY.fullmatch(path.name)
            if found and int(found[1]) <= version:
                os.link(path, aside / path.name)
        if (log / _POINTER).exists():
            shutil.copy(log / _POINTER, aside / _POINTER)
        DeltaTable(str(aside.parent), version=version).create_checkpoint()
        name = f"{version:020d}.checkpoint.parquet"
        sync([aside / name, aside / _POINTER])
        os.replace(aside / name, log / name)
        sync([log])
        os.replace(aside / _POINTER, log / _POINTER)
        sync([log])


@contextmanager
def _aside(root: Path, kind: str) -> Iterator[Path]:
    """A log's folder of our own beside the tables; those that the dead left go too."""
    for left in root.glob(f"_checkpoint-{kind}-*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = root / f"_checkpoint-{kind}-{secrets.token_hex(4)}"
    (folder / "_delta_log").mkdir(parents=True)
    try:
        yield folder / "_delta_log"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clean(lake_root: str, kind: str, keep_hours: float) -> int:
    """Oldest first: a death in between leaves no hole."""
    newest = _newest_checkpoint(lake_root, kind)
    before_us = clock.wall_us() - keep_hours * HOUR
    old = [
        file
        for version, _, file in _entries(lake_root, kind)
        if version < newest and file.changed_s * SECOND < before_us
    ]
    for file in old:
        storage(lake_root).delete(file.name)
    return len(old)

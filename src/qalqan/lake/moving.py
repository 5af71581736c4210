"""A lake moved to another place, a folder or a bucket, file for file; the source stays as it is.

Files of a lake never change once written, so most of it is copied while the centre works
(`copy_ahead`); the rest, and the logs after all that they name, while nobody may seal or keep the
lake (`move`). Whoever has sealed into the old place since is stopped by the next seal in the new
one (`lake.older`), and nothing is lost: the move is made again and copies what is new.

Beside the copy stands what is safely there, in lists below `_moved`, so that a move that was cut
off goes on; a place that holds anything else is refused.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from sqlalchemy import select

from qalqan.errors import Conflict, ContractBroken
from qalqan.lake.schemas import KINDS
from qalqan.lake.sealing import finish_left, sealing
from qalqan.lake.storage import Storage, Stored, storage
from qalqan.lake.table import MARK, at_newest
from qalqan.lake.upkeep import keeping
from qalqan.register.database import Database
from qalqan.register.orm import IdentityRun

_LISTS = "_moved"
_FROM = f"{_LISTS}/from.json"
_TOGETHER_BYTES = 256 * 10**6
"""So much is written before it is brought to stable storage and listed."""
_TOGETHER = 500
_PIECE = 2**20
_POINTER = "_last_checkpoint"
_ENTRY = re.compile(rf"\d{{20}}\.(json|checkpoint\.parquet)|{_POINTER}")

Progress = Callable[[int, int], None]
"""Told after each file: bytes copied or found there, bytes of all."""


@dataclass(frozen=True)
class Moved:
    """What a pass did; `rows` and `seals` by kind are those of both lakes, compared."""

    copied: int
    size: int
    rows: dict[str, int]
    seals: dict[str, int]


def copy_ahead(source_root: str, target_root: str, progress: Progress) -> Moved:
    """Copy what never changes while the centre goes on working.

    Raises:
        Conflict: the target holds something else.
        Unavailable: a bucket's server does not answer.
    """
    source, target = storage(source_root), storage(target_root)
    _claim(source_root, target)
    files = [file for file in source.files("") if not _is_log(file.name)]
    copied, size = _copy(source, target, files, progress, may_go=True)
    return Moved(copied, size, {}, {})


def move(database: Database, source_root: str, target_root: str, progress: Progress) -> Moved:
    """Copy what is not there yet, logs last, and compare both lakes.

    Raises:
        Conflict: upkeep or a backup is running, or the target holds something else.
        ContractBroken: the lakes differ afterwards.
        Unavailable: another process seals, or a bucket's server does not answer.
    """
    source, target = storage(source_root), storage(target_root)
    _claim(source_root, target)
    with keeping(database), sealing(database) as held:
        finish_left(database, source_root, held)  # a staged seal names files that only it knows
        logs = _log(source)
        _check_logs(source, target, logs)
        data = [file for file in source.files("") if not _is_log(file.name)]
        copied, size = _copy(source, target, data, progress)
        _copy_logs(source, target, logs)
        rows, seals = _compared(database, source_root, target_root)
    return Moved(copied, size, rows, seals)


def _claim(source_root: str, target: Storage) -> None:
    """Make an empty place ours, or find it so."""
    target.prove()
    found = target.files("")
    if not found:
        _write(target, _FROM, json.dumps({"from": source_root}).encode())
    elif _FROM not in {file.name for file in found} or _read_json(target, _FROM) != {
        "from": source_root
    }:
        raise Conflict("move_lake", target.address(""), "in use", "move")


def _is_log(name: str) -> bool:
    return "/_delta_log/" in name


def _log(place: Storage) -> dict[str, int]:
    """Entries of all logs, and the pointers to checkpoints; name → bytes. What a writer of the log
    left half done is none of them."""
    return {
        file.name: file.size
        for kind in KINDS
        for file in place.files(f"{kind}/_delta_log")
        if _ENTRY.fullmatch(file.name.rpartition("/")[2])
    }


def _is_own(name: str) -> bool:
    return name.startswith((f"{_LISTS}/", "_proof/"))


def _copy(
    source: Storage,
    target: Storage,
    files: Iterable[Stored],
    progress: Progress,
    may_go: bool = False,
) -> tuple[int, int]:
    """Copy what is not listed as safe; files and bytes copied. `may_go`: compaction and vacuum run
    beside, so a file that is gone is no loss."""
    wanted = [file for file in files if not _is_own(file.name)]
    safe, whole, done = _listed(target), sum(file.size for file in wanted), 0
    copied = size = 0
    group: list[Stored] = []
    for file in wanted:
        is_safe = safe.get(file.name) == file.size  # else it was still being written
        if not is_safe and _copy_one(source, target, file.name, may_go):
            group.append(file)
            copied, size = copied + 1, size + file.size
        if len(group) >= _TOGETHER or sum(one.size for one in group) >= _TOGETHER_BYTES:
            _list(target, group)
            group = []
        done += file.size
        progress(done, whole)
    _list(target, group)
    return copied, size


def _copy_one(source: Storage, target: Storage, name: str, may_go: bool = False) -> bool:
    try:
        with _opened(source, name) as there, target.new_file(name) as here:
            shutil.copyfileobj(there, here, _PIECE)
    except FileNotFoundError:
        if not may_go:
            raise
        return False
    return True


@contextmanager
def _opened(place: Storage, name: str) -> Iterator[IO[bytes]]:
    """A file to be read once: from a bucket without leaving a copy in this machine's cache."""
    files = place.reader()
    with (
        place.local(name).open("rb") if files is None else files.open(place.address(name), "rb")
    ) as file:
        yield file


def _list(target: Storage, group: list[Stored]) -> None:
    """Bring them to stable storage, and only then say that they are there, and how long they were
    when they were looked for: what a worker was still writing then is longer now."""
    if group:
        target.keep([file.name for file in group])
        sizes = {file.name: file.size for file in group}
        _write(target, f"{_LISTS}/{secrets.token_hex(8)}.json", json.dumps(sizes).encode())


def _listed(target: Storage) -> dict[str, int]:
    """Name → bytes of what is safely there; of a file that grew between two passes, the most."""
    safe: dict[str, int] = {}
    for one in (file.name for file in target.files(_LISTS) if file.name != _FROM):
        for name, size in dict(_read_json(target, one)).items():
            safe[name] = max(size, safe.get(name, 0))
    return safe


def _write(place: Storage, name: str, contents: bytes) -> None:
    with place.new_file(name) as file:
        file.write(contents)
    place.keep([name])


def _read(place: Storage, name: str) -> bytes:
    with _opened(place, name) as file:
        return file.read()


def _read_json(place: Storage, name: str) -> Any:
    try:
        return json.loads(_read(place, name))
    except ValueError:  # cut off while it was written
        return []


def _check_logs(source: Storage, target: Storage, logs: Mapping[str, int]) -> None:
    """What stands in the target's logs stands in the source's, to the byte, or was cleaned there
    since: else somebody has sealed into the target, and it is a lake of its own."""
    oldest: dict[str, str] = {}
    for name in sorted(logs, reverse=True):
        oldest[name.partition("/")[0]] = name
    for name, size in _log(target).items():
        is_part = size < logs.get(name, 0) or name < oldest.get(name.partition("/")[0], "")
        if name.endswith(_POINTER) or is_part:
            continue
        if name not in logs or _read(source, name) != _read(target, name):
            raise Conflict("move_lake", target.address(""), "in use", "move")


def _copy_logs(source: Storage, target: Storage, logs: Mapping[str, int]) -> None:
    for name in logs:
        _copy_one(source, target, name)
    target.keep(list(logs))


def _compared(
    database: Database, source_root: str, target_root: str
) -> tuple[dict[str, int], dict[str, int]]:
    """Rows and newest seal of each kind.

    Raises:
        ContractBroken: they differ, or a file that is named is not there or of another size.
    """
    there = {file.name: file.size for file in storage(target_root).files("")}
    rows, seals = {}, {}
    for kind in KINDS:
        tables = [at_newest(storage(root).address(kind)) for root in (source_root, target_root)]
        before, after = (None if table is None else _story(table) for table in tables)
        if before != after:
            raise ContractBroken(f"{kind}: {after} arrived of {before}")
        if after is not None:
            _check_there(kind, after.files, there)
            rows[kind], seals[kind] = after.rows, after.seal
    with database.session() as session:
        runs = session.scalars(select(IdentityRun.name)).all()
    if missing := [name for name in runs if f"_identities/{name}" not in there]:
        raise ContractBroken(f"{len(missing)} runs of identities did not arrive: {missing[0]}")
    return rows, seals


@dataclass(frozen=True)
class _Story:
    """What a table tells."""

    version: int
    seal: int
    rows: int
    files: dict[str, int]


def _story(table: DeltaTable) -> _Story:
    named = pa.table(table.get_add_actions(flatten=True))
    paths = (unquote(path) for path in named["path"].to_pylist())
    return _Story(
        version=int(table.version()),
        seal=table.transaction_version(MARK) or 0,
        rows=int(pc.sum(named["num_records"]).as_py() or 0),
        files=dict(zip(paths, named["size_bytes"].to_pylist(), strict=True)),
    )


def _check_there(kind: str, files: dict[str, int], there: dict[str, int]) -> None:
    for path, size in files.items():
        if there.get(f"{kind}/{path}") != size:
            raise ContractBroken(f"{kind}/{path} did not arrive whole")

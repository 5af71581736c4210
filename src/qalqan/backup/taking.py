"""Taking a backup: a new point, and of the lake only the files that the pool lacks.

The lease "upkeep" is held meanwhile, so nothing is compacted, vacuumed or dropped; sealing goes
on. The register is copied first; then each table's log is cut at the version that holds the
copy's newest seal and none later, so both tell the same story to the row.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable

from qalqan import clock
from qalqan.backup import points, register_copy
from qalqan.backup.points import LOGS, POINTS, POOL, File, Point
from qalqan.backup.pool import Pool
from qalqan.backup.register_copy import Copied
from qalqan.errors import Conflict
from qalqan.lake.schemas import KINDS
from qalqan.lake.sealing import MARK
from qalqan.lake.storage import options_of, storage, sync
from qalqan.lake.upkeep import keeping, still
from qalqan.learning.model import FOLDER as MODELS
from qalqan.register.database import Database
from qalqan.register.leases import Held
from qalqan.settings import Settings
from qalqan.trust.keys import Keys

CLOCK_FILE = "clock"
KEYS_FILE = "keys.json"
_ENTRY = re.compile(r"(\d{20})\.(json|checkpoint\.parquet)")
_PAUSE_S = 0.2


@dataclass(frozen=True)
class Taken:
    """A new point; `copied` files of `size` bytes were new to the pool, `forgotten` points went."""

    point: Point
    copied: int
    size: int
    forgotten: int = 0


@dataclass(frozen=True)
class Manner:
    """How a backup is taken."""

    with_keys: bool = False
    link: bool = False
    """Hard links to the lake's files instead of copies, where both lie on one disk."""
    keep: int | None = None
    """Then forget all points but so many; None: none."""
    patience_s: float = 0.0
    """How long to wait for upkeep or another backup."""
    waits: Callable[[], object] = lambda: None
    """Told once if there is somebody to wait for."""


def take(
    database: Database, keys: Keys, settings: Settings, folder: Path, how: Manner = Manner()
) -> Taken:
    """Add a point to the backup in the folder, which is made if need be.

    Raises:
        Conflict: upkeep or another backup is running, or the folder holds something else.
        Unavailable: the register does not answer.
        OSError: the disk is full, or the folder can't be written.
    """
    with _in_turn(database, how.patience_s, how.waits) as held:
        points.opened(folder, keys)
        before = points.points(folder)
        known = before[-1].files if before else {}
        pool = Pool(settings.lake_root, folder / POOL, known, how.link)
        with _aside(folder) as aside:
            point = _point(database, keys, settings, held, pool, aside, how.with_keys)
            pool.keep()
            _finish(folder, aside, point, keys)
        forgotten = prune(folder, how.keep) if how.keep else 0
    return Taken(point, pool.copied, pool.size, forgotten)


def _point(
    database: Database, keys: Keys, settings: Settings, held: Held, pool: Pool, aside: Path,
    with_keys: bool,
) -> Point:  # fmt: skip
    """All that belongs to a point, in the folder aside and in the pool."""
    at_us = clock.now_us()
    copied = register_copy.copy(database, aside)
    logs = _tables(database, held, pool, aside, copied)
    simulated = _beside(settings, aside, with_keys)
    return Point(
        name=_free(aside.parent, points.name_of(at_us, copied.seal)),
        at_us=at_us,
        seal=copied.seal,
        register=copied.kind,
        keys=points.fingerprint(keys),
        with_keys=with_keys,
        simulated=simulated,
        files=pool.files,
        inside=_inside(aside),
        logs=logs,
    )


@contextmanager
def _in_turn(database: Database, patience_s: float, waits: Callable[[], object]) -> Iterator[Held]:
    """The lease "upkeep", once whoever has it is done: a night's upkeep or another backup."""
    until_s = time.monotonic() + patience_s
    told = False
    with ExitStack() as stack:
        while True:
            try:
                held = stack.enter_context(keeping(database))
                break
            except Conflict:
                if time.monotonic() >= until_s:
                    raise
            if not told:
                waits()
            told = True
            time.sleep(_PAUSE_S)
        yield held


def _free(every: Path, name: str) -> str:
    """The name, with a number if points of this second have it: larger than theirs, so that
    names sort by time also when older ones were forgotten."""
    alike = sorted(path.name for path in every.iterdir() if path.name.startswith(name))
    if not alike:
        return name
    last = alike[-1].removeprefix(name).removeprefix("-")
    return f"{name}-{int(last or 1) + 1:06d}"


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """A point's folder that nobody takes for a point yet; those that the dead left go."""
    for left in (folder / POINTS).glob(".taking-*"):
        shutil.rmtree(left, ignore_errors=True)
    aside = folder / POINTS / f".taking-{secrets.token_hex(4)}"
    aside.mkdir(mode=0o700)
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _beside(settings: Settings, aside: Path, with_keys: bool) -> bool:
    """Models that findings name, keys if asked, and a simulated country's clock; whether there is
    one."""
    if (settings.home / MODELS).exists():
        unfinished = shutil.ignore_patterns(".*")
        shutil.copytree(settings.home / MODELS, aside / MODELS, ignore=unfinished)
    if with_keys:
        os.close(os.open(aside / KEYS_FILE, os.O_CREAT | os.O_WRONLY, 0o600))
        shutil.copyfile(settings.keys_file, aside / KEYS_FILE)
    simulated = (settings.home / CLOCK_FILE).exists()
    if simulated:
        shutil.copyfile(settings.home / CLOCK_FILE, aside / CLOCK_FILE)
    return simulated


def _inside(aside: Path) -> dict[str, File]:
    """All that a point keeps in its own folder."""
    found = (path for path in sorted(aside.rglob("*")) if path.is_file())
    return {path.relative_to(aside).as_posix(): points.file_of(path) for path in found}


def _finish(folder: Path, aside: Path, point: Point, keys: Keys) -> None:
    """Everything on stable storage, the manifest last, then the name."""
    points.save(aside, point, keys)
    inner = list(aside.rglob("*"))
    sync([*inner, aside])
    aside.rename(folder / POINTS / point.name)
    sync([folder / POINTS])


def _tables(
    database: Database, held: Held, pool: Pool, aside: Path, copied: Copied
) -> dict[str, int]:
    logs = {}
    for kind in KINDS:
        still(database, held)
        table = _as_of(pool.lake_root, kind, copied.seal)
        if table is not None:
            logs[kind] = int(table.version())
            _log(pool.lake_root, kind, logs[kind], aside / LOGS / kind)
            paths = pa.table(table.get_add_actions(flatten=True))["path"].to_pylist()
            pool.take(f"{kind}/{unquote(path)}" for path in paths)
    if copied.staged is not None:
        pool.take(f"{copied.staged.kind}/{file.path}" for file in copied.staged.files)
    pool.take(f"_identities/{name}" for name in copied.runs)
    return logs


def _as_of(lake_root: str, kind: str, seal: int) -> DeltaTable | None:
    """The newest version that holds no later seal; sealing may have gone on meanwhile."""
    address = storage(lake_root).address(kind)
    options = options_of(address)
    if not DeltaTable.is_deltatable(address, options):
        return None
    table = DeltaTable(address, storage_options=options)
    while (table.transaction_version(MARK) or 0) > seal:
        table.load_as_version(table.version() - 1)
    return table


def _log(lake_root: str, kind: str, version: int, target: Path) -> None:
    """The log's entries up to a version. The pointer to the newest checkpoint stays behind: it
    may point beyond, and readers find checkpoints without it."""
    target.mkdir(parents=True)
    place = storage(lake_root)
    for stored in place.files(f"{kind}/_delta_log"):
        name = stored.name.rpartition("/")[2]
        found = _ENTRY.fullmatch(name)
        if found and int(found[1]) <= version:
            shutil.copyfile(place.local(stored.name), target / name)


def prune(folder: Path, keep: int) -> int:
    """Forget all points but the newest ones, and the pool's files that none of those names;
    the number of points forgotten. Only whoever holds the lease "upkeep" may: a backup under way
    has files in the pool that no point names yet."""
    for dead in (folder / POINTS).glob(".gone-*"):  # whoever began to forget it died
        shutil.rmtree(dead)
    every = points.points(folder)
    old, left = every[:-keep], every[-keep:]
    for point in old:
        gone = folder / POINTS / f".gone-{point.name}"
        (folder / POINTS / point.name).rename(gone)
        shutil.rmtree(gone)
    sync([folder / POINTS])
    named = {name for point in left for name in point.files}
    for path in (folder / POOL).rglob("*"):
        if path.is_file() and path.relative_to(folder / POOL).as_posix() not in named:
            path.unlink()
    return len(old)

"""A home made from a point of a backup: aside first, and under its name when all of it is safe.

What was done after the point is not in it, but partners may have seen it. So a restored centre
delivers nothing before a person has looked (`qalqan delivery`), everyone signs in anew, and its
counters leave a gap: no new order gets a number under which a partner may know another one.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qalqan import clock
from qalqan.backup import points, register_copy
from qalqan.backup.points import LOGS, POINTS, POOL, Point
from qalqan.backup.taking import CLOCK_FILE, KEYS_FILE
from qalqan.errors import Conflict, ContractBroken, NotFound
from qalqan.lake.storage import sync
from qalqan.learning.model import FOLDER as MODELS
from qalqan.register import pauses
from qalqan.trust.keys import Keys

GAP = 100_000
"""Numbers that a restored register leaves out."""


@dataclass(frozen=True)
class Restored:
    """A home that is ready."""

    home: Path
    point: Point


def restore(
    folder: Path,
    home: Path,
    *,
    at_us: int | None = None,
    seal: int | None = None,
    keys_file: Path | None = None,
    register_url: str | None = None,
) -> Restored:
    """Make a home of the newest point that is not later than the moment or seal; `register_url`
    names an empty PostgreSQL database for a register that came from one.

    Raises:
        NotFound: no such point, or no keys to go with it.
        Conflict: the home or the database is not empty, or the keys are others.
        ContractBroken: a file of the backup is damaged or missing, or PostgreSQL's programs are.
        Unavailable: PostgreSQL does not answer or refuses, or the disk is full.
    """
    point = points.chosen(folder, at_us, seal)
    _check_home(home)
    inside = folder / POINTS / point.name
    keys = _keys(point, inside, keys_file)
    _check_register(point, register_url)
    with _aside(home) as aside:
        _fill(folder, inside, aside, point, keys)
        _register(inside, aside, point, register_url)
        _keep(aside)
        aside.rename(home)
        sync([home.parent])
    return Restored(home, point)


def _check_home(home: Path) -> None:
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise Conflict("restore_home", str(home), "not empty", "restore")


def _check_register(point: Point, register_url: str | None) -> None:
    if point.register == "postgresql":
        if register_url is None or not register_url.startswith("postgresql"):
            raise NotFound("restore_register", point.name)
        register_copy.empty(register_url)


@contextmanager
def _aside(home: Path) -> Iterator[Path]:
    """A name beside the home's, of which nothing is left if the block fails."""
    home.parent.mkdir(parents=True, exist_ok=True)
    aside = home.parent / f".{home.name}.restoring-{secrets.token_hex(4)}"
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _keys(point: Point, inside: Path, keys_file: Path | None) -> Path:
    path = keys_file or (inside / KEYS_FILE if point.with_keys else None)
    if path is None:
        raise NotFound("restore_keys", point.name)
    keys = Keys.load(path)
    if points.fingerprint(keys) != point.keys:
        raise Conflict("restore_keys", str(path), "other keys", "restore")
    points.check(inside, point, keys)
    return path


def _fill(folder: Path, inside: Path, aside: Path, point: Point, keys: Path) -> None:
    """Keys, clock, models and lake."""
    aside.mkdir(mode=0o700)
    os.close(os.open(aside / KEYS_FILE, os.O_CREAT | os.O_WRONLY, 0o600))
    shutil.copyfile(keys, aside / KEYS_FILE)
    if point.simulated:
        _copy_inside(inside, CLOCK_FILE, aside / CLOCK_FILE, point)
    for name in point.inside:
        if name.startswith(f"{MODELS}/"):
            _copy_inside(inside, name, aside / name, point)
    _lake(folder, inside, aside / "lake", point)


def _lake(folder: Path, inside: Path, lake: Path, point: Point) -> None:
    """Data files and runs of identities from the pool, logs from the point's own folder."""
    lake.mkdir()
    for name, file in point.files.items():
        _copy(folder / POOL / name, lake / name, file.sha256)
    for kind, version in point.logs.items():
        log = lake / kind / "_delta_log"
        log.mkdir(parents=True, exist_ok=True)
        for name in point.inside:
            if name.startswith(f"{LOGS}/{kind}/"):
                _copy_inside(inside, name, log / name.rpartition("/")[2], point)
        if not (log / f"{version:020d}.json").exists():
            raise ContractBroken(f"{kind}'s log is cut", "backup.damaged", path=str(log))


def _copy_inside(inside: Path, name: str, target: Path, point: Point) -> None:
    _copy(inside / name, target, _sha256(point, name, inside))


def _sha256(point: Point, name: str, inside: Path) -> str:
    if name not in point.inside:
        raise ContractBroken(f"{name} is not named", "backup.damaged", path=str(inside / name))
    return point.inside[name].sha256


def _copy(source: Path, target: Path, sha256: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError as error:
        raise ContractBroken(f"{source} is missing", "backup.damaged", path=str(source)) from error
    if points.digest_of(target) != sha256:
        raise ContractBroken(f"{source} is damaged", "backup.damaged", path=str(source))


def _register(inside: Path, aside: Path, point: Point, register_url: str | None) -> None:
    then = _settling(point)
    if point.register == "postgresql":
        dump = inside / register_copy.DUMP
        if points.digest_of(dump) != _sha256(point, register_copy.DUMP, inside):
            raise ContractBroken(f"{dump} is damaged", "backup.damaged", path=str(dump))
        register_copy.restore_dump(dump, register_url or "", then, aside)
        return
    target = aside / register_copy.SQLITE
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
    _copy_inside(inside, register_copy.SQLITE, target, point)
    register_copy.run_on_sqlite(target, then)


def _settling(point: Point) -> Sequence[str]:
    """What a register needs before it works again, as SQL that both databases know. Of values
    from outside there are the point's name and moment, and `points` has checked who wrote them."""
    now = point.at_us if point.simulated else clock.now_us()
    reason = f"restored from the backup of {point.name}"
    said = f"'{pauses.DELIVERY}', {now}, 'restore', '{reason}'"
    done = f"{now}, 'restore', 'backup.restore', 'backup', '{point.name}', '{reason}', '{{}}'"
    return (
        "DELETE FROM leases",
        "DELETE FROM sessions",
        f"UPDATE numbers SET last = last + {GAP}",
        f'INSERT INTO pauses (name, since_us, "by", reason) VALUES ({said}) ON CONFLICT DO NOTHING',
        "INSERT INTO audit (at_us, actor, action, object_kind, object, purpose, detail)"
        f" VALUES ({done})",
    )


def _keep(aside: Path) -> None:
    """All of it on stable storage, files before the folders that name them."""
    inner = sorted(aside.rglob("*"), key=lambda path: (path.is_dir(), -len(path.parts)))
    sync([*inner, aside])

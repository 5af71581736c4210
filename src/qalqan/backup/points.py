"""Points of a backup folder: what each holds, and the newest one before a moment or seal."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from qalqan.clock import SECOND
from qalqan.errors import Conflict, ContractBroken, NotFound
from qalqan.lake.schemas import KINDS
from qalqan.lake.storage import sync
from qalqan.trust.keys import Keys

MARKER = "qalqan-backup.json"
MANIFEST = "manifest.json"
POINTS = "points"
POOL = "files"
LOGS = "logs"
_SEALED = "hmac"
_FORMAT = 1
_NAME = re.compile(r"\d{8}T\d{6}Z-\d{12}(-\d+)?", re.ASCII)


@dataclass(frozen=True)
class File:
    """A file of the pool, as the manifest names it."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Point:
    """What one backup holds."""

    name: str
    at_us: int
    seal: int
    register: str
    """sqlite or postgresql."""
    keys: str
    """Fingerprint of the keys that belong to it."""
    with_keys: bool
    simulated: bool
    """Whether a simulated clock belongs to it."""
    files: Mapping[str, File] = field(repr=False)
    """Path below the lake's root → file of the pool: data files and runs of identities."""
    inside: Mapping[str, File] = field(repr=False)
    """Path below the point's own folder → file there: the tables' logs, and what else it keeps."""
    logs: Mapping[str, int] = field(repr=False)
    """Kind → version of its table."""


def fingerprint(keys: Keys) -> str:
    """Tells two centres' keys apart, and nothing about them."""
    return hmac.digest(keys.token_key("document"), b"qalqan backup", "sha256").hex()[:32]


def name_of(at_us: int, seal: int) -> str:
    """Sorts by time: 20260504T140500Z-000000000123."""
    moment = datetime.fromtimestamp(at_us / SECOND, UTC)
    return f"{moment:%Y%m%dT%H%M%SZ}-{seal:012d}"


def opened(folder: Path, keys: Keys) -> None:
    """Make sure that the folder is a backup of this centre's, or make it one.

    Raises:
        Conflict: it holds something else, or another centre's backup.
    """
    marker = folder / MARKER
    if not marker.exists():
        if folder.exists() and any(folder.iterdir()):
            raise Conflict("backup", str(folder), "in use", "back up")
        for inner in (folder, folder / POINTS, folder / POOL):
            inner.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(marker, {"format": _FORMAT, "keys": fingerprint(keys)})
    elif _read(marker).get("keys") != fingerprint(keys):
        raise Conflict("backup_keys", str(folder), "another centre's", "back up")


def write(path: Path, body: Mapping[str, object]) -> None:
    """A JSON file, whole or not at all."""
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(json.dumps(body, ensure_ascii=False, indent=1), encoding="utf-8")
    sync([aside])
    aside.replace(path)
    sync([path.parent])


def _read(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ContractBroken(f"{path} can't be read", "backup.damaged", path=str(path)) from error
    return dict(found)


def save(folder: Path, point: Point, keys: Keys) -> None:
    """Write the manifest into a point's folder, with a seal that only the centre's keys make."""
    write(folder / MANIFEST, {**asdict(point), _SEALED: _seal_of(point, keys)})


def check(folder: Path, point: Point, keys: Keys) -> None:
    """Whether the manifest in a point's folder is as the centre with these keys wrote it: what
    it names is told apart by size and SHA-256, so nobody without the keys can put other files in.

    Raises:
        ContractBroken: it is not.
    """
    path = folder / MANIFEST
    if not hmac.compare_digest(str(_read(path).get(_SEALED)), _seal_of(point, keys)):
        raise ContractBroken(f"{path} was changed", "backup.damaged", path=str(path))


def _seal_of(point: Point, keys: Keys) -> str:
    text = json.dumps(asdict(point), sort_keys=True).encode()
    return hmac.digest(keys.token_key("document"), b"qalqan backup point " + text, "sha256").hex()


def file_of(path: Path) -> File:
    """A file as a manifest names it."""
    return File(path.stat().st_size, digest_of(path))


def points(folder: Path) -> list[Point]:
    """All points, oldest first.

    Raises:
        NotFound: the folder is no backup.
        ContractBroken: a manifest is damaged.
    """
    return [read(folder, name) for name in names(folder)]


def names(folder: Path) -> list[str]:
    """Names of all points, oldest first.

    Raises:
        NotFound: the folder is no backup.
    """
    if not (folder / MARKER).exists():
        raise NotFound("backup", str(folder))
    return sorted(path.name for path in (folder / POINTS).iterdir() if path.name[0] != ".")


def read(folder: Path, name: str) -> Point:
    """A point as its manifest tells it; `check` says whether it may be believed.

    Raises:
        ContractBroken: the manifest is damaged.
    """
    path = folder / POINTS / name / MANIFEST
    try:
        body = dict(_read(path))
        body.pop(_SEALED)
        files, inner = _files(body.pop("files")), _files(body.pop("inside"))
        point = Point(files=files, inside=inner, **body)  # type: ignore[arg-type]
        inside = point.name == path.parent.name and all(map(_is_inside, (*files, *inner)))
    except (TypeError, AttributeError, KeyError, OSError) as error:
        raise ContractBroken(f"{path} can't be read", "backup.damaged", path=str(path)) from error
    if not inside or not _NAME.fullmatch(point.name) or not set(point.logs) <= set(KINDS):
        raise ContractBroken(f"{path} leads elsewhere", "backup.damaged", path=str(path))
    return point


def _files(told: Any) -> dict[str, File]:
    return {name: File(**one) for name, one in told.items()}


def _is_inside(name: str) -> bool:
    """Whether a path stays below the folder it is told of: restoring writes nowhere else."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def chosen(folder: Path, at_us: int | None = None, seal: int | None = None) -> Point:
    """The newest point that is not later than a moment (UTC microseconds) and a seal.

    Raises:
        NotFound: there is none so old, or no backup at all.
        ContractBroken: a manifest is damaged.
    """
    for name in reversed(names(folder)):
        if not _is_later(name, at_us, seal):  # a later one's manifest may be damaged
            one = read(folder, name)
            if (at_us is None or one.at_us <= at_us) and (seal is None or one.seal <= seal):
                return one
    raise NotFound("point", str(folder))


def _is_later(name: str, at_us: int | None, seal: int | None) -> bool:
    """Whether a point is too late by its name alone, which tells the second and the seal."""
    if not _NAME.fullmatch(name):
        return False
    too_late = at_us is not None and name[:16] > name_of(at_us, 0)[:16]
    return too_late or (seal is not None and int(name[17:29]) > seal)


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Whether a backup is still what was written: each file of each point is read again and held
against the manifest that the centre's keys have sealed. Disks forget in silence; whoever looks
only when he has to restore looks too late."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qalqan.backup import points
from qalqan.backup.points import MANIFEST, POINTS, POOL, File, Point
from qalqan.errors import ContractBroken
from qalqan.trust.keys import Keys

MISSING, DAMAGED, UNREADABLE = "missing", "damaged", "unreadable"


@dataclass(frozen=True)
class Hurt:
    """A file that is not as it was written; `points` can't be restored because of it."""

    path: str
    """Relative to the backup's folder."""
    what: str
    """missing, damaged (other contents), or unreadable (the disk or its rights refuse it)."""
    points: tuple[str, ...]


@dataclass(frozen=True)
class Verified:
    """What was read and found; `bytes` of `files` different files."""

    points: int
    files: int
    bytes: int
    hurt: tuple[Hurt, ...]


@dataclass(frozen=True)
class _Read:
    """What a file turned out to be: its size and digest, or why it can't be read."""

    size: int
    sha256: str
    what: str = ""

    def against(self, told: File) -> str | None:
        """What is wrong with it, if anything."""
        same = (self.size, self.sha256) == (told.size, told.sha256)
        return self.what or (None if same else DAMAGED)


def verify(folder: Path, keys: Keys) -> Verified:
    """Read every file of a backup again, each once however many points name it, a piece at a
    time. A point that is forgotten meanwhile counts for nothing. Changes nothing.

    Raises:
        NotFound: the folder is no backup.
    """
    read: dict[str, _Read] = {}
    found: dict[tuple[str, str], list[str]] = {}
    names = points.names(folder)
    for name in names:
        for path, what in _hurts(folder, name, keys, read):
            found.setdefault((path, what), []).append(name)
    left = set(points.names(folder))
    hurt = [Hurt(*one, tuple(n for n in named if n in left)) for one, named in found.items()]
    size = sum(one.size for one in read.values())
    still = tuple(one for one in sorted(hurt, key=lambda one: one.path) if one.points)
    return Verified(len(left.intersection(names)), len(read), size, still)


def _hurts(
    folder: Path, name: str, keys: Keys, read: dict[str, _Read]
) -> Iterator[tuple[str, str]]:
    """Files of one point that are not as its manifest says, with what is wrong."""
    inside = f"{POINTS}/{name}"
    manifest = f"{inside}/{MANIFEST}"
    read[manifest] = _read(folder / manifest)
    if read[manifest].what:
        yield manifest, read[manifest].what
        return
    try:
        point = points.read(folder, name)
        points.check(folder / inside, point, keys)
    except (ContractBroken, OSError):  # by now it may be forgotten
        yield manifest, DAMAGED
        return
    for path, told in _told(point):
        if path not in read:
            read[path] = _read(folder / path)
        if what := read[path].against(told):
            yield path, what


def _told(point: Point) -> Iterator[tuple[str, File]]:
    yield from ((f"{POOL}/{name}", file) for name, file in point.files.items())
    yield from ((f"{POINTS}/{point.name}/{name}", file) for name, file in point.inside.items())


def _read(path: Path) -> _Read:
    try:
        file = points.file_of(path)
    except FileNotFoundError:
        return _Read(0, "", MISSING)
    except OSError:  # a bad sector, or rights
        return _Read(0, "", UNREADABLE)
    return _Read(file.size, file.sha256)

"""Bit rot is found before anybody has to restore."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qalqan.backup import points
from qalqan.backup.taking import Taken
from qalqan.backup.verifying import verify
from qalqan.errors import NotFound
from qalqan.trust.keys import Keys

BackedUp = Callable[..., Taken]


@pytest.fixture
def server() -> None:
    """A file is a file, wherever the register lives."""


@pytest.fixture
def two_points(centre: Any, backed_up: BackedUp) -> list[str]:
    """The first fact's file belongs to both."""
    made = []
    for name in ("a", "b"):
        centre.give(name)
        centre.seal()
        made.append(backed_up().point.name)
    return made


def flip(path: Path) -> None:
    """One bit, in the middle; size and time stay."""
    about = path.stat()
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def test_a_whole_backup_is_read_to_the_last_file(
    centre: Any, folder: Path, two_points: list[str]
) -> None:
    found = verify(folder, centre.keys)
    every = [path for path in folder.rglob("*") if path.is_file() and path.name != points.MARKER]
    assert (found.points, found.hurt) == (2, ())
    assert found.files == len(every)
    assert found.bytes == sum(path.stat().st_size for path in every)


def test_each_hurt_file_is_named_with_the_points_that_need_it(
    centre: Any, folder: Path, two_points: list[str]
) -> None:
    first, second = two_points
    old, new = sorted((folder / "files").rglob("*.parquet"))
    flip(old)
    new.unlink()
    flip(folder / "points" / first / "register.db")
    hurt = {(one.path, one.what, one.points) for one in verify(folder, centre.keys).hurt}
    assert hurt == {
        (old.relative_to(folder).as_posix(), "damaged", (first, second)),
        (new.relative_to(folder).as_posix(), "missing", (second,)),
        (f"points/{first}/register.db", "damaged", (first,)),
    }


def test_a_hurt_file_that_is_deleted_comes_back_with_the_next_point(
    centre: Any, folder: Path, two_points: list[str], backed_up: BackedUp
) -> None:
    path = min((folder / "files").rglob("*.parquet"))
    flip(path)
    backed_up()
    assert len(verify(folder, centre.keys).hurt) == 1
    path.unlink()
    assert backed_up().copied == 1
    assert verify(folder, centre.keys).hurt == ()


@pytest.mark.parametrize("hurt", ["flipped", "no JSON", "gone", "other keys"])
def test_a_manifest_that_the_centre_did_not_write_so_is_hurt_itself(
    hurt: str, centre: Any, folder: Path, two_points: list[str]
) -> None:
    manifest = folder / "points" / two_points[0] / "manifest.json"
    keys = centre.keys
    if hurt == "flipped":
        manifest.write_text(manifest.read_text().replace('"seal": 1,', '"seal": 7,'))
    elif hurt == "no JSON":
        manifest.write_text("{")
    elif hurt == "gone":
        manifest.unlink()
    else:
        keys = Keys.new()
    found = verify(folder, keys).hurt
    assert len(found) == (2 if hurt == "other keys" else 1)
    assert found[0].path == manifest.relative_to(folder).as_posix()
    assert found[0].what == ("missing" if hurt == "gone" else "damaged")


def test_what_the_disk_refuses_is_told(centre: Any, folder: Path, two_points: list[str]) -> None:
    path = folder / "points" / two_points[1] / "register.db"
    path.unlink()
    path.symlink_to(path)  # as good as a bad sector: it can't be opened
    (one,) = verify(folder, centre.keys).hurt
    assert (one.path, one.what) == (path.relative_to(folder).as_posix(), "unreadable")


def test_a_point_forgotten_meanwhile_is_no_damage(
    centre: Any, folder: Path, two_points: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = folder / "points" / two_points[0]
    read = points.read

    def forgotten(*given: Any) -> Any:
        found = read(*given)
        shutil.rmtree(gone, ignore_errors=True)
        return found

    monkeypatch.setattr(points, "read", forgotten)
    found = verify(folder, centre.keys)
    assert (found.points, found.hurt) == (1, ())


def test_no_backup_is_not_verified(centre: Any, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        verify(tmp_path, centre.keys)

"""The lake's files in a backup: copied once, and again if a copy is not as long as it was."""

from __future__ import annotations

from pathlib import Path

from qalqan.backup.points import file_of
from qalqan.backup.pool import Pool


def test_what_is_there_is_taken_for_what_it_was(tmp_path: Path) -> None:
    lake, pooled = tmp_path / "lake", tmp_path / "files"
    pooled.mkdir()
    for name in ("a", "deep/b"):
        (lake / name).parent.mkdir(parents=True, exist_ok=True)
        (lake / name).write_text(name)
    first = Pool(str(lake), pooled, {}, link=False)
    first.take(["a", "deep/b"])
    first.keep()
    assert (first.copied, first.size) == (2, 7)
    assert first.files["deep/b"] == file_of(pooled / "deep/b") == file_of(lake / "deep/b")
    (pooled / "deep/b").write_text("torn off")
    again = Pool(str(lake), pooled, first.files, link=False)
    again.take(["a", "deep/b"])
    assert (again.copied, again.files) == (1, first.files)
    assert (pooled / "deep/b").read_text() == "deep/b"
    assert [path.name for path in pooled.rglob(".*")] == []

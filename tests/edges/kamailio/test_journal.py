"""The edge's journal: chained, counted, never silent (REQ-45)."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from qalqan.edges.kamailio import journal
from qalqan.edges.kamailio.journal import (
    MOST_BYTES,
    Broken,
    Complaint,
    Journal,
    Line,
    clean,
    lines,
    prepare,
)


def told(number: int, call_id: str = "a@b") -> str:
    return f"{number}\t3\t7\t128\t1\t1\t1\t0\t77272500000\t77011111111\t0\t-1\t{call_id}"


def only(folder: Path) -> Path:
    [path] = folder.glob("*.events")
    return path


def test_what_was_noted_is_read_again(tmp_path: Path) -> None:
    own = Journal(tmp_path)
    for number in range(3):
        own.note(told(number))
    found = list(lines(only(tmp_path)))
    assert [line.at_us for line in found if isinstance(line, Line)] == [0, 1, 2]
    assert found[0] == Line(0, 3, 7, 128, 1, 1, 1, 0, 77272500000, 77011111111, 0, -1, "a@b")


def test_complaints_and_what_was_asked_stand_in_the_same_chain(tmp_path: Path) -> None:
    own = Journal(tmp_path)
    said = Complaint(5, 0, 77011111111, "a\tb")
    own.note(told(1))
    own.note(journal.complaint(said))
    own.note(told(2) + "\tsigned=valid")
    first, second, third = lines(only(tmp_path))
    assert isinstance(first, Line)
    assert isinstance(third, Line)
    assert (first.asked, third.asked) == ("", "signed=valid")
    assert second == said._replace(call_id="a b")
    body = only(tmp_path).read_text()
    only(tmp_path).write_text(body.replace("# complaint\t5", "# complaint\t6"))
    with pytest.raises(Broken):
        list(lines(only(tmp_path)))


@pytest.mark.parametrize("spoil", ["change", "drop", "swap", "insert", "head"])
def test_a_spoiled_journal_is_told(tmp_path: Path, spoil: str) -> None:
    own = Journal(tmp_path)
    for number in range(4):
        own.note(told(number))
    own.close()
    path = only(tmp_path)
    body = path.read_text().splitlines(keepends=True)
    if spoil == "change":
        body[2] = body[2].replace("77272500000", "77272500001")
    elif spoil == "drop":
        del body[2]
    elif spoil == "swap":
        body[1], body[2] = body[2], body[1]
    elif spoil == "insert":
        body.insert(2, body[1])
    else:
        body[0] = body[0].replace("0", "1")
    path.write_text("".join(body))
    with pytest.raises(Broken):
        list(lines(path))


def test_half_a_last_line_is_left_out(tmp_path: Path) -> None:
    """A worker that was killed while it wrote; what its file was given beyond is zeros."""
    own = Journal(tmp_path)
    own.note(told(1))
    path = only(tmp_path)
    body = path.read_bytes()
    assert len(body) == MOST_BYTES
    end = body.index(b"\0")
    path.write_bytes(body[:end] + b"179" + body[end + 3 :])
    assert len(list(lines(path))) == 1
    own.close()
    assert path.stat().st_size == end


def test_the_room_of_a_killed_worker_is_given_back(tmp_path: Path) -> None:
    own = Journal(tmp_path)
    own.note(told(1))
    path = only(tmp_path)
    dead = tmp_path / "00000000000000000001-4194304.events"
    dead.write_bytes(path.read_bytes())
    (tmp_path / ".00000000000000000002-4194304.events").write_bytes(b"x")
    journal.tidy(tmp_path)
    assert path.stat().st_size == MOST_BYTES  # its worker lives
    assert dead.stat().st_size < 1_000
    assert len(list(lines(dead))) == 1
    assert [one.name for one in tmp_path.glob(".*")] == []


def test_a_long_journal_goes_on_in_the_next_file_and_chain(tmp_path: Path) -> None:
    own = Journal(tmp_path, most_bytes=400)
    for number in range(10):
        own.note(told(number))
    own.close()
    paths = sorted(tmp_path.glob("*.events"))
    assert len(paths) > 2
    found = [line for path in paths for line in lines(path)]
    assert [line.at_us for line in found if isinstance(line, Line)] == list(range(10))
    for before, after in pairwise(paths):
        last = before.read_text().rstrip().rpartition("\t")[2]
        assert after.read_text().splitlines()[0].endswith(last)


def test_a_caller_writes_no_lines(tmp_path: Path) -> None:
    own = Journal(tmp_path)
    own.note(told(1, clean("x\n2\t3\ty\r\n" + "z" * 500)))
    [line] = lines(only(tmp_path))
    assert isinstance(line, Line)
    assert "\n" not in line.call_id
    assert len(line.call_id) == 200


def test_what_a_full_disk_loses_is_counted_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk's answer is what is played here: no room, then room again."""
    journal.prepare(tmp_path)
    own = Journal(tmp_path, most_bytes=400)

    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(journal.os, "posix_fallocate", full)
        for number in range(8):
            own.note(told(number))
        assert own.lost == 6
        assert journal.untold(tmp_path) == 6
    monkeypatch.setattr(journal, "_AGAIN_S", 0.0)
    own.note(told(9))
    found = [line for path in sorted(tmp_path.glob("*.events")) for line in lines(path)]
    assert sum(line if isinstance(line, int) else 1 for line in found) == 9
    assert own.lost == journal.untold(tmp_path) == 0


def test_a_killed_worker_s_count_is_told_by_the_next(tmp_path: Path) -> None:
    journal.prepare(tmp_path)
    own = Journal(tmp_path, 3)
    for _ in range(5):
        own.miss()
    assert journal.untold(tmp_path) == journal.untold(tmp_path, 3) == 5
    journal.prepare(tmp_path)
    Journal(tmp_path, 4).note(told(1))
    Journal(tmp_path, 3).note(told(2))
    found = [line for path in tmp_path.glob("*.events") for line in lines(path)]
    assert [line for line in found if isinstance(line, int)] == [5]
    assert journal.untold(tmp_path) == 0


def test_without_a_folder_it_counts_until_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "journal"
    folder.write_text("in the way")
    own = Journal(folder)
    own.note(told(1))
    assert own.lost == 1
    folder.unlink()
    monkeypatch.setattr(journal, "_AGAIN_S", 0.0)
    own.note(told(2))
    assert next(lines(only(folder))) == 1


def test_a_file_that_was_taken_away_is_noticed_and_what_it_held_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(journal, "monotonic", lambda: now[0])
    prepare(tmp_path / "journal")
    own = Journal(tmp_path / "journal")
    own.note(told(1))
    now[0] += 2
    own.note(told(2))  # looked: it was there
    shutil.rmtree(tmp_path / "journal")
    own.note(told(3))
    now[0] += 2
    own.note(told(4))
    own.close()
    [path] = (tmp_path / "journal").glob("*.events")
    lost, line = lines(path)
    assert isinstance(line, Line)
    assert (lost, line.at_us) == (2, 4)

"""What was answered is on the disk whole, or nobody was told."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qalqan.screening.asked import PaymentAsked
from qalqan.screening.policy import unapproved
from qalqan.screening.state import State
from qalqan.work.screens import journal
from qalqan.work.screens.journal import Entry, Journal

AT_US = 1_767_164_400_000_000


def entries(centre: Any, count: int) -> list[Entry]:
    state, policy, made = State(unapproved().screens), unapproved(), []
    for n in range(count):
        question = centre.lent(f"l-{n}") if n % 3 == 2 else centre.paid(f"p-{n}", payee=f"b{n}")
        seen = state.loan(question, AT_US) if n % 3 == 2 else state.payment(question, AT_US)
        made.append(Entry(question, seen, journal.decided(seen, policy, AT_US)))
    return made


def test_entries_come_back_as_they_were_over_several_starts(centre: Any, tmp_path: Path) -> None:
    told = entries(centre, 6)
    for part in (told[:3], told[3:]):
        book = Journal(tmp_path)
        book.append([journal.line(one) for one in part])
        book.close()
    assert list(journal.entries(tmp_path)) == told
    assert journal.replayed(journal.entries(tmp_path), {0: unapproved()}) == (6, [])


def test_what_an_unknown_policy_decided_counts_as_decided_otherwise(centre: Any) -> None:
    """The register was put back from a backup that is older than the policy."""
    (one,) = entries(centre, 1)
    other = one._replace(verdict=one.verdict._replace(policy=7))
    assert journal.replayed([one, other], {0: unapproved()}) == (2, [other])


def test_no_more_is_read_than_counts(centre: Any, tmp_path: Path) -> None:
    def wrote(at_us: int, number: int) -> None:
        book = Journal(tmp_path)
        (one,) = entries(centre, 1)
        asked = one.asked._replace(id=str(number))
        book.append([journal.line(Entry(asked, one.seen, one.verdict._replace(at_us=at_us)))])
        book.close()

    for number, at_us in enumerate((10, 20, 30, 40), 1):
        wrote(at_us, number)
    Journal(tmp_path).close()  # a start that was asked nothing

    def read(windows_us: int, answers_us: int, size: int) -> list[str]:
        first = journal.first_needed(tmp_path, windows_us, answers_us, size)
        return [one.asked.id for one in journal.entries(tmp_path, first)]

    assert read(35, 35, 10**9) == ["3", "4"], "the segment that was begun before, and later ones"
    assert read(15, 35, 1) == ["1", "2", "3", "4"]
    assert read(35, 15, 10**9) == ["1", "2", "3", "4"]
    assert read(35, 15, 1) == ["3", "4"], "enough answers"
    assert read(5, 5, 1) == ["1", "2", "3", "4"]


@settings(max_examples=40)
@given(cut=st.integers(1, 400), flip=st.booleans())
def test_a_torn_end_takes_only_what_nobody_was_told(
    cut: int, flip: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    book = Journal(folder)
    lines = [_line(n) for n in range(3)]
    book.append(lines)
    book.close()
    ((_, path),) = journal.segments(folder)
    whole = path.read_bytes()
    cut = min(cut, len(whole) - 1)
    if flip:
        at = len(whole) - cut
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :])
    else:
        os.truncate(path, len(whole) - cut)
    survived = [one.asked.id for one in journal.entries(folder)]
    sound = sum(end <= len(whole) - cut for end in (len(lines[0]), len(lines[0] + lines[1])))
    assert survived == [f"p-{n}" for n in range(sound)]


def _line(n: int) -> bytes:
    question = PaymentAsked("altyn", f"p-{n}", AT_US, "a", "b", 5, "KZT")
    policy = unapproved()
    seen = State(policy.screens).payment(question, AT_US)
    return journal.line(Entry(question, seen, journal.decided(seen, policy, AT_US)))


def test_a_full_disk_leaves_no_half_of_an_answer(
    centre: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (journal.line(one) for one in entries(centre, 2))
    book = Journal(tmp_path)
    book.append([first])
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", _full)
        with pytest.raises(OSError, match="no room"):
            book.append([second])
    book.append([second])
    book.close()
    assert [one.asked.id for one in journal.entries(tmp_path)] == ["p-0", "p-1"]


def _full(file: int) -> None:
    raise OSError("no room")


def test_where_no_next_segment_can_be_made_lines_go_on_in_this_one_and_into_no_other_file(
    centre: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [journal.line(one) for one in entries(centre, 3)]
    book = Journal(tmp_path)
    monkeypatch.setattr(journal, "SEGMENT_BYTES", 1)
    in_the_way = tmp_path / "journal-000000000002.jsonl"
    in_the_way.write_bytes(b"")
    book.append([lines[0]])
    with (tmp_path / "other").open("wb") as other:  # takes the number of a file that was closed
        book.append([lines[1]])
        other.flush()
        assert (tmp_path / "other").read_bytes() == b""
    in_the_way.unlink()
    book.append([lines[2]])
    book.close()
    assert [number for number, _ in journal.segments(tmp_path)] == [1, 2]
    assert [one.asked.id for one in journal.entries(tmp_path)] == ["p-0", "p-1", "l-2"]


def test_old_segments_go_and_the_open_one_stays(tmp_path: Path) -> None:
    for _ in range(2):
        Journal(tmp_path).close()
    book = Journal(tmp_path)
    for _, path in journal.segments(tmp_path):
        os.utime(path, (5, 5))
    assert book.drop_before(6) == 2
    assert [number for number, _ in journal.segments(tmp_path)] == [3]
    book.close()

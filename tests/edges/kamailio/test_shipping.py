"""A journal's lines as the centre is told them (REQ-45)."""

from __future__ import annotations

from pathlib import Path

import pytest

from edges.kamailio.journals import CALLEE, CITY, FIXED, TABLES, Written, tables
from qalqan.edges.kamailio.journal import (
    FIRST,
    Broken,
    Complaint,
    Journal,
    clean,
    complaint,
    lines,
)
from qalqan.edges.kamailio.shipping import HOUR_US, Place, Telling, read
from qalqan.screening.calls.rules import CODES

NOON = 1_795_003_200_000_000
HOUR = NOON - NOON % HOUR_US
SPOOFED = "calls.fixed_from_abroad"


@pytest.fixture
def edge(tmp_path: Path) -> Written:
    return Written(tmp_path / "edge")


def only(edge: Written) -> Path:
    [path] = (edge.folder / "journal").glob("*.events")
    return path


def test_what_did_not_simply_pass_goes_singly_and_everything_is_counted(edge: Written) -> None:
    edge.note(SPOOFED, NOON, presented=CITY + 1)
    edge.note("calls.place_unknown", NOON + 1, caller=0, presented=102)
    for _ in range(3):
        edge.note(None, NOON + 2, caller=442079460018)
    piece = read(only(edge), Place())
    told = Telling(edge.folder / "calls.tables").told(piece)
    refused, withheld = told["verdicts"]
    assert refused == {
        "id": piece.lines[0][1], "at_us": NOON, "trunk": "abroad", "trunk_class": "international",
        "verdict": "refuse", "rule": SPOOFED, "policy": 1, "caller": f"+{CITY}",
        "presented": f"+{CITY + 1}", "callee": f"+{CALLEE}",
    }  # fmt: skip
    assert (withheld["verdict"], withheld["caller"]) == ("withhold", "102")
    assert told["counts"] == [
        [HOUR, "abroad", "pass", "calls.nothing", 3],
        [HOUR, "abroad", "refuse", SPOOFED, 1],
        [HOUR, "abroad", "withhold", "calls.place_unknown", 1],
    ]
    assert (told["begin"], told["end"], told["mark"]) == (0, piece.place.end, piece.lines[-1][1])


def test_reading_goes_on_where_it_ended_and_a_file_is_over_once_it_is_closed(edge: Written) -> None:
    edge.note(SPOOFED, NOON)
    first = read(only(edge), Place())
    assert read(only(edge), first.place).lines == []
    edge.note(None, NOON)
    second = read(only(edge), first.place)
    assert [len(first.lines), len(second.lines)] == [1, 1]
    assert not second.is_over
    edge.journal.close()
    assert read(only(edge), second.place).is_over


def test_shadows_lost_verdicts_and_calls_without_tables_are_counted_apart(edge: Written) -> None:
    tables(edge.folder / "calls.tables", live=[code for code in CODES if code != SPOOFED])
    edge.journal.miss()
    edge.journal.miss()
    edge.note(None, NOON, row=FIXED)
    edge.journal.note(f"{NOON}\t0\t255\t0\t0\t0\t0\t0\t0\t0\t0\t-1\tid")
    told = Telling(edge.folder / "calls.tables").told(read(only(edge), Place()))
    assert told["verdicts"] == []
    assert told["counts"] == [
        [HOUR, "", "lost", "", 2],
        [HOUR, "", "undecided", "", 1],
        [HOUR, "abroad", "pass", "calls.nothing", 1],
        [HOUR, "abroad", "shadow", SPOOFED, 1],
    ]


def test_a_note_of_another_kind_is_passed_over(edge: Written) -> None:
    edge.journal.note("# moved 607\tx")
    edge.note(SPOOFED, NOON)
    told = Telling(edge.folder / "calls.tables").told(read(only(edge), Place()))
    assert len(told["verdicts"]) == 1


def test_complaints_of_callees_are_counted_once_a_call(edge: Written) -> None:
    edge.note(None, NOON, caller=442079460018)
    for call_id in ("id-1", "id-1", "id-7"):
        edge.journal.note(complaint(Complaint(NOON, 442079460018, CALLEE, call_id)))
    told = Telling(edge.folder / "calls.tables").told(read(only(edge), Place()))
    assert [HOUR, "", "complaint", "", 2] in told["counts"]


def test_what_asking_brought_stands_in_no_ones_way(edge: Written) -> None:
    edge.journal.note(f"{NOON}\t0\t255\t0\t0\t0\t0\t0\t0\t0\t0\t-1\tid\tplace=abroad")
    told = Telling(edge.folder / "calls.tables").told(read(only(edge), Place()))
    assert told["counts"] == [[HOUR, "", "undecided", "", 1]]


def test_a_broken_chain_is_told_up_to_the_break(edge: Written) -> None:
    for place in range(4):
        edge.note(SPOOFED, NOON + place)
    path = only(edge)
    body = path.read_bytes()
    path.write_bytes(body.replace(b"id-3", b"id-x"))
    piece = read(path, Place())
    assert [line[0].rpartition("\t")[2] for line in piece.lines] == ["id-1", "id-2"]
    with pytest.raises(Broken, match=f"{path.name}: {piece.place.end}"):
        read(path, piece.place)
    path.write_bytes(b"# something else\n" + body)
    with pytest.raises(Broken, match=f"{path.name}: 0"):
        read(path, Place())


def test_a_line_without_its_end_waits(edge: Written) -> None:
    edge.note(SPOOFED, NOON)
    path = only(edge)
    body = path.read_bytes().rstrip(b"\0")
    path.write_bytes(body[:-1] + bytes(100))
    assert read(path, Place()).lines == []
    assert read(path, Place()).place.mark == FIRST


def test_a_trunk_keeps_the_name_that_its_tables_had(edge: Written) -> None:
    telling = Telling(edge.folder / "calls.tables")
    edge.note(SPOOFED, NOON, trunk=2)
    tables(edge.folder / "calls.tables", version=TABLES + 1)
    [verdict] = telling.told(read(only(edge), Place()))["verdicts"]
    assert verdict["trunk"] == "peer"
    [verdict] = Telling(edge.folder / "calls.tables").told(read(only(edge), Place()))["verdicts"]
    assert verdict["trunk"] == "#2"


def test_the_state_tells_tables_places_trunks_and_what_no_line_tells(edge: Written) -> None:
    Journal(edge.folder / "journal", 5).miss()
    state = Telling(edge.folder / "calls.tables").state(edge.folder / "journal")
    assert state == {
        "untold": 1, "tables": TABLES, "policy": 1, "places": {"dala": 1_700_000_000},
        "trunks": {"abroad": "tranzit", "peer": ""},
    }  # fmt: skip
    assert Telling(edge.folder / "none").state(edge.folder / "journal") == {"untold": 1}


@pytest.mark.parametrize("call_id", ["\x00", "a\x00b", "a\nb\x00\x85\u2028\x1b[2J"])
def test_no_caller_ends_the_telling_of_a_journal(edge: Written, call_id: str) -> None:
    """Zeros stand behind the last line of a file: one in a Call-ID must not look like its end."""
    edge.journal.note(f"{NOON}\t0\t255\t0\t0\t0\t0\t0\t0\t0\t0\t-1\t{clean(call_id)}")
    edge.journal.note(complaint(Complaint(NOON, CITY, CALLEE, call_id)))
    edge.note(SPOOFED, NOON)
    piece = read(only(edge), Place())
    assert len(piece.lines) == len(list(lines(only(edge)))) == 3
    assert "\x00" not in "".join(told for told, _ in piece.lines)

"""The program that sends journals, before a server that answers as it is told (REQ-45)."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from edges.kamailio.journals import CITY, TABLES, Written
from qalqan.edges.kamailio import ship
from qalqan.edges.kamailio.counted import count
from qalqan.edges.kamailio.journal import Journal
from qalqan.screening.calls.screen import Tables

NOON = 1_795_003_200_000_000
SPOOFED = "calls.fixed_from_abroad"


class Asked:
    """A centre: takes every piece, or answers with the codes that stand in line first."""

    def __init__(self) -> None:
        self.codes: list[int] = []
        self.bodies: list[dict[str, Any]] = []
        asked = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                code = asked.codes.pop(0) if asked.codes else 200
                if code == 200:
                    asked.bodies.append(body)
                piece = body["piece"] or {"end": 0, "mark": ""}
                said = json.dumps({"end": piece["end"], "mark": piece["mark"]}).encode()
                self.send_response(code)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, format: str, *args: Any) -> None:
                """Nobody reads it."""

        self.server = HTTPServer(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def verdicts(self) -> list[str]:
        return [one["id"] for body in self.bodies if body["piece"]
                for one in body["piece"]["verdicts"]]  # fmt: skip

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def centre() -> Iterator[Asked]:
    found = Asked()
    yield found
    found.close()


@pytest.fixture
def edge(tmp_path: Path) -> Written:
    return Written(tmp_path / "edge")


def shipped(edge: Written, centre: Asked) -> int:
    return ship.ship(edge.folder, ship.Centre(centre.url, "key"), "almaty-1", once=True)


def test_what_was_told_is_told_once_also_by_the_next_process(
    edge: Written, centre: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ship, "AGAIN_S", (0.0,))
    edge.note(SPOOFED, NOON)
    centre.codes = [503, 429]
    assert shipped(edge, centre) == 2  # it was told no, and no again
    assert shipped(edge, centre) == 0
    edge.note(SPOOFED, NOON + 1)
    assert shipped(edge, centre) == 0
    assert len(centre.verdicts) == len(set(centre.verdicts)) == 2


def test_a_key_that_the_centre_does_not_know_ends_it(edge: Written, centre: Asked) -> None:
    edge.note(SPOOFED, NOON)
    centre.codes = [401]
    with pytest.raises(ship.Refused, match="401"):
        shipped(edge, centre)


def test_while_nobody_answers_the_lines_wait(
    edge: Written, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ship, "AGAIN_S", (0.0, 0.0))
    edge.note(SPOOFED, NOON)
    nobody = ship.Centre("http://127.0.0.1:9", "key")
    assert ship.ship(edge.folder, nobody, "almaty-1", once=True) == 2
    assert "does not answer" in capsys.readouterr().err
    found = Asked()
    assert shipped(edge, found) == 0
    assert len(found.verdicts) == 1
    found.close()


def test_memory_is_bounded_by_pieces(
    edge: Written, centre: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qalqan.edges.kamailio.shipping.MOST_BYTES", 2_000)
    for place in range(50):
        edge.note(SPOOFED, NOON + place)
    assert shipped(edge, centre) == 0
    sizes = [len(body["piece"]["verdicts"]) for body in centre.bodies if body["piece"]]
    assert sum(sizes) == 50
    assert max(sizes) < 20


def test_a_broken_journal_is_the_exit_code(edge: Written, centre: Asked, tmp_path: Path) -> None:
    for place in range(3):
        edge.note(SPOOFED, NOON + place)
    [path] = (edge.folder / "journal").glob("*.events")
    path.write_bytes(path.read_bytes().replace(b"id-2", b"id-x"))
    key = tmp_path / "key"
    key.write_text("key\n")
    run = subprocess.run(
        [sys.executable, "-E", str(edge.folder / "ship.py"), str(edge.folder), "--once",
         "--centre", centre.url, "--key", str(key)],
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    assert run.returncode == 1
    assert path.name in run.stderr
    assert len(centre.verdicts) == 1
    assert centre.bodies[-1]["state"]["broken"]


FORGED = {
    "too few fields": "1\t2",
    "too many fields": "1\t0\t0\t0\t1\t1\t1\t1\t1\t1\t0\t-1\tid\ta\tb",
    "a row that no table has": f"1\t0\t0\t99999999\t1\t{TABLES}\t1\t1\t1\t1\t0\t-1\tid",
    "a trunk that no table has": f"1\t2\t0\t0\t1\t{TABLES}\t-9999\t1\t1\t1\t0\t-1\tid",
    "words for a number": f"{CITY}" * 30,
}  # fmt: skip


@pytest.mark.parametrize("line", FORGED.values(), ids=list(FORGED))
def test_a_forged_line_with_a_hash_of_its_own_stops_its_file_alone(
    edge: Written, centre: Asked, line: str
) -> None:
    """Whoever writes in the folder can reckon hashes, too."""
    edge.journal.note(line)
    [forged] = (path.name for path in (edge.folder / "journal").glob("*.events"))
    Journal(edge.folder / "journal").note(f"{NOON}\t0\t255\t0\t0\t0\t0\t0\t0\t0\t0\t-1\tid")
    assert shipped(edge, centre) == 1
    assert centre.bodies[-1]["state"]["broken"] == [f"{forged}: 0"]
    [told] = {body["piece"]["file"] for body in centre.bodies if body["piece"]}
    assert told != forged
    counted = count(edge.folder / "journal", Tables(edge.folder / "calls.tables"))
    assert counted.verdicts["pass"] >= 1  # those of the other file

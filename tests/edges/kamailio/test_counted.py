"""Journals counted, and their verdicts replayed (REQ-45)."""

from __future__ import annotations

from pathlib import Path

from qalqan.edges.kamailio.counted import count
from qalqan.edges.kamailio.journal import Complaint, Journal, complaint, prepare
from qalqan.screening import call_plan
from qalqan.screening.calls import decisions, keeper
from qalqan.screening.calls.row import Standing, Trunk, pack
from qalqan.screening.calls.rules import CODES
from qalqan.screening.calls.screen import Tables

FIXED = pack(Trunk.INTERNATIONAL, Standing.FIXED, Standing.FIXED, 0)
FOREIGN = pack(Trunk.INTERNATIONAL, Standing.FOREIGN, Standing.FOREIGN, 0)
RULE = CODES.index("calls.fixed_from_abroad")


def line(rule: int, row: int, answer: int, tables: int = 1, policy: int = 1) -> str:
    return f"1\t{answer}\t{rule}\t{row}\t{policy}\t{tables}\t1\t7\t7\t8\t0\t-1\tid"


def test_verdicts_rules_and_shadows_are_counted_and_replayed(tmp_path: Path) -> None:
    live = [code for code in CODES if code != "calls.fixed_from_abroad"]
    keeper.write(tmp_path / "t", keeper.Content(
        1, 1, 900, call_plan.codes(), b"", decisions.compiled(live), {}, ()))  # fmt: skip
    folder = tmp_path / "journal"
    prepare(folder)
    own = Journal(folder)
    for told in (
        line(decisions.NONE, FIXED, 0), line(decisions.NONE, FOREIGN, 0),
        line(RULE, FIXED, 3, policy=2), line(decisions.NONE, 0, 0, tables=0, policy=0),
    ):  # fmt: skip
        own.note(told)
    own.note(line(decisions.NONE, FOREIGN, 0) + "\tsigned=stale place=silent")
    for _ in range(2):
        own.note(complaint(Complaint(1, 7, 8, "id")))
    own.miss()
    found = count(folder, Tables(tmp_path / "t"))
    assert found.verdicts == {"pass": 4, "refuse": 1}
    assert found.rules == {"calls.nothing": 3, "calls.fixed_from_abroad": 1}
    assert found.shadow == {"calls.fixed_from_abroad": 1}
    assert (found.files, found.undecided, found.lost, found.differing) == (1, 1, 1, 0)
    assert found.asked == {"signed=stale": 1, "place=silent": 1}
    assert found.complaints == 1
    assert found.broken == []
    own.note(line(RULE, FIXED, 3))  # this policy's table never said so
    assert count(folder, Tables(tmp_path / "t")).differing == 1
    [path] = folder.glob("*.events")
    path.write_bytes(path.read_bytes().replace(b"id", b"xx", 1))
    assert count(folder, Tables(tmp_path / "t")).broken == [f"{path.name}: 2"]

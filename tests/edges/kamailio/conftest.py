"""What the tests of a real edge share: the network behind it, and its tables."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from peers.edge import Answering, Running
from qalqan.edges.kamailio.journal import Line, files, lines
from qalqan.screening import call_plan
from qalqan.screening.calls import decisions, keeper, rules
from qalqan.screening.calls.row import Allowed, Trunk

CARD = "https://qalqan.example/calls.jws"
CITY, HOME, AWAY, FOREIGN = "+77272500000", "+77011111111", "+77012222222", "+442079460018"
UNTOLD = "+77051234567"
LISTED, BANK = "+37120000000", "+77272444444"


def content(version: int = 1, live: Any = rules.CODES) -> keeper.Content:
    """Numbers of 701 are `cell`'s, which has told its places; those of 705 are `bee`'s, which has
    not."""
    blocks = bytearray(call_plan.blocks())
    for code, operator in ((701, 1), (705, 2), (727, 3)):
        blocks[code * 10_000 : (code + 1) * 10_000] = bytes([operator]) * 10_000
    now_s = int(time.time())
    return keeper.Content(
        version, 1, 900, call_plan.codes(), bytes(blocks), decisions.compiled(live),
        {"cell": 1, "bee": 2, "line": 3},
        (keeper.Trunk("abroad", ("127.0.0.1",), Trunk.INTERNATIONAL),
         keeper.Trunk("peer", ("127.0.0.2",), Trunk.DOMESTIC),
         keeper.Trunk("loops", ("127.0.0.3",), Trunk.INTERNATIONAL)),
        ranges=(keeper.Range("loops", 77010000000, 77019999999, Allowed.LOOPED, now_s + 3_600,
                             "L"),),
        values={int(LISTED): 2 << 8, int(BANK): 1 << 8}, abroad=(int(AWAY),), fed_s={1: now_s},
    )  # fmt: skip


@pytest.fixture(scope="session")
def behind() -> Iterator[Answering]:
    found = Answering()
    yield found
    found.close()


def journalled(edge: Running) -> list[Line]:
    """All verdicts of an edge, the oldest first."""
    found = [line for path in files(edge.folder / "journal") for line in lines(path)]
    return sorted(line for line in found if isinstance(line, Line))


def written(edge: Running, presented: str | int, within_s: float = 3) -> Line:
    """The verdict on the only call of a number, as soon as it stands in the journal."""
    until = time.monotonic() + within_s
    while True:
        found = [line for line in journalled(edge) if line.presented == int(presented)]
        if found or time.monotonic() > until:
            [line] = found
            return line


def replays(edge: Running) -> bool:
    """Whether the decision table comes to the same verdicts again, rule by rule."""
    table = decisions.compiled(rules.CODES)
    return all(
        table.rule[line.row] == line.rule and decisions.ANSWERS[line.rule] == line.answer
        for line in journalled(edge)
    )

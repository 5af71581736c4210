"""One small country of numbers, as a file of tables."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qalqan.screening import call_plan
from qalqan.screening.calls import decisions, keeper, lookup, rules
from qalqan.screening.calls.row import Allowed, Trunk

FOREIGN, CITY, HOME, AWAY = "+442079460018", "+77272500001", "+77011111111", "+77012222222"
UNTOLD, PORTED, BANK, LISTED, FOUND = (
    "+77073333333", "+77014444444", "+77272444444", "+37120000000", "+37120000001",
)  # fmt: skip
CONTRACT, VISITOR = "+77172555555", "+77059999999"
CELL, BEE, LINE = 1, 2, 3


@pytest.fixture(scope="session")
def content() -> Callable[..., keeper.Content]:
    """`content(live=…, …)`: what a file holds, with other fields where they are given."""
    blocks = bytearray(call_plan.blocks())
    for code, operator in ((701, CELL), (702, CELL), (705, BEE), (707, BEE), (727, LINE)):
        blocks[code * 10_000 : (code + 1) * 10_000] = bytes([operator]) * 10_000
    blocks[778 * 10_000 : 779 * 10_000] = bytes(10_000)  # a code in use, given to nobody

    def make(live: Any = rules.CODES, **other: Any) -> keeper.Content:
        now = int(time.time())  # of the asking: a place told grows old while a suite runs
        until = now + 3_600
        fields = {
            "version": 1, "policy": 1, "oldest_s": 900, "codes": call_plan.codes(),
            "blocks": bytes(blocks), "decisions": decisions.compiled(live),
            "operators": {"cell": CELL, "bee": BEE, "line": LINE},
            "trunks": (
                keeper.Trunk("abroad", ("10.0.0.1", "10.0.0.2"), Trunk.INTERNATIONAL),
                keeper.Trunk("peer", ("10.0.1.1",), Trunk.DOMESTIC, BEE),
                keeper.Trunk("cloud", ("10.0.2.1",), Trunk.VOIP, LINE),
                keeper.Trunk("agreed", ("10.0.3.1",), Trunk.INTERNATIONAL),
            ),
            "ranges": (
                keeper.Range("agreed", 77172555000, 77172555999, Allowed.CONTRACT, until, "K-1"),
                keeper.Range("agreed", 77059999000, 77059999999, Allowed.VISITOR, until, "MSRN"),
                keeper.Range("agreed", 77010000000, 77019999999, Allowed.LOOPED, until, "loop"),
                keeper.Range("agreed", 77172666000, 77172666999, Allowed.CONTRACT, now - 1, "old"),
            ),
            "values": {
                int(PORTED): LINE, int(BANK): lookup.IS_PROTECTED << 8,
                int(LISTED): lookup.IS_LISTED << 8, int(FOUND): lookup.IS_FOUND << 8,
            },
            "abroad": (int(AWAY),),
            "fed_s": {CELL: now},
        }  # fmt: skip
        return keeper.Content(**{**fields, **other})

    return make


@pytest.fixture
def tables(content: Any, tmp_path: Path) -> Path:
    """A file that tests only read."""
    path = tmp_path / "read.tables"
    keeper.write(path, content())
    return path

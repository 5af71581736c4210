"""The whole story in one command, with real processes: a hamlet's fourteen days (REQ-16, 18, 19,
38 to 44).

The centre, its worker and six banks are processes of their own that speak HTTP; one bank answers
by workbook, one is down at night. Everything in it is simulated.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.xdist_group("hamlet")  # one run for all tests
PARTS = (
    "held_tiyn", "returned_tiyn", "traceable_tiyn", "abroad_tiyn", "cash_tiyn", "crypto_tiyn",
    "kept_by_drops_tiyn", "fees_tiyn", "unknown_tiyn",
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hamlet") / "home"


@pytest.fixture(scope="module")
def told(home: Path) -> dict[str, Any]:
    """What `qalqan demo --size hamlet --json` says on its last line."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run = subprocess.run(
        [sys.executable, "-m", "qalqan", "demo", "--size", "hamlet", "--json"],
        env=os.environ | {"QALQAN_HOME": str(home), "QALQAN_PORT": str(port)},
        capture_output=True,
        text=True,
    )
    logs = [log.read_text(encoding="utf-8")[-3000:] for log in (home / "logs").glob("*.log")]
    assert run.returncode == 0, (run.stderr, *logs)
    return dict(json.loads(run.stdout.splitlines()[-1]))


def test_every_tiyn_is_somewhere(told: dict[str, Any]) -> None:
    rules: list[Mapping[str, int]] = [told, told["truth"], *told["other_rules"].values()]
    assert len(rules) == 5
    for sums in rules:
        assert sums["stolen_tiyn"] == sum(sums[part] for part in PARTS)


def test_each_part_is_within_one_per_cent_of_the_truth(told: dict[str, Any]) -> None:
    for part in (*PARTS, "stolen_tiyn"):
        gap = abs(told[part] - told["truth"][part])
        assert gap * 100 <= told["stolen_tiyn"], part
    assert told["unknown_tiyn"] * 50 <= told["stolen_tiyn"]


def test_money_came_back(told: dict[str, Any]) -> None:
    assert told["simulated"] is True
    assert told["returned_tiyn"] > 0
    assert told["reports"] == told["cases"] == 5
    assert told["answers"] <= told["orders"]
    assert told["facts"] > 20_000


def test_the_false_report_held_nothing(told: dict[str, Any], home: Path) -> None:
    """One report tells of a payment that never was: its case has a question and no more."""
    with sqlite3.connect(f"file:{home / 'register.db'}?mode=ro", uri=True) as register:
        kinds = register.execute(
            "SELECT group_concat(kind) FROM orders WHERE case_id NOT IN"
            " (SELECT case_id FROM roots) GROUP BY case_id"
        ).fetchall()
    assert kinds == [("confirm",)]


def _told(file: Path) -> bytes:
    """What a file says; the values of Parquet are compressed, so its bytes would hide them."""
    if file.suffix == ".parquet":
        return repr(pq.read_table(file).to_pydict()).encode()
    return file.read_bytes()


def test_nothing_personal_stands_in_clear(told: dict[str, Any], home: Path) -> None:
    """No IIN and no account of a victim is found in the register, the lake or the logs."""
    with sqlite3.connect(f"file:{home / 'world.db'}?mode=ro", uri=True) as world:
        people = world.execute(
            "SELECT holder, text FROM accounts WHERE holder IS NOT NULL"
        ).fetchall()
    needles = {value.encode() for row in people[:300] for value in row if value}
    lake = [file for file in (home / "lake").rglob("*") if file.is_file()]
    assert any(file.suffix == ".parquet" for file in lake)
    for place in [*home.glob("register.db*"), *(home / "logs").glob("*"), *lake]:
        body = _told(place)
        assert not [needle for needle in needles if needle in body], place.name


def test_every_order_was_approved_by_whom_it_needed(told: dict[str, Any], home: Path) -> None:
    with sqlite3.connect(f"file:{home / 'register.db'}?mode=ro", uri=True) as register:
        events = register.execute(
            "SELECT o.id, o.kind, o.state, e.actor FROM orders o LEFT JOIN order_events e"
            " ON e.order_id = o.id AND e.event = 'approve' WHERE o.kind = 'return'"
        ).fetchall()
    approvers: dict[str, set[str]] = {}
    for order, _, state, actor in events:
        if state == "closed":
            approvers.setdefault(order, set()).add(actor)
    assert approvers
    assert all(len(people) == 3 for people in approvers.values())


def test_the_worker_and_the_server_had_nothing_to_complain_of(
    told: dict[str, Any], home: Path
) -> None:
    for log in (home / "logs").glob("*.log"):
        text = log.read_text(encoding="utf-8")
        assert "Traceback" not in text, text[-2000:]
        assert "job " not in text, text[-2000:]

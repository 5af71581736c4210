"""Whoever is killed between any two steps, nothing is lost and nothing counts twice (REQ-19)."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from qalqan.exchange import parquet_table
from qalqan.lake.engine import DuckEngine
from qalqan.lake.files import take_file
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.lake.sealing import seal
from qalqan.register.database import Database
from qalqan.register.orm import Batch, Landing, Quarantined, Seal
from qalqan.trust.keys import Keys

pytestmark = pytest.mark.xdist_group("deaths")  # the homes are made once
AT = 1_767_225_600_000_000  # 2026-01-01
DAY = 86_400_000_000
PIECE = 1_500
ROWS = 2 * PIECE + 10
SEALING = [
    "files written", "staged, not committed", "staged", "in the log, not synced", "in the log",
    "written down, not committed", "sealed",
]  # fmt: skip
SCENARIOS = [("seal", instant) for instant in SEALING]
SCENARIOS += [("file", instant) for instant in [*SEALING, "run written"]]


def payments(rows: int, prefix: str) -> pa.Table:
    """Payments over three days; each 1000th is refused, each 1001st is the one before again."""
    numbers = [n - 1 if n % 1001 == 1000 else n for n in range(rows)]
    return pa.table(
        {
            "id": [f"{prefix}{n}" for n in numbers],
            "at_us": [AT + n % 3 * DAY for n in numbers],
            "side": ["payer"] * rows,
            "payer_account": [f"AAA:{n % 50}" for n in numbers],
            "payee_account": ["BBB:1"] * rows,
            "amount": [0 if n % 1000 == 500 else 5 for n in numbers],
            "currency": ["KZT"] * rows,
            "instrument": ["transfer"] * rows,
        }
    )


@pytest.fixture(scope="module")
def deaths(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict[str, str]]:
    """One home for each scenario, as the death left it."""
    return left_by_death(tmp_path_factory.mktemp("deaths"), SCENARIOS)


def left_by_death(
    base: Path, scenarios: Sequence[tuple[str, str]], bucket: str | None = None
) -> dict[tuple[str, str], dict[str, str]]:
    """Let each scenario's process die; the lakes lie in the homes, or below a bucket's prefix."""
    keys = Keys.create(base / "keys.json")
    pq.write_table(payments(ROWS, "f"), base / "long.parquet")
    with closing(Database(f"sqlite:///{base / 'register.db'}")) as database:
        database.migrate()
        centre = Centre(database, keys, str(base / "lake"))
        for prefix in ("x", "y"):
            take(centre, HandIn("payment", "bank-a", "landed"), payments(30, prefix))
        call = {"id": "1", "at_us": AT, "remote_access": False, "outcome": "failed"}
        take(centre, HandIn("session", "bank-a", "landed"), pa.Table.from_pylist([call]))
    homes = {}
    for number, (work, instant) in enumerate(scenarios):
        home = base / str(number)
        home.mkdir()
        shutil.copy(base / "register.db", home / "register.db")
        homes[work, instant] = {
            "work": work,
            "instant": instant,
            "register": f"sqlite:///{home / 'register.db'}",
            "lake": f"{bucket}/{number}" if bucket else str(home / "lake"),
            "keys": str(base / "keys.json"),
            "file": str(base / "long.parquet"),
            "rows": str(PIECE),
        }
    script = Path(__file__).with_name("dying.py")
    told = json.dumps(list(homes.values()))
    subprocess.run([sys.executable, script], input=told, text=True, check=True)
    return homes


@pytest.mark.parametrize(("work", "instant"), SCENARIOS, ids=lambda value: value)
def test_the_next_one_finishes_what_the_dead_one_began(
    deaths: dict[tuple[str, str], dict[str, str]],
    work: str,
    instant: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parquet_table, "BATCH_ROWS", PIECE)
    assert finish(work, deaths[work, instant]) > 0


def finish(work: str, home: dict[str, str]) -> int:
    """Take the file again, if it was one, seal, and check what is there; the newest seal."""
    with closing(Database(home["register"])) as database:
        if work == "file":
            path = Path(home["file"])
            centre = Centre(database, Keys.load(Path(home["keys"])), home["lake"])
            receipt = take_file(centre, "payment", path, source="bank-a")
            assert receipt.read == ROWS
            again = take_file(centre, "payment", path, source="bank-a")
            assert (again.accepted, again.quarantined) == (0, receipt.quarantined)
        newest = seal(database, home["lake"])
        assert seal(database, home["lake"]) == newest
        check(database, home["lake"], newest)
        return newest


def check(database: Database, lake_root: str, newest: int) -> None:
    with database.session() as session:
        batches = session.scalars(select(Batch)).all()
        seals = session.scalars(select(Seal).order_by(Seal.seal)).all()
        quarantined = len(session.scalars(select(Quarantined.id)).all())
        assert session.scalars(select(Landing)).all() == []
    assert all(b.finished_us is not None for b in batches)
    assert all(b.read == b.accepted + b.duplicate + b.quarantined for b in batches)
    assert quarantined == sum(b.quarantined for b in batches)
    assert [one.seal for one in seals] == list(range(1, newest + 1))
    facts = lake_facts(lake_root)
    assert len(set(facts)) == len(facts) == sum(b.accepted for b in batches)
    assert len(facts) == sum(one.rows for one in seals)


def lake_facts(lake_root: str) -> list[Any]:
    engine = DuckEngine(lake_root)
    found: list[Any] = []
    for kind in ("payment", "session"):
        rows = engine.run(engine.table(kind).select("source", "id"))
        found += [(kind, *pair) for pair in zip(*rows.to_pydict().values(), strict=True)]
    engine.close()
    return found

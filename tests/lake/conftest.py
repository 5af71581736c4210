"""A register, on SQLite and on PostgreSQL, and an empty lake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lake.hostile_files import Hand, told
from qalqan.exchange.given import column_of
from qalqan.lake.checked import Terms
from qalqan.lake.engine import DuckEngine
from qalqan.lake.files import take_file
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.lake.receipt import Receipt
from qalqan.lake.rules import OwnBanks
from qalqan.register.database import Database
from qalqan.trust.keys import Keys


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


@pytest.fixture
def lake_root(tmp_path: Path) -> str:
    return str(tmp_path / "lake")


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: column_of([row.get(name) for row in rows]) for name in names})


@pytest.fixture
def centre(database: Database, keys: Keys, lake_root: str) -> Centre:
    return Centre(database, keys, lake_root)


@pytest.fixture
def give(centre: Centre) -> Callable[..., Receipt]:
    """Takes rows of a kind (payments unless told otherwise) from the partner `bank-a`."""

    def taken(
        *rows: dict[str, Any],
        kind: str = "payment",
        source: str = "bank-a",
        own_banks: OwnBanks = None,
        **more: Any,
    ) -> Receipt:
        hand_in = HandIn(kind, source, "test", Terms(own_banks), **more)
        receipt = take(centre, hand_in, _table(list(rows)))
        assert receipt.read == receipt.accepted + receipt.duplicate + receipt.quarantined
        return receipt

    return taken


@pytest.fixture
def lake(lake_root: str) -> Iterator[Callable[[str], list[dict[str, Any]]]]:
    """The rows of a kind that are in the lake, in the order of their seal and id."""
    engine = DuckEngine(lake_root)

    def rows(kind: str) -> list[dict[str, Any]]:
        found = engine.run(engine.table(kind)).to_pylist()
        return sorted(found, key=lambda row: (row["seal"], row["id"]))

    yield rows
    engine.close()


@pytest.fixture
def hand_in(centre: Centre) -> Hand:
    """Takes a file of sessions; every reason it gives has its sentence."""

    def taken(path: Path, source: str = "bank-a", **more: Any) -> Receipt:
        receipt = take_file(centre, "session", path, source=source, **more)
        assert receipt.read == receipt.accepted + receipt.duplicate + receipt.quarantined
        told(*((one.expected, one.params) for one in receipt.refusals))
        return receipt

    return taken

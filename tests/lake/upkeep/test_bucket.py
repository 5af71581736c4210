"""All upkeep on a lake in a bucket."""

from __future__ import annotations

from contextlib import closing

import pyarrow as pa
import pytest

from qalqan.lake.engine import DuckEngine, frozen_files
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.lake.sealing import seal
from qalqan.lake.storage import storage
from qalqan.lake.upkeep import keeping
from qalqan.lake.upkeep.checkpoint import shorten
from qalqan.lake.upkeep.compaction import NOW, compact
from qalqan.lake.upkeep.folding import fold
from qalqan.lake.upkeep.vacuum import vacuum
from qalqan.register.database import Database
from qalqan.trust.keys import Keys

AT = 1_767_225_600_000_000  # 2026-01-01


@pytest.fixture
def server() -> None:
    """The register lies in SQLite: the lake doesn't ask where."""


def test_a_lake_in_a_bucket_is_kept_like_one_in_a_folder(
    bucket: str, database: Database, keys: Keys
) -> None:
    def give(*names: str) -> int:
        rows = [
            {"id": name, "at_us": AT, "remote_access": False, "outcome": "failed"} for name in names
        ]
        table = pa.Table.from_pylist(rows)
        hand_in = HandIn("session", "bank-a", "test")
        taken = take(Centre(database, keys, bucket), hand_in, table).accepted
        seal(database, bucket)
        return taken

    def facts() -> list[str]:
        with closing(DuckEngine(bucket)) as engine:
            return sorted(engine.run(engine.table("session"))["id"].to_pylist())

    for name in ("a", "b", "c"):
        give(name)
    with keeping(database) as held:
        (done,) = compact(database, bucket, held, NOW, ("session",))
        assert (done.files, done.parts) == (3, 1)
        assert facts() == ["a", "b", "c"]
        assert fold(database, bucket, held, -1, fewest=1)[0].rows == 3
        assert vacuum(database, bucket, held, "session", 0).files == 3
    assert shorten(bucket, "session", keep_hours=1, every=3).version == 4
    assert give("a", "b", "c", "d") == 1
    assert facts() == ["a", "b", "c", "d"]
    assert len(frozen_files(bucket, "session")) == 2
    data = [one.name for one in storage(bucket).files("session") if "day=" in one.name]
    assert len(data) == 2

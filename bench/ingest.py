"""A file of payments through the whole intake, beside DuckDB writing the same columns to Parquet.

Ours checks every value, turns accounts into tokens and keeps them in the vault, marks identities,
partitions by day, syncs everything to disk and can be cut off anywhere; the peer only converts and
writes, once as one file and once partitioned by day as the lake is (the median of three runs).
`python bench/ingest.py [DATA]`: AMLSim's transfers as a Parquet file, or a folder with
`payments/amlsim.parquet`; without it, transfers of the same shape are made up.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median

import duckdb

from qalqan.exchange import mapping
from qalqan.lake.engine import DUCKDB_MEMORY, DUCKDB_THREADS
from qalqan.lake.files import take_file
from qalqan.register.database import Database
from qalqan.trust.keys import Keys

MADE_UP = 600_000
MAPPING = Path(__file__).parent.parent / "docs" / "how-to" / "mappings" / "amlsim.toml"

MAKE = f"""
COPY (
  SELECT k // 1000 AS step, 'TRANSFER' AS type, 1 + hash(k, 1) % 100000 / 100.0 AS amount,
    hash(k, 2) % 7800 AS nameOrig, hash(k, 3) % 12000 AS nameDest,
    hash(k, 4) % 10000000 / 100.0 AS newbalanceOrig
  FROM range({MADE_UP}) AS made(k)
) TO '$to' (FORMAT parquet)
"""
CONVERT = """
SELECT 'amlsim-' || row_number() OVER () AS id, 'amlsim' AS source,
  1577836800000000 + step * 86400000000 AS at_us, 'both' AS side,
  'AMLSIM:C' || "nameOrig" AS payer_account, 'AMLSIM' AS payer_bank,
  'AMLSIM:C' || "nameDest" AS payee_account, 'AMLSIM' AS payee_bank,
  CAST(round(amount * 100) AS BIGINT) AS amount, 'KZT' AS currency, lower(type) AS instrument,
  NULL::VARCHAR AS uetr, NULL::VARCHAR AS end_to_end_id, 'KZ' AS payee_country,
  NULL::VARCHAR AS payer_holder, NULL::VARCHAR AS payee_holder, NULL::VARCHAR AS purpose,
  NULL::VARCHAR AS statement, CAST(round("newbalanceOrig" * 100) AS BIGINT) AS balance,
  DATE '2020-01-01' + step::INTEGER AS day, 1::BIGINT AS seal
FROM '$from'
"""


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one run: a second one would find everything taken."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def ours(folder: Path, path: Path) -> tuple[float, int]:
    """Seconds and rows accepted."""
    accepted: list[int] = []
    with closing(Database(f"sqlite:///{folder / 'register.db'}")) as database:
        database.migrate()
        rules = mapping.load(MAPPING.read_text("utf-8"))

        def take() -> None:
            lake = str(folder / "lake")
            receipt = take_file(database, Keys.new(), lake, "payment", path, mapping=rules)
            accepted.append(receipt.accepted)

        return seconds(take), accepted[0]


def peer(folder: Path, path: Path, options: str) -> float:
    """Seconds of one COPY with the lake's threads and memory."""
    with closing(duckdb.connect()) as con:
        con.execute(f"SET threads = {DUCKDB_THREADS}; SET memory_limit = '{DUCKDB_MEMORY}'")
        query = CONVERT.replace("$from", str(path))
        to = folder / f"peer-{time.time_ns()}.parquet"
        return seconds(
            lambda: con.execute(
                f"COPY ({query}) TO '{to}' (FORMAT parquet, COMPRESSION zstd{options})"
            )
        )


def source(folder: Path, given: list[str]) -> tuple[Path, str]:
    """The file to take, and its name in the table."""
    if given:
        path = Path(given[0])
        return (path / "payments" / "amlsim.parquet" if path.is_dir() else path), "AMLSim"
    made = folder / "made-up.parquet"
    duckdb.execute(MAKE.replace("$to", str(made)))
    return made, "made-up transfers"


def show(name: str, unit: str, value: float, beside: str, other: float | None, n: int) -> None:
    """One line of the table."""
    row = {
        "name": name,
        "unit": unit,
        "ours": round(value, 2),
        "peer": beside,
        "peer_value": None if other is None else round(other, 2),
        "ratio": None if other is None else round(value / other, 2),
        "n": n,
        "notes": "cold; ours checks, tokenises, deduplicates and syncs to disk, the peer does not",
    }
    print(json.dumps(row, ensure_ascii=False))


def main(given: list[str]) -> None:
    """Ours first, then the peer, in one process on the same file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, title = source(folder, given)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        spent, rows = ours(folder, path)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        flat = median(peer(folder, path, "") for _ in range(3))
        by_day = median(peer(folder, path, ", PARTITION_BY (day)") for _ in range(3))
    show(f"ingest {title}", "s", spent, "DuckDB COPY to one Parquet file", flat, rows)
    show(f"ingest {title}", "s", spent, "DuckDB COPY, partitioned by day", by_day, rows)
    show(f"ingest {title}, peak memory", "MB", peak, "the process before", before / 1024, rows)


if __name__ == "__main__":
    main(sys.argv[1:])

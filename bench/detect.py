"""The pass-through detector over generated payments, beside the same rule in plain DuckDB SQL.

Both read the same Parquet files with the same threads and memory in one run; the peer is written
for DuckDB alone (an asof join instead of a portable range window) and must give the same accounts,
days and sums, or the script fails. `python bench/detect.py [PAYMENTS]`.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake import write_deltalake

from qalqan.detectors import registry
from qalqan.lake.engine import DUCKDB_MEMORY, DUCKDB_THREADS, DuckEngine, frozen_files
from qalqan.lake.engine import table_address as address
from qalqan.lake.schemas import SCHEMAS

PAYMENTS = 2_000_000
DAY_US = 86_400_000_000
START_US = 20_000 * DAY_US
DAYS = 30

GENERATE = f"""
SELECT 'p' || k AS id, 'bank' AS source,
  CASE WHEN k % 10 < 6 THEN 'both' WHEN k % 10 < 8 THEN 'payer' ELSE 'payee' END AS side,
  {START_US} + CAST(h(k, 1) % ({DAYS} * {DAY_US}) AS BIGINT) AS at_us,
  'acc_' || CAST(pow(h(k, 2) % 1000000 / 1e6, 2) * $accounts AS BIGINT) AS payer_account,
  CASE WHEN k % 17 = 0 THEN NULL ELSE 'acc_' || h(k, 3) % $accounts END AS payee_account,
  1000000 + CAST(h(k, 4) % 200 AS BIGINT) * 50000 AS amount, 'KZT' AS currency,
  CASE WHEN k % 17 = 0 THEN 'cash_out' WHEN k % 17 < 12 THEN 'transfer'
       WHEN k % 17 < 14 THEN 'card' ELSE 'salary' END AS instrument,
  CASE WHEN k % 101 = 0 THEN 'TR' ELSE 'KZ' END AS payee_country
FROM range($n) AS numbers(k)
"""

PEER = """
WITH legs AS (
  SELECT at_us, amount, payee_account AS account, payer_account AS other, true AS inward,
    side <> 'payer' AS own, instrument IN ('transfer', 'wallet', 'crypto')
      AND coalesce(payer_holder <> payee_holder, true) AS counts, currency,
    CASE WHEN side = 'payee' THEN balance END AS balance FROM payments
  UNION ALL
  SELECT at_us, amount, payer_account, payee_account, false, side <> 'payee',
    instrument IN ('transfer', 'cash_out', 'wallet', 'crypto'), currency,
    CASE WHEN side = 'payer' THEN balance END FROM payments
), sound AS (
  SELECT *, at_us // 86400000000 AS day FROM legs
  WHERE account IS NOT NULL AND coalesce(account <> other, true)
), booked AS (SELECT DISTINCT account, day FROM sound WHERE own),
kept AS (
  SELECT * FROM sound WHERE own
  UNION ALL SELECT * FROM sound ANTI JOIN booked USING (account, day) WHERE NOT own
), met AS (
  SELECT account, other, min(at_us) AS met_us FROM kept WHERE other IS NOT NULL GROUP BY ALL
), strange AS (
  SELECT kept.* FROM kept LEFT JOIN met ON kept.account = met.account AND kept.other = met.other
  WHERE counts AND coalesce(at_us - met_us < 7 * 86400000000, true)
), inward AS (SELECT * FROM strange WHERE inward),
arrivals AS (SELECT DISTINCT account, currency, at_us AS came_us FROM inward),
passed AS (
  SELECT strange.*, came_us FROM strange ASOF JOIN arrivals
  ON strange.account = arrivals.account AND strange.currency = arrivals.currency
    AND strange.at_us >= arrivals.came_us
  WHERE NOT inward AND at_us - came_us <= 6 * 3600000000
), followed AS (
  SELECT *, at_us AS came_us FROM inward UNION ALL SELECT * FROM passed
)
SELECT account, came_us // 86400000000 * 86400000000 AS from_us,
  sum(amount) FILTER (inward) AS received, coalesce(sum(amount) FILTER (NOT inward), 0) AS passed
FROM followed GROUP BY account, currency, came_us // 86400000000
HAVING received >= 2000000 AND passed * 1000 BETWEEN received * 850 AND received * 1005
  AND count(DISTINCT other) FILTER (inward) <= 5 AND coalesce(min(balance), 0) < received * 5
ORDER BY ALL
"""


def generate(root: str, n: int) -> None:
    """A lake of `n` payments between `n`/10 accounts in 30 days."""
    con = duckdb.connect(config={"threads": DUCKDB_THREADS, "memory_limit": DUCKDB_MEMORY})
    con.execute("CREATE MACRO h(k, salt) AS hash(k * 31 + salt)")
    schema = SCHEMAS["payment"].ibis.to_pyarrow()
    made = con.execute(
        f"SELECT *, CAST(make_timestamp(at_us) AS DATE) AS day, 1::BIGINT AS seal "
        f"FROM ({GENERATE})",
        {"n": n, "accounts": n // 10},
    ).to_arrow_table()
    columns = [
        made[field.name].cast(field.type)
        if field.name in made.column_names
        else pa.nulls(len(made), field.type)
        for field in schema
    ]
    write_deltalake(
        address(root, "payment"), pa.table(columns, schema=schema), partition_by=["day"]
    )


def ours(root: str) -> list[tuple[str, int, int, int]]:
    """The detector's findings: account, day, received, passed on."""
    engine = DuckEngine(root)
    detector = registry.get("payments.passes_through")
    found = engine.run(detector.ask({"payment": engine.table("payment")})).to_pylist()
    engine.close()
    return sorted(
        (
            row["subject"],
            row["window_from_us"],
            row["evidence"]["received_minor"],
            row["evidence"]["passed_minor"],
        )
        for row in found
    )


def peer(root: str) -> list[tuple[str, int, int, int]]:
    """The same from SQL written for DuckDB."""
    con = duckdb.connect(config={"threads": DUCKDB_THREADS, "memory_limit": DUCKDB_MEMORY})
    files = frozen_files(root, "payment")
    con.read_parquet(files, hive_partitioning=True, union_by_name=True).create_view("payments")
    return con.execute(PEER).fetchall()


def timed(work: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def main(n: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = str(Path(folder) / "lake")
        generate(root, n)
        cold, found = timed(lambda: ours(root))
        peer_cold, theirs = timed(lambda: peer(root))
        if found != theirs:
            raise SystemExit(f"answers differ: {len(found)} and {len(theirs)} findings")  # type: ignore[arg-type]
        warm, peer_warm = timed(lambda: ours(root))[0], timed(lambda: peer(root))[0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    for name, value, other in (("cold", cold, peer_cold), ("warm", warm, peer_warm)):
        row = {
            "name": f"detect passes_through ({name})",
            "unit": "s",
            "ours": round(value, 2),
            "peer": "plain SQL with an asof join, DuckDB",
            "peer_value": round(other, 2),
            "ratio": round(value / other, 2),
            "n": n,
            "notes": f"{len(found)} equal findings; ours also names the payments; "  # type: ignore[arg-type]
            f"{DUCKDB_THREADS} threads, process peak {peak:.1f} GiB; lower is better",
        }
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else PAYMENTS)

"""Files of payments through the whole intake, beside DuckDB writing the same columns to Parquet.

Ours checks every value, turns accounts into tokens and keeps them in the vault, marks identities,
partitions by day, syncs everything to disk and can be cut off anywhere; the peer converts, sorts
as our files are sorted (each day by payer and moment) and writes, with the same threads.

`python bench/ingest.py [DATA] [--rows N]`: AMLSim's transfers as a Parquet file, or a folder with
`payments/amlsim.parquet`; without it, transfers of the same shape are made up. Then N simulated
payments (20 million unless told) of N/10 accounts within 30 days, in the order of time; and a part
of them as CSV and as JSON Lines. Each of our runs is a process of its own, so that its memory is.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import duckdb

MADE_UP = 600_000
AS_LINES = 1_000_000
MAPPING = Path(__file__).parent.parent / "docs" / "how-to" / "mappings" / "amlsim.toml"
DAY_US = 86_400_000_000

TRANSFERS = """
SELECT k // 1000 AS step, 'TRANSFER' AS type, 1 + hash(k, 1) % 100000 / 100.0 AS amount,
  hash(k, 2) % 7800 AS nameOrig, hash(k, 3) % 12000 AS nameDest,
  hash(k, 4) % 10000000 / 100.0 AS newbalanceOrig
FROM range({rows}) AS made(k)
"""
AMLSIM = """
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

# Two accounts of three are IBANs of a Kazakh bank, the others a bank's own numbers. A few
# accounts pay and are paid much more often than most.
ACCOUNTS = """
CREATE TABLE accounts AS
WITH drawn AS (
  SELECT k, CAST(hash(k, 1) % 6 + 1 AS BIGINT) AS place,
    lpad(CAST(hash(k, 2) % 10000000000000 AS VARCHAR), 13, '0') AS number
  FROM range({accounts}) AS made(k)
), named AS (
  SELECT *, ['111', '222', '333', '444', 'ERT', 'NUR'][place] AS bank FROM drawn
)
SELECT k, CASE WHEN place > 4 THEN bank || ':' || number ELSE
  'KZ' || lpad(CAST(98 - CAST(bank || number || '203500' AS HUGEINT) % 97 AS VARCHAR), 2, '0')
  || bank || number END AS account
FROM named
"""
PAYMENTS = """
WITH drawn AS (
  SELECT k,
    CAST(floor(pow(hash(k, 3) % 1000000007 / 1000000008.0, 2) * {accounts}) AS BIGINT) AS payer,
    CAST(floor(pow(hash(k, 4) % 1000000007 / 1000000008.0, 2) * {accounts}) AS BIGINT) AS payee
  FROM range({rows}) AS made(k)
)
SELECT 'sim-' || drawn.k AS id, 1767225600000000 + drawn.k * {step} AS at_us, 'both' AS side,
  one.account AS payer_account, other.account AS payee_account,
  CAST(100 * exp(4 + 5 * (hash(drawn.k, 5) % 1000000 / 1e6)) AS BIGINT) AS amount,
  'KZT' AS currency, ['transfer', 'card', 'wallet'][CAST(hash(drawn.k, 6) % 3 + 1 AS BIGINT)]
  AS instrument, CAST(hash(drawn.k, 7) % 100000000 AS BIGINT) AS balance
FROM drawn JOIN accounts AS one ON one.k = payer JOIN accounts AS other ON other.k = payee
ORDER BY drawn.k
"""
SIMULATED = """
SELECT id, 'sim' AS source, at_us, side, payer_account,
  if(payer_account LIKE '%:%', split_part(payer_account, ':', 1), payer_account[5:7])
  AS payer_bank, payee_account,
  if(payee_account LIKE '%:%', split_part(payee_account, ':', 1), payee_account[5:7])
  AS payee_bank, amount, currency, instrument, NULL::VARCHAR AS uetr,
  NULL::VARCHAR AS end_to_end_id, 'KZ' AS payee_country, NULL::VARCHAR AS payer_holder,
  NULL::VARCHAR AS payee_holder, NULL::VARCHAR AS purpose, NULL::VARCHAR AS statement, balance,
  DATE '1970-01-01' + (at_us // 86400000000)::INTEGER AS day, 1::BIGINT AS seal
FROM '$from'
"""
ORDER = "ORDER BY day, payer_account, at_us"


@dataclass(frozen=True)
class Case:
    """A file, how ours is told to read it, and the peer's query over it."""

    title: str
    path: Path
    mapping: str
    query: str
    runs: int


def ours(path: Path, mapping: str) -> dict[str, float]:
    """Seconds, rows and peak memory (MB) of one hand-in, in a process of its own."""
    command = [sys.executable, __file__, "--child", str(path), "--mapping", mapping]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(run.stdout)
    return found


def child(path: Path, mapping: str) -> None:
    """One hand-in into a new register and lake; prints what `ours` answers."""
    from qalqan.lake.files import take_file
    from qalqan.lake.hand_in import Centre
    from qalqan.register.database import Database
    from qalqan.trust.keys import Keys

    with tempfile.TemporaryDirectory(dir=path.parent) as name:
        folder = Path(name)
        with closing(Database(f"sqlite:///{folder / 'register.db'}")) as database:
            database.migrate()
            terms = {"mapping": Path(mapping)} if mapping else {"source": "sim"}
            start, before = time.perf_counter(), time.process_time()
            lake = str(folder / "lake")
            receipt = take_file(Centre(database, Keys.new(), lake), "payment", path, **terms)
            spent, cpu = time.perf_counter() - start, time.process_time() - before
    found = {"seconds": spent, "cpu": cpu, "rows": receipt.accepted, "peak_mb": peak_mb()}
    print(json.dumps(found))


def peak_mb() -> float:
    """Peak resident memory of this process; `getrusage` on Linux counts in what its parent had
    when it was started."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def peer(folder: Path, case: Case, options: str) -> tuple[float, float]:
    """Seconds, and seconds of processor, of one COPY with the lake's threads and memory."""
    from qalqan.lake.engine import DUCKDB_MEMORY, DUCKDB_THREADS

    with tempfile.TemporaryDirectory(dir=folder) as name, closing(duckdb.connect()) as con:
        con.execute(f"SET threads = {DUCKDB_THREADS}; SET memory_limit = '{DUCKDB_MEMORY}'")
        con.execute(f"SET temp_directory = '{name}/spilled'")
        query = case.query.replace("$from", str(case.path))
        start, before = time.perf_counter(), time.process_time()
        con.execute(
            f"COPY ({query} {ORDER}) TO '{name}/out.parquet'"
            f" (FORMAT parquet, COMPRESSION zstd{options})"
        )
        return time.perf_counter() - start, time.process_time() - before


def amlsim(folder: Path, data: Path | None, rows: int) -> Case:
    """The outside data, or what is made up for it: at most so many rows."""
    if data is not None:
        path = data / "payments" / "amlsim.parquet" if data.is_dir() else data
        linked = folder / path.name
        linked.symlink_to(path.absolute())
        return Case("AMLSim", linked, str(MAPPING), AMLSIM, 3)
    made = folder / "made-up.parquet"
    query = TRANSFERS.format(rows=min(rows, MADE_UP))
    duckdb.execute(f"COPY ({query}) TO '{made}' (FORMAT parquet)")
    return Case("made-up transfers", made, str(MAPPING), AMLSIM, 3)


def simulated(folder: Path, rows: int, form: str, options: str) -> Case:
    """Payments that nobody made, from the same draw every time."""
    accounts = max(rows // 10, 1)
    path = folder / f"simulated-{rows}.{form}"
    with closing(duckdb.connect()) as con:
        con.execute(f"SET threads = 2; SET temp_directory = '{folder}/spilled'")
        con.execute(ACCOUNTS.format(accounts=accounts))
        query = PAYMENTS.format(accounts=accounts, rows=rows, step=30 * DAY_US // rows)
        con.execute(f"COPY ({query}) TO '{path}' ({options})")
    title = f"{rows / 1e6:g} M simulated payments ({form})"
    return Case(title, path, "", SIMULATED, 1)


def show(
    name: str, unit: str, value: float, beside: str, other: float, n: float, notes: str
) -> None:
    """One line of the table."""
    row = {
        "name": name,
        "unit": unit,
        "ours": round(value, 2),
        "peer": beside,
        "peer_value": round(other, 2),
        "ratio": round(value / other, 2),
        "n": int(n),
        "notes": notes,
    }
    print(json.dumps(row, ensure_ascii=False), flush=True)


def compare(folder: Path, case: Case) -> None:
    """Ours once, since a second time everything would be there; then the peers."""
    found = ours(case.path, case.mapping)
    name, rows = f"ingest {case.title}", found["rows"]
    for beside, options in (("partitioned by day", ", PARTITION_BY (day)"), ("to one file", "")):
        taken = [peer(folder, case, options) for _ in range(case.runs)]
        spent, cpu = map(median, zip(*taken, strict=True))
        notes = (
            "cold; ours checks, tokenises, deduplicates and syncs to disk, the peer does not;"
            f" processor {found['cpu']:.1f} s beside {cpu:.1f} s"
        )
        show(name, "s", found["seconds"], f"DuckDB COPY, sorted, {beside}", spent, rows, notes)
    memory(name, found)


def memory(name: str, found: dict[str, float]) -> None:
    """Peak resident memory beside the bound."""
    show(f"{name}, peak memory", "MB", found["peak_mb"], "bound", 1024, found["rows"],
         "whole process, as the system counts it")  # fmt: skip


def main() -> None:
    """Each file in turn; what a child process measures is told in its arguments."""
    asked = argparse.ArgumentParser()
    asked.add_argument("data", nargs="?", type=Path)
    asked.add_argument("--rows", type=int, default=20_000_000)
    asked.add_argument("--child", type=Path)
    asked.add_argument("--mapping", default="")
    given = asked.parse_args()
    if given.child:
        child(given.child, given.mapping)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compare(folder, amlsim(folder, given.data, given.rows))
        compare(folder, simulated(folder, given.rows, "parquet", "FORMAT parquet"))
        lines = min(AS_LINES, given.rows)
        for form, options in (("csv", "FORMAT csv, HEADER"), ("jsonl", "FORMAT json")):
            case = simulated(folder, lines, form, options)
            found = ours(case.path, case.mapping)
            memory(f"ingest {case.title}, {found['seconds']:.0f} s", found)


if __name__ == "__main__":
    main()

"""Making the simulated country, beside DuckDB's SQL making as many payments.

Prints one JSON object a line. Ours is `qalqan simulate --size country` in a process of its own:
all kinds of fact, rings and their truth, drawn and written. The peer is what an engineer writes
first: one SELECT over a range with hashes for chance, the same columns (IBANs with their check
digits, UETRs, holders, purposes), COPY to Parquet with zstd. It has people and banks, but no
habits, no rings, no two sides of one payment and no truth, so it is a bound rather than a rival.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ACCOUNTS = 800_000
DAYS = 36
_PEER = """COPY (
  WITH drawn AS (
    SELECT i, (hash(i) // 2)::BIGINT h, (hash(i, 1) // 2)::BIGINT g,
           10000000 + (hash(i, 2) % {accounts})::BIGINT * 97 payer,
           10000000 + (hash(i, 3) % {accounts})::BIGINT * 97 payee FROM range({n}) t(i))
  SELECT printf('211-%09d', i) AS id,
    1769972400000000 + (i * {step})::BIGINT AS at_us,
    ['payer', 'payee', 'both'][1 + h % 3] AS side,
    {payer} AS payer_account, '211' AS payer_bank,
    {payee} AS payee_account, ['211', '223', '237'][1 + g % 3] AS payee_bank,
    (100 * exp(8 + 2.0 * (g % 1000000) / 1000000))::BIGINT AS amount, 'KZT' AS currency,
    ['transfer', 'card', 'cash_out', 'wallet'][1 + h % 4] AS instrument,
    CASE WHEN h % 2 = 0 THEN uuid()::VARCHAR END AS uetr, NULL::VARCHAR AS payee_country,
    printf('%012d', 500101300000 + payer) AS payer_holder,
    printf('%012d', 500101300000 + payee) AS payee_holder,
    ['Покупка', 'Зарплата', 'Отбасына', 'Перевод'][1 + g % 4] AS purpose
  FROM drawn) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"""


def ours(folder: Path) -> tuple[dict[str, int], float, float]:
    """Rows by file, seconds, and peak memory in MB of the process that made them."""
    start = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-m", "qalqan", "simulate", str(folder), "--size", "country", "--json"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    seconds = time.perf_counter() - start
    told = json.loads(run.stdout)
    rows = {name: n for name, n in told.items() if name.startswith("facts/")}
    return rows, seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3


def peer(path: Path, n: int) -> float:
    """Seconds that DuckDB takes for as many payments, with two threads."""
    with duckdb.connect(config={"threads": 2}) as sql:
        statement = _PEER.format(
            n=n, accounts=ACCOUNTS, path=path, step=DAYS * 86_400_000_000 / n,
            payer=_iban("payer"), payee=_iban("payee"),
        )  # fmt: skip
        start = time.perf_counter()
        sql.execute(statement)
        return time.perf_counter() - start


def _iban(number: str) -> str:
    """SQL of a valid IBAN of bank 211 over an account number (ISO 7064 mod 97-10)."""
    rest = f"((((211 % 97 * 100 + 10) * 1000000 + {number} // 1000000) % 97 * 1000000"
    rest += f" + {number} % 1000000) % 97 * 1000000 + 203500) % 97"
    return f"printf('KZ%02d211A%012d', 98 - {rest}, {number})"


def main() -> None:
    """Measure."""
    with tempfile.TemporaryDirectory() as temporary:
        rows, seconds, memory = ours(Path(temporary) / "country")
        payments = sum(n for name, n in rows.items() if name.startswith("facts/payment/"))
        facts = sum(rows.values())
        there = peer(Path(temporary) / "peer.parquet", payments)
    notes = f"simulated; all kinds, rings, truth; peak {memory:.0f} MB; peer {payments} payments"
    row = {
        "name": "simulating a country",
        "unit": "facts a second",
        "ours": round(facts / seconds),
        "peer": "DuckDB SQL, payments alone",
        "peer_value": round(payments / there),
        "ratio": round(facts / seconds / (payments / there), 2),
        "n": facts,
        "notes": notes,
    }
    print(json.dumps(row, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()

"""What the readable detectors of payments find, against the truth of two simulators.

Prints one JSON object a line: of each detector the precision over the accounts it names (peer:
the hand rule "85 to 100 % passed on within three days" on the same payments), with its recall
and how long DuckDB took. Truth: on our simulated country every drop and organiser of a ring whom
stolen money has reached; on IBM's AMLSim every account of a transfer that its authors mark. **Both
are simulated**, and the first is our own: neither says how often a real finding would be right.
`python bench/typologies.py [PAYMENTS] [SIZE]`: PAYMENTS is a folder with
`amlsim.parquet`, left out if it isn't given; SIZE is "town" unless told.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import write_deltalake

from qalqan import simulate as country
from qalqan.detectors import registry
from qalqan.detectors.base import Detector
from qalqan.lake.engine import DUCKDB_MEMORY, DUCKDB_THREADS, DuckEngine
from qalqan.lake.engine import table_address as address
from qalqan.lake.schemas import SCHEMAS

AMLSIM = """
SELECT 'amlsim-' || row_number() OVER (ORDER BY step) AS id, 'amlsim' AS source, 'both' AS side,
  18262 * 86400000000 + step * 86400000000 AS at_us, 'AMLSIM:C' || nameOrig AS payer_account,
  'AMLSIM:C' || nameDest AS payee_account, CAST(round(amount * 100) AS BIGINT) AS amount,
  'KZT' AS currency, 'transfer' AS instrument,
  CAST(round(newbalanceOrig * 100) AS BIGINT) AS balance
FROM read_parquet(?) WHERE amount > 0
"""
MARKED = """
SELECT DISTINCT 'AMLSIM:C' || unnest([nameOrig, nameDest]) FROM read_parquet(?) WHERE isSAR = 1
"""
HAND = """
WITH days AS (
  SELECT account, day, sum(came) AS came, sum(gone) AS gone FROM (
    SELECT payee_account AS account, at_us // 86400000000 AS day, amount AS came, 0 AS gone
    FROM payments WHERE side <> 'payer'
    UNION ALL
    SELECT payer_account, at_us // 86400000000, 0, amount FROM payments
    WHERE side <> 'payee')
  WHERE account IS NOT NULL GROUP BY ALL),
later AS (
  SELECT account, came, sum(gone) OVER (PARTITION BY account ORDER BY day
    RANGE BETWEEN CURRENT ROW AND 3 FOLLOWING) AS gone FROM days)
SELECT DISTINCT account FROM later WHERE came > 0 AND gone BETWEEN came * 0.85 AND came
"""

COUNT = """
SELECT count(DISTINCT account) FROM (
  SELECT unnest([payer_account, payee_account]) AS account FROM payments)
"""


def laid(root: str, kind: str, table: pa.Table) -> None:
    """Facts as a lake holds them, but with accounts in clear; what isn't told is empty."""
    schema = SCHEMAS[kind].ibis.to_pyarrow()
    at = table["at_us"].cast(pa.int64())
    own = {"day": at.cast(pa.timestamp("us")).cast(pa.date32()), "seal": pa.repeat(1, len(table))}
    columns = [
        own[field.name].cast(field.type)
        if field.name in own
        else table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in schema
    ]
    write_deltalake(address(root, kind), pa.table(columns, schema=schema), partition_by=["day"])


def simulated(root: str, folder: Path, size: str) -> frozenset[str]:
    """A country's facts in the lake; the accounts of its rings that stolen money has reached."""
    country.write(country.make(size, 1), folder)
    for kind in sorted(folder.glob("facts/*")):
        tables = [ds.dataset(one).to_table().append_column(
            "source", pa.repeat(one.stem, ds.dataset(one).count_rows())
        ) for one in sorted(kind.glob("*.parquet"))]  # fmt: skip
        laid(root, kind.name, pa.concat_tables(tables, promote_options="permissive"))
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    moved = {leg[end] for leg in truth["past_legs"] for end in ("payer", "payee")}
    members = {one for ring in truth["rings"] for one in (ring["organiser"], *ring["drops"])}
    return frozenset(members & moved)


def amlsim(root: str, folder: Path) -> frozenset[str]:
    """IBM AMLSim's transfers in the lake; the accounts of its marked transfers."""
    con = duckdb.connect(config={"threads": DUCKDB_THREADS, "memory_limit": DUCKDB_MEMORY})
    made = con.execute(AMLSIM, [str(folder / "amlsim.parquet")]).to_arrow_table()
    laid(root, "payment", made)
    marked = con.execute(MARKED, [str(folder / "amlsim.parquet")]).fetchall()
    return frozenset(str(account) for (account,) in marked)


def asked(root: str) -> Iterator[tuple[str, set[str], float]]:
    """Of each detector that names accounts by their payments: which, and in how many seconds."""
    with closing(DuckEngine(root)) as engine:
        for detector in registry.all_detectors().values():
            if "loan" in detector.reads or "payment" not in detector.reads:
                continue  # they speak of other people than those of a ring
            if all(engine.has_after(kind, 0) for kind in detector.reads):
                yield detector.code, *_found(engine, detector)


def _found(engine: DuckEngine, detector: Detector) -> tuple[set[str], float]:
    tables = {kind: engine.table(kind) for kind in detector.reads}
    start = time.perf_counter()
    found = engine.run(detector.ask(tables))
    return set(found["subject"].to_pylist()), time.perf_counter() - start


def by_hand(root: str) -> tuple[set[str], int]:
    """Accounts that the peer names, and how many there are in all."""
    with closing(DuckEngine(root)) as engine:
        payments = engine.run(engine.table("payment").select(
            "payer_account", "payee_account", "amount", "at_us", "side"
        ))  # fmt: skip
    con = duckdb.connect(config={"threads": DUCKDB_THREADS, "memory_limit": DUCKDB_MEMORY})
    con.register("payments", payments)
    (all_of_them,) = con.execute(COUNT).fetchone() or (0,)
    return {str(account) for (account,) in con.execute(HAND).fetchall()}, int(all_of_them)


def compare(name: str, root: str, truth: frozenset[str]) -> None:
    """Print a line for each detector."""
    hand, all_of_them = by_hand(root)
    peer = len(hand & truth) / max(1, len(hand))
    for code, found, took in asked(root):
        right = len(found & truth)
        ours = right / len(found) if found else None
        row = {
            "name": f"{code} on {name}",
            "unit": "precision over accounts",
            "ours": ours and round(ours, 3),
            "peer": "hand rule: 85 to 100 % passed on within 3 days",
            "peer_value": round(peer, 3),
            "ratio": round(ours / peer, 1) if peer and ours is not None else None,
            "n": len(found),
            "notes": f"{right} of the {len(truth)} marked among {all_of_them} accounts "
            f"(the hand rule: {len(hand & truth)} in {len(hand)}); {took:.1f} s; simulated",
        }
        print(json.dumps(row, ensure_ascii=False), flush=True)


def main(given: list[str]) -> None:
    """Both sets, or ours alone."""
    size = next((one for one in given if not Path(one).exists()), "town")
    data = next((Path(one) for one in given if (Path(one) / "amlsim.parquet").exists()), None)
    with tempfile.TemporaryDirectory() as folder:
        ours = Path(folder)
        compare(
            f"a simulated {size}", f"{folder}/own", simulated(f"{folder}/own", ours / "f", size)
        )
        if data is not None:
            compare("AMLSim", f"{folder}/amlsim", amlsim(f"{folder}/amlsim", data))


if __name__ == "__main__":
    main(sys.argv[1:])

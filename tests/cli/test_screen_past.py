"""`qalqan screen past` over a file: figures, what fired, and nothing kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from qalqan import clock
from qalqan.clock import HOUR, MINUTE


def test_a_file_is_asked_about_and_nothing_is_kept(qalqan: Any, tmp_path: Path) -> None:
    qalqan("init")
    at_us = clock.now_us() - 40 * 24 * HOUR
    rows = [
        {"id": f"p{n}", "at_us": at_us + n * MINUTE, "side": "payer", "payer_account": f"211:V{n}",
         "payer_bank": "211", "payee_account": "223:D1", "payee_bank": "223", "amount": 5_000_00,
         "currency": "KZT", "instrument": "transfer"}
        for n in range(14)
    ]  # fmt: skip
    rows.append({**rows[0], "id": "broken", "amount": -1})
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "payments.parquet")
    into = tmp_path / "found.jsonl"
    said = qalqan(
        "screen", "past", "payments", "--file", str(tmp_path / "payments.parquet"),
        "--source", "altyn", "--into", str(into), "--json",
    )  # fmt: skip
    assert said.code == 0, said.out
    assert (said.json["records"], said.json["questions"]) == (15, 14)
    assert said.json["shadow"] == {"payments.many_payers": 5}
    assert into.read_bytes() == b"", "without a policy every rule is in shadow"
    assert json.loads(qalqan("screen", "past", "payments", "--json").out)["questions"] == 0
    assert qalqan("screen", "past", "calls", "--json").code != 0

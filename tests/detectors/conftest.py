"""Runs one detector over a few rows, as the worker would over the lake; and the small lake
that the harness runs all of them over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from detectors import called
from qalqan.detectors import registry
from qalqan.lake.engine import DuckEngine, table_address
from qalqan.lake.schemas import SCHEMAS, Column
from qalqan.model.finding import Finding

See = Callable[..., list[Finding]]
Row = dict[str, Any]

HOUR = 3_600_000_000
DAY = 24 * HOUR
NOON = 20_000 * DAY + 12 * HOUR
TENGE = 100
START_US = 1_770_000_000_000_000  # 2 February 2026
HALF_HOUR_US = 1_800_000_000
DAYS = 9
SEED = 4
ROWS = 3_000


@pytest.fixture(scope="session")
def see(make_facts: Any, tmp_path_factory: pytest.TempPathFactory) -> See:
    """`see(code, {"payment": rows}, **params)` gives the findings, by subject and window."""
    engine = DuckEngine(str(tmp_path_factory.mktemp("none")))

    def run(code: str, facts: Mapping[str, Sequence[dict[str, Any]]], **params: Any) -> Any:
        detector = registry.get(code)
        detector = replace(detector, params=replace(detector.params, **params))
        tables = {kind: engine.memtable(make_facts(kind, rows)) for kind, rows in facts.items()}
        for kind in set(detector.reads) - set(tables):
            tables[kind] = engine.memtable(SCHEMAS[kind].ibis.to_pyarrow().empty_table())
        rows = engine.run(detector.ask(tables)).to_pylist()
        return sorted(detector.findings(rows, seal=1), key=lambda finding: finding.identity)

    return run


@pytest.fixture
def payment() -> Callable[..., Row]:
    """`payment(payer, payee, tenge, hours after noon)`, reported by one bank for both."""
    numbers = count()

    def make(
        payer: str | None, payee: str | None, tenge: int, hours: float = 0, **columns: Any
    ) -> Row:
        return {
            "id": f"p{next(numbers)}",
            "source": "bank",
            "side": "both",
            "at_us": NOON + int(hours * HOUR),
            "payer_account": payer,
            "payee_account": payee,
            "amount": tenge * TENGE,
            "currency": "KZT",
            "instrument": "transfer",
            "payee_country": "KZ",
            **columns,
        }

    return make


@pytest.fixture
def session() -> Callable[..., Row]:
    """`session(holder, account, device, hours after noon)`."""
    numbers = count()

    def make(holder: str, account: str, device: str, hours: float = 0, **columns: Any) -> Row:
        return {
            "id": f"s{next(numbers)}",
            "source": "bank",
            "at_us": NOON + int(hours * HOUR),
            "holder": holder,
            "account": account,
            "device": device,
            "remote_access": False,
            "outcome": "signed_in",
            **columns,
        }

    return make


@pytest.fixture
def loan() -> Callable[..., Row]:
    """`loan(applicant, hours after noon)` of a hundred thousand tenge at one lender."""
    numbers = count()

    def make(applicant: str, hours: float = 0, **columns: Any) -> Row:
        return {
            "id": f"l{next(numbers)}",
            "source": "lender",
            "at_us": NOON + int(hours * HOUR),
            "applicant": applicant,
            "amount": 100_000 * TENGE,
            "currency": "KZT",
            "device": f"{applicant}'s phone",
            "decision": "granted",
            **columns,
        }

    return make


def _value(column: Column, random: Random) -> Any:
    """Few distinct values, many ties, and a null wherever the schema lets one be."""
    if not column.required and random.random() < 0.2:
        return None
    if column.name == "at_us":
        return START_US + random.randrange(DAYS * 48) * HALF_HOUR_US
    if column.name == "amount":
        return random.choice([9_000_000, 9_500_000, 10_000_000])
    if column.type == "int64":
        return random.randrange(10_000_000)
    if column.type == "bool":
        return random.random() < 0.5
    if column.enum:
        return random.choice((column.enum[0], random.choice(column.enum)))
    pool = {"account": 400, "phone": 300, "person": 12, "currency": 2}.get(column.identifier, 5)
    return f"{column.identifier or column.name}_{random.randrange(pool)}"


def _rows(kind: str) -> list[dict[str, Any]]:
    """A stream for each column: one that a kind gains draws nothing new for the others."""
    columns = [column for column in SCHEMAS[kind].columns if column.name not in ("day", "seal")]
    streams = {column.name: Random(f"{SEED} {kind} {column.name}") for column in columns}
    return [
        {column.name: _value(column, streams[column.name]) for column in columns}
        | {"id": f"{kind}{number}"}
        for number in range(ROWS)
    ]


@pytest.fixture(scope="session")
def small_facts(make_facts: Any) -> dict[str, pa.Table]:
    """Every kind of fact, made up from the schema alone; the same rows every time."""
    rows = {kind: _rows(kind) for kind in SCHEMAS}
    rows["payment"] += _story()
    for kind, told in called.story(START_US + 4 * HOUR).items():
        rows[kind] += told
    return {kind: make_facts(kind, some) for kind, some in rows.items()}


STORY = (
    # payer, payee, tenge, day, hour, instrument: what chance does not bring about
    ("first", "woken", 3_000, -60, 0, "card"),
    ("victim 1", "woken", 500_000, 3, 0, "transfer"),
    ("woken", "firm", 480_000, 3, 1, "transfer"),
    ("firm", "above", 470_000, 3, 2, "transfer"),
    ("victim 2", "drop", 400_000, 3, 1, "transfer"),
    ("drop", "above", 390_000, 3, 3, "transfer"),
    ("above", None, 800_000, 3, 4, "cash_out"),
    *((f"victim {n}", "rush", 100_000, 4, n, "transfer") for n in range(3, 8)),
    ("rush", "abroad", 450_000, 4, 9, "crypto"),
    *(("source", f"way {n}", 200_000, 5, n, "transfer") for n in range(3)),
    *((f"way {n}", "sink", 190_000, 5, n + 4, "transfer") for n in range(3)),
    *((f"round {n}", f"round {(n + 1) % 4}", 150_000, 6, n, "transfer") for n in range(4)),
)


def _story() -> list[Row]:
    """A few payments with a plot, each reported by one bank for both sides."""
    return [
        {
            "id": f"story{number}", "source": "bank", "side": "both", "payer_account": payer,
            "payer_bank": "211", "payee_account": payee, "payee_bank": "211",
            "amount": tenge * TENGE, "currency": "KZT", "instrument": instrument,
            "at_us": START_US + day * DAY + hour * HOUR,
            "payee_holder": "person_1" if payee == "firm" else None,
            "payer_holder": "person_1" if payer == "firm" else None,
        }
        for number, (payer, payee, tenge, day, hour, instrument) in enumerate(STORY)
    ]  # fmt: skip


@pytest.fixture(scope="session")
def small_lake(small_facts: dict[str, pa.Table], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Root of a lake that holds `small_facts`."""
    root = tmp_path_factory.mktemp("small lake")
    for kind, rows in small_facts.items():
        write_deltalake(table_address(str(root), kind), rows, partition_by=["day"])
    return str(root)

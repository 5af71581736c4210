"""Runs one detector over a few rows, as the worker would over the lake; and the small lake
that the harness runs all of them over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from qalqan.detectors import registry
from qalqan.lake.engine import DuckEngine, table_address
from qalqan.lake.schemas import SCHEMAS, Column
from qalqan.model.finding import Finding

See = Callable[..., list[Finding]]

START_US = 1_770_000_000_000_000  # 2 February 2026
HALF_HOUR_US = 1_800_000_000
DAYS = 9
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


def _rows(kind: str, random: Random) -> list[dict[str, Any]]:
    columns = [column for column in SCHEMAS[kind].columns if column.name not in ("day", "seal")]
    return [
        {column.name: _value(column, random) for column in columns} | {"id": f"{kind}{number}"}
        for number in range(ROWS)
    ]


@pytest.fixture(scope="session")
def small_facts(make_facts: Any) -> dict[str, pa.Table]:
    """Every kind of fact, made up from the schema alone; the same rows every time."""
    random = Random(39)
    return {kind: make_facts(kind, _rows(kind, random)) for kind in SCHEMAS}


@pytest.fixture(scope="session")
def small_lake(small_facts: dict[str, pa.Table], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Root of a lake that holds `small_facts`."""
    root = tmp_path_factory.mktemp("small lake")
    for kind, rows in small_facts.items():
        write_deltalake(table_address(str(root), kind), rows, partition_by=["day"])
    return str(root)

"""Runs one detector over a few rows, as the worker would over the lake."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from qalqan.detectors import registry
from qalqan.lake.engine import DuckEngine
from qalqan.lake.schemas import SCHEMAS
from qalqan.model.finding import Finding

See = Callable[..., list[Finding]]


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

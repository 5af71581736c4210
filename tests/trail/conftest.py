"""Random questions, reachable for every test of the trail."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from qalqan.lake.engine import DuckEngine

sys.path.append(str(Path(__file__).parent))

from trail_questions import Question, question, write_lake

GRAPHS = 300


@dataclass(frozen=True)
class Asked:
    """Many questions over one lake, and an engine that reads it."""

    questions: Sequence[Question]
    root: str
    engine: Any


@pytest.fixture(scope="session")
def trail_lake(
    tmp_path_factory: pytest.TempPathFactory, make_facts: Callable[..., pa.Table]
) -> Iterator[Asked]:
    """Every generated graph in one lake, and DuckDB on it."""
    questions = [question(seed) for seed in range(GRAPHS)]
    root = str(tmp_path_factory.mktemp("trail-lake"))
    write_lake(root, questions, make_facts)
    engine = DuckEngine(root)
    yield Asked(questions, root, engine)
    engine.close()

"""The table of requirements says no more than code and tests stand behind.

The examples number from 900 on, so that none of them passes for a citation.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("met here (REQ-944).", "944"),
        ("(REQ-916, 918, 938 to 940)", "916 918 938 939 940"),
        ("REQ-939, REQ-992", "939 992"),
        ("REQ-927–929 and 933: many", "927 928 929 933"),
        ("REQ-986a, and what is near", "986a"),
        ("REQ-950, by date; 3 rows", "950"),
        ("nothing", ""),
    ],
)
def test_a_citation_is_read_with_its_ranges(generate: ModuleType, text: str, numbers: str) -> None:
    assert generate.cited(text) == set(numbers.split())


CODE, TESTS = {"901": ["a.py"], "902": ["b.py"]}, {"901": ["test_a.py"]}


@pytest.mark.parametrize(
    "line",
    [
        "REQ-902\tcode alone\tmet\t",
        "REQ-903\tnothing at all\tmet\t",
        "REQ-901\ta part without saying which\tpart\t",
        "REQ-903\ta part of nothing\tpart\tsome of it",
        "REQ-901\tno such state\tdone\t",
    ],
)
def test_a_state_that_nothing_stands_behind_stops_the_page(generate: ModuleType, line: str) -> None:
    with pytest.raises(SystemExit, match="REQ-"):
        generate.requirement(line, CODE, TESTS)


@pytest.mark.parametrize(
    "line",
    [
        "REQ-901\tx\tmet\t",
        "REQ-902\tx\tpart\tsome of it",
        "REQ-903\tx\topen\t",
        "REQ-901\tx\topen\t",
    ],
)
def test_a_state_may_say_less_than_is_cited(generate: ModuleType, line: str) -> None:
    assert generate.requirement(line, CODE, TESTS).startswith("| REQ-")


def test_every_requirement_has_its_row() -> None:
    rows = (ROOT / "docs/requirements.tsv").read_text(encoding="utf-8").splitlines()
    numbers = [row.split("\t")[0].removeprefix("REQ-") for row in rows]
    wanted = [str(number) for number in range(1, 96)]
    assert numbers == [*wanted[:86], "86a", *wanted[86:]]

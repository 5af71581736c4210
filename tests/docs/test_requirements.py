"""The table of requirements says no more than code and tests stand behind."""

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
        ("met here (REQ-44).", "44"),
        ("(REQ-16, 18, 38 to 40)", "16 18 38 39 40"),
        ("REQ-39, REQ-92", "39 92"),
        ("REQ-27–29 and 33: many", "27 28 29 33"),
        ("REQ-86a, and what is near", "86a"),
        ("REQ-50, by date; 3 rows", "50"),
        ("nothing", ""),
    ],
)
def test_a_citation_is_read_with_its_ranges(generate: ModuleType, text: str, numbers: str) -> None:
    assert generate.cited(text) == set(numbers.split())


CODE, TESTS = {"1": ["a.py"], "2": ["b.py"]}, {"1": ["test_a.py"]}


@pytest.mark.parametrize(
    "line",
    [
        "REQ-2\tcode alone\tmet\t",
        "REQ-3\tnothing at all\tmet\t",
        "REQ-1\ta part without saying which\tpart\t",
        "REQ-3\ta part of nothing\tpart\tsome of it",
        "REQ-1\tno such state\tdone\t",
    ],
)
def test_a_state_that_nothing_stands_behind_stops_the_page(generate: ModuleType, line: str) -> None:
    with pytest.raises(SystemExit, match="REQ-"):
        generate.requirement(line, CODE, TESTS)


@pytest.mark.parametrize(
    "line",
    ["REQ-1\tx\tmet\t", "REQ-2\tx\tpart\tsome of it", "REQ-3\tx\topen\t", "REQ-1\tx\topen\t"],
)
def test_a_state_may_say_less_than_is_cited(generate: ModuleType, line: str) -> None:
    assert generate.requirement(line, CODE, TESTS).startswith("| REQ-")


def test_every_requirement_has_its_row() -> None:
    rows = (ROOT / "docs/requirements.tsv").read_text(encoding="utf-8").splitlines()
    numbers = [row.split("\t")[0].removeprefix("REQ-") for row in rows]
    wanted = [str(number) for number in range(1, 96)]
    assert numbers == [*wanted[:86], "86a", *wanted[86:]]

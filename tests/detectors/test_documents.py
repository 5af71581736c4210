"""The reference page is the registry's, and the guide's detector works."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from qalqan.detectors.reference import detectors_page
from qalqan.detectors.sentence import sentence
from qalqan.text.catalogue import places

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "how-to/add-a-detector.md").read_text(encoding="utf-8")


@pytest.fixture
def guide_s_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    found = re.search(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    assert found
    path = tmp_path / "rings_and_hangs_up.py"
    path.write_text(found[1], encoding="utf-8")
    spec = importlib.util.spec_from_file_location("rings_and_hangs_up", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "rings_and_hangs_up", module)
    spec.loader.exec_module(module)
    return module


def test_the_reference_page_has_not_drifted() -> None:
    page = (DOCS / "reference/detectors.md").read_text(encoding="utf-8")
    assert page == detectors_page(), "run `make docs`"


def test_the_guide_s_detector_finds_what_it_says(
    guide_s_module: ModuleType, duck_lake: Any, make_facts: Any
) -> None:
    def call(caller: str, callee: int, answered: bool) -> dict[str, Any]:
        return {
            "id": f"{caller}{callee}", "at_us": callee, "caller": caller, "callee": str(callee),
            "duration_s": 2, "answered": answered,
        }  # fmt: skip

    rows = [call("centre", n, True) for n in range(60)] + [call("x", n, False) for n in range(50)]
    detector, engine = guide_s_module.rings_and_hangs_up, duck_lake.duck()
    found = engine.run(detector.ask({"call": engine.memtable(make_facts("call", rows))}))
    [row] = found.to_pylist()
    assert (row["subject"], row["score"]) == ("x", 0.25)
    assert row["evidence"] == {"called": 50, "last_us": 49}
    words = re.search(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    assert words
    entry = tomllib.loads(words[1])["detectors"]["calls"]["rings_and_hangs_up"]["sentence"]
    assert {places(entry[language]) for language in ("kk", "ru", "en")} == {
        frozenset(row["evidence"])
    }


def test_a_sentence_shows_money_and_time_for_a_person() -> None:
    evidence = {
        "currency": "KZT", "received_minor": 100_000_000, "passed_minor": 90_000_050,
        "quick_minor": 0, "cash_minor": 0, "wallet_minor": 0, "crypto_minor": 0,
        "abroad_minor": 0, "payers": 1, "first_us": 0, "last_us": 3_600_000_000,
    }  # fmt: skip
    text = sentence("payments.passes_through", evidence, "kk").replace("\u00a0", " ")
    assert "1 000 000 ₸ келді (жіберушілер саны: 1)" in text
    assert "900 000,50 ₸ ары қарай кетті" in text
    assert "{" not in text

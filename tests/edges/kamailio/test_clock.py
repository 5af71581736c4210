"""The script by itself, under a clock that somebody sets back: Kamailio has no say in that."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from edges.kamailio.conftest import CITY, HOME, content
from peers.edge import lay
from qalqan.clock import HOUR, SECOND
from qalqan.screening.calls import keeper
from qalqan.screening.calls.decisions import code_of


def kamailio() -> MagicMock:
    """Stands where Kamailio's own module does: one call from abroad."""
    found = MagicMock()
    found.kx.get_srcip.return_value = "127.0.0.1"
    found.kx.get_fuser.return_value = CITY
    found.pv.get.return_value = ""
    return found


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """edge.py as it is laid out, loaded by a process that has no tables yet."""
    lay(tmp_path, 5080)
    monkeypatch.setitem(sys.modules, "KSR", kamailio())
    spec: Any = importlib.util.spec_from_file_location("edge_alone", tmp_path / "edge.py")
    module = importlib.util.module_from_spec(spec)
    with monkeypatch.context() as loading:
        for name in ("qalqan_calls", "qalqan_journal"):
            loading.delitem(sys.modules, name, raising=False)
        spec.loader.exec_module(module)
    return module


def test_tables_are_looked_for_again_when_the_clock_was_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    now = {"time": time.time(), "monotonic": time.monotonic()}
    for name in now:
        monkeypatch.setattr(time, name, lambda name=name: now[name])
    found = request.getfixturevalue("script").mod_init()
    found.child_init(1)
    assert found.verdict(HOME)[0] == 0  # no tables
    keeper.write(tmp_path / "calls.tables", content())
    now["time"] -= HOUR / SECOND
    now["monotonic"] += 2
    verdict = found.verdict(HOME)
    assert code_of(verdict[1]) == "calls.fixed_from_abroad"

"""An empty register in November 2026, and one with two Octobers of reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from counted import REGIONS, Register, at, opened
from qalqan.bulletin.documents.compose import compose
from qalqan.bulletin.documents.parts import Body
from qalqan.clock import HOUR
from qalqan.model.period import parse

BODIES = (
    ("month", "2026-10", ""), ("month", "2024-01", ""), ("year", "2026", ""), ("year", "2023", ""),
    ("region", "2026-10", "KZ-75"), ("press", "2026-10", ""), ("minister", "2026-10", ""),
    ("year", "2025", ""),
)  # fmt: skip


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Register]:
    """An empty one."""
    home = tmp_path / "home"
    monkeypatch.setenv("QALQAN_CLOCK", str(home / "clock"))
    with opened(home) as register:
        yield register


@pytest.fixture(scope="session")
def bodies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, str, str], Body]:
    """A bulletin of each kind, of two Octobers with some of everything."""
    home = tmp_path_factory.mktemp("october")
    with pytest.MonkeyPatch.context() as patch, opened(home) as register:
        patch.setenv("QALQAN_CLOCK", str(home / "clock"))
        for year, many in ((2025, 8), (2026, 12)):
            for n in range(many):
                when = f"{year}-10-{1 + 2 * n:02d} 12:00"
                register.report(
                    when, 50_000 * (n + 1), region=REGIONS[n % 2],
                    methods=[("27", "28")[n % 2]], crime_us=at(when) - (n + 1) * HOUR,
                )  # fmt: skip
        register.calls("2026-10-05 10:00", 12_345)
        with register.book() as book:
            return {each: compose(book, each[0], parse(each[1]), each[2]) for each in BODIES}

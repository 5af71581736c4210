"""The demo's table: read whole on a narrow terminal, too, in every language."""

from __future__ import annotations

import pytest

from qalqan.cli.story import PARTS, tell_story
from qalqan.settings import settings
from qalqan.text.catalogue import LANGUAGES

COUNTS = ("facts", "quarantined", "findings", "reports", "cases", "orders", "answers")


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sum_and_no_word_breaks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("QALQAN_LANGUAGE", language)
    settings.cache_clear()
    sums = {name: 827_103_535 for name in PARTS}
    sums["stolen_tiyn"] = sum(sums.values())
    other = dict.fromkeys(sums, 790_120_816)
    counts = dict.fromkeys(COUNTS, 7)
    tell_story({**sums, **counts, "truth": sums, "other_rules": {"lifo": other}})
    settings.cache_clear()
    said = (
        capsys.readouterr().out.replace("\u00a0", " ").replace(",35", ".35").replace(",16", ".16")
    )
    assert said.count("8 271 035.35 ₸") == 3 * len(PARTS)
    assert said.count("7 901 208.16 ₸ –") == len(PARTS) + 1
    assert "…" not in said
    assert all(len(line) <= width for line in said.splitlines()[2:])

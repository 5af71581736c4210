from __future__ import annotations

import pytest

from qalqan.bulletin.effects import words
from qalqan.bulletin.effects.results import Effect, unknown
from qalqan.text.catalogue import LANGUAGES, entries

ONE = Effect("compared", "random_effects", "ratio", 0.689, 0.5, 0.9, 900, ("parallel",), True)


@pytest.mark.parametrize(
    ("change", "text"), [(-0.311, "−31.1%"), (0.058, "+5.8%"), (0.0, "0.0%"), (None, "–"),
                         (500.0, ">\u00a0+9999%")],
)  # fmt: skip
def test_a_change_is_signed(change: float | None, text: str) -> None:
    assert words.percent(change, "en") == text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_verdict_has_its_interval_and_its_number(language: str) -> None:
    told = words.said(ONE, language)
    for part in (0.689 - 1, 0.5 - 1, 0.9 - 1):
        assert words.percent(part, language) in told
    assert "900" in told
    assert words.said(unknown("compared", "none", "few_months"), language)


def test_nothing_ever_says_that_it_worked() -> None:
    spoken = " ".join(
        str(sentence) for key, entry in entries().items()
        if key.startswith(("effects.says", "effects.verdict")) for sentence in entry.values()
    ).lower()  # fmt: skip
    for word in ("worked", "success", "помогл", "успех", "көмектес", "табыс"):
        assert word not in spoken


def test_sums_are_tenge() -> None:
    averted = Effect("averted", "welch", "sum", -500_00.0, -900_00.0, -100_00.0, 9, (), True)
    assert words.shown(averted, averted.point, "en") == "−500\u00a0₸"
    assert words.level(ONE, "ru") == "95\u00a0%"

from __future__ import annotations

from datetime import date

import pytest
from months import periods

from qalqan.bulletin.effects import chart
from qalqan.bulletin.effects.design import Design
from qalqan.bulletin.effects.evaluation import Evaluation, evaluate
from qalqan.bulletin.effects.series import Row, Series

MONTHS = tuple(periods("2023-01", 24))


def found(least: int = 40) -> Evaluation:
    rows = [
        Row(month, "KZ-75", (method,), least if at == 5 else 40 + at % 5)
        for at, month in enumerate(MONTHS) for method in ("27", "28")
    ]  # fmt: skip
    design = Design(date(2024, 1, 1), ("28",), (), "methods", (), 12, 12)
    return evaluate(design, Series(MONTHS, tuple(rows)))


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_it_is_drawn_in_each_language_and_fits_a_strict_page(language: str) -> None:
    for width in chart.WIDTHS.values():
        drawn = chart.svg(found(), language, width)
        assert drawn.startswith("<svg")
        assert "style=" not in drawn
        assert "<script" not in drawn


def points(of: Evaluation) -> int:
    panels = chart._chart(of, "kk", 600).to_dict()["vconcat"]
    layers = [layer for panel in panels[:2] for layer in panel["layer"]]
    data = [layer["data"]["values"] for layer in layers if "data" in layer]
    return sum("count" in row for values in data for row in values)


def test_months_under_five_are_left_out() -> None:
    whole, cut = points(found()), points(found(least=3))
    assert whole > cut > 0


def test_every_axis_begins_at_nought() -> None:
    panels = chart._chart(found(), "en", 600).to_dict()["vconcat"]
    scales = [
        layer["encoding"]["y"]["scale"] for panel in panels[:2] for layer in panel["layer"]
        if "scale" in layer.get("encoding", {}).get("y", {})
    ]  # fmt: skip
    assert scales
    assert all(scale["zero"] for scale in scales)

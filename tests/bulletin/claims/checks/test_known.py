"""Official figures held beside a text."""

import pytest

from qalqan.bulletin.claims import check
from qalqan.model.figure import Figure, Source
from qalqan.model.period import parse


@pytest.mark.parametrize(
    ("exactness", "value", "differs"),
    [("over", 3800, True), ("over", 3700, False), ("exact", 3750, False), ("exact", 5200, True)],
)
def test_an_official_figure_is_held_beside_the_text(exactness, value, differs):
    known = Figure(
        "internet_fraud.solved", parse("2023"), value, "crimes", exactness=exactness,
        source=Source("prosecutor_2023"),
    )  # fmt: skip
    text = "В 2023 году раскрыто более 3,7 тысячи преступлений."
    found = [p for p in check(text, known=[known]).problems if p.code == "known.differs"]
    assert bool(found) is differs
    if found:
        assert "Prosecutor General's office" in found[0].said("en")
        assert "Генеральная прокуратура" in found[0].said("ru")

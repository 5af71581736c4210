"""Each check: fires, is quiet on the innocent look-alike, and where its border runs."""

import tomllib
from pathlib import Path

import pytest

from qalqan.bulletin.claims import check
from qalqan.model.figure import Figure, Source
from qalqan.model.period import parse

CASES = tomllib.loads(Path(__file__).with_name("checks.toml").read_text("utf-8"))["cases"]
JANUARY = "Бюллетень за январь 2024 года\n"


def codes(text, **more):
    return {p.code for p in check(text, **more).problems}


@pytest.mark.parametrize(("code", "fires", "quiet"), CASES)
def test_a_check_fires_and_stays_quiet(code, fires, quiet):
    assert code in codes(JANUARY + fires)
    assert code not in codes(JANUARY + quiet)


def test_a_text_without_a_date_leaves_figures_without_a_period():
    assert "period.none" in codes("Возвращено 850 млн тенге.")
    assert "period.none" not in codes("В 2023 году возвращено 850 млн тенге.")
    assert "period.open" in codes("В этом году раскрыто 288 дел.")
    assert "period.open" not in codes(JANUARY + "В этом году раскрыто 288 дел.")


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
        assert "prosecutor_2023" in found[0].said("en")


TABLE = """Бюллетень за март 2025 года
| Регион | 2024 | 2025 | Доля, % |
|---|---|---|---|
| Алматы | 490 | {a} | {share} |
| Прочие | 842 | 945 | 63,6 |
| Всего | 1 332 | 1 485 | 100 |"""


@pytest.mark.parametrize(
    ("a", "share", "expected"),
    [("540", "36,4", set()), ("550", "37,0", {"table.sum"}), ("540", "39,4", {"table.share"})],
)
def test_a_table_adds_up(a, share, expected):
    assert codes(TABLE.format(a=a, share=share)) == expected


def test_changes_of_a_table_are_reckoned():
    rows = (
        "| | 2024 | 2025 | Изменение, % |\n| Алматы | 490 | 540 | {} |\n"
        "| Прочие | 842 | 945 | +12,2 |"
    )
    "| 945 | +12,2 |"
    assert codes(rows.format("+10,2")) == set()
    assert codes(rows.format("+12,0")) == {"table.change"}
    assert codes(rows.format("−10,2")) == {"table.change"}


def test_a_paragraph_told_twice_is_found_unless_it_is_of_another_place():
    words = (
        "Следователи устанавливают организаторов обналичивания, которые ищут дропов, собирают "
        "банковские карты и абонентские номера и передают похищенные средства "
        "заказчикам; привлечено {} подозреваемых"
    )
    twice = JANUARY + words.format(114) + ".\n" + words.format(189) + " лиц, остальные проверяются."
    assert {"copy.paragraph", "copy.figure"} & codes(twice)
    other = JANUARY + words.format(114) + ".\nВ Шымкенте: " + words.format(189) + "."
    assert not {"copy.paragraph", "copy.figure"} & codes(other)

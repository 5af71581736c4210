"""Figures whose period is missing or open."""

from qalqan.bulletin.claims import check

JANUARY = "Бюллетень за январь 2024 года\n"


def codes(text, **more):
    return {p.code for p in check(text, **more).problems}


def test_a_text_without_a_date_leaves_figures_without_a_period():
    assert "period.none" in codes("Возвращено 850 млн тенге.")
    assert "period.none" not in codes("В 2023 году возвращено 850 млн тенге.")
    assert "period.open" in codes("В этом году раскрыто 288 дел.")
    assert "period.open" not in codes(JANUARY + "В этом году раскрыто 288 дел.")

"""Totals and means told in wordings that no rule knows."""

import pytest

from qalqan.bulletin.claims import check

CASES = [
    ("sum.wrong", "Бюллетень за январь 2024 года\n",
     "100 жалоб отправили банки, 200 – операторы, 300 – граждане, то есть {} на всех.", 600, 650),
    ("sum.wrong", "Бюллетень за январь 2024 года\n",
     "На север пришлось 100 жалоб, на юг – 200, на запад – 300. Всего по стране – {}.", 600, 650),
    ("sum.wrong", "Бюллетень за январь 2024 года\n",
     "{} жалоб. Из них: 100 – у мужчин, 200 – у женщин, 300 – у организаций.", 600, 650),
    ("sum.wrong", "2024 жылғы қаңтар айының бюллетені\n",
     "{} шағым арасында ірісі – 100, орташасы – 200, ұсағы – 300.", 600, 650),
    ("sum.wrong", "Bulletin for January 2024\n",
     "Almaty (100), Astana (200) and Shymkent (300) together had {} complaints.", 600, 650),
    ("mean.wrong", "Bulletin for January 2024\n",
     "600 signals in 30 days works out at {} a day.", 20, 26),
    ("mean.wrong", "Бюллетень за январь 2024 года\n",
     "За двадцать дней поступило 600 сигналов, среднесуточный показатель – {}.", 30, 24),
    ("mean.wrong", "2024 жылғы қаңтар айының бюллетені\n",
     "Тәуліктік жүктеме – {} белгі: 30 күнде 600 белгі келді.", 20, 26),
]  # fmt: skip


@pytest.mark.parametrize(("code", "title", "form", "right", "wrong"), CASES)
def test_an_unknown_wording_is_added_up(code, title, form, right, wrong):
    assert check(title + form.format(right)).problems == ()
    assert code in {p.code for p in check(title + form.format(wrong)).problems}


@pytest.mark.parametrize(
    "text",
    [
        "В Алматы – 900 жалоб, в Астане – 400, в Шымкенте – 300, в Актау – 250.",
        "Поступило 600 жалоб, проведено 300 рейдов, прочитано 250 лекций.",
        "Звонки идут с 9 до 18 часов, за 30 дней их 600, в день банки отвечают 3 раза.",
    ],
)
def test_values_that_are_only_listed_are_no_total(text):
    assert check("Бюллетень за январь 2024 года\n" + text).problems == ()

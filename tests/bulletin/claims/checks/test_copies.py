"""Stale copies in other words, and the look-alikes that rightly tell another number."""

import pytest

from qalqan.bulletin.claims import check

JANUARY = {
    "ru": "Бюллетень за январь 2024 года\n",
    "kk": "2024 жылғы қаңтар айының бюллетені\n",
    "en": "Bulletin for January 2024\n",
}


def copies(language, first, second):
    problems = check(f"{JANUARY[language]}{first}\n{second}").problems
    return {p.paragraph for p in problems if p.code == "copy.figure"}


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("ru", "Учтено 5280 вредоносных ссылок.",
         "Все учтённые {} вредоносных ссылок распределены по отделам."),
        ("ru", "В производстве находится 5280 запросов следователей.",
         "Находящиеся в производстве {} запросов следователей требуют внимания."),
        ("kk", "5280 зиянды сілтеме есепке алынды.",
         "Есепке алынған {} зиянды сілтеме бөлімдерге таратылды."),
        ("en", "Officers uncovered 5,280 spoofed numbers and the work goes on.",
         "In conclusion: {} spoofed numbers uncovered."),
        ("en", "Loan frauds for the month: 5280.",
         "The month's number of loan frauds, as mentioned, is {}."),
    ],
)  # fmt: skip
def test_a_stale_copy_in_other_words_is_found(language, first, second):
    assert copies(language, first, second.format(5280)) == set()
    assert copies(language, first, second.format(5780)) == {2}


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("ru", "Учтено 5280 вредоносных ссылок.", "Повторно – 4900 вредоносных ссылок."),
        ("ru", "Учтено 5280 вредоносных ссылок.", "Ждут обработки 4900 вредоносных ссылок."),
        ("ru", "Учтено 5280 жалоб абонентов.", "Учтено 4900 жалоб абонентов через сайт."),
        ("kk", "5280 абонент шағымы түсті.", "4900 абонент шағымы кезекте тұр."),
        ("en", "5,280 criminal cases in all.", "With foreigners involved: 4,900 criminal cases."),
        ("en", "5,280 criminal cases came in.", "4,900 criminal cases await a hearing."),
    ],
)
def test_another_count_of_the_same_is_no_copy(language, first, second):
    assert copies(language, first, second) == set()


def codes(text):
    return {p.code for p in check(text).problems}


def test_a_paragraph_told_twice_is_found_unless_it_is_of_another_place():
    words = (
        "Следователи устанавливают организаторов обналичивания, которые ищут дропов, собирают "
        "банковские карты и абонентские номера и передают похищенные средства "
        "заказчикам; привлечено {} подозреваемых"
    )
    twice = (
        JANUARY["ru"]
        + words.format(114)
        + ".\n"
        + words.format(189)
        + " лиц, остальные проверяются."
    )
    assert {"copy.paragraph", "copy.figure"} & codes(twice)
    other = JANUARY["ru"] + words.format(114) + ".\nВ Шымкенте: " + words.format(189) + "."
    assert not {"copy.paragraph", "copy.figure"} & codes(other)

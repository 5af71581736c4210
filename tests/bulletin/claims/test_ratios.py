"""Shares and changes in wordings that no rule knows: what is false, and what is left alone."""

import pytest

from qalqan.bulletin.claims import check

JANUARY = {
    "ru": "Бюллетень за январь 2024 года\n",
    "kk": "2024 жылғы қаңтар айының бюллетені\n",
    "en": "Bulletin for January 2024\n",
}


def codes(text, language):
    return {p.code for p in check(JANUARY[language] + text).problems}


@pytest.mark.parametrize(
    ("language", "code", "form", "right", "wrong"),
    [
        ("ru", "share.wrong", "Процент подтверждения невысок: {} % (1722/3281).", "52,5", "25,5"),
        ("ru", "share.wrong", "Доля раскрытых – {} % (раскрыто 600 при 800 учтённых).", "75", "71"),
        ("ru", "share.wrong", "Каждое {} из 900 заявлений (301) – повторное.", "третье", "пятое"),
        ("ru", "share.wrong", "Всего 400 жалоб. На долю столицы – 100, или {} %.", "25", "29"),
        ("kk", "share.wrong", "Тиімділік {} % болды: 800 іс тіркеліп, 600-і ашылды.", "75", "71"),
        ("en", "share.wrong", "Turned down were 300: {}% of those filed (800).", "37.5", "33.5"),
        ("ru", "change.wrong", "Жалоб – 500 (АППГ – 400), прибавка {} %.", "25", "29"),
        ("ru", "change.wrong", "Год назад было 400 жалоб. Теперь 500, на {} % больше.", "25", "29"),
        ("ru", "change.times", "Ущерб вырос {}: с 400 до 801 млн тенге.", "вдвое", "вчетверо"),
        ("kk", "change.wrong", "Шағым бойынша 500 дерек (ӨЖСК – 400), {} %-ға өсу.", "25", "29"),
        ("kk", "change.times", "Шағым {} артып, 400-ден 601-ге жетті.", "бір жарым есе", "үш есе"),
        ("en", "change.wrong", "We logged 500 complaints versus 400, a {}% jump.", "25", "29"),
        ("en", "change.wrong", "Complaints rose by {}, from 600 to 800.", "a third", "a fifth"),
        ("en", "change.wrong", "Losses were 5.5 million tenge, {}% less than the 8.8 million "
         "lost a year before.", "37.5", "33.5"),
    ],
)  # fmt: skip
def test_an_unknown_wording_is_reckoned(language, code, form, right, wrong):
    assert codes(form.format(right), language) == set()
    assert code in codes(form.format(wrong), language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", "С учётом 400 жалоб годом ранее нынешние 500 означают спад в 25 %."),
        ("ru", "На 25 % – с 400 до 500 – просело число жалоб."),
        ("en", "A 25% year-on-year slump took complaints from 400 to 500."),
        ("kk", "Шағым саны 500 болды, былтыр 400 болатын, кему 25 %."),
    ],
)
def test_a_direction_against_its_numbers_is_found(language, text):
    assert codes(text, language) == {"change.direction"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", "В области 812 дропов и 437 курьеров; доверие к банкам – 61 %."),
        ("ru", "Число счетов в пять раз ниже прошлогоднего: 1278 и 6367."),
        ("ru", "4096 против прошлогодних 4819 – таково число жалоб, оно уменьшилось на 15 %."),
        ("en", "Between 150 and 400 calls came every hour, 20% of them at night."),
        ("en", "Damage of 180 million tenge consists of 120 million by card and 60 million by "
         "loan."),
        ("kk", "Былтырғы 500 шағым орнына биыл 400 тіркелді, яғни 20 %-ға аз."),
    ],
)  # fmt: skip
def test_what_is_no_claim_or_holds_is_left_alone(language, text):
    assert codes(text, language) == set()

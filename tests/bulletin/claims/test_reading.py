"""Paragraphs, sentences, languages, and what a text is about."""

from datetime import date

import pytest

from qalqan.bulletin.claims.language import guess
from qalqan.bulletin.claims.reading import Block, read


def sentences(text, language=None):
    return [s.shown.strip() for s in read([Block(text)], language).sentences]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Ущерб 21 млрд. тенге. Возвращено 850 млн.", 2),
        ("В 2023 г. раскрыто больше. В 2024 г. меньше.", 2),
        ("Министр Е.Қ. Жамаубаев бекітті. Жұмыс басталды.", 2),
        ("Банки и т.д. отвечают. Звонки, сайты и др. учтены.", 2),
        ("3. Третий пункт. Вот он.", 2),
        ("Losses of 2.4 bn. They grew.", 2),
    ],
)
def test_abbreviations_end_no_sentence(text, count):
    assert len(sentences(text)) == count


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Тіркелген қылмыстар саны азайды", "kk"),
        ("Число преступлений в городе Қарағанды снизилось, сообщает полиция области", "ru"),
        ("The number of crimes fell", "en"),
        ("123", "ru"),
    ],
)
def test_the_language_is_guessed(text, language):
    assert guess(text, "ru") == language


def test_a_text_may_mix_languages():
    found = read(
        [Block("Тіркелген қылмыстар саны азайды."), Block("Число преступлений снизилось.")]
    )
    assert [p.language for p in found.paragraphs] == ["kk", "ru"]


def test_the_title_says_what_the_text_is_about():
    found = read([Block("Бюллетень за март 2025 года"), Block("Учтено 2 148 дел.")])
    assert found.anchor == date(2025, 3, 31)
    (number,) = found.numbers
    when = found.when(number)
    assert when is not None
    assert when.first == date(2025, 3, 1)


def test_a_date_in_the_text_is_the_latest_that_it_knows():
    assert read(
        [Block("Заседание прошло 09.02.2024. Концепция на 2024–2028 годы.")]
    ).latest == date(2024, 2, 9)


def test_a_period_in_brackets_is_not_that_of_the_sentence():
    found = read([Block("В 2023 году раскрыто 3 712 дел (в январе 2024 года – 222).")])
    first, second = found.numbers
    assert [found.when(n).year for n in (first, second)] == [2023, 2024]

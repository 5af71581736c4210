"""What an editor writes beside the bulletin's own figures."""

from __future__ import annotations

import pytest

from qalqan.bulletin.claims import check
from qalqan.model.figure import Figure, Source
from qalqan.model.period import parse

OCTOBER = parse("2026-10")
OWN = [
    Figure(code, OCTOBER, value, unit, by, source=Source("qalqan"))
    for code, value, unit, by in (
        ("thefts.reported", 13, "reports", {}), ("loss.reported", 96_200_000, "tiyn", {}),
        ("held.sum", 40_000_000, "tiyn", {}), ("returned.sum", 0, "tiyn", {}),
        ("thefts.reported", 7, "reports", {"region": "KZ-75"}),
        ("calls.refused", 4_200, "calls", {}),
    )
]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The centre received 500 reports."),
        ("en", "500 thefts were reported in October 2026."),
        ("en", "4.9 billion tenge was held and returned."),
        ("en", "4.9 billion was held and returned."),
        ("en", "The loss came to 1.2 million ₸."),
        ("en", "In October 2026 we refused 9,000 calls."),
        ("ru", "В центр поступило 500 сообщений."), ("ru", "Удержано и возвращено 4,9 млрд тенге."),
        ("ru", "За октябрь 2026 года ущерб составил 1,2 млн тенге."),
        ("ru", "Похищено более 5 млн тенге."),
        ("kk", "Орталыққа 500 хабарлама түсті."), ("kk", "4,9 млрд теңге ұсталып, қайтарылды."),
        ("kk", "2026 жылғы қазанда залал 1,2 млн теңгеге жетті."),
    ],
)  # fmt: skip
def test_words_that_the_bulletin_s_own_figures_contradict_are_false(language, text):
    found = check(text, language, OWN, OCTOBER).problems
    assert [(p.code, p.severity) for p in found if p.severity == "false"] == [
        ("own.differs", "false")
    ]
    for reader in ("kk", "ru", "en"):
        assert "2026" in found[0].said(reader)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The centre received 13 reports of 962 000 tenge; 400 000 tenge was held."),
        ("en", "Almost 1 million tenge was lost, and over 390 thousand held."),
        ("en", "In November 2026 the centre received 500 reports."),
        ("en", "In Almaty 500 reports came."),
        ("en", "Each report was of 74 000 tenge lost on average."),
        ("en", "The largest single loss was 300 000 tenge."), ("en", "7 reports came by phone."),
        ("en", "500 people read our warning about the reports."),
        ("en", "Our hotline took 140 calls from citizens."),
        ("en", "The hotline 109 takes reports around the clock."),
        ("en", "Courts returned 3 fraud cases to investigators."),
        ("en", "In the first ten days of October 10 reports came."),
        ("en", "If you lost more than 100 000 tenge, report it."),
        ("en", "In 2025 we had 8 reports, against 5 in 2024. They lost 3 million tenge."),
        ("ru", "На горячую линию поступило 140 звонков."),
        ("ru", "Полиция раскрыла 3 мошенничества и задержала 2 человек."),
        ("ru", "С 1 ноября банки удерживают подозрительные переводы свыше 150 000 тенге."),
        ("ru", "Прокуратура направила в суд 3 дела о мошенничествах с ущербом 40 млн тенге."),
        ("ru", "Банки вернули клиентам 2 млн тенге комиссий."),
        ("kk", "Сенім телефонына 140 қоңырау түсті."),
        ("kk", "Алаяқтар 200 000 теңге қайтаруды сұрады."),
        ("en", "The ministry registered 1 900 internet frauds, with damage of 5 billion tenge."),
        ("en", "The Ministry had 500 officers trained on reports of theft."),
        ("ru", "В центр поступило 13 сообщений на 962 тыс. тенге, удержано 400 тыс. тенге."),
        ("ru", "За год до этого ущерб был 700 тыс. тенге."),
        ("ru", "Одна жертва потеряла 300 000 тенге."),
        ("ru", "В среднем похищали 74 тыс. тенге."),
        ("kk", "Орталыққа 13 хабарлама түсті, залал 962 мың теңге, 400 мың теңге ұсталды."),
        ("kk", "Орта есеппен 74 мың теңге ұрланды."), ("kk", "Алматыда 500 хабарлама түсті."),
    ],
)  # fmt: skip
def test_what_may_be_so_is_not_held_against_the_bulletin_s_own_figures(language, text):
    found = check(text, language, OWN, OCTOBER).problems
    assert [(p.code, p.quote) for p in found if p.code == "own.differs"] == []

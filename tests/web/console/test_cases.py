"""The list of cases and its totals (REQ-15, 16)."""

from __future__ import annotations

import re

import pytest

import story
from qalqan.cases import figures, queue, standing_sweep
from qalqan.text.show import money


def order(text):
    return re.findall(r'class="title" href="/cases/(C-26-\d+)"', text)


def test_the_newest_case_is_first(console):
    assert order(console.get("/cases").text) == ["C-26-000003", "C-26-000002", "C-26-000001"]


def test_or_the_one_with_most_to_be_had(console):
    text = console.get("/cases?sort=recoverable").text
    assert order(text)[0] == "C-26-000002"
    assert 'href="/cases?sort=recoverable" aria-current="true"' in text


@pytest.mark.parametrize("rest", ["?sort=drop table", "?page=99", "?page=-3"])
def test_nonsense_shows_the_usual_list(console, rest):
    answer = console.get(f"/cases{rest}")
    assert answer.status_code == 200
    assert len(order(answer.text)) == 3


def test_totals_are_the_figures(console):
    parts = figures.money(console.app.state.database, "taint_first")["KZT"]
    assert parts.stolen == (4_850_000 + 960_000) * 100
    text = console.get("/cases", language="ru").text
    head = text[text.index('class="card totals"') : text.index("<table")]
    for name, units in parts.as_dict().items():
        assert not units or money(units, "KZT", "ru") in head, name
    assert "сначала похищенное" in head


def test_where_rules_differ_the_range_is_shown(console):
    text = console.get("/cases", language="en").text.replace("\u00a0", " ")
    assert "590 000 ₸ – 890 000 ₸" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", ["қылмыстан 45 мин кейін", "төлеушінің банкі әлі растаған жоқ", "2 шешім күтеді"]),
        ("ru", ["через 45 мин после преступления", "ещё не подтвердил", "2 ждут решения"]),
        ("en", ["45 min after the crime", "has not confirmed it yet", "2 to decide"]),
    ],
)
def test_a_row_tells_the_delay_and_what_is_awaited(console, language, words):
    text = console.get("/cases", language=language).text.replace("\u00a0", " ")
    for each in words:
        assert each in text


def test_late_answers_are_told_in_words(console):
    console.clock.set(story.at("16:30"))
    standing_sweep.sweep(console.app.state.database)
    text = console.get("/cases", language="en").text
    assert re.search(r'class="chip late">.{0,400}7 answers late', text, re.S)


def test_a_long_list_has_pages(console, monkeypatch):
    monkeypatch.setattr(queue, "A_PAGE", 2)
    first, second = console.get("/cases").text, console.get("/cases?page=2").text
    assert order(first) + order(second) == ["C-26-000003", "C-26-000002", "C-26-000001"]
    assert 'href="/cases?page=2"' in first
    assert "Page 2 of 2" in second


def test_a_search_shows_what_fits_and_how_to_come_back(console):
    answer = console.get("/cases?q=%D0%A1-26-2", language="en")  # a Cyrillic С
    assert order(answer.text) == ["C-26-000002"]
    assert "1 case found." in answer.text
    assert 'class="card totals"' not in answer.text
    assert "sort=recoverable&amp;q=%D0%A1-26-2" in answer.text


def test_a_bank_is_found_by_a_mistyped_name(console):
    text = console.get("/cases?q=тулпар", language="kk").text
    assert "Тұлпар Банк" in text
    assert order(text)


@pytest.mark.parametrize("asked", ["зебра", "<zzz>", "%", "\u0001", "x" * 5000])
def test_what_is_not_there_is_not_found(console, asked):
    answer = console.browser().get("/cases", params={"q": asked})
    assert answer.status_code == 200
    assert order(answer.text) == []
    assert "Nothing was found" in answer.text
    assert "<zzz>" not in answer.text

"""The page of calls: figures, hours, campaigns with their way back, edges (REQ-45, 49)."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import calls_told
import pytest

from qalqan.register import orm
from qalqan.web.console.call_hours import LINE, hours

LOGIN = "d.ospanov"


@pytest.fixture
def case(console: Any) -> str:
    state = console.app.state
    return calls_told.told(state.database, state.keys, console.clock.now_us())


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", ["Тоқтатылды", "жазбаларды сақтамайды", "Журналдың тізбегі бұзылған"]),
        ("ru", ["Остановлено", "не хранит записей", "Цепочка журнала нарушена"]),
        ("en", ["Refused", "keeps no records", "The journal’s chain", "Tranzit: handed over by"]),
    ],
)
def test_the_day_is_told(console: Any, case: str, language: str, words: list[str]) -> None:
    text = console.get("/calls", LOGIN, language).text.replace("'s chain", "’s chain")
    text = text.replace("&#39;s chain", "’s chain")
    assert [word for word in words if word not in text] == []
    assert f'href="/cases/{case}"' in text
    assert "+7727250…" in text
    assert "…4567" in text
    assert "+77011234567" not in text


def test_figures_are_those_of_the_one_query(console: Any, case: str) -> None:
    text = console.get("/calls", LOGIN).text
    [refused] = re.findall(r'<div class="refuse"><dt>[^<]+</dt><dd>([^<]+)</dd>', text)
    assert int(refused) > 0
    bars = re.findall(r'<rect class="refuse"[^>]+height="([\d.]+)"', text)
    assert bars
    assert max(map(float, bars)) < LINE


def test_the_list_refreshes_only_when_something_has_changed(console: Any, case: str) -> None:
    text = console.get("/calls", LOGIN).text
    address = re.search(r'hx-get="(/calls/live[^"]+)"', text)[1].replace("&amp;", "&")  # type: ignore[index]
    assert console.get(address, LOGIN).status_code == 204
    with console.app.state.database.write() as session:
        session.get(orm.CallEdge, ("dala", "almaty-1")).heard_us += 1
    again = console.get(address, LOGIN)
    assert again.status_code == 200
    assert "<html" not in again.text
    assert 'id="calls-told"' in again.text


def test_without_edges_the_page_says_what_to_do(console: Any) -> None:
    text = console.get("/calls", LOGIN).text
    assert "qalqan calls ship" in text
    assert "<svg viewBox" not in text.partition('id="calls-live"')[2].partition("ornament")[0]


def test_the_case_of_a_campaign_tells_of_it(console: Any, case: str) -> None:
    text = console.get(f"/cases/{case}", "a.nurlanova").text
    assert "Campaign of refused calls" in text
    assert "keeps no records" in text
    listed = console.get("/cases", "a.nurlanova").text
    assert case in listed


def test_an_hour_with_one_call_is_seen_beside_one_with_a_thousand() -> None:
    few, none, many = hours([Counter(refuse=1), Counter(refuse=0), Counter(refuse=999)])
    assert few.refuse_high > 0
    assert none.refuse_high == 0
    assert many.refuse_high > few.refuse_high

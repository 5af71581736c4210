"""A clerk sees what his institution handed in and what was refused of it (REQ-19)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from web.console.test_partner_pages import LANGUAGES, Desk


def tell(web: Any, facts: list[Any], key: str, who: str = "altyn") -> str:
    headers = {"Idempotency-Key": key}
    answer = web.post("/v1/facts/payment", who, json={"facts": facts}, headers=headers)
    batch: str = answer.json()["batch"]
    return batch


def cells(page: Any) -> list[list[str]]:
    """The rows of the first table, as texts."""
    table = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    plain = [re.sub(r"<[^>]+>", " ", one) for one in re.split(r"<t[dh]\b[^>]*>", table)]
    texts = [" ".join(one.split()) for one in plain[1:]]
    return [texts[n : n + 7] for n in range(0, len(texts), 7)]


def test_batches_stand_there_the_newest_first_and_lead_to_what_was_refused(web: Any) -> None:
    desk = Desk(web, "altyn")
    assert "Nothing has come yet" in desk.get("/partner/facts").text
    same = web.payment("a")
    first = tell(web, [same, web.payment("b", amount=-1)], "monday")
    web.clock.set(web.clock.now_us() + 60_000_000)
    second = tell(web, [web.payment("c", amount=-2), same], "tuesday")
    tell(web, [web.payment("x", side="payee")], "others", "baiterek")
    page = desk.get("/partner/facts")
    shown = [row[1:] for row in cells(page)]
    assert shown == [
        ["Payments", "By the API tuesday", "2", "0", "1", "1"],
        ["Payments", "By the API monday", "2", "1", "0", "1"],
    ]
    assert "others" not in page.text
    assert f'href="/partner/facts?batch={second}#refused"' in page.text
    alone = desk.get(f"/partner/facts?batch={first}").text
    assert f'<bdi class="mono">{first}</bdi>' in alone
    assert f'<bdi class="mono">{second}</bdi>' not in alone


def test_page_after_page(web: Any) -> None:
    desk = Desk(web, "altyn")
    for number in range(52):
        web.clock.set(web.clock.now_us() + 1)
        tell(web, [web.payment(f"p-{number}")], f"k-{number}")
    page = desk.get("/partner/facts")
    (link,) = re.findall(r'href="(/partner/facts\?handed=[^"]+)"', page.text)
    older = desk.get(link)
    keys = [row[2].split()[-1] for row in cells(page) + cells(older)]
    assert keys == [f"k-{number}" for number in reversed(range(52))]
    assert 'href="/partner/facts?handed=' not in older.text
    assert desk.get("/partner/facts?handed=x").status_code == 422


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_three_languages(web: Any, language: str) -> None:
    desk = Desk(web, "altyn")
    tell(web, [web.payment("a", amount=-1)], "k")
    page = desk.get("/partner/facts", language)
    assert page.status_code == 200
    assert "partner.handed" not in page.text

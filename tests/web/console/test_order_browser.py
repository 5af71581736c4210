"""The pages of orders in a real browser: no complaint, nothing cut off, nothing that axe finds."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

from persons import Officer
from qalqan.cases import appeals, order_book
from qalqan.register import orm
from web.console.test_browser import OPEN_ALL, SIDEWAYS, Site, chromium, site

__all__ = ["chromium", "site"]
pytestmark = pytest.mark.browser
CASE = "/cases/C-26-000002"


@pytest.fixture
def paths(site: Site) -> tuple[str, ...]:
    """One order, its appeal, and all that an officer may do about orders."""
    state = site.console.app.state
    with state.database.session() as session:
        hold = order_book.find(
            session, orm.Order.kind == "hold", orm.Order.case_id == "C-26-000001",
            orm.Order.state == "answered",
        )[0]  # fmt: skip
        asked = order_book.find(session, orm.Order.state == "received")[0]
    words = "Бұл менің жалақым, ешкімді алдаған жоқпын"
    appeals.record(
        state.database, state.keys, Officer("s.oper", "operator"), hold.id, "phone", words, "k"
    )
    return (
        "/orders", f"/orders/{hold.id}",
        f"/orders/{asked.id}/answer", "/appeals", "/appeals/A-26-000001", "/escalated",
        f"{CASE}/orders/new", f"{CASE}/orders/new?act=data",
        f"{CASE}/pack",
    )  # fmt: skip


def test_no_page_of_orders_complains_or_is_cut_off(site: Site, paths: tuple[str, ...]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page, axe = site.page("kk"), Axe()
    for path in paths:
        answer = page.goto(site.address + path)
        assert answer.status == 200, path
        page.evaluate(OPEN_ALL)
        found = axe.run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], path
        for width in (1440, 360):
            site.widen(page, width)
            assert page.evaluate(SIDEWAYS) <= 0, (path, width)
            _shoot(page, path, width)
    assert page.said == []


def _shoot(page: Any, path: str, width: int) -> None:
    if shots := os.environ.get("QALQAN_SHOTS"):
        name = re.sub(r"[^a-zA-Z0-9]+", "-", path).strip("-")
        page.screenshot(path=f"{shots}/{name}-{width}.png", full_page=True)

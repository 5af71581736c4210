"""Official figures at the desk: entered by one, let out by another (REQ-87)."""

from __future__ import annotations

import re
from typing import Any

from persons import Officer
from qalqan.bulletin.figures import entering
from qalqan.bulletin.figures.entering import Stated

BOSS, OPER = "a.nurlanova", "s.oper"
TOLD = {
    "code": "internet_fraud.registered", "period": "2026-09", "part": "", "value": "1 900",
    "exactness": "exact", "source": "Letter 12", "stated": "2026-10-05", "place": "p. 3",
}  # fmt: skip


def posted(console: Any, path: str, login: str) -> Any:
    browser = console.browser(login)
    token = re.search(r'name="csrf" value="([^"]+)"', browser.get("/keys").text)
    assert token is not None
    return browser.post(path, data={"csrf": token[1]})


def test_what_was_entered_waits_for_somebody_else(console: Any) -> None:
    database = console.app.state.database
    with database.write() as session:
        theirs = entering.enter(session, Officer("n.analyst", "analyst"), Stated(**TOLD), "a").id
        mine = entering.enter(session, Officer(BOSS, "supervisor"), Stated(**TOLD), "b").id
    page = console.get("/statistics", BOSS).text
    assert f'action="/statistics/official/{theirs}/approval"' in page
    assert f'action="/statistics/official/{mine}/approval"' not in page
    assert page.count("waits for a second person") == 2
    path = "/statistics/official/{}/approval"
    assert posted(console, path.format(theirs), OPER).status_code != 303
    assert posted(console, path.format(mine), BOSS).status_code != 303
    assert posted(console, path.format(theirs), BOSS).status_code == 303
    page = console.get("/statistics", BOSS).text
    assert page.count("waits for a second person") == 1
    assert posted(console, path.format(theirs), BOSS).status_code != 303

"""Every look at a case leaves a row before it is answered (REQ-18; DESIGN section 7, 5)."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from sqlalchemy import text
from walked import paths

import story
from qalqan.register.orm import Audit
from qalqan.web.looks import AGAIN_S, QUIET, is_quiet

CASE, ORDER = "C-26-000002", "O-26-000001"
GIVEN = {"case_id": CASE, "case": CASE, "order": ORDER, "appeal": "1", "kind": "seal"}
MARK = re.compile(r"[CRO]-26-\d{6}|\b\d{3}:\d{8}\b|…\d{4}")
"""What a page shows of cases: their numbers, orders, the last four of accounts."""
MARKED = ("/work/{kind}", "/v1/work", "/v1/openapi.json")
"""Where numbers of cases stand that show nobody's: a job's key, an example."""
SEVERAL = {
    "/approvals", "/appeals", "/escalated", "/warnings", "/blocked/{order}", "/queue",
}  # fmt: skip
"""Pages that show parts of several cases."""
NOTHING = '{"orders":[]}'
PARTNERS = {
    "/v1/orders", "/v1/orders.xlsx", "/v1/warnings", "/v1/facts/quarantine", "/v1/events",
    "/v1/reports",
}  # fmt: skip
"""What partners fetch of their own; `cases.delivery` and `cases.warned` note it."""


def rows(console: Any, login: str) -> list[Audit]:
    with console.app.state.database.session() as session:
        looked = Audit.action.in_(["view", "export", "refused"])
        return session.query(Audit).filter(Audit.actor == login, looked).all()


@pytest.mark.parametrize("login", ["d.ospanov", "a.nurlanova", "g.audit"])
def test_every_route_that_shows_anything_leaves_a_row(console: Any, login: str) -> None:
    browser, answered, bearer = console.browser(login), set(), console.sessions[login]
    browser.headers["authorization"] = f"Bearer {bearer}"
    for path in sorted(set(paths(console.app, "GET"))):
        before = len(rows(console, login))
        answer = browser.get(re.sub(r"\{(\w+)\}", lambda found: GIVEN.get(found[1], "1"), path))
        new = rows(console, login)[before:]
        if is_quiet(path) or path in PARTNERS:
            assert new == [], path
            assert path in MARKED or not MARK.search(answer.text), path
        elif answer.status_code == 200:
            answered.add(path)
            if answer.text == NOTHING:
                continue
            assert new, path
            assert all(row.object_kind == "case" for row in new[1:]), path
            assert bool(new[1:]) == (path in SEVERAL and bool(MARK.search(answer.text))), path
            assert new[0].detail["role"] == story.OFFICERS[login]
            assert new[0].detail["route"] == path
            if "{case" in path:
                assert (new[0].object_kind, new[0].object) == ("case", CASE), path
    assert {"/cases", "/cases/{case_id}", "/approvals", "/v1/approvals"} <= answered
    known = set(paths(console.app, "GET"))
    assert {path for path in QUIET if path.startswith("/v1")} <= known | {
        "/v1/sign-in",
        "/v1/sign-out",
    }


def test_what_is_said_of_a_wrong_form_is_a_look_too(console: Any) -> None:
    shown = set()
    for path in sorted(set(paths(console.app, "POST"))):
        if path.startswith(("/v1", "/people")) or is_quiet(path):
            continue  # programs; what ends one's own session
        before = len(rows(console, "a.nurlanova"))
        filled = re.sub(r"\{(\w+)\}", lambda found: GIVEN.get(found[1], "1"), path)
        answer = console.post(filled, "a.nurlanova")
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        main = answer.text.partition("<main")[2]
        if is_page and answer.status_code not in (401, 404) and MARK.search(main):
            shown.add(path)
            assert len(rows(console, "a.nurlanova")) > before, (path, answer.status_code)
    assert {"/cases/{case_id}/close", "/cases/{case_id}/tasks"} <= shown


def test_the_queue_opens_a_case_and_that_is_a_look_at_it(console: Any) -> None:
    for _ in range(2):  # whatever a caller says of itself, only parts refresh themselves
        console.browser().get(f"/queue?case={CASE}", headers={"hx-request": "true"})
    told = [(row.object_kind, row.object) for row in rows(console, "d.ospanov")]
    assert told == [("page", "/queue"), ("case", CASE)] * 2


def test_a_page_that_refreshes_itself_is_one_look(console: Any) -> None:
    browser = console.browser()
    for headers in ({}, {"hx-request": "true"}, {"hx-request": "true"}):
        assert browser.get(f"/cases/{CASE}/orders", headers=headers).status_code == 200
    assert len(rows(console, "d.ospanov")) == 1
    browser.get(f"/cases/{CASE}/orders")
    browser.get("/cases/C-26-000001/orders", headers={"hx-request": "true"})
    assert len(rows(console, "d.ospanov")) == 3
    assert AGAIN_S <= 300


def test_a_program_that_asks_and_finds_nothing_has_seen_nobody(console: Any) -> None:
    bearer = {"authorization": f"Bearer {console.sessions['s.oper']}"}
    assert console.browser("s.oper").get("/v1/approvals", headers=bearer).text == NOTHING
    assert rows(console, "s.oper") == []


def test_who_is_refused_is_noted_and_who_is_nobody_is_not(console: Any) -> None:
    assert console.get("/record", "d.ospanov").status_code == 403
    (row,) = rows(console, "d.ospanov")
    assert (row.action, row.object) == ("refused", "/record")
    console.get(f"/cases/{CASE}", login=None)
    assert console.get("/cases/C-26-009999").status_code == 404
    assert len(rows(console, "d.ospanov")) == 1


def test_what_can_not_be_noted_is_not_shown(console: Any) -> None:
    with console.app.state.database.write() as session:
        session.execute(
            text(
                "CREATE TRIGGER broken BEFORE INSERT ON audit WHEN NEW.action = 'view'"
                " BEGIN SELECT RAISE(ABORT, 'no room'); END"
            )
        )
    answer = console.get(f"/cases/{CASE}")
    assert answer.status_code == 500
    assert "4471" not in answer.text
    assert "₸" not in answer.text


def test_a_look_carries_the_purpose_that_was_stated(console: Any) -> None:
    page = console.get(f"/cases/{CASE}").text
    link = re.findall(rf'href="(/cases/{CASE}/sealed/[0-9a-f]+)"', page)[0]
    console.post(link, code="stop_payment")
    console.get(f"/cases/{CASE}")
    last = rows(console, "d.ospanov")[-1]
    assert (last.object, last.purpose) == (CASE, "stop_payment")
    told = console.get(f"/cases/{CASE}/looked").text
    assert "Opened a value" in told
    assert "Stopping a payment or holding money" in told


def test_looks_at_once_are_all_there(console: Any) -> None:
    browser = console.browser()
    threads = [threading.Thread(target=browser.get, args=(f"/cases/{CASE}",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows(console, "d.ospanov")) == 6

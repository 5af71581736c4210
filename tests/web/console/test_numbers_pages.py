"""Pages of devices, operators, a number's user and an operator's own numbers (REQ-47 to 51)."""

from __future__ import annotations

import re
from typing import Any

from lived_in import BLACK_IMEI, IMEI, OPERATORS_CLERK

from qalqan.register import orm
from qalqan.trust import tokens

BOSS, OFFICER, NUMBER = "a.nurlanova", "d.ospanov", "8 701 123 45 10"
CASE = "/cases/C-26-000002"


def device_of(console: Any, imei: str) -> str:
    return tokens.token(console.app.state.keys, "device", imei)


def form(console: Any, path: str, login: str = BOSS, **told: object) -> Any:
    """A form as the page of this officer sends it."""
    browser = console.browser(login)
    home = "/partner" if login == OPERATORS_CLERK else "/keys"
    token = re.search(r'name="csrf" value="([^"]+)"', browser.get(home).text)
    assert token is not None
    files = {"file": told.pop("file")} if "file" in told else None
    return browser.post(path, data={"csrf": token[1], **told}, files=files)


def test_a_device_is_found_agreed_to_and_opened(lived: Any) -> None:
    device = device_of(lived, BLACK_IMEI)
    found = form(lived, "/devices/find", imei="35-693803-564380-9")
    assert (found.status_code, found.headers["location"]) == (303, f"/devices/{device}")
    assert form(lived, "/devices/find", imei="490154203237526").status_code == 422
    own = form(lived, f"/devices/{device}/agree", OFFICER, yes="yes")
    assert own.status_code == 403
    assert "black list" not in lived.get(f"/devices/{device}").text
    assert form(lived, f"/devices/{device}/agree", yes="yes").status_code == 303
    page = lived.get(f"/devices/{device}")
    assert "moved: not listed → black" in page.text
    assert BLACK_IMEI not in page.text
    assert form(lived, f"/devices/{device}/open", purpose="no").status_code == 422
    opened = form(lived, f"/devices/{device}/open", purpose="Compare with the seized box")
    assert BLACK_IMEI in opened.text
    assert form(lived, f"/devices/{device}/agree", yes="yes").status_code == 409


def test_a_licence_is_shown_by_its_last_day_with_the_year(lived: Any) -> None:
    imei = "352099001761481"
    body = f"imei,list,holder,reference,until\n{imei},white,dala,L 1,2099-12-31\n".encode()
    assert form(lived, "/devices/file", file=("d.csv", body, "text/csv")).status_code == 200
    for page in ("/devices", f"/devices/{device_of(lived, imei)}"):
        assert "until 31 December 2099" in lived.get(page).text


def test_lists_are_taken_in_and_given_out(lived: Any) -> None:
    body = f"imei,list,holder,reference\n{IMEI},grey,,\n12,grey,,\n".encode()
    page = form(lived, "/devices/file", file=("d.csv", body, "text/csv"))
    assert page.status_code == 200
    assert "Line 2" in page.text
    assert "Line 3" in page.text
    assert form(lived, "/devices/file", file=("d.csv", b"x", "text/csv")).status_code == 422
    assert form(lived, "/devices/export", purpose="x").status_code == 422
    csv = form(lived, "/devices/export", purpose="To the customs service")
    assert csv.headers["content-disposition"] == 'attachment; filename="devices.csv"'
    assert f"{IMEI},grey" in csv.text
    assert form(lived, "/devices/export", "s.oper", purpose="To see them all").status_code == 403


def test_a_move_that_cannot_be_is_said_on_the_page(lived: Any) -> None:
    device = device_of(lived, IMEI)
    wrong = form(lived, f"/devices/{device}/move", to="white", holder="dala")
    assert wrong.status_code == 422
    assert "a reference to its licence" in wrong.text
    made = form(lived, "/devices", imei="353918051234568", to="blue")
    assert made.status_code == 422
    assert form(lived, f"/devices/{device}/move", to="grey").status_code == 303
    assert form(lived, "/devices/dev_none/move", to="grey").status_code == 404


def test_operators_are_asked_answer_and_are_judged(lived: Any) -> None:
    (number,) = re.findall(r"/compliance/(N-\d\d-\d+)", lived.get("/operators", BOSS).text)
    answer = f"/partner/numbers/{number}/answer"
    refused = form(lived, answer, OPERATORS_CLERK, outcome="refused", words="no")
    assert refused.status_code == 422
    csv = lived.get(f"/partner/numbers/{number}.csv", OPERATORS_CLERK)
    assert csv.text.splitlines() == ["\ufeffnumber", *(f"770112345{n}" for n in range(10, 16))]
    done = form(lived, answer, OPERATORS_CLERK, outcome="removed")
    assert done.status_code == 303
    again = form(lived, answer, OPERATORS_CLERK, outcome="explained", words="A firm's own staff")
    assert again.status_code == 409
    page = lived.get("/operators", BOSS).text
    assert "1 of 1" in page
    judged = f"/compliance/{number}/judge"
    assert form(lived, judged, event="close", words="").status_code == 422
    assert form(lived, judged, event="close", words="They are off by our check").status_code == 303
    assert form(lived, judged, event="close", words="They are off by our check").status_code == 409
    assert "They are off" in lived.get(f"/compliance/{number}", BOSS).text


def test_a_finding_without_numbers_asks_nobody(lived: Any) -> None:
    (finding,) = re.findall(r'name="finding" value="(\d+)"', lived.get("/operators", BOSS).text)
    asked = form(lived, "/compliance", finding=finding)
    assert asked.status_code == 422
    assert "at least one number" in asked.text
    assert form(lived, "/compliance", "s.oper", finding=finding).status_code == 403


def test_a_bank_has_no_page_of_numbers_to_answer(lived: Any) -> None:
    assert "not been asked" in lived.get("/partner/numbers", "clerk.keruen").text
    assert "/partner/numbers" not in lived.get("/partner", "clerk.keruen").text
    assert "/partner/numbers" in lived.get("/partner", OPERATORS_CLERK).text


def test_who_uses_a_number_is_asked_for_a_purpose(lived: Any) -> None:
    path = f"{CASE}/number-user"
    assert form(lived, path, OFFICER, number=NUMBER).status_code == 422
    assert form(lived, path, OFFICER, number="12", code="pretrial").status_code == 422
    found = form(lived, path, OFFICER, number=NUMBER, code="pretrial")
    assert found.status_code == 200
    assert "the number is registered on him" in found.text
    assert "per_dealer" not in found.text
    mark = re.search(r'name="mark" value="([0-9a-f]{16})"', found.text)
    assert mark is not None
    kept = form(lived, f"{path}/keep", OFFICER, number=NUMBER, mark=mark[1])
    assert (kept.status_code, kept.headers["location"]) == (303, f"{CASE}/entities")
    with lived.app.state.database.session() as session:
        entity = session.query(orm.CaseEntity).filter_by(subject="per_dealer").one()
        assert (entity.kind, entity.source, entity.told_by) == ("person", "officer", OFFICER)
        asked = session.query(orm.Audit).filter_by(action="number_user").count()
        assert asked == 2
    assert form(lived, f"{path}/keep", OFFICER, number=NUMBER, mark="0" * 16).status_code == 404
    assert form(lived, path, "s.oper", number=NUMBER, code="pretrial").status_code == 403

"""What is of one region, team or bank is shown to nobody else and done by nobody else: every page
and form of the console that names a case, an order, an appeal, a drop (REQ-18; ASVS 5.0, 8.2.2)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from lived_in import CHASE, CLERK, Pages
from walked import paths

import story
from qalqan.register import people
from qalqan.register.sessions import user_by_session

STRANGER, OTHER_CLERK, OWN = "z.stranger", "clerk.samal", {"g.audit"}
NAMED = re.compile(r"\{(case_id|order|appeal|drop_id|mark|document|task|warning)\}")
SECRETS = re.compile(r"C-26-00000\d|O-26-\d{6}|A-26-\d{6}|…\d{4}")
"""What a page of the case, its orders and accounts would show; a refusal shows none of it but the
number that was asked for."""

OF_NO_CASE = re.compile(r'<article class="appeal[^>]* id="K-.*?</article>', re.DOTALL)
"""An appeal of a refused caller is of no case and no region: every officer sees it."""

TOLD = {
    "decision": "approve", "version": "0", "words": "a long enough reason", "act": "hold",
    "purpose": "to compare it", "finding": "1", "reason": "a long enough reason",
}  # fmt: skip
"""What forms want to be told."""
BODIES: dict[str, dict[str, Any]] = {
    "/v1/appeals/{appeal}/decision": {
        "verdict": "upheld", "reason": "wages", "words": "Жалақы екені расталды",
    },
    "/v1/cases/{case}/orders": {
        "act": "hold", "ground": "kz.payments.hold", "words": "a long enough reason",
    },
    "/v1/cases/{case}/abroad": {
        "kind": "preservation", "country": "GE", "addressee": "Police", "basis": "interpol",
        "words": "a long enough reason",
    },
    "/v1/orders/{order}/approvals": {"approved": True},
    "/v1/cases/{case}/number-user": {"number": "+77011234567", "purpose": "pretrial"},
}  # fmt: skip
"""What operations of the API want to be told."""


@pytest.fixture
def console(lived: Any) -> Any:
    return lived


@pytest.fixture
def pages(console: Any) -> Pages:
    database, keys = console.app.state.database, console.app.state.keys
    with database.write() as session:
        people.add_user(session, keys, STRANGER, "Ж. Ж.", story.PASSWORD, "investigator", "KZ-10")
        people.add_user(
            session, keys, OTHER_CLERK, "Клерк", story.PASSWORD, "clerk", "KZ", partner="samal"
        )
    for login in (STRANGER, OTHER_CLERK):
        console.sessions[login] = people.sign_in(database, login, story.PASSWORD)
    return console.pages


def refused(answer: Any, address: str) -> bool:
    shown = set(SECRETS.findall(answer.text)) - set(SECRETS.findall(address))
    return answer.status_code in (401, 403, 404) and not shown


def test_no_page_of_another_region_is_shown(console: Any, pages: Pages) -> None:
    browser = console.browser(STRANGER)
    of_cases = {
        address
        for login, found in pages.items()
        if login not in {*OWN, CLERK}
        for path, several in found.items()
        for address in several
        if NAMED.search(path)
    }
    assert len(of_cases) > 20
    shown = {path: browser.get(path) for path in sorted(of_cases)}
    assert [path for path, answer in shown.items() if not refused(answer, path)] == []
    for path in ("/queue", "/cases", "/orders", "/appeals", "/approvals", "/search?q=C-26-000002"):
        text = OF_NO_CASE.sub("", browser.get(path).text)
        if asked := path.partition("q=")[2]:
            text = text.replace(asked, "")
        assert not SECRETS.search(text), path


def test_no_page_of_another_bank_is_shown(console: Any, pages: Pages) -> None:
    browser = console.browser(OTHER_CLERK)
    (address,) = pages[CLERK]["/partner/orders/{order}"]
    assert refused(browser.get(address), address)
    officers = {several[0] for path, several in pages["a.nurlanova"].items() if "{" in path}
    shown = {path: browser.get(path) for path in sorted(officers)}
    assert [path for path, answer in shown.items() if not refused(answer, path)] == []


def test_no_form_of_another_region_or_bank_does_anything(console: Any, pages: Pages) -> None:
    given = {name: address.split("/")[2] for name, address in (
        ("order", pages["a.nurlanova"]["/orders/{order}"][0]),
        ("appeal", pages["a.nurlanova"]["/appeals/{appeal}"][0]),
        ("drop_id", pages["a.nurlanova"]["/drops/{drop_id}"][0]),
    )} | {"case_id": CHASE}  # fmt: skip
    given["mark"] = pages["a.nurlanova"]["/cases/{case_id}/entities/{mark}"][0].split("/")[4]
    forms = sorted(
        path for path in paths(console.app, "POST")
        if not path.startswith("/v1") and re.search(r"\{(case_id|order|appeal|drop_id)\}", path)
    )  # fmt: skip
    assert len(forms) > 20
    wrong = []
    for login in (STRANGER, OTHER_CLERK):
        browser = console.browser(login)
        with console.app.state.database.session() as session:
            csrf = user_by_session(session, console.sessions[login]).csrf
        for path in forms:
            address = re.sub(r"\{(\w+)(:\w+)?\}", lambda m: given.get(m[1], "1"), path)
            answer = browser.post(address, data={"csrf": csrf, **TOLD})
            if not refused(answer, address):
                wrong.append((login, path, answer.status_code, SECRETS.findall(answer.text)))
    assert not wrong, "\n".join(map(str, wrong))


def test_the_api_tells_and_does_no_more(console: Any, pages: Pages) -> None:
    order = pages["a.nurlanova"]["/orders/{order}"][0].split("/")[2]
    given = {"case": CHASE, "order": order, "appeal": "A-26-000001"}
    found = [
        (method, path) for method in ("GET", "POST") for path in sorted(paths(console.app, method))
        if path.startswith("/v1") and re.search(r"\{(case|order|appeal)\}", path)
    ]  # fmt: skip
    assert len(found) > 8
    wrong = []
    for login in (STRANGER, OTHER_CLERK):
        browser = console.browser(login)
        browser.headers["authorization"] = f"Bearer {console.sessions[login]}"
        browser.headers["idempotency-key"] = "k"
        for method, path in found:
            address = re.sub(r"\{(\w+)\}", lambda m: given.get(m[1], "1"), path)
            address += "?act=hold" if path.endswith("/choices") else ""
            answer = browser.request(method, address, json=BODIES.get(path, {}))
            if not refused(answer, address):
                wrong.append((login, method, path, answer.status_code, answer.text))
    assert not wrong, "\n".join(map(str, wrong))

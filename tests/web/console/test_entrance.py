"""Signing in and out, and the language (REQ-18)."""

from __future__ import annotations

import pytest

import story
from qalqan.register.orm import Audit
from qalqan.text.catalogue import say


def enter(browser, password=story.PASSWORD, login="d.ospanov", **more):
    return browser.post("/sign-in", data={"login": login, "password": password, **more})


def test_an_officer_signs_in_and_out(console):
    browser = console.browser(None)
    answer = enter(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=" in cookie
    assert browser.get("/cases").status_code == 200

    gone = browser.post("/sign-out", data={"csrf": console.csrf(browser)})
    assert gone.headers["location"] == "/sign-in"
    browser.cookies.set("qalqan_session", answer.cookies["qalqan_session"])
    assert browser.get("/cases").status_code == 303, "the session ended in the register, too"


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("login", ["d.ospanov", "nobody", " "])
def test_what_is_wrong_is_said_and_not_which_of_the_two(console, language, login):
    answer = enter(console.browser(None, language), "no such password", login)
    assert answer.status_code == 401
    assert say("api.error.password", language) in answer.text
    assert "no such password" not in answer.text
    assert "set-cookie" not in answer.headers


def test_guessing_is_slowed_down(console):
    browser = console.browser(None)
    answers = [enter(browser, f"guess number {n}") for n in range(7)]
    assert answers[-1].status_code == 429
    assert say("api.error.patience", "en") in answers[-1].text
    assert enter(browser).status_code == 429, "the right password has to wait as well"


def test_a_form_of_another_site_signs_nobody_in(console):
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}):
        answer = console.browser(None).post(
            "/sign-in", data={"login": "d.ospanov", "password": story.PASSWORD}, headers=headers
        )
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("next", "where"),
    [
        ("/cases/C-26-000002", "/cases/C-26-000002"),
        ("/approvals", "/approvals"),
        ("https://elsewhere.example/", "/queue"),
        ("//elsewhere.example", "/queue"),
        ("/cases\r\nset-cookie: a=b", "/queue"),
        ("/caseselsewhere", "/queue"),
        ("", "/queue"),
    ],
)
def test_a_reader_goes_on_inside_the_console_and_nowhere_else(console, next, where):
    browser = console.browser(None)
    assert enter(browser, next=next).headers["location"] == where
    spoken = browser.post("/language", data={"language": "ru", "back": next})
    assert spoken.headers["location"] == where


def test_a_language_is_remembered(console):
    browser = console.browser(language="kk")
    assert browser.post("/language", data={"language": "ru"}).status_code == 303
    assert '<html lang="ru">' in browser.get("/cases").text
    browser.post("/language", data={"language": "xx"})
    assert '<html lang="ru">' in browser.get("/cases").text
    refused = browser.post(
        "/language", data={"language": "en"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert refused.status_code == 403


def test_signing_out_wants_proof(console):
    browser = console.browser()
    assert browser.post("/sign-out", data={"csrf": "wrong"}).status_code == 403
    assert browser.get("/cases").status_code == 200


def test_the_audit_knows_who_came(console):
    enter(console.browser(None))
    with console.app.state.database.session() as session:
        acts = [(a.actor, a.action) for a in session.query(Audit).order_by(Audit.id)]
    assert acts[-1] == ("d.ospanov", "sign_in")

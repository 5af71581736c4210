"""Second factors, passkeys' questions, password and devices on pages (REQ-18; ASVS 5.0, V6, V7)."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

import story
from qalqan.clock import wall_us
from qalqan.register import factors, orm, people
from qalqan.register.sessions import FRESH_US
from qalqan.settings import Settings
from qalqan.text.catalogue import say
from qalqan.trust import totp
from qalqan.web.app import make_app

LOGIN, NEW = "d.ospanov", "биік тау аппақ қар"
POSTS = (
    "/account/password", "/account/totp/begin", "/account/totp", "/account/totp/remove",
    "/account/codes", "/account/passkeys/ask", "/account/passkeys", "/account/devices/end",
    f"/account/passkeys/{'0' * 64}/name", f"/account/passkeys/{'0' * 64}/remove",
    f"/account/devices/{'0' * 16}/end", "/account/proof", "/sign-in/factor", "/sign-in/factor/ask",
    "/sign-in/factor/passkey",
)  # fmt: skip


@pytest.fixture
def strict(console):
    """The same centre, where a second factor is required."""
    app = make_app(Settings(home=console.home, language="kk", second_factor="required"))
    yield replace(console, app=app)
    app.state.database.close()


def enter(browser, password=story.PASSWORD, **more):
    return browser.post("/sign-in", data={"login": LOGIN, "password": password, **more})


def csrf(browser, path):
    return re.search(r'name="csrf" value="([^"]+)"', browser.get(path).text)[1]


def send(browser, path, page="/account", **form):
    return browser.post(path, data={"csrf": csrf(browser, page), **form})


def code(console, later=0):
    database, keys = console.app.state.database, console.app.state.keys
    with database.session() as session:
        secret = totp.unseal(keys, LOGIN, session.get_one(orm.Totp, LOGIN).box)
    return totp.code(secret, wall_us() // totp.STEP_US + later)


def with_totp(console):
    """The officer has an app whose present code is not used yet."""
    database, keys = console.app.state.database, console.app.state.keys
    with database.write() as session:
        factors.begin_totp(session, keys, LOGIN)
    with database.write() as session:
        factors.confirm_totp(session, keys, LOGIN, code(console, -1))


def test_whoever_has_no_factor_can_do_nothing_but_set_one_up(strict):
    browser = strict.browser(None)
    enter(browser)
    for path in ("/cases", "/account", "/approvals", "/work", "/cases/C-26-000002/orders"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (
            303, f"/account/factors?next={path}"
        )  # fmt: skip
    part = browser.get("/cases/C-26-000002/orders", headers={"hx-request": "true"})
    assert part.headers["hx-redirect"] == "/account/factors"
    begun = send(browser, "/account/totp/begin", "/account/factors")
    assert begun.headers["location"] == "/account/factors"
    shown = browser.get("/account/factors").text
    secret = re.search(r'secret">([A-Z2-7 ]+)<', shown)[1]
    assert "<svg" in shown
    assert " style=" not in shown
    assert secret in browser.get("/account/factors").text, "a second tab shows the same"
    before = browser.cookies["qalqan_session"]
    wrong = send(browser, "/account/totp", "/account/factors", code="123")
    assert wrong.status_code == 422
    done = send(browser, "/account/totp", "/account/factors", code=code(strict))
    assert done.status_code == 200
    assert len(re.findall(r"<li>[a-z2-7-]{29}</li>", done.text)) == 10
    assert browser.cookies["qalqan_session"] != before
    assert browser.get("/cases").status_code == 200
    assert secret not in browser.get("/account/factors").text
    gone = send(browser, "/account/totp/remove")
    assert gone.status_code == 409, "the last one stays where one is required"


def test_the_factor_is_asked_for_and_nothing_else_works_before_it(console):
    with_totp(console)
    browser = console.browser(None, "ru")
    asked = enter(browser, next="/cases/C-26-000002")
    asked = browser.get(asked.headers["location"])
    assert asked.headers["location"] == "/sign-in/factor?next=/cases/C-26-000002"
    token = csrf(browser, "/sign-in/factor?next=/cases/C-26-000002")
    for path in ("/account/factors", "/account/password", "/account/proof"):
        assert browser.get(path).headers["location"].startswith("/sign-in/factor"), path
    for path in ("/account/password", "/account/totp/begin", "/account/devices/end"):
        refused = browser.post(path, data={"csrf": token})
        assert refused.headers["location"].startswith("/sign-in/factor"), path
    wrong = browser.post("/sign-in/factor", data={"csrf": token, "code": "123456x"})
    assert wrong.status_code == 401
    assert say("api.error.code", "ru") in wrong.text
    guess = browser.post("/sign-in/factor", data={"csrf": token, "password": story.PASSWORD})
    assert guess.status_code == 401, "the password again is no second factor"
    right = browser.post(
        "/sign-in/factor", data={"csrf": token, "code": code(console), "next": "/cases/C-26-000002"}
    )
    assert right.headers["location"] == "/cases/C-26-000002"
    assert browser.get("/cases").status_code == 200
    assert browser.get("/sign-in/factor").status_code == 303

    thief = console.browser(None)
    enter(thief)
    again = {"csrf": csrf(thief, "/sign-in/factor"), "code": code(console)}
    assert thief.post("/sign-in/factor", data=again).status_code == 401, "a code counts once"


def test_changing_factors_and_ending_sessions_want_a_fresh_proof(console):
    browser = console.browser(None)
    enter(browser)
    with console.app.state.database.write() as session:
        session.query(orm.Session).update({"proved_us": wall_us() - FRESH_US})
    for path in ("/account/codes", "/account/devices/end", f"/account/devices/{'0' * 16}/end"):
        asked = send(browser, path)
        assert asked.headers["location"] == "/account/proof?next=/", path
    wrong = send(browser, "/account/proof", "/account/proof", password="not this one")
    assert wrong.status_code == 401
    before = browser.cookies["qalqan_session"]
    proved = send(
        browser, "/account/proof", "/account/proof", password=story.PASSWORD, next="/account"
    )
    assert proved.headers["location"] == "/account"
    assert browser.cookies["qalqan_session"] != before
    assert send(browser, "/account/codes").status_code == 200


def test_a_password_is_changed_and_other_windows_are_out(console):
    browser, other = console.browser(None), console.browser(None)
    for window in (browser, other):
        enter(window)
    assert other.get("/cases").status_code == 200
    form = {"old": story.PASSWORD, "new": NEW, "again": NEW}
    for key, value, status in (
        ("old", "not the old one", 401), ("again", "something else", 422),
        ("new", "qalqan2026qalqan", 422),
    ):  # fmt: skip
        again = {"again": value} if key == "new" else {}
        answer = send(browser, "/account/password", **{**form, key: value, **again})
        assert answer.status_code == status, key
        assert value not in answer.text
    assert send(browser, "/account/password", **form).headers["location"].startswith("/account?")
    assert browser.get("/account?done=password").status_code == 200
    assert other.get("/cases").headers["location"].startswith("/sign-in")
    assert enter(console.browser(None)).status_code == 401
    assert enter(console.browser(None), NEW).status_code == 303


def test_a_one_time_password_is_changed_before_anything_else(console):
    with console.app.state.database.write() as session:
        session.get_one(orm.User, LOGIN).given_us = wall_us()
    browser = console.browser(None)
    enter(browser)
    assert browser.get("/cases").headers["location"].startswith("/account/password")
    form = {"old": story.PASSWORD, "new": NEW, "again": NEW}
    assert send(browser, "/account/password", "/account/password", **form).status_code == 303
    assert browser.get("/cases").status_code == 200


def test_devices_are_told_in_short_and_ended(console):
    browser = console.browser(None)
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    browser.headers["user-agent"] = agent
    enter(browser)
    other = console.browser(None)
    other.headers["user-agent"] = "<script>alert(1)</script> Windows NT 10.0 Chrome/140.0"
    enter(other)
    shown = browser.get("/account").text
    assert "Firefox, Linux" in shown
    assert "Chrome, Windows" in shown
    assert "203.0.113.0" in shown
    assert agent not in shown
    assert "203.0.113.7" not in shown
    marks = re.findall(r"/account/devices/([0-9a-f]{16})/end", shown)
    assert send(browser, f"/account/devices/{marks[0]}/end").status_code == 303
    assert send(browser, f"/account/devices/{marks[0]}/end").status_code == 404
    send(browser, "/account/devices/end")
    assert other.get("/cases").status_code == 303
    assert browser.get("/cases").status_code == 200
    assert "/account/devices/" not in browser.get("/account").text.replace(
        'action="/account/devices/end"', ""
    )


def test_each_form_wants_proof_that_it_is_ours(console):
    browser = console.browser()
    for path in POSTS:
        for form in ({}, {"csrf": "x"}):
            assert browser.post(path, data=form).status_code == 403, path
    for path in ("/sign-in/passkey/ask", "/sign-in/passkey"):
        foreign = {"origin": "https://elsewhere.example"}
        assert browser.post(path, headers=foreign).status_code == 403, path


def test_passkeys_are_offered_only_where_there_is_a_domain(console):
    with_totp(console)
    browser = console.browser()
    assert "data-passkey" not in browser.get("/account/factors").text
    token = console.csrf(browser)
    assert browser.post("/account/passkeys/ask", data={"csrf": token}).status_code == 404
    assert browser.post("/sign-in/passkey/ask").status_code == 404
    browser.headers["host"] = "localhost:8017"
    assert "data-passkey" in browser.get("/account/factors").text
    asked = browser.post("/account/passkeys/ask", data={"csrf": token}).json()
    assert asked["rp"]["id"] == "localhost"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    for answer in ("", "{}", "[1]", '{"rawId": 1}', '{"rawId":"AA","response":{}}', "[" * 9_000):
        form = {"csrf": token, "name": "x", "answer": answer}
        assert browser.post("/account/passkeys", data=form).status_code == 401, answer
        assert browser.post("/sign-in/passkey", data={"answer": answer}).status_code == 401, answer


def test_locked_out_at_once(console):
    browser = console.browser()
    assert browser.get("/cases").status_code == 200
    with console.app.state.database.write() as session:
        session.get_one(orm.User, LOGIN).active = False
    assert browser.get("/cases").headers["location"].startswith("/sign-in")
    with pytest.raises(Exception, match="sign_in"):
        people.signed_in(console.app.state.database, console.sessions[LOGIN])


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_pages_speak(console, language):
    browser = console.browser(language=language)
    for path, key in (
        ("/account", "account.title"), ("/account/password", "account.password.title"),
        ("/account/factors", "account.enrol.title"), ("/account/proof", "account.proof.title"),
    ):  # fmt: skip
        assert say(key, language) in html.unescape(browser.get(path).text), path

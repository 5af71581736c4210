"""Cookies, CSRF and languages, at the functions that the console calls."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import Response

from qalqan.errors import NotAllowed
from qalqan.web.access import (
    SignInNeeded,
    check_csrf,
    forget_session,
    keep_language,
    keep_session,
    language_of,
    page_officer,
)


def asked(web, scheme="http", method="GET", **headers):
    lines = {"host": "centre.kz", **{name.replace("_", "-"): v for name, v in headers.items()}}
    return Request(
        {
            "type": "http", "method": method, "scheme": scheme, "path": "/", "query_string": b"",
            "headers": [(k.encode(), v.encode()) for k, v in lines.items()], "app": web.http.app,
            "server": ("centre.kz", 80), "client": ("203.0.113.7", 1),
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "kk"), ("ru", "ru"), ("en-GB,en;q=0.9", "en"), ("ru;q=0.3,kk-KZ;q=0.7", "kk"),
        ("de,fr;q=0.9", "kk"), ("ru;q=0", "kk"), ("ru;q=x,en;q=0.1", "en"), (",;=,,en", "en"),
        ("kk,ru", "kk"), ("RU-ru", "ru"), ("en;q=nan,ru;q=0.2", "ru"),
    ],
)  # fmt: skip
def test_the_language_asked_for(web, accept, language):
    assert language_of(asked(web, accept_language=accept)) == language


def test_the_language_chosen_comes_first(web):
    assert language_of(asked(web, accept_language="ru", cookie="qalqan_language=en")) == "en"
    assert language_of(asked(web, accept_language="ru", cookie="qalqan_language=xx")) == "ru"


def test_a_page_knows_its_officer_by_the_cookie_alone(web):
    token = web.sign_in("marat")
    assert page_officer(asked(web, cookie=f"qalqan_session={token}")).login == "marat"
    for headers in ({}, {"cookie": "qalqan_session=x"}, {"authorization": f"Bearer {token}"}):
        with pytest.raises(SignInNeeded):
            page_officer(asked(web, **headers))


@pytest.fixture
def officer(web):
    return page_officer(asked(web, cookie=f"qalqan_session={web.sign_in()}"))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://centre.kz", "sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
    ],
)
def test_a_form_of_our_own_page(web, officer, headers):
    by_field, by_header = {"csrf": officer.csrf}, {"x_csrf_token": officer.csrf}
    for form, more in ((by_field, {}), ({}, by_header)):  # what is not ours raises
        assert check_csrf(asked(web, method="POST", **more, **headers), officer, form) is None


@pytest.mark.parametrize("csrf", ["", "x", None, 7, "қ"])
def test_a_form_without_the_sessions_secret(web, officer, csrf):
    with pytest.raises(NotAllowed):
        check_csrf(asked(web, method="POST"), officer, {"csrf": csrf})


@pytest.mark.parametrize(
    "headers",
    [{"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}, {"origin": "null"},
     {"origin": "http://evil.kz"}, {"origin": "http://centre.kz.evil.kz"}],
)  # fmt: skip
def test_a_form_of_another_site(web, officer, headers):
    with pytest.raises(NotAllowed):
        check_csrf(asked(web, method="POST", **headers), officer, {"csrf": officer.csrf})


def test_cookies_are_kept_from_scripts_and_from_plain_http(web):
    response = Response()
    keep_session(asked(web, scheme="https"), response, "secret")
    keep_language(asked(web, scheme="https"), response, "ru")
    keep_language(asked(web), response, "<x>")
    forget_session(asked(web), response)
    session, language, gone = response.headers.getlist("set-cookie")
    for cookie in (session, language):
        assert "HttpOnly" in cookie
        assert "Secure" in cookie
        assert "SameSite=lax" in cookie
    assert session.startswith("__Host-qalqan_session=")
    assert "__Host-qalqan_language=ru" in language
    assert "Path=/" in session
    assert "Domain" not in session
    assert "cache" in response.headers["clear-site-data"]
    assert "Max-Age=0" in gone

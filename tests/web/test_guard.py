"""Headers on whatever is answered; a NUL in an address or a form is read by nobody."""

from __future__ import annotations

import pytest
from fastapi import Request

from qalqan.web.guard import LONG, SHORT, most_bytes

ALL = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.mark.parametrize(
    "path", ["/v1/key", "/v1/orders", "/v1/nothing", "/static/nothing.css", "/nothing", "/health"]
)
def test_every_answer_carries_the_headers(web, path):
    for accept in ("*/*", "text/html"):
        answer = web.get(path, headers={"Accept": accept})
        assert ALL.items() <= dict(answer.headers).items()
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers
        assert "strict-transport-security" not in answer.headers


def test_pages_may_use_their_own_files_alone(web):
    page = web.get("/nothing", headers={"Accept": "text/html"})
    policy = page.headers["content-security-policy"].split("; ")
    for part in ("style-src", "script-src", "img-src", "font-src", "connect-src", "form-action"):
        assert f"{part} 'self'" in policy
    data = web.get("/v1/key").headers["content-security-policy"]
    assert "'self'" not in data


def test_https_is_remembered(web):
    answer = web.http.get("https://testserver/v1/key")
    assert "max-age=" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize("path", ["/v1/orders/%00/received", "/%00", "/v1/orders?after=%00"])
def test_a_nul_in_an_address(web, path):
    answer = web.get(path, "altyn")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data; boundary=XX; charset=punycode",
        'Multipart/Form-Data; CHARSET = "utf-8"; charset="idna"; boundary=XX',
        "multipart/form-data; boundary=XX; charset*=utf-8''utf-7",
        "application/x-www-form-urlencoded; charset=unicode_escape",
    ],
)
def test_a_form_of_another_codec_is_not_read(web, kind):
    body = b'--XX\r\nContent-Disposition: form-data; name="login"\r\n\r\n-' + b"0" * 200_000
    answer = web.http.post("/sign-in", content=body + b"\r\n--XX--", headers={"Content-Type": kind})
    assert answer.status_code == 415
    utf8 = "multipart/form-data; boundary=XX; charset=UTF-8"
    short = b'--XX\r\nContent-Disposition: form-data; name="login"\r\n\r\nx\r\n--XX--'
    taken = web.http.post("/sign-in", content=short, headers={"Content-Type": utf8})
    assert taken.status_code == 401


def test_a_nul_in_a_form_wherever_it_is_cut(web):
    form = b"login=a%00b&password=x"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    @web.http.app.post("/v1/form")
    async def read(request: Request):
        return dict(await request.form())

    web.http.app.router.routes.insert(0, web.http.app.router.routes.pop())
    for cut in range(len(form)):
        pieces = iter([form[:cut], form[cut:]])
        assert web.post("/v1/form", content=pieces, headers=headers).status_code == 400
    good = web.post("/v1/form", content=b"login=a%01b", headers=headers)
    assert good.json() == {"login": "a\x01b"}


def test_only_what_carries_facts_may_be_long():
    for path in ("/v1/facts/payment", "/v1/answers", "/v1/orders/O-26-000001/answers"):
        assert most_bytes(path) == LONG
    for path in ("/v1/reports", "/v1/sign-in", "/orders/O-26-000001/decision", "/", "/x/answers"):
        assert most_bytes(path) == SHORT

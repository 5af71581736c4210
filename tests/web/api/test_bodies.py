"""Bodies that are no bodies: each a clear 4xx, in one shape, whoever sends them."""

from __future__ import annotations

import json

import pytest

JSON = {"Content-Type": "application/json"}
POSTS = [
    ("/v1/facts/payment", "altyn"),
    ("/v1/reports", "hotline"),
    ("/v1/orders/O-26-000001/answers", "altyn"),
    ("/v1/orders/O-26-000001/approvals", "asel"),
    ("/v1/sign-in", None),
]


def send(web, path, who, content, headers=JSON):
    if who == "asel" and who not in web.tokens:
        web.sign_in()
    keyed = {"Idempotency-Key": "k"} if path == "/v1/reports" else {}
    return web.post(path, who, content=content, headers={**headers, **keyed})


@pytest.mark.parametrize(("path", "who"), POSTS)
def test_what_is_no_json(web, path, who):
    for content in (
        b"", b"{", b"\xff\xfe", b"nonsense", b'{"a": "\xc3"}', b'{"a": NaN}', b"[1,]", b"{'a': 1}",
        b"[" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b"9" * 5_000,
        b'{"login": "\\ud800", "password": "x", "facts": "\\ud800"}',
    ):  # fmt: skip
        answer = send(web, path, who, content)
        assert answer.status_code == 422, content[:40]
        error = answer.json()["error"]
        assert error["code"] == "rejected"
        assert error["message"]


@pytest.mark.parametrize(("path", "who"), POSTS)
@pytest.mark.parametrize("kind", [None, "text/plain", "text/html", "multipart/form-data"])
def test_what_does_not_say_that_it_is_json(web, path, who, kind):
    answer = send(web, path, who, b"{}", {"Content-Type": kind} if kind else {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "content_type")


def test_a_charset_beside_the_type_is_no_harm(web):
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert send(web, "/v1/facts/payment", "altyn", b'{"facts": []}', headers).status_code == 200


@pytest.mark.parametrize(("path", "who"), POSTS[1:])
def test_a_body_too_large_with_its_length_or_without(web, path, who):
    large = b'{"a": "' + b"x" * 300_000 + b'"}'
    if path.endswith("/answers"):
        large = b" " * (32 * 2**20 + 1)

    def chunks():
        for start in range(0, len(large), 65_536):
            yield large[start : start + 65_536]

    for content in (large, chunks()):
        answer = send(web, path, who, content)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_a_length_that_lies(web):
    headers = {**JSON, "Content-Length": str(10**12)}
    assert send(web, "/v1/sign-in", None, b"{}", headers).status_code == 413


@pytest.mark.parametrize(("path", "who"), POSTS)
def test_who_calls_is_asked_before_what_he_says(web, path, who):
    if who is None:
        return
    answer = web.post(path, content=b"{", headers=JSON)
    assert answer.status_code == 401


def test_a_nul_is_no_text(web):
    body = json.dumps({"login": "a\x00", "password": "b"})
    answer = send(web, "/v1/sign-in", None, body)
    assert answer.json()["error"]["expected"] == "text.characters"
    written = json.dumps({"login": "a\\u0000", "password": "b"})
    assert send(web, "/v1/sign-in", None, written).status_code == 401


def test_facts_nested_too_deeply(web):
    deep = b'{"facts": [{"id": ' + b"[" * 20 + b"]" * 20 + b"}]}"
    answer = send(web, "/v1/facts/payment", "altyn", deep)
    assert (answer.status_code, answer.json()["error"]["expected"]) == (422, "api.json")


def test_no_such_address_and_no_such_method(web):
    assert web.get("/v1/nothing").json()["error"]["code"] == "not_found"
    answer = web.call("DELETE", "/v1/orders", "altyn")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.json()["error"]["code"] == "method"

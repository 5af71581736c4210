"""One shape for every error, nothing of the inside told or logged (REQ-18)."""

from __future__ import annotations

import logging

import pytest
from fastapi import Request

from qalqan.errors import (
    Conflict,
    ContractBroken,
    InputRejected,
    NotAllowed,
    NotFound,
    Unavailable,
)
from qalqan.text.catalogue import LANGUAGES
from qalqan.web.access import SignInNeeded
from qalqan.web.errors import problem_of

IIN = "900101300017"
ERRORS = [
    (InputRejected("iin", IIN, "iin.date"), 422, "rejected"),
    (NotAllowed("partner", "token"), 401, "credentials"),
    (NotAllowed("session", "sign_in"), 401, "credentials"),
    (NotAllowed("sign_in", "password"), 401, "password"),
    (NotAllowed("sign_in", "patience"), 429, "patience"),
    (NotAllowed("approve hold", "a person other than the drafter"), 403, "not_allowed"),
    (NotFound("person", IIN), 404, "not_found"),
    (Conflict("order", IIN, "closed", "answer"), 409, "conflict"),
    (Conflict("batch", IIN, "taken", "take"), 409, "key_used"),
    (Unavailable(f"bank {IIN}"), 503, "unavailable"),
    (ContractBroken("table x lacks y"), 500, "internal"),
    (ValueError(IIN), 500, "internal"),
]


@pytest.mark.parametrize(("error", "status", "code"), ERRORS)
def test_every_error_has_its_status_and_a_sentence_in_each_language(error, status, code):
    problems = [problem_of(error, language) for language in LANGUAGES]
    assert {problem.status for problem in problems} == {status}
    assert {problem.error["code"] for problem in problems} == {code}
    assert len({problem.error["message"] for problem in problems}) == len(LANGUAGES)
    assert not any(IIN in str(problem.error) for problem in problems)


@pytest.fixture
def failing(web):
    """`failing(error)` makes the app raise it at /fail and /v1/fail."""

    def make(error):
        def fail(request: Request):
            raise error

        for path in ("/fail", "/v1/fail"):
            web.http.app.add_api_route(path, fail)
            web.http.app.router.routes.insert(0, web.http.app.router.routes.pop())
        return web

    return make


def test_what_nobody_foresaw_tells_and_logs_nobodys_data(failing, caplog):
    try:
        try:
            raise KeyError(IIN)
        except KeyError as cause:
            raise ValueError(f"bad {IIN}") from cause
    except ValueError as error:
        web = failing(error)
    with caplog.at_level(logging.ERROR, "qalqan.web"):
        answer = web.get("/v1/fail")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert IIN not in answer.text + caplog.text
    assert "ValueError from KeyError" in caplog.text
    assert "GET /v1/fail" in caplog.text


def test_a_broken_contract_is_logged_in_words(failing, caplog):
    answer = failing(ContractBroken("table payments lacks amount")).get("/v1/fail")
    assert answer.status_code == 500
    assert "lacks amount" in caplog.text
    assert "lacks amount" not in answer.text


def test_not_now_says_when_to_try_again(failing):
    answer = failing(Unavailable("the register does not answer")).get("/v1/fail")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_a_reader_gets_a_page_and_a_program_the_same_as_json(failing):
    web = failing(NotFound("case", "<script>"))
    page = web.get("/fail", headers={"Accept": "text/html"}, language="kk")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "Мұндай жазба жоқ" in page.text
    assert "<script>" not in page.text
    assert web.get("/fail").json()["error"]["code"] == "not_found"
    assert web.get("/v1/fail", headers={"Accept": "text/html"}).json()


def test_a_browser_without_a_session_is_sent_to_sign_in_and_back(failing):
    web = failing(SignInNeeded())
    answer = web.get("/fail?x=1", headers={"Accept": "text/html"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/fail")
    part = web.get("/fail", headers={"HX-Request": "true"}, follow_redirects=False)
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/sign-in")

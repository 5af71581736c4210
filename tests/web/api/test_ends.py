"""How a version or an operation of the API ends: told long before, then refused (REQ-19)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from qalqan.errors import ContractBroken
from qalqan.web.api.ends import ENDS, NOTICE, End, Ends

TODAY = datetime.now(UTC).date()
SEE = "https://centre.example/go-over"
TOLD = ("deprecation", "sunset", "link")
SOON = (TODAY - timedelta(30), TODAY - timedelta(30) + NOTICE)
OVER = (TODAY - NOTICE, TODAY)

Set = Callable[[End], None]


@pytest.fixture
def ends(web: Any) -> Set:
    """Let one entry stand in the table."""

    def put(end: End) -> None:
        web.http.app.state.ends = Ends([end])

    return put


def told(headers: Mapping[str, str]) -> list[str]:
    return [name for name in TOLD if name in headers]


def test_nothing_ends_at_present(web: Any) -> None:
    assert ENDS == ()
    for path in ("/v1/key", "/v1/orders", "/v1/nothing"):
        assert told(web.get(path, "altyn").headers) == []
    described = web.get("/v1/openapi.json")
    assert told(described.headers) == []
    assert "deprecated" not in [
        key for path in described.json()["paths"].values() for one in path.values() for key in one
    ]


def test_each_entry_names_an_operation_that_there_is(web: Any) -> None:
    paths = web.get("/v1/openapi.json").json()["paths"]
    for end in ENDS:
        assert end.path == "/v1" or end.path in paths


def test_an_operation_that_ends_says_so_in_every_answer_and_works(web: Any, ends: Set) -> None:
    ends(End("/v1/orders/{order}/answers", *SOON, SEE, "POST"))
    message = web.asked()
    path = f"/v1/orders/{message.order}/answers"
    done = web.post(path, "altyn", json=web.confirmed(message))
    assert (done.status_code, done.json()["state"]) == (200, "closed")
    for answer in (done, web.post(path, "altyn", json={}), web.post(path)):
        stamp = answer.headers["deprecation"]
        assert stamp[0] == "@"
        assert datetime.fromtimestamp(int(stamp[1:]), UTC).date() == SOON[0]
        assert parsedate_to_datetime(answer.headers["sunset"]).date() == SOON[1]
        assert answer.headers["link"] == (
            f'<{SEE}>; rel="deprecation"; type="text/html", <{SEE}>; rel="sunset"; type="text/html"'
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert told(web.get(path, "altyn").headers) == []  # another method
    assert told(web.get("/v1/orders", "altyn").headers) == []


def test_a_version_ends_as_a_whole(web: Any, ends: Set) -> None:
    ends(End("/v1", *SOON, SEE))
    for method, path in (("GET", "/v1/key"), ("POST", "/v1/facts/payment"), ("GET", "/v1/x")):
        assert told(web.call(method, path, "altyn").headers) == list(TOLD)
    for path in ("/health", "/v10/key", "/sign-in"):
        assert told(web.get(path).headers) == []


def test_what_will_be_deprecated_is_told_before(web: Any, ends: Set) -> None:
    later = TODAY + timedelta(10)
    ends(End("/v1/key", later, later + NOTICE, SEE))
    assert told(web.get("/v1/key").headers) == list(TOLD)


@pytest.mark.parametrize(
    ("language", "word"), [("kk", "тоқтатылды"), ("ru", "больше не действует"), ("en", "ended on")]
)
def test_after_its_end_it_is_refused_and_does_nothing(
    web: Any, ends: Set, language: str, word: str
) -> None:
    ends(End("/v1/reports", *OVER, SEE, "POST"))
    gone = web.post(
        "/v1/reports", "hotline", language=language, json=web.victim(),
        headers={"Idempotency-Key": "r-1"},
    )  # fmt: skip
    error = gone.json()["error"]
    assert (gone.status_code, error["code"], error["see"]) == (410, "gone", SEE)
    assert error["gone"] == TODAY.isoformat()
    assert word in error["message"]
    assert SEE in error["message"]
    assert told(gone.headers) == list(TOLD)
    assert gone.headers["x-content-type-options"] == "nosniff"
    web.http.app.state.ends = Ends()
    assert web.report().json()["report"] == "R-26-000001"  # nothing had come of it


def test_a_version_that_is_gone_answers_nobody(web: Any, ends: Set) -> None:
    ends(End("/v1", *OVER, SEE))
    for path in ("/v1/key", "/v1/orders", "/v1/openapi.json"):
        assert web.get(path, "altyn").status_code == 410
    assert web.get("/health").status_code == 200


def test_the_description_says_what_ends(web: Any, ends: Set) -> None:
    ends(End("/v1/orders/{order}/answers", *SOON, SEE, "POST"))
    whole = web.get("/v1/openapi.json").json()
    (marked,) = [
        (path, one) for path, methods in whole["paths"].items() for one in methods.values()
        if one.get("deprecated")
    ]  # fmt: skip
    assert marked[0] == "/v1/orders/{order}/answers"
    assert f"Deprecated since {SOON[0]}, gone on {SOON[1]}" in marked[1]["description"]
    assert "410" in marked[1]["responses"]
    assert set(marked[1]["responses"]["200"]["headers"]) == {"Deprecation", "Sunset", "Link"}
    for word in ("RFC 9745", "RFC 8594", "410", "Idempotency-Key"):
        assert word in whole["info"]["description"]


def test_nothing_ends_sooner_than_promised() -> None:
    with pytest.raises(ContractBroken, match="within 183 days"):
        End("/v1/key", TODAY, TODAY + NOTICE - timedelta(1), SEE)

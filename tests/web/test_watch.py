"""Every request is counted, timed and logged by what it is; none by what it says."""

from __future__ import annotations

import logging
import uuid

import pytest
from prometheus_client.parser import text_string_to_metric_families

from qalqan.metrics import counts

PHONE, IIN = "77011234567", "990101300123"


@pytest.fixture
def told(web):
    """`told()` gives the requests counted so far: (route, method, status) → n."""

    def read():
        families = text_string_to_metric_families(counts().text().decode())
        return {
            tuple(sample.labels[name] for name in ("route", "method", "status")): sample.value
            for family in families
            for sample in family.samples
            if sample.name == "qalqan_requests_total"
        }

    return read


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v1/key", ("/v1/key", "GET", "2xx")),
        ("GET", "/health", ("/health", "GET", "2xx")),
        ("GET", "/v1/health", ("/v1/health", "GET", "2xx")),
        ("POST", f"/v1/orders/{IIN}/answers", ("/v1/orders/{order}/answers", "POST", "4xx")),
        ("POST", "/v1/facts/payment", ("/v1/facts/{kind}", "POST", "4xx")),
        ("GET", f"/v1/{PHONE}", ("none", "GET", "4xx")),
        ("GET", "/static/console.css", ("/static", "GET", "2xx")),
        ("GET", "/v1/orders/%00", ("none", "GET", "4xx")),
        ("PROPFIND", "/v1/key", ("/v1/key", "other", "4xx")),
    ],
)
def test_a_request_is_counted_by_its_route(web, told, method, path, expected):
    before = told().get(expected, 0)
    web.call(method, path)
    assert told()[expected] == before + 1


def test_paths_and_methods_of_strangers_add_no_series(web, told):
    web.get("/no-1")
    web.call("ODD1", "/v1/key")
    before = len(told())
    for n in range(30):
        web.get(f"/no-{n}")
        web.call(f"ODD{n}", "/v1/key")
        web.get(f"/v1/orders/O-26-{n:06d}", "altyn")
    assert len(told()) <= before + 1


def test_the_id_of_a_request_comes_back_and_a_persons_number_does_not(web):
    good = str(uuid.uuid4())
    assert web.get("/v1/key", headers={"X-Request-Id": good}).headers["x-request-id"] == good
    for wrong in (PHONE, IIN, "Сәрсенова".encode(), "x" * 500):
        answer = web.get("/v1/key", headers={"X-Request-Id": wrong})
        assert len(answer.headers["x-request-id"]) == 32
    fresh = {web.get("/v1/key").headers["x-request-id"] for _ in range(5)}
    assert len(fresh) == 5


def fields_of(caplog):
    return [record.fields for record in caplog.records if record.name == "qalqan.web.requests"]


def test_the_log_names_who_called_and_which_route(web, caplog):
    web.sign_in("asel")
    facts = {"facts": [web.payment()]}
    with caplog.at_level(logging.INFO, "qalqan"):
        web.get(f"/v1/orders?after={PHONE}", "altyn")
        web.post("/v1/facts/payment", "altyn", json=facts)
        web.get("/v1/approvals", "asel")
        web.get("/v1/key")
        web.get("/v1/orders", headers={"Authorization": "Bearer wrong"})
    seen = [(f["actor"], f["route"], f["status"]) for f in fields_of(caplog)]
    assert seen[0] == ("altyn", "/v1/orders", 200)
    assert seen[1] == ("altyn", "/v1/facts/{kind}", 200)
    assert seen[2][0] == "asel"
    assert seen[3] == (None, "/v1/key", 200)
    assert seen[4] == (None, "/v1/orders", 401)
    assert PHONE not in caplog.text
    assert all(len(f["request"]) == 32 and f["ms"] >= 0 for f in fields_of(caplog))


def test_an_error_inside_is_counted_and_its_line_carries_the_request(web, told, caplog):
    def fail():
        raise ValueError(IIN)

    web.http.app.add_api_route("/v1/fail", fail)
    web.http.app.router.routes.insert(0, web.http.app.router.routes.pop())
    with caplog.at_level(logging.INFO, "qalqan"):
        assert web.get("/v1/fail").status_code == 500
    assert told()["/v1/fail", "GET", "5xx"] >= 1
    assert IIN not in caplog.text

"""Up, which key, what is left to do; asked by whom."""

import pytest
from starlette.testclient import TestClient

from qalqan.trust import signing


def test_the_process_is_up(web):
    for path in ("/health", "/v1/health"):
        assert web.get(path).json() == {"up": True}


def test_the_key_verifies_what_the_centre_signs(web):
    pem = web.get("/v1/key").json()["key"]
    assert signing.verify(signing.sign({"a": 1}, web.keys.signing_key), pem) == {"a": 1}


def test_work_is_counted_for_those_who_take_part(web):
    assert web.get("/v1/work").status_code == 401
    assert web.get("/v1/work", "dala").json() == {
        "idle": True, "due": 0, "leased": 0, "landing": 0, "parked": 0, "next_due_us": None,
    }  # fmt: skip
    web.sign_in("marat")
    assert web.get("/v1/work", "marat").status_code == 200


def test_work_that_waits_is_not_idle(web):
    web.asked()
    work = web.get("/v1/work", "altyn").json()
    assert not work["idle"]
    assert work["due"] > 0
    assert work["next_due_us"] <= web.clock.now_us()


def test_whoever_waits_is_answered_once_it_is_idle_or_the_time_is_over(web):
    assert web.get("/v1/work?wait_ms=5000", "dala").json()["idle"]
    web.asked()
    assert not web.get("/v1/work?wait_ms=20", "altyn").json()["idle"]
    for wrong in ("-1", "5001", "soon"):
        assert web.get(f"/v1/work?wait_ms={wrong}", "dala").status_code == 422


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("testclient", {}, 401),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, 401),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.7"}, 401),
        ("127.0.0.1", {"X-Real-IP": "203.0.113.7"}, 401),
        ("127.0.0.1", {"Via": "1.1 proxy"}, 401),
    ],
)
def test_this_machine_asks_freely_unless_it_asks_for_others(web, address, headers, status):
    here = TestClient(web.http.app, client=(address, 50_000))
    assert here.get("/v1/work", headers=headers).status_code == status

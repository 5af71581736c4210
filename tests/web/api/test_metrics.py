"""`/metrics` is what Prometheus reads, right whichever process is asked, and for few eyes."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import update
from starlette.testclient import TestClient

from qalqan.clock import SECOND
from qalqan.lake.schemas import KINDS
from qalqan.lake.sealing import seal
from qalqan.register import jobs
from qalqan.register.orm import Job

PERSONAL = ("900101300017", "211:V1", "223:D1")


@pytest.fixture
def here(web):
    """The centre as a program of its own machine sees it."""
    return TestClient(web.http.app, client=("127.0.0.1", 50_000))


@pytest.fixture
def read(here):
    """`read()` gives (name, label values) → value of all samples but buckets."""

    def ask():
        answer = here.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain; version=")
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
            if not sample.name.endswith("_bucket")
        }

    return ask


def test_facts_are_told_from_the_answer_to_the_lake(web, here, read):
    before = read()
    good, bad = web.payment("p-1"), web.payment("p-2", amount=-1)
    web.post("/v1/facts/payment", "altyn", json={"facts": [good, bad]})
    web.post("/v1/facts/payment", "altyn", json={"facts": [good]})
    web.clock.set(web.clock.now_us() + 7 * SECOND)
    landed = read()
    for outcome, n in (("accepted", 1), ("duplicate", 1), ("quarantined", 1)):
        name = ("qalqan_posted_facts_total", "payment", outcome)
        assert landed[name] - before.get(name, 0) == n
    assert landed["qalqan_landing_facts", "payment"] == 1
    assert landed["qalqan_landing_age_seconds", "payment"] == 7
    assert landed["qalqan_quarantined_records_total", "payment"] == 1
    assert landed["qalqan_landing_facts", "call"] == 0
    state = web.http.app.state
    seal(web.database, state.settings.lake_root)
    state.watcher._files_until = 0.0
    web.clock.set(web.clock.now_us() + 3 * SECOND)
    sealed = read()
    assert sealed["qalqan_landing_facts", "payment"] == 0
    assert sealed["qalqan_seal",] == 1
    assert sealed["qalqan_seal_age_seconds",] == 3
    assert sealed["qalqan_sealed_facts_total", "payment"] == 1
    assert sealed["qalqan_lake_files", "payment"] == 1
    assert sealed["qalqan_lake_bytes", "payment"] > 500
    assert read()["qalqan_sealed_facts_total", "payment"] == 1


def test_queues_and_orders_are_told_by_kind_and_state(web, read):
    web.asked()
    with web.database.write() as session:
        jobs.put(session, "detect", "all", web.clock.now_us() + 60 * SECOND)
    with web.database.write() as session:
        jobs.put(session, "seal", "x")
    with web.database.write() as session:
        session.execute(update(Job).where(Job.kind == "seal").values(state="parked"))
    web.clock.set(web.clock.now_us() + 5 * SECOND)
    told = read()
    assert told["qalqan_queue_jobs", "detect", "later"] == 1
    assert told["qalqan_queue_jobs", "detect", "due"] == 0
    assert told["qalqan_queue_jobs", "seal", "parked"] >= 1
    due = [kind for name, kind, *_ in (k for k in told if len(k) > 1)
           if name == "qalqan_queue_age_seconds"]  # fmt: skip
    assert due
    assert all(told["qalqan_queue_age_seconds", kind] >= 5 for kind in due)
    assert sum(n for (name, *_), n in told.items() if name == "qalqan_orders") == 1


def test_it_says_what_is_up_and_how_large(web, read):
    told = read()
    for name in ("qalqan_up", "qalqan_register_up", "qalqan_lake_up"):
        assert told[name,] == 1
    assert told["qalqan_register_bytes",] > 10_000


def test_a_register_that_does_not_answer_is_told_as_down(web, read, monkeypatch):
    state = web.http.app.state
    register = state.settings.home / "register.db"
    web.database.close()
    register.rename(register.with_suffix(".gone"))
    register.mkdir()
    told = read()
    assert told["qalqan_up",] == 1
    assert told["qalqan_register_up",] == 0


def test_labels_are_of_our_own_making(web, here):
    text = here.get("/metrics").text
    counted = {"route", "method", "status", "kind", "outcome", "state", "le"}
    allowed = counted | {"shard", "screen", "verdict"}
    for family in text_string_to_metric_families(text):
        assert family.name.startswith("qalqan_"), family.name
        assert family.documentation.endswith(".")
        for sample in family.samples:
            assert set(sample.labels) <= allowed
            if "kind" in sample.labels and "facts" in sample.name:
                assert sample.labels["kind"] in KINDS
    assert not any(value in text for value in PERSONAL)


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("203.0.113.7", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, 403),
        ("203.0.113.7", {"Authorization": "Bearer wrong"}, 403),
        ("203.0.113.7", {"Authorization": "Bearer right-token"}, 200),
        ("203.0.113.7", {"Authorization": "Basic right-token"}, 403),
        ("203.0.113.7", {"Authorization": "Bearer Сәрсенова".encode()}, 403),
    ],
)
def test_it_is_read_from_this_machine_or_with_the_token(web, address, headers, status):
    state = web.http.app.state
    state.settings = state.settings.model_copy(update={"metrics_token": SecretStr("right-token")})
    client = TestClient(web.http.app, client=(address, 50_000))
    assert client.get("/metrics", headers=headers).status_code == status


def test_no_token_opens_where_none_is_set(web):
    assert web.get("/metrics").status_code == 403
    for token in ("", "None", "null"):
        answer = web.get("/metrics", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 403

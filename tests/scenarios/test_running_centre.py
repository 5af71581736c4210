"""A centre as its operator runs it: real processes that log, count and stop as they should.

Server and worker get personal data in every place that a caller can fill, good and bad; their
logs are then searched for it. In the end the server is told to stop amid a load of facts.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from qalqan.cases.policy import install_default_policy
from qalqan.lake.engine import DuckEngine
from qalqan.lake.sealing import seal
from qalqan.register import partners, people, vault
from qalqan.register.database import Database
from qalqan.trust.keys import Keys

pytestmark = pytest.mark.xdist_group("running")  # one centre for all tests
NAME, LOGIN = "Айгүл Сәрсенова", "sarsenova"
IIN, PHONE, CARD, IBAN = "900101300017", "+77011234567", "4400430212345678", "KZ92211A000010000000"
WORDS = "Маған банктен деп хабарласты"
PASSWORD = "correct horse battery"
PERSONAL = (
    NAME, "Айгүл", "Сәрсенова", "Aigul", IIN, "7011234567", "701 123 45 67", CARD, IBAN, WORDS,
    "хабарласты", PASSWORD, "211:V1", "223:D1", "Kairat",
)  # fmt: skip
TELLERS = {"altyn": "bank", "dala": "operator", "bazar": "marketplace", "hotline": "channel"}
LOAD_S = 1.0


@dataclass
class Centre:
    """A running `qalqan serve`, and what was said to it and by it."""

    home: Path
    url: str
    process: subprocess.Popen[bytes]
    tokens: dict[str, str]
    acknowledged: list[str] = field(default_factory=list)

    @property
    def log(self) -> str:
        return (self.home / "log").read_text(encoding="utf-8")

    def call(self, method: str, path: str, who: str | None = None, **more: Any) -> httpx.Response:
        headers = {"User-Agent": "Aigul 77011234567", **more.pop("headers", {})}
        if who:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        return httpx.request(method, self.url + path, headers=headers, timeout=30, **more)


def peopled(home: Path, dead_port: int) -> dict[str, str]:
    """A home with partners, of whom the bank's own address answers nobody."""
    home.mkdir()
    keys, tokens = Keys.create(home / "keys.json"), {}
    with closing(Database(f"sqlite:///{home / 'register.db'}")) as database:
        database.migrate()
        with database.write() as session:
            vault.check_keys(session, keys)
            for code, kind in TELLERS.items():
                address = f"http://127.0.0.1:{dead_port}/{NAME}" if kind == "bank" else None
                tokens[code] = partners.add_partner(
                    session, code, kind, dict.fromkeys(("kk", "ru", "en"), NAME),
                    bank_code="211" if kind == "bank" else None,
                    delivery="push" if kind == "bank" else "pull", endpoint=address,
                )  # fmt: skip
            people.add_user(session, keys, LOGIN, NAME, PASSWORD, "supervisor", "KZ-75")
            install_default_policy(session, approved_by=[LOGIN, "another"])
    return tokens


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    home, port = tmp_path_factory.mktemp("running") / "home", free_port()
    tokens = peopled(home, free_port())
    settings = {"HOME": str(home), "PORT": str(port), "LOG": "json", "LOG_LEVEL": "debug"}
    environment = {name: value for name, value in os.environ.items() if name != "QALQAN_CLOCK"}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "qalqan", "serve", "--web", "2"],
            stderr=log,
            env=environment | {f"QALQAN_{name}": value for name, value in settings.items()},
        )
        running = Centre(home, f"http://127.0.0.1:{port}", process, tokens)
        wait_for(lambda: "http://" in running.log)
        yield running
        if process.poll() is None:
            process.kill()
        process.wait()


def wait_for(happened: Any, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def payment(number: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number, "at_us": 1_767_225_600_000_000, "side": "payer", "payer_account": "211:V1",
        "payer_bank": "211", "payee_account": IBAN, "payee_bank": "211", "amount": 100_00,
        "currency": "KZT", "instrument": "transfer", "payer_holder": IIN, "purpose": WORDS, **more,
    }  # fmt: skip


def report(**more: Any) -> dict[str, Any]:
    now = time.time_ns() // 1000
    return {
        "methods": ["28"], "region": "KZ-75", "language": "kk", "victim_iin": IIN,
        "victim_phone": PHONE, "victim_name": NAME, "words": WORDS, "payer_account": "211:V1",
        "payee_account": "223:D1", "amount": 100_00, "crime_us": now - 10**9,
        "discovered_us": now - 10**8, "reported_us": now, **more,
    }  # fmt: skip


def good_report(centre: Centre) -> None:
    """With the fields that reports have, so that an order goes to the bank that is not there."""
    known = httpx.get(f"{centre.url}/v1/openapi.json").json()
    fields = known["components"]["schemas"]["ReportIn"]["properties"]
    body = {name: value for name, value in report().items() if name in fields}
    answer = centre.call(
        "POST", "/v1/reports", "hotline", json=body, headers={"Idempotency-Key": "r-1"}
    )
    assert answer.is_success, answer.text


def say_everything(centre: Centre) -> None:
    """Personal data wherever a caller may put it; most of it is refused."""
    call = centre.call
    facts = {"facts": [payment("p-1"), payment("p-2", amount=NAME), payment(IIN, currency=PHONE),
                       payment("p-3", **{PHONE: NAME}), NAME]}  # fmt: skip
    call("POST", "/v1/facts/payment", "altyn", json=facts)
    call("POST", "/v1/facts/payment", "altyn", json={IIN: NAME})
    call(
        "POST",
        "/v1/facts/payment",
        "altyn",
        content=f'{{"facts": [{IIN} {NAME}'.encode(),
        headers={"Content-Type": "application/json"},
    )
    call("POST", "/v1/facts/payment", "altyn", json=facts, headers={"Idempotency-Key": PHONE})
    call("POST", f"/v1/facts/{IIN}", "altyn", json=facts)
    call("POST", "/v1/facts/call", "dala", json={"facts": [{"id": PHONE, "caller": PHONE}]})
    call("POST", "/v1/facts/listing", "bazar", json={"facts": [{"id": "l", "text": WORDS}]})
    call("POST", "/v1/reports", "hotline", json=report(amount=IIN))
    call("POST", "/v1/reports", "hotline", json={**report(), "methods": [NAME]})
    asked = {"id": "s-1", "at_us": time.time_ns() // 1000, "payer_account": "211:V1",
             "payee_account": IBAN, "amount": 100_00, "currency": "KZT", "payer_holder": IIN,
             "session": {"phone": PHONE, "remote_access": True}}  # fmt: skip
    loan = {"id": "l-1", "at_us": asked["at_us"], "applicant": IIN, "amount": 100_00,
            "currency": "KZT", "payout_account": IBAN, "payout_holder": IIN}  # fmt: skip
    for path, body in (("payments", asked), ("loans", loan)):
        for spoilt in ({}, {"currency": PHONE}, {"at_us": NAME}, {IIN: NAME}, {"amount": -1}):
            call("POST", f"/v1/screen/{path}", "altyn", json={**body, **spoilt})
    for path in (f"/v1/orders/{IIN}", f"/v1/orders?after={PHONE}", f"/{NAME}?iin={IIN}",
                 f"/cases/{IIN}", f"/static/{PHONE}.css"):  # fmt: skip
        call("GET", path, "altyn")
        call("GET", path, headers={"Accept": "text/html"})
    call("GET", "/v1/orders", headers={"Authorization": f"Bearer {CARD}"})
    call("GET", "/v1/key", headers={"X-Request-Id": IIN, "Cookie": f"qalqan_session={CARD}"})
    call("PUT", f"/v1/facts/payment?note={IIN}", "altyn", json=facts)
    call("POST", "/v1/sign-in", json={"login": "Kairat", "password": PASSWORD + IIN})
    call("POST", "/sign-in", data={"login": PHONE, "password": CARD})
    call("POST", f"/v1/orders/O-26-000001/answers?x={IIN}", "altyn", json={"words": WORDS})
    good_report(centre)


def test_the_log_holds_nobodys_data(centre: Centre) -> None:
    say_everything(centre)
    wait_for(lambda: '"job": "deliver' in centre.log or '"outcome": "failed"' in centre.log)
    wait_for(lambda: '"job": "seal"' in centre.log)
    log = centre.log
    for value in PERSONAL:
        assert value not in log, [line for line in log.splitlines() if value in line][:3]
    for token in centre.tokens.values():
        assert token not in log
    assert not re.search(r"\d{10,}", re.sub(r'"request": "[0-9a-f-]+"|"at": "[^"]+"', "", log))


def test_every_line_is_an_event_with_its_codes(centre: Centre) -> None:
    lines = [json.loads(line) for line in centre.log.splitlines() if line.startswith("{")]
    requests = [line for line in lines if line["event"] == "request"]
    assert {("altyn", "/v1/facts/{kind}"), ("hotline", "/v1/reports")} <= {
        (line.get("actor"), line["route"]) for line in requests
    }
    assert {200, 401, 404, 422} <= {line["status"] for line in requests}
    done = {line["job"] for line in lines if line["event"] == "job"}
    assert {"seal"} <= done
    assert not [line for line in lines if line["level"] == "critical"]
    assert all(line["at"].endswith("Z") for line in lines)


def told(centre: Centre) -> dict[tuple[str, ...], float]:
    answer = centre.call("GET", "/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_one_question_is_answered_for_server_and_worker(centre: Centre) -> None:
    counted = told(centre)
    assert counted["qalqan_jobs_total", "seal", "done"] >= 1
    assert counted["qalqan_requests_total", "POST", "/v1/facts/{kind}", "4xx"] >= 1
    assert counted["qalqan_sealed_facts_total", "payment"] >= 1


def test_it_is_ready(centre: Centre) -> None:
    answer = centre.call("GET", "/ready")
    assert answer.status_code == 200, answer.text


def load(centre: Centre, worker: int, stop: threading.Event) -> None:
    """Facts one by one, noted only when they were answered for."""
    headers = {"Authorization": f"Bearer {centre.tokens['altyn']}"}
    n = 0
    with httpx.Client(base_url=centre.url, headers=headers, timeout=30) as http:
        while not stop.is_set():
            number = f"load-{worker}-{n}"
            n += 1
            try:
                answer = http.post("/v1/facts/payment", json={"facts": [payment(number)]})
            except httpx.TransportError:
                return  # not answered: it may count or not
            if answer.status_code == 200:
                centre.acknowledged.append(number)


def test_told_to_stop_amid_a_load_it_loses_nothing_and_ends(centre: Centre) -> None:
    stop = threading.Event()
    threads = [threading.Thread(target=load, args=(centre, n, stop)) for n in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(LOAD_S)
    centre.process.send_signal(signal.SIGTERM)
    code = centre.process.wait(timeout=30)
    stop.set()
    for thread in threads:
        thread.join()
    assert code == 0
    assert len(centre.acknowledged) > 10
    root = str(centre.home / "lake")
    with closing(Database(f"sqlite:///{centre.home / 'register.db'}")) as database:
        seal(database, root)
    with closing(DuckEngine(root)) as engine:
        ids = engine.run(engine.table("payment"))["id"].to_pylist()
    assert len(ids) == len(set(ids))
    assert set(centre.acknowledged) <= set(ids)


def test_nothing_was_logged_in_the_end_that_should_not_be(centre: Centre) -> None:
    for value in PERSONAL:
        assert value not in centre.log
    assert not any(line.startswith("Traceback") for line in centre.log.splitlines())

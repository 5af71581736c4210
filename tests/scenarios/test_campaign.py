"""A whole story of a campaign: an edge refuses calls over one trunk, its journal goes to the centre
by the program that runs beside it, a case is opened, the provider behind the trunk is asked, and
whom it names is asked in turn; the pack is checked against the edge's own journal (REQ-45, 49).

The centre is really served, its worker runs, `ship.py` is a process under Debian's own Python in a
directory that has nothing else of Qalqan. The providers are simulated.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from edges.kamailio.journals import CITY, Written
from qalqan.cases.policy import install_default_policy
from qalqan.clock import wall_us
from qalqan.edges.kamailio.journal import Line, lines
from qalqan.exchange import evidence_pack
from qalqan.exchange.order_message import OrderMessage
from qalqan.register import partners, people
from qalqan.register.database import Database
from qalqan.settings import Settings
from qalqan.settings import settings as centre_settings
from qalqan.trust import signing
from qalqan.trust.keys import Keys
from qalqan.web.app import make_app
from qalqan.work import loop

PASSWORD = "a long enough password"
SPOOFED = "calls.fixed_from_abroad"
PYTHON = shutil.which("python3", path="/usr/bin") or sys.executable


@dataclass
class Country:
    """The centre at its address, and the keys of operators and of one officer."""

    url: str
    tokens: dict[str, str]

    def call(self, method: str, path: str, who: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "Accept-Language": "en"}
        return httpx.request(method, self.url + path, headers=headers, timeout=30, **more)

    def order(self, who: str) -> OrderMessage | None:
        """The order that waits for this operator."""
        found = self.call("GET", "/v1/orders", who).json()["orders"]
        key = httpx.get(self.url + "/v1/key").json()["key"]
        told = [OrderMessage.model_validate(signing.verify(one["order"], key)) for one in found]
        return told[0] if told else None

    def answer(self, who: str, order: OrderMessage, **said: str) -> None:
        body = {"order": order.order, **said}
        path = f"/v1/orders/{order.order}/answers"
        self.call("POST", path, who, json=body).raise_for_status()


@contextmanager
def served(app: Any) -> Iterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@contextmanager
def working(database: Database, keys: Keys, settings: Settings) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=loop.run, args=(database, keys, settings, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def country(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Country]:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("QALQAN_HOME", str(home))
    centre_settings.cache_clear()
    settings, keys = Settings(home=home), Keys.create(home / "keys.json")
    with closing(Database(f"sqlite:///{home / 'register.db'}")) as database:
        database.migrate()
        with database.write() as session:
            tokens = {
                code: partners.add_partner(session, code, "operator",
                                           dict.fromkeys(("kk", "ru", "en"), code))
                for code in ("dala", "tranzit", "kopir")
            }  # fmt: skip
            people.add_user(session, keys, "asel", "asel", PASSWORD, "supervisor", "KZ")
            install_default_policy(session, ["asel", "daniyar"])
        app = make_app(settings)
        with served(app) as url, working(database, keys, settings):
            body = {"login": "asel", "password": PASSWORD}
            tokens["asel"] = httpx.post(url + "/v1/sign-in", json=body).json()["token"]
            yield Country(url, tokens)
        app.state.desk.close()
        app.state.database.close()
    centre_settings.cache_clear()


@contextmanager
def shipping(edge: Written, country: Country) -> Iterator[subprocess.Popen[str]]:
    key = edge.folder / "key"
    key.write_text(country.tokens["dala"])
    program = subprocess.Popen(
        [PYTHON, "-E", "-s", str(edge.folder / "ship.py"), str(edge.folder),
         "--centre", country.url, "--key", str(key), "--name", "almaty-1"],
        env={"PATH": os.environ["PATH"]}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield program
    finally:
        program.terminate()
        program.wait(30)
        assert program.stderr is not None
        program.stderr.close()


def soon(found: Callable[[], Any]) -> Any:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if (value := found()) is not None:
            return value
        time.sleep(0.1)
    raise AssertionError("it did not come")


def test_calls_over_one_trunk_are_a_case_and_lead_back_to_who_handed_them_over(
    country: Country, tmp_path: Path
) -> None:
    edge = Written(tmp_path / "edge")
    with shipping(edge, country) as program:
        for place in range(6):
            edge.note(SPOOFED, wall_us(), caller=CITY + place)
            edge.note(None, wall_us(), caller=442079460018)
        first = soon(lambda: country.order("tranzit"))
        assert program.poll() is None
        assert (first.kind, first.asked) == ("data", ["origin"])
        assert first.subject == "+77011111111"  # the number that was called: the caller's is forged
        assert "Who handed it to you?" in first.reason["en"]
        country.answer("tranzit", first, outcome="done", peer="kopir")
        second = soon(lambda: country.order("kopir"))
        assert (second.case, second.subject) == (first.case, first.subject)
        country.answer("kopir", second, outcome="not_found", reason="no records are kept")
        edge.note(SPOOFED, wall_us(), caller=CITY)  # it goes on: the same case has it

        def counted() -> Any:
            said = country.call("GET", "/v1/stats/calls", "dala").json()["answers"]
            return said if said["refuse"] == 7 else None

        assert soon(counted)["pass"] == 6
    body = soon(lambda: _pack(country, first.case, 7))
    _check_pack(country, edge, first.case, body)


def _pack(country: Country, case: str, calls: int) -> bytes | None:
    """The pack, once it has so many calls."""
    answer = country.call("POST", f"/v1/cases/{case}/pack", "asel", params={"purpose": "the court"})
    answer.raise_for_status()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        told = archive.read("calls/1-calls.csv").decode().count("\n") - 1
    return answer.content if told == calls else None


def _check_pack(country: Country, edge: Written, case: str, body: bytes) -> None:
    key = httpx.get(country.url + "/v1/key").json()["key"]
    assert evidence_pack.verify(io.BytesIO(body), key).holds
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        calls = list(csv.DictReader(io.StringIO(archive.read("calls/1-calls.csv").decode())))
        hops = list(csv.DictReader(io.StringIO(archive.read("calls/traceback.csv").decode())))
    [path] = (edge.folder / "journal").glob("*.events")
    refused = [one for one in lines(path) if isinstance(one, Line) and one.answer == 3]
    marks = [line.rpartition(b"\t")[2].decode() for line in path.read_bytes().splitlines()]
    assert len(refused) == len(calls)
    assert {call["id"] for call in calls} <= set(marks)  # the chain holds: `lines` has checked it
    assert [(hop["partner"], hop["stand"], hop["peer"]) for hop in hops] == [
        ("tranzit", "named", "kopir"), ("kopir", "no_logs", ""),
    ]  # fmt: skip

"""Two servers, each with a worker, on one PostgreSQL: they race for the same case, the same draft
and the same clocks, and everything happens once (REQ-18, 44; DESIGN section 7)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

import story
from peers.ports import free_port
from peers.postgresql import Registers
from qalqan.model.order import TERMINAL, WAITING
from qalqan.register import orm, people
from story import Centre, at

CHASE, RETURN = "C-26-000002", "C-26-000001"
TAKERS = [f"officer{n}" for n in range(8)]


@dataclass
class Pair:
    """The two servers, and the centre that both serve."""

    centre: Centre
    addresses: tuple[str, str]
    csrf: dict[str, str]

    def at_once(self, *posts: tuple[str, str, dict[str, Any]]) -> list[int]:
        """Send these forms at one moment, by turns to either server; their statuses."""
        ready = threading.Barrier(len(posts))

        def send(place: int) -> int:
            login, path, form = posts[place]
            cookies = {"qalqan_session": self.centre.sessions[login], "qalqan_language": "en"}
            headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
            address = self.addresses[place % 2]
            with httpx.Client(base_url=address, cookies=cookies, headers=headers) as client:
                ready.wait()
                form = {"csrf": self.csrf[login], **form}
                return client.post(path, data=form, timeout=30).status_code

        with ThreadPoolExecutor(len(posts)) as pool:
            return list(pool.map(send, range(len(posts))))


@pytest.fixture
def pair(
    postgresql: str, registers: Registers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pair]:
    home, address = tmp_path / "home", registers.migrated(postgresql)
    monkeypatch.setenv("QALQAN_CLOCK", str(home / "clock"))
    monkeypatch.setenv("QALQAN_HOME", str(home))
    monkeypatch.setenv("QALQAN_REGISTER", address)
    centre = story.tell(home)
    with centre.database.write() as session:
        for login in TAKERS:
            people.add_user(
                session, centre.keys, login, login, story.PASSWORD, "investigator", "KZ"
            )
    for login in TAKERS:
        centre.sessions[login] = people.sign_in(centre.database, login, story.PASSWORD)
    with centre.database.session() as session:
        rows = session.scalars(select(orm.Session)).all()
        csrf = {row.login: row.csrf for row in rows}
    ports = free_port(), free_port()
    servers = [_serve(home, port) for port in ports]
    try:
        for port in ports:
            _wait_for(lambda port=port: _is_up(port))
        addresses = tuple(f"http://127.0.0.1:{port}" for port in ports)
        yield Pair(centre, addresses, csrf)  # type: ignore[arg-type]
    finally:
        for server in servers:
            server.send_signal(signal.SIGTERM)
        for server in servers:
            server.wait(60)
        centre.database.close()
        registers.drop(postgresql, address)


def _serve(home: Path, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "qalqan", "serve", "--no-screens"]
    with (home / f"log-{port}").open("wb") as log:
        environment = os.environ | {"QALQAN_PORT": str(port)}
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


def _is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=2).status_code < 500
    except httpx.TransportError:
        return False


def _wait_for(happened: Any, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


@pytest.mark.long
def test_everything_happens_once(pair: Pair) -> None:
    database = pair.centre.database
    taken = pair.at_once(*((login, "/queue/take", {"case": CHASE}) for login in TAKERS))
    assert sorted(taken) == [303] + [409] * (len(TAKERS) - 1)
    with database.session() as session:
        (owner,) = session.scalars(select(orm.CaseOwner).where(orm.CaseOwner.case_id == CHASE))
        assert session.get_one(orm.Case, CHASE).owner == owner.owner
        draft = session.query(orm.Order).filter_by(kind="return", state="drafted").one()
        path, version = f"/orders/{draft.id}/decision", draft.version

    yes, no = ({"decision": word, "version": version, "note": ""} for word in ("approve", "refuse"))
    said = pair.at_once(("a.nurlanova", path, yes), ("b.seitkali", path, no))
    assert sorted(said) == [303, 409], "of two opposite words at once one is heard"

    pair.centre.clock.set(at("15:00", 30))  # all clocks run out for both workers at once
    now = pair.centre.clock.now_us()
    _wait_for(lambda: not _due(database, now))
    with database.session() as session:
        events = orm.OrderEvent
        ended = session.execute(
            select(events.order_id, events.event, func.count())
            .where(events.event.in_(["expire", "release", "withdraw"]))
            .group_by(events.order_id, events.event)
        ).all()
        assert len(ended) >= 3
        assert {n for _, _, n in ended} == {1}
        rungs = Counter(
            (event.order_id, event.event, event.at_us)
            for event in session.scalars(select(events).where(events.event == "escalate"))
        )
        assert set(rungs.values()) <= {1}
        assert session.scalar(select(func.count()).where(orm.Job.state == "parked")) == 0


def _due(database: Any, now: int) -> int:
    """Orders whose clock has run out and whom nobody has moved yet."""
    with database.session() as session:
        order = orm.Order
        lapsed = order.expires_us <= now, order.state.not_in(list(TERMINAL))
        late = order.due_us <= now, order.state.in_(list(WAITING))
        return sum(
            session.scalar(select(func.count()).select_from(order).where(*where)) or 0
            for where in (lapsed, late)
        )

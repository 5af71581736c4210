"""The sender over a real register: each message once, whatever becomes of whoever sends."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from outreached import Outreach, number
from peers.sms import PASSWORD, USER, message_centre
from qalqan.bulletin.outreach import queue
from qalqan.clock import HOUR, SharedClock
from qalqan.register import orm, pauses
from qalqan.register.database import Database
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work.sms import marks
from qalqan.work.sms.gateway import Answer, Fate, Heard, Receipt, Reply
from qalqan.work.sms.sender import Sender

_KILLED = Path(__file__).with_name("sends_until_killed.py")
QUICK = {"gateway_second": 100_000}


@dataclass
class Scripted:
    """A gateway that answers as it is told, and keeps what it was given."""

    answers: list[Answer] = field(default_factory=list)
    given: list[tuple[str, int]] = field(default_factory=list)
    back: list[Heard] = field(default_factory=list)

    def send(self, to: str, text: str, number: int) -> Answer:
        self.given.append((to, number))
        return self.answers.pop(0) if self.answers else Answer(Fate.TAKEN, name=f"g{number}")

    def heard(self) -> list[Heard]:
        found, self.back = self.back, []
        return found

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def outreach(database: Database, keys: Keys, stopped_clock: SharedClock) -> Outreach:
    return Outreach.begin(database, keys, stopped_clock)


def begun(outreach: Outreach, people: int) -> str:
    outreach.consents(people)
    campaign = outreach.running()
    outreach.policy(**QUICK)
    return campaign


def states(outreach: Outreach, campaign: str) -> dict[str, int]:
    with outreach.database.session() as session:
        return queue.progress(session, campaign).states


def sender(outreach: Outreach, gateway: Any) -> Sender:
    return Sender(outreach.database, outreach.keys, Settings(), gateway)


def test_everybody_is_written_to_once_and_each_opened_number_stands_in_the_record(
    outreach: Outreach,
) -> None:
    campaign, gateway = begun(outreach, 5), Scripted()
    for _ in range(3):
        sender(outreach, gateway).look()
    assert [to for to, _ in gateway.given] == [number(place) for place in range(5)]
    assert states(outreach, campaign) == {"sent": 5}
    with outreach.database.session() as session:
        opened = session.query(orm.Audit).filter_by(action="reveal").all()
    assert {row.purpose for row in opened} == {f"outreach {campaign}"}
    assert len(opened) == 5


def test_what_the_gateway_says_decides(outreach: Outreach) -> None:
    campaign = begun(outreach, 5)
    gateway = Scripted([
        Answer(Fate.TAKEN, name="a"), Answer(Fate.REFUSED, "http_422"),
        Answer(Fate.UNSURE, "ReadTimeout"), Answer(Fate.NOT_SENT, "http_503"),
        Answer(Fate.CLOSED, "http_401"),
    ])  # fmt: skip
    mine = sender(outreach, gateway)
    mine.look()
    assert states(outreach, campaign) == {"queued": 2, "sent": 1, "unknown": 1, "refused": 1}
    mine.look()  # it takes nothing from us: a rest
    assert len(gateway.given) == 5
    outreach.clock.set(outreach.clock.now_us() + HOUR)
    sender(outreach, gateway).look()
    assert states(outreach, campaign) == {"sent": 3, "unknown": 1, "refused": 1}


def test_receipts_and_replies_are_heard(outreach: Outreach) -> None:
    campaign, gateway = begun(outreach, 2), Scripted()
    mine = sender(outreach, gateway)
    mine.look()
    gateway.back = [
        Receipt(f"g{gateway.given[0][1]}", True, ""), Receipt("nobody's", True, ""),
        Reply(number(1), "стоп"),
    ]  # fmt: skip
    mine.look()
    assert states(outreach, campaign) == {"sent": 1, "delivered": 1}
    with outreach.database.session() as session:
        ended = session.query(orm.OutreachConsent).filter_by(withdrawn_by="sms").count()
    assert ended == 1


def test_a_restored_centre_sends_nothing(outreach: Outreach) -> None:
    begun(outreach, 1)
    gateway = Scripted()
    with outreach.database.write() as session:
        pauses.pause(session, pauses.DELIVERY, "restore", "restored")
    sender(outreach, gateway).look()
    assert gateway.given == []


def test_a_mark_is_of_one_message(outreach: Outreach) -> None:
    mark = marks.mark(outreach.keys, 7)
    assert marks.is_right(outreach.keys, 7, mark)
    assert not marks.is_right(outreach.keys, 8, mark)
    assert not marks.is_right(Keys.new(), 7, mark)


def _waits(found: dict[str, int]) -> bool:
    return bool(found.get("queued", 0) or found.get("sending", 0))


@pytest.mark.long
def test_a_killed_sender_never_sends_twice(
    database: Database, stopped_clock: SharedClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Killed while it sends, time and again, by SIGKILL: the message centre, which is nobody's of
    ours, counts. Each person has one message at most; who has none is among the unknown."""
    monkeypatch.setattr("qalqan.work.sms.sender.LEASE_S", 0.4)
    keys, people = Keys.create(tmp_path / "keys.json"), 30
    outreach = Outreach.begin(database, keys, stopped_clock)
    campaign = begun(outreach, people)
    address = database.engine.url.render_as_string(hide_password=False)
    told = [sys.executable, str(_KILLED), address, str(tmp_path / "keys.json")]
    with message_centre() as centre, ExitStack() as stack:

        def started() -> subprocess.Popen[bytes]:
            worker = subprocess.Popen([*told, str(centre.port), USER, PASSWORD])
            stack.callback(worker.wait)
            stack.callback(worker.kill)
            return worker

        for turn in range(1, 4):
            worker = started()
            centre.wait("submit", turn * 2 * 6)  # two parts each
            worker.kill()
            worker.wait()
        started()
        until = time.monotonic() + 60
        while _waits(states(outreach, campaign)) and time.monotonic() < until:
            time.sleep(0.1)
        submitted = centre.submitted
    last_parts = [each for each in submitted if each["receipt"]]
    counted = Counter(each["to"] for each in last_parts)
    assert max(counted.values()) == 1
    found = states(outreach, campaign)
    assert sum(found.values()) == people
    assert not _waits(found)
    assert found.get("unknown", 0) <= 5
    sure = found.get("sent", 0) + found.get("delivered", 0)
    assert sure <= len(counted) <= sure + found.get("unknown", 0)

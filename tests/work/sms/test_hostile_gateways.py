"""Gateways that mean harm, or are dying: real sockets, and neither the worker's time, nor its
memory, nor the campaign goes with them."""

from __future__ import annotations

import logging
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from outreached import Outreach
from qalqan.bulletin.outreach import queue
from qalqan.clock import SharedClock
from qalqan.register.database import Database
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work.sms import by_http, by_smpp
from qalqan.work.sms.by_http import JsonGateway
from qalqan.work.sms.by_smpp import SmppGateway
from qalqan.work.sms.gateway import Answer, Fate
from qalqan.work.sms.sender import Sender

TO = "+77010000001"
HEAD = b"HTTP/1.1 200 OK\r\n"
Speaker = Callable[[socket.socket], None]


@contextmanager
def speaking(speaker: Speaker) -> Iterator[tuple[int, list[int]]]:
    """A server that does so with each connection; its port, and a list that grows by one with each
    connection that has ended."""
    ended: list[int] = []

    def told(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(20)
            connection.recv(65536)
            speaker(connection)
            while connection.recv(65536):
                pass
        ended.append(1)

    def listen() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                threading.Thread(target=told, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], ended
        server.shutdown(socket.SHUT_RDWR)


def answering(body: bytes) -> Speaker:
    return lambda c: c.sendall(HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)


def over_http(port: int) -> Settings:
    return Settings(sms="json", sms_url=f"http://127.0.0.1:{port}/send")


def _endless(connection: socket.socket) -> None:
    piece = b" " * 65536
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(400):  # 26 MB
        connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))


def _dripping(head: bytes) -> Speaker:
    def speak(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(40):
            time.sleep(0.2)
            connection.sendall(b"1")

    return speak


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    with speaking(_endless) as (port, _), closing(JsonGateway(over_http(port), str)) as gateway:
        tracemalloc.start()
        answer = gateway.send(TO, "x", 1)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert answer == Answer(Fate.UNSURE, "answer_size")
    assert most < 4 << 20


@pytest.mark.parametrize(
    "head", [HEAD + b"X: ", HEAD + b"Content-Length: 40\r\n\r\n"], ids=["head", "body"]
)
def test_an_answer_byte_by_byte_holds_nobody(monkeypatch: pytest.MonkeyPatch, head: bytes) -> None:
    monkeypatch.setattr(by_http, "ANSWER_S", 0.5)
    speaker = _dripping(head)
    with speaking(speaker) as (port, ended), closing(JsonGateway(over_http(port), str)) as gateway:
        assert gateway.send(TO, "x", 1) == Answer(Fate.UNSURE, "TimeoutError")
        assert waited(ended, 1) == 1


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"[" * 60_000, None), (b'{"id": "\\ud800"}', None), (b'{"id": "a\\u0000b"}', None),
        (b'{"id": ' + b"9" * 6_000 + b"}", None), (b'{"id": [1]}', None), (b"[1]", None),
        (b'{"id": "' + b"a" * 81 + b'"}', None), (b'{"id": ""}', None), (b"\xff", None),
        (b'{"id": 7}', "7"), (b'{"id": "msg-7:1"}', "msg-7:1"),
    ],
)  # fmt: skip
def test_a_name_is_taken_that_a_receipt_can_be_known_by(body: bytes, name: str | None) -> None:
    speaker = answering(body)
    with speaking(speaker) as (port, _), closing(JsonGateway(over_http(port), str)) as gateway:
        assert gateway.send(TO, "x", 1) == Answer(Fate.TAKEN, name=name)


def _broken(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 99\r\n\r\n{")
    connection.shutdown(socket.SHUT_RDWR)


def test_a_dying_gateway_does_not_spend_the_campaign(
    database: Database, keys: Keys, stopped_clock: SharedClock,
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    outreach = Outreach.begin(database, keys, stopped_clock)
    outreach.consents(12)
    campaign = outreach.running()
    outreach.policy(gateway_second=1_000)

    def states() -> dict[str, int]:
        with database.session() as session:
            return queue.progress(session, campaign).states

    with speaking(_broken) as (port, _), closing(Sender(database, keys, over_http(port))) as mine:
        with caplog.at_level(logging.WARNING, "qalqan.work.sms"):
            for _ in range(3):
                mine.look()
        assert states() == {"unknown": 3, "queued": 9}
        assert "no word on 3 messages" in caplog.text
        monkeypatch.setattr("qalqan.work.sms.sender.REST_S", 0.0)
        mine._not_before_s = 0.0
        mine.look()  # after a rest one is tried, not as many again
        assert states() == {"unknown": 4, "queued": 8}


# ── SMPP ──


def _bound(more: bytes = b"") -> Speaker:
    """A message centre that takes the bind, says so much more, and falls silent."""
    name = b"SMSC\0"
    bound = struct.pack(">IIII", 16 + len(name), 0x80000009, 0, 1) + name
    return lambda connection: connection.sendall(bound + more)


def _delivered(number: int) -> bytes:
    body = b"\0\1\1" + b"77010000001\0" + b"\1\1" + b"Qalqan\0" + bytes(9) + bytes([4]) + b"STOP"
    return struct.pack(">IIII", 16 + len(body), 5, 0, number) + body


def over_smpp(port: int) -> Settings:
    return Settings(sms="smpp", sms_smpp=f"127.0.0.1:{port}", sms_tls=False, sms_user="u")


def waited(ended: list[int], count: int) -> int:
    until = time.monotonic() + 5
    while len(ended) < count and time.monotonic() < until:
        time.sleep(0.02)
    return len(ended)


def test_all_parts_of_a_message_have_one_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_smpp, "ANSWER_S", 0.7)

    def slow(connection: socket.socket) -> None:
        _bound()(connection)
        for _ in range(9):
            asked = connection.recv(65536)
            if len(asked) < 16:
                return
            time.sleep(0.4)
            number = struct.unpack(">I", asked[12:16])[0]
            connection.sendall(struct.pack(">IIII", 18, 0x80000004, 0, number) + b"1\0")

    with speaking(slow) as (port, _), closing(SmppGateway(over_smpp(port))) as gateway:
        assert gateway.send(TO, "x", 1).fate is Fate.TAKEN
        assert gateway.send(TO, "x" * 700, 2) == Answer(Fate.UNSURE, "TimeoutError")


def test_a_flood_of_replies_is_heard_in_turns() -> None:
    flood = b"".join(_delivered(each) for each in range(1, 701))
    speaker = _bound(flood)
    with speaking(speaker) as (port, _), closing(SmppGateway(over_smpp(port))) as gateway:
        found: list[int] = []
        until = time.monotonic() + 5
        while sum(found) < 700 and time.monotonic() < until:
            found.append(len(gateway.heard()))
    assert max(found) <= 500
    assert sum(found) == 700

"""Callers who never end: heads without bound or end, bodies that stop half-way, on real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from qalqan.web import connection, guard
from qalqan.web.connection import MOST_HEAD, Connection
from qalqan.web.desk import LONG_OF_ALL

LONG_S = 30
"""Only a hanging test waits as long."""


@pytest.fixture
def address(web) -> Iterator[tuple[str, int]]:
    """The application behind a real server of the calling test's own."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(web.http.app, http=Connection, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    yield listener.getsockname()
    server.should_exit = True
    thread.join()
    listener.close()


def connected(address: tuple[str, int], said: bytes = b"") -> socket.socket:
    made = socket.create_connection(address, timeout=LONG_S)
    made.sendall(said)
    return made


def heard(made: socket.socket) -> bytes:
    """All that the server says until it hangs up."""
    told = b""
    while piece := made.recv(65536):
        told += piece
    return told


def head(web, length: str, path: str = "/v1/facts/payment") -> bytes:
    lines = (
        f"POST {path} HTTP/1.1", "Host: x", "Content-Type: application/json",
        f"Authorization: Bearer {web.tokens['altyn']}", length,
    )  # fmt: skip
    return "\r\n".join((*lines, "", "")).encode()


@pytest.mark.parametrize(
    "part",
    [b"X: " + b"a" * 1_000, b"x: y\r\n" * 200],
    ids=["one endless line", "lines without end"],
)
def test_a_head_without_end_is_cut(address, part):
    with connected(address, b"GET /health HTTP/1.1\r\nHost: x\r\n") as made:
        sent = 0
        try:
            while sent < 100 * MOST_HEAD:
                sent += made.send(part)
        except OSError:
            pass
    assert sent < 100 * MOST_HEAD


def test_trailers_without_end_are_cut(web, address):
    with connected(address, head(web, "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n") as made:
        sent = 0
        try:
            while sent < 100 * MOST_HEAD:
                sent += made.send(b"x: y\r\n" * 200)
        except OSError:
            pass
    assert sent < 100 * MOST_HEAD


def test_who_says_nothing_or_half_a_head_is_hung_up_on(address, monkeypatch):
    monkeypatch.setattr(connection, "HEAD_S", 0.1)
    for said in (b"", b"GET /hea", b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /hea"):
        with connected(address, said) as made:
            told = heard(made)
        assert told.count(b"HTTP/1.1 ") == said.count(b"\r\n\r\n")


def test_a_body_in_tiny_chunks_is_read(web, address):
    body = json.dumps({"facts": [web.payment("p-1", counterpart="x" * MOST_HEAD)]}).encode()
    chunks = b"".join(b"1\r\n" + body[n : n + 1] + b"\r\n" for n in range(len(body)))
    said = head(web, "Connection: close\r\nTransfer-Encoding: chunked") + chunks + b"0\r\n\r\n"
    with connected(address, said) as made:
        assert b'"read":1' in heard(made)


def test_bodies_that_stop_half_way_give_their_place_back(web, address, monkeypatch):
    monkeypatch.setattr(guard, "PATIENCE_S", 0.2)
    stuck = [connected(address, head(web, "Content-Length: 900000")) for _ in range(LONG_OF_ALL)]
    told = [heard(one) for one in stuck]
    for one in stuck:
        one.close()
    assert {one.split(b" ")[1] for one in told} <= {b"408", b"429"}
    late = next(one for one in told if b" 408 " in one)
    assert json.loads(late.partition(b"\r\n\r\n")[2])["error"]["code"] == "late"
    many = {"facts": [web.payment(f"p-{n}") for n in range(300)]}
    assert web.post("/v1/facts/payment", "altyn", json=many).json()["accepted"] == 300

"""The processes of a centre: they start, say where, and leave nothing behind."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("language", "said"),
    [("kk", "бос емес"), ("ru", "занят"), ("en", "is taken. Set another port in QALQAN_PORT")],
)
def test_a_taken_port_is_told_before_anything_starts(qalqan: Any, language: str, said: str) -> None:
    qalqan("init")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        qalqan.set(PORT=str(port), LANGUAGE=language)
        answer = qalqan("serve")
    assert (answer.code, answer.out) == (2, "")
    assert f"127.0.0.1:{port}" in answer.err
    assert said in answer.err


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are read from /proc")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_ends_with_the_server(qalqan: Any, ending: signal.Signals) -> None:
    qalqan("init")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "qalqan", "serve"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "QALQAN_PORT": str(port)},
    )
    with server, ended(server):
        assert server.stderr is not None
        assert f"http://127.0.0.1:{port}" in server.stderr.readline()
        (worker,) = children(server.pid)
        server.send_signal(ending)
        assert server.wait(timeout=60) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[None]:
    """A test that fails leaves no process behind that nobody would wait for in vain."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.kill()


def answers(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are read from /proc")
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_several_processes_answer_on_one_port_and_end_with_the_first(
    qalqan: Any, ending: signal.Signals
) -> None:
    qalqan("init")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "qalqan", "serve", "--no-worker", "--web", "2"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "QALQAN_PORT": str(port)},
    )
    with server, ended(server):
        assert server.stderr is not None
        assert f"http://127.0.0.1:{port}" in server.stderr.readline()
        assert all(answers(port) for _ in range(8))
        web = children(server.pid)
        assert len(web) >= 2  # and the one that looks after what they share
        server.send_signal(ending)
        assert server.wait(timeout=60) == (0 if ending == signal.SIGTERM else -ending)
    until = time.monotonic() + 60
    while left := [pid for pid in web if is_running(pid)]:
        assert time.monotonic() < until, left
        time.sleep(0.05)


@pytest.mark.parametrize("shape", ["text", "json"])
def test_a_worker_says_what_it_serves(qalqan: Any, shape: str) -> None:
    qalqan("init")
    with subprocess.Popen(
        [sys.executable, "-m", "qalqan", "work"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "QALQAN_LOG": shape, "QALQAN_LOG_LEVEL": "info"},
    ) as worker:
        assert worker.stderr is not None
        lines = []
        for line in worker.stderr:
            lines.append(line)
            if "books, post, keep" in line:
                break
        worker.send_signal(signal.SIGTERM)
        out, rest = worker.communicate(timeout=60)
    assert "SQLite" in lines[-1]
    assert (worker.returncode, out) == (0, "")
    if shape == "json":
        assert all(json.loads(line)["level"] for line in (*lines, *rest.splitlines()))

"""The processes of a centre: they start, say where, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
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
    with server:
        assert server.stderr is not None
        assert f"http://127.0.0.1:{port}" in server.stderr.readline()
        (worker,) = children(server.pid)
        server.send_signal(ending)
        assert server.wait(timeout=60) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)

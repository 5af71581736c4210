"""An S3-compatible server of the tests' own: moto, as a process on loopback."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from peers.ports import free_port

IN_BUCKET = pytest.mark.xdist_group("s3")
"""Tests of a lake in a bucket run in one process, whose server all share."""

_WAIT_S = 60.0


@contextmanager
def served(log: Path) -> Iterator[dict[str, str]]:
    """Run a server; the environment in which its clients find it."""
    address = f"http://127.0.0.1:{free_port()}"
    host, port = address.removeprefix("http://").split(":")
    command = [sys.executable, "-m", "moto.server", "-H", host, "-p", port]
    with log.open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said) as server:
        try:
            _wait(address, server, log)
            yield {
                "AWS_ENDPOINT_URL": address,
                "AWS_ACCESS_KEY_ID": "qalqan-tests",
                "AWS_SECRET_ACCESS_KEY": "no-secret-of-anyone",
                "AWS_REGION": "eu-central-1",
            }
        finally:
            server.terminate()


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _WAIT_S
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/moto-api/", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"moto does not start: {log.read_text()[-500:]}")

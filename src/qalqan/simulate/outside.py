"""The driver's connections: to the centre as its partners, and to the banks' processes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from qalqan.errors import Unavailable
from qalqan.parent import with_parent
from qalqan.simulate.bank import TOKEN
from qalqan.simulate.banks import BANKS, Bank

WAIT_MS = 2_000
"""How long one question to the centre waits for it to be idle."""
CALL_S = 60.0


class Outside:
    """Calls to the centre and the banks, under one limit of real time."""

    def __init__(
        self, address: str, first_port: int, tokens: Mapping[str, str], real_limit_s: float
    ) -> None:
        self._centre = httpx.Client(base_url=address, timeout=CALL_S, trust_env=False)
        self._banks = httpx.Client(timeout=CALL_S, trust_env=False)
        self._first_port = first_port
        self._tokens = tokens
        self._until = time.monotonic() + real_limit_s
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Outside:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._centre.close()
        self._banks.close()

    def work(self, wait_ms: int = 0) -> dict[str, Any]:
        """What the centre has to do; with `wait_ms`, once it has nothing to do or after that."""
        response = self._centre.get("/v1/work", params={"wait_ms": wait_ms})
        return dict(self._checked(response, "the centre").json())

    def wait_idle(self) -> None:
        """Wait until the centre has nothing to do.

        Raises:
            Unavailable: the limit of real time is over; the counts say what hangs.
        """
        while not (work := self.work(WAIT_MS))["idle"]:
            if time.monotonic() > self._until:
                raise Unavailable(f"the centre does not come to rest: {work}")

    def post(self, partner: str, path: str, body: Mapping[str, Any], key: str) -> Any:
        """Call the centre as one of its partners."""
        headers = {"Authorization": f"Bearer {self._tokens[partner]}", "Idempotency-Key": key}
        response = self._centre.post(path, json=body, headers=headers)
        return self._checked(response, f"{partner} {path}").json()

    def tick(self, bank: Bank) -> int:
        """Let a bank answer what is due; returns how many orders it answered."""
        return int(self._call(bank, "tick")["answers"])

    def stream(self, bank: Bank) -> int:
        """Let a feed tell its news; returns how many payments it told."""
        return int(self._call(bank, "stream")["payments"])

    def _call(self, bank: Bank, what: str) -> dict[str, Any]:
        if time.monotonic() > self._until:
            raise Unavailable(f"the run takes too long; it stands at {bank.partner} {what}")
        response = self._banks.post(f"{self._address(bank)}/{what}")
        return dict(self._checked(response, f"bank {bank.partner} {what}").json())

    def _address(self, bank: Bank) -> str:
        return f"http://127.0.0.1:{self._first_port + BANKS.index(bank)}"

    def wait_up(self, bank: Bank) -> None:
        """Until a bank's own process answers.

        Raises:
            Unavailable: it has ended, or is silent for too long, or another stands at its port.
        """
        child = self.processes[bank.code]
        for _ in range(int(CALL_S / 0.05)):
            if child.poll() is not None:
                break
            try:
                found = self._banks.get(f"{self._address(bank)}/health").raise_for_status()
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if found.json().get("process") == child.pid:
                return
            break
        raise Unavailable(f"the process of {bank.partner} does not start")

    @staticmethod
    def _checked(response: httpx.Response, who: str) -> httpx.Response:
        if not response.is_success:
            raise Unavailable(f"{who}: HTTP {response.status_code} {response.text[:400]}")
        return response


def start_banks(
    running: ExitStack, world: Path, first_port: int, address: str, tokens: Mapping[str, str],
    outside: Outside,
) -> None:  # fmt: skip
    """Start a process for each bank and wait until all answer; they end with `running`."""
    for number, bank in enumerate(BANKS):
        command = [
            sys.executable, "-m", "qalqan.simulate.bank", "--world", str(world),
            "--bank", bank.code, "--port", str(first_port + number), "--centre", address,
        ]  # fmt: skip
        child = subprocess.Popen(command, env=with_parent(**{TOKEN: tokens[bank.partner]}))
        outside.processes[bank.code] = child
        running.callback(_end, child)
    for bank in BANKS:
        outside.wait_up(bank)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(timeout=10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()

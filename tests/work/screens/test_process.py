"""An owner's process killed by `kill -9` over a lake with a snapshot and newer seals."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from qalqan.clock import DAY
from qalqan.screening.verdict import Verdict
from qalqan.trust.keys import Keys
from qalqan.work.screens import snapshot
from qalqan.work.screens.client import Owners


@contextmanager
def owner(centre: Any) -> Iterator[subprocess.Popen[bytes]]:
    """The process, once it answers."""
    told = {"QALQAN_HOME": str(centre.home), "QALQAN_REGISTER": centre.database.url,
            "QALQAN_LAKE": centre.lake.root, "QALQAN_PARENT": ""}  # fmt: skip
    child = subprocess.Popen(
        [sys.executable, "-m", "qalqan", "screen", "own"], env={**os.environ, **told}
    )
    try:
        until = time.monotonic() + 60
        while not (found := asyncio.run(status(centre))) or not found["ready"]:
            assert time.monotonic() < until, "the owner does not get ready"
            assert child.poll() is None, "the owner ended"
            time.sleep(0.05)
        yield child
    finally:
        child.kill()
        child.wait()


async def status(centre: Any) -> dict[str, Any] | None:
    with closing(Owners(centre.home, 1)) as way:
        (found,) = await way.status()
    return found


def verdicts(centre: Any, questions: list[Any]) -> list[Verdict]:
    async def run() -> list[Verdict]:
        with closing(Owners(centre.home, 1)) as way:
            return [await way.payment(one) for one in questions]

    return asyncio.run(run())


@pytest.mark.long
def test_kill_9_between_snapshot_and_newer_seals_changes_no_verdict(
    centre: Any, teacher: Any, stopped_clock: Any
) -> None:
    centre.approve()
    usual = [{"payer_account": "a", "payee_account": f"n{n}", "amount": 1_000_00,
              "ago_us": 20 * DAY} for n in range(20)]  # fmt: skip
    centre.sealed("payment", *usual)
    earlier = teacher()
    Keys.create(centre.home / "keys.json")
    earlier.begin()
    earlier._save()
    assert (earlier.owner.folder / snapshot.FILE).exists()
    centre.sealed("session", {"holder": "h", "account": "a", "device": "d", "outcome": "signed_in",
                              "remote_access": True})  # fmt: skip
    centre.sealed("payment", {"payer_account": "a", "payee_account": "later", "amount": 900_00,
                              "ago_us": 3 * DAY})  # fmt: skip

    def asked(mark: str) -> list[Any]:
        payees = ("n3", "later", "stranger")
        return [centre.paid(f"{mark}-{who}", "a", who, amount=50_000_00) for who in payees]

    with owner(centre) as first:
        before = verdicts(centre, asked("q"))
        assert ["payments.remote_session" in one.rules for one in before] == [False, False, True]
        first.send_signal(signal.SIGKILL)
        first.wait()
    centre.sealed("payment", {"payer_account": "a", "payee_account": "stranger",
                              "amount": 900_00, "ago_us": 3 * DAY})  # fmt: skip
    with owner(centre):
        assert verdicts(centre, asked("q")) == before, "the same numbers, the same answers"
        after = verdicts(centre, asked("r"))
        assert [one.rules for one in after[:2]] == [one.rules for one in before[:2]]
        assert "payments.remote_session" not in after[2].rules, "he has paid him since"
        found = asyncio.run(status(centre))
        assert found is not None
        assert found["seal"] == 4

"""An owner of the screens by itself: verdicts a second on one core, and what learning costs.

A question is read from its frame, decided among a million remembered payers and payees, its line
for the journal and its answer are spelled out; nothing goes to a disk or a socket. The peer is the
target: 5,000 payments a second. Then a second's new facts in a lake of two days are learnt from
their files, beside the engine (DuckDB) that groups the same facts; both teach a state of their
own, and both must then know the same. `python bench/verdicts.py [SECONDS]`.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa

from posts import show
from qalqan import clock
from qalqan.clock import HOUR, SECOND
from qalqan.lake.engine import DuckEngine
from qalqan.lake.schemas import SCHEMAS
from qalqan.lake.table import Log, write_files
from qalqan.screening.asked import PaymentAsked
from qalqan.screening.policy import default_body, of_body
from qalqan.screening.remembered import Screens
from qalqan.screening.state import State
from qalqan.work.screens import feed, journal, wire
from qalqan.work.screens.journal import Entry
from qalqan.work.screens.lake_stretch import LakeStretch
from qalqan.work.screens.stretch import read_fresh

TARGET = 5_000.0
PAIRS = 1_000_000
IN_FRAME = 8
"""Questions that come in one turn of the event loop under load."""
ACCOUNTS = 200_000
FIRST, NEW = {"payment": 20_000, "session": 5_000}, {"payment": 300, "session": 100}
"""Facts that lie in the lake, and of each new seal."""
LOOKS = 20


def alone(seconds: float) -> None:
    """Verdicts a second."""
    policy, chance = of_body(1, default_body()), random.Random(1)
    state, count, spent = _remembering(State(policy.screens)), 0, 0.0
    while spent < seconds:
        asked = [_question(chance, count + n) for n in range(IN_FRAME)]
        frame = wire.frame([[n, wire.PAYMENT, [one]] for n, one in enumerate(asked)])
        began = time.process_time()
        answers, lines = [], []
        for number, _, body in wire.Frames().fed(frame):
            one = PaymentAsked(*body[0])
            seen = state.payment(one, one.at_us)
            verdict = journal.decided(seen, policy, one.at_us)
            lines.append(journal.line(Entry(one, seen, verdict)))
            answers.append([number, wire.OK, verdict])
        wire.frame(answers)
        spent += time.process_time() - began
        count += IN_FRAME
    notes = f"one core, {PAIRS} pairs and payers remembered; no disk, no socket"
    show("payments decided by an owner alone", "1/s", count / spent, "target", TARGET, count, notes)


def learning() -> None:
    """CPU of a second's new facts."""
    now_us, chance = clock.wall_us(), random.Random(2)
    with tempfile.TemporaryDirectory() as root, closing(DuckEngine(root)) as engine:
        for n, kind in enumerate(FIRST):
            _seal(root, kind, _facts(chance, kind, FIRST[kind], now_us), n + 1)
        ours, theirs = State(Screens()), State(Screens())
        spent: dict[str, list[float]] = {"ours": [], "theirs": []}
        for look in range(LOOKS):
            after = len(FIRST) * (look + 1)
            for n, kind in enumerate(NEW):
                _seal(root, kind, _facts(chance, kind, NEW[kind], now_us), after + n + 1)
            up_to = after + len(NEW)
            began = time.process_time()
            feed.learn(ours, read_fresh(root, tuple(NEW), after, up_to, now_us))
            between = time.process_time()
            feed.learn(theirs, LakeStretch(engine, after, up_to, now_us))
            spent["ours"].append(1000 * (between - began))
            spent["theirs"].append(1000 * (time.process_time() - between))
    for name, table in ours.remembered.tables().items():
        if table.columns()[0].tolist() != theirs.remembered.tables()[name].columns()[0].tolist():
            raise RuntimeError(f"both were taught otherwise: {name}")
    notes = f"CPU a seal of {sum(NEW.values())} facts, lake of {sum(FIRST.values())}"
    peer = "the same facts grouped by DuckDB"
    show("learning of the screens", "ms", median(spent["ours"]), peer, median(spent["theirs"]),
         LOOKS, notes)  # fmt: skip


def _remembering(state: State) -> State:
    keys = np.random.default_rng(1).integers(0, 2**62, PAIRS)
    hours = np.full(PAIRS, clock.wall_us() // HOUR - 200, np.int32)
    state.remembered.pairs.add_all(keys, (hours, hours))
    state.remembered.payers.add_all(keys, (np.ones(PAIRS, np.int32), np.ones(PAIRS), hours))
    return state


def _question(chance: random.Random, number: int) -> PaymentAsked:
    payer, payee = (f"acc_{chance.randrange(ACCOUNTS):026d}_1234" for _ in range(2))
    return PaymentAsked(
        "bank", str(number), clock.wall_us(), payer, payee, chance.randrange(1, 10**7), "KZT",
        balance=chance.randrange(1, 2 * 10**7), device=f"d{chance.randrange(ACCOUNTS)}",
        remote_access=False, on_call=False,
    )  # fmt: skip


def _facts(chance: random.Random, kind: str, count: int, now_us: int) -> list[dict[str, Any]]:
    def one() -> dict[str, Any]:
        at_us = now_us - chance.randrange(2 * clock.DAY)
        day = datetime.fromtimestamp(at_us // SECOND, UTC).date()
        who, whom = chance.randrange(ACCOUNTS), chance.randrange(ACCOUNTS)
        fact = {"id": str(chance.random()), "source": "b", "at_us": at_us, "day": day}
        if kind == "session":
            return fact | {"holder": f"h{who}", "account": f"a{who}", "device": f"d{who % 999}",
                           "outcome": "signed_in", "remote_access": False}  # fmt: skip
        return fact | {
            "side": "payer", "payer_account": f"a{who}", "payer_holder": f"h{who}",
            "payee_account": f"a{whom}", "amount": chance.randrange(1, 10**7),
            "currency": "KZT", "instrument": "transfer",
        }  # fmt: skip

    return [one() for _ in range(count)]


def _seal(root: str, kind: str, rows: list[dict[str, Any]], seal: int) -> None:
    schema = SCHEMAS[kind].ibis.to_pyarrow()
    facts = pa.Table.from_pylist(rows, schema=schema).drop_columns("seal")
    Log(root, kind).commit(write_files(root, kind, facts, seal), {f"bench-{kind}": seal})


def main(given: Sequence[str]) -> None:
    numbers = [one for one in given if one.replace(".", "").isdigit()]
    alone(float(numbers[0]) if numbers else 4)
    learning()


if __name__ == "__main__":
    main(sys.argv[1:])

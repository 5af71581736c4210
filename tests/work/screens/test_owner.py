"""Owners at their sockets: one a folder, two that share the accounts, none that queues forever."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest

from qalqan.clock import DAY, HOUR
from qalqan.errors import Conflict, Overfull, Unavailable
from qalqan.screening.asked import LoanAsked, PaymentAsked
from qalqan.screening.verdict import Verdict
from qalqan.work.screens import client, wire
from qalqan.work.screens.client import Owners
from qalqan.work.screens.journal import entries, segments
from qalqan.work.screens.owner import Owner, listen, sole


@asynccontextmanager
async def answering(centre: Any, owners: list[Owner]) -> AsyncIterator[Owners]:
    """A web process's way to these owners."""
    servers = [
        await listen(owner, wire.socket_of(centre.home, shard))
        for shard, owner in enumerate(owners)
    ]
    with closing(Owners(centre.home, len(owners))) as way:
        try:
            yield way
        finally:
            for server in servers:
                server.close()
            for owner in owners:
                await owner.settled()


def told(
    centre: Any, owners: list[Owner], talk: Callable[[Owners], Coroutine[Any, Any, Any]]
) -> Any:
    async def run() -> Any:
        async with answering(centre, owners) as way:
            return await talk(way)

    return asyncio.run(run())


def story(centre: Any, chance: random.Random) -> list[PaymentAsked | LoanAsked]:
    """Questions among few accounts and persons, so that windows, pairs and parts matter."""

    def one(n: int) -> PaymentAsked | LoanAsked:
        who, whom = chance.choice("abcd"), chance.choice("vwxyzopqrstu")
        if n % 5 == 4:
            payout = chance.choice([None, whom])
            return centre.lent(
                f"l-{n}", f"h{who}", source=chance.choice("st"), payout_account=payout
            )
        holder = chance.choice([None, f"h{who}"])
        amount = chance.choice([900_00, 4_000_00, 3_000_000_00])
        return centre.paid(f"p-{n}", who, whom, amount=amount, payer_holder=holder)

    return [one(n) for n in range(80)]


def facts(centre: Any, chance: random.Random) -> None:
    def one() -> dict[str, Any]:
        who, whom = chance.choice("abcd"), chance.choice("vwxyz")
        return {"payer_account": who, "payee_account": whom, "payee_holder": f"o{whom}",
                "amount": chance.choice([800_00, 1_000_00]), "instrument": "transfer",
                "ago_us": chance.choice([HOUR // 2, 3 * DAY, 30 * DAY])}  # fmt: skip

    centre.sealed("payment", *(one() for _ in range(25)))
    centre.sealed("session", *({"holder": f"h{who}", "account": who, "device": "d",
                                "outcome": "signed_in", "remote_access": who == "b"}
                               for who in "abc"))  # fmt: skip


def test_several_owners_together_answer_as_one(
    centre: Any, teacher: Any, stopped_clock: Any
) -> None:
    chance = random.Random(4)
    centre.approve()
    facts(centre, chance)
    questions = story(centre, chance)

    async def talk(way: Owners) -> list[Verdict]:
        return [
            await (way.payment(one) if isinstance(one, PaymentAsked) else way.loan(one))
            for one in questions
        ]

    answers = []
    for shards in (1, 3):
        teachers = [teacher(number, shards) for number in range(shards)]
        for each in teachers:
            each.begin()
        verdicts = told(centre, [each.owner for each in teachers], talk)
        answers.append((verdicts, journalled(teachers)))
    assert answers[0] == answers[1]
    assert len({code for one in answers[0][0] for code in one.rules}) >= 3


def journalled(teachers: list[Any]) -> dict[str, Any]:
    """The rows that the rules looked at; the journals are gone then: the next centre is another."""
    rows = {}
    for one in teachers:
        rows |= {entry.asked.id: entry.seen for entry in entries(one.owner.folder)}
        for _, path in segments(one.owner.folder):
            path.unlink()
    return rows


def test_a_killed_owners_socket_stands_in_nobodys_way(centre: Any, teacher: Any) -> None:
    one = teacher()
    one.begin()
    path = wire.socket_of(centre.home, 0)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    verdict = told(centre, [one.owner], lambda way: way.payment(centre.paid("q")))
    assert verdict.answer.word == "pass"


def test_a_folder_has_one_owner(tmp_path: Any) -> None:
    with sole(tmp_path), pytest.raises(Conflict), sole(tmp_path):
        pass
    with sole(tmp_path):
        pass


def test_an_owner_that_loads_or_is_away_is_no_answer(centre: Any, teacher: Any) -> None:
    loading = teacher()

    async def talk(way: Owners) -> Any:
        status = await way.status()
        with pytest.raises(Unavailable) as met:
            await way.payment(centre.paid("q"))
        assert met.value.code == "screens.away"
        return status

    (status,) = told(centre, [loading.owner], talk)
    assert (status["ready"], status["seal"]) == (False, 0)

    async def alone() -> Any:
        with closing(Owners(centre.home, 1)) as way:
            return await way.status()

    assert asyncio.run(alone()) == [None]


def test_one_partners_flood_leaves_room_for_the_others(
    centre: Any, teacher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MOST_OF_ONE", 20)
    one = teacher()
    one.begin()

    async def talk(way: Owners) -> tuple[list[Any], Verdict]:
        flood = [way.payment(centre.paid(f"f-{n}", source="loud")) for n in range(50)]
        asked = [asyncio.ensure_future(one) for one in flood]
        quiet = asyncio.ensure_future(way.payment(centre.paid("q-1", source="quiet")))
        return await asyncio.gather(*asked, return_exceptions=True), await quiet

    answers, quiet = told(centre, [one.owner], talk)
    assert sum(isinstance(answer, Verdict) for answer in answers) == 20
    assert sum(isinstance(answer, Overfull) for answer in answers) == 30
    assert quiet.answer.word == "pass"


def test_whoever_speaks_otherwise_is_hung_up_on_and_nobody_else(centre: Any, teacher: Any) -> None:
    one = teacher()
    one.begin()

    async def talk(way: Owners) -> Verdict:
        for said in (b"\xff" * 8, wire.frame([["?"]]), wire.frame([[1, "payment", [["x"]]]])):
            reader, writer = await asyncio.open_unix_connection(str(wire.socket_of(centre.home, 0)))
            writer.write(said)
            assert await reader.read() == b""
            writer.close()
        return await way.payment(centre.paid("q"))

    assert told(centre, [one.owner], talk).answer.word == "pass"


def test_a_full_disk_takes_back_only_the_answers_that_were_not_told(
    centre: Any, teacher: Any
) -> None:
    """What was told before stays the answer; whoever asks again meanwhile is not told more."""
    one = teacher()
    one.begin()
    before, lost = centre.paid("q-1"), centre.paid("q-2")
    file, free = one.owner._journal._file, threading.Event()
    kept, full = os.dup(file), os.open("/dev/full", os.O_WRONLY)

    async def talk(way: Owners) -> tuple[Verdict, list[Any], Verdict, Verdict]:
        first = await way.payment(before)
        os.dup2(full, file)
        one.owner._disk.submit(free.wait)
        asked = [asyncio.ensure_future(way.payment(lost))]
        while not one.owner._writing:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.01)
        asked.append(asyncio.ensure_future(way.payment(lost)))
        await asyncio.sleep(0.05)
        free.set()
        failed = await asyncio.gather(*asked, return_exceptions=True)
        os.dup2(kept, file)
        return first, failed, await way.payment(before), await way.payment(lost)

    first, failed, again, last = told(centre, [one.owner], talk)
    os.close(kept)
    os.close(full)
    assert [type(each) for each in failed] == [Unavailable, Unavailable]
    assert again == first
    assert one.owner.status()["waiting"] == 0
    assert [(e.asked.id, e.verdict) for e in entries(one.owner.folder)] == [
        ("q-1", first), ("q-2", last),
    ]  # fmt: skip

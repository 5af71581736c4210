"""Many web processes and workers on one PostgreSQL, killed at random, the server restarted in
mid-load: nothing acknowledged is lost, nothing counts twice, and all of it recovers by itself.

    .venv/bin/python soak/cluster.py [--seconds 300] [--workers 4] [--webs 4] [--clients 24]
                                     [--restarts 10] [--seed 1]

Clients tell single facts with ids of their own and repeat some; a hotline reports, each report
makes an order, and orders are pushed to a bank of the campaign's own. A worker or web process is
killed (SIGKILL) every few seconds and started anew by the campaign; PostgreSQL is restarted now
and then, by turns orderly (`fast`) and by a crash (`immediate`). At the end everything
that was acknowledged must be in the lake exactly once, each order at the bank with one text, and
after each restart the first acknowledged POST and the first seal must come within ten seconds.
Prints one JSON object; ends with status 1 at a violation.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from peers.cluster import Bank, Centre, rest
from peers.postgresql import Server, programs
from qalqan import clock
from qalqan.lake.engine import DuckEngine
from qalqan.register import orm
from qalqan.register.database import Database

RECOVERS_S = 10.0
FINISH_S = 120.0
REPEATED = 0.1
"""Share of acknowledged facts that are told once more."""
Violations = list[str]


@dataclass
class Books:
    """What the campaign saw from outside."""

    facts: set[str] = field(default_factory=set)
    """Ids of acknowledged facts."""
    reports: dict[str, str] = field(default_factory=dict)
    """Key of an acknowledged report → its number."""
    answers: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    restarts: Counter[str] = field(default_factory=Counter)
    first_post_s: list[float] = field(default_factory=list)
    first_seal_s: list[float] = field(default_factory=list)
    last_post_s: float = 0.0
    violations: Violations = field(default_factory=list)


class Load:
    """Clients that tell facts and report; each goes on with one thing until it is acknowledged."""

    def __init__(self, centre: Centre, books: Books, chance: random.Random) -> None:
        self.centre, self.books, self.chance = centre, books, chance
        limits = httpx.Limits(max_connections=200)
        self.http = httpx.AsyncClient(timeout=15, trust_env=False, limits=limits)
        self.over = False

    async def facts(self, number: int) -> None:
        """One client of the bank."""
        count = 0
        while not self.over:
            count += 1
            fact = self._fact(f"{number}-{count}")
            while (
                told := await self._post("/v1/facts/payment", "altyn", {"facts": [fact]})
            ) is None:
                await asyncio.sleep(0.1)
            seen = told["accepted"] + told["duplicate"]
            if told["read"] != 1 or seen != 1:
                self.books.violations.append(f"receipt of {fact['id']}: {told}")
            self.books.facts.add(fact["id"])
            if self.chance.random() < REPEATED:
                again = await self._post("/v1/facts/payment", "altyn", {"facts": [fact]})
                if again is not None and again["duplicate"] != 1:
                    self.books.violations.append(f"{fact['id']} counted again: {again}")

    async def reports(self) -> None:
        """The hotline."""
        count = 0
        while not self.over:
            count += 1
            key, body = f"r{count}", self._report(count)
            while (told := await self._post("/v1/reports", "hotline", body, key)) is None:
                await asyncio.sleep(0.1)
            self.books.reports[key] = told["report"]
            await asyncio.sleep(0.1)

    async def _post(self, path: str, who: str, body: Any, key: str = "") -> dict[str, Any] | None:
        """The answer if it is a yes."""
        port = self.chance.choice(list(self.centre.ports.values()))
        headers = {"Authorization": f"Bearer {self.centre.tokens[who]}"}
        headers |= {"Idempotency-Key": key} if key else {}
        try:
            answer = await self.http.post(
                f"http://127.0.0.1:{port}{path}", json=body, headers=headers
            )
        except httpx.HTTPError as error:
            self.books.answers[type(error).__name__] += 1
            return None
        self.books.answers[str(answer.status_code)] += 1
        if answer.status_code in (200, 201):
            self.books.last_post_s = time.monotonic()
            return dict(answer.json())
        if answer.status_code not in (429, 503):
            self.books.violations.append(f"{path}: {answer.status_code} {answer.text[:300]}")
        return None

    def _fact(self, name: str) -> dict[str, Any]:
        return {
            "id": name, "at_us": clock.now_us() - clock.MINUTE, "side": "payer",
            "payer_account": f"211:{self.chance.randrange(500)}", "payer_bank": "211",
            "payee_account": f"223:{self.chance.randrange(500)}", "payee_bank": "223",
            "amount": self.chance.randint(1, 10**8), "currency": "KZT", "instrument": "transfer",
        }  # fmt: skip

    def _report(self, number: int) -> dict[str, Any]:
        now = clock.now_us()
        return {
            "methods": ["28"], "region": "KZ-75", "language": "kk",
            "victim_iin": "900101300017", "payer_account": "211:V1", "payee_account": "223:D1",
            "amount": number, "crime_us": now - 2 * clock.HOUR,
            "discovered_us": now - clock.HOUR, "reported_us": now,
        }  # fmt: skip


async def killing(centre: Centre, books: Books, chance: random.Random, over: asyncio.Event) -> None:
    """Kill one of the processes every few seconds and start it anew; the next one when it is
    there again, so that one web process and one worker always live."""
    while not over.is_set():
        await asyncio.sleep(chance.uniform(1, 4))
        name = chance.choice(sorted(centre.running))
        await asyncio.to_thread(centre.kill, name)
        books.kills["workers" if name.startswith("work") else "web processes"] += 1
        await asyncio.sleep(chance.uniform(0, 0.5))
        centre.start(name)
        await asyncio.to_thread(centre.wait_for, name)


async def restarting(centre: Centre, books: Books, every_s: float, times: int) -> None:
    """Restart PostgreSQL, and measure how long it is until the centre works again."""
    for turn in range(times):
        await asyncio.sleep(every_s)
        mode = ("fast", "immediate")[turn % 2]
        await asyncio.to_thread(centre.server.stop, mode)
        await asyncio.sleep(turn % 3)
        await asyncio.to_thread(centre.server.start)
        began_s = time.monotonic()
        books.restarts[mode] += 1
        post, seal = await asyncio.gather(
            _first_post(books, began_s), asyncio.to_thread(_first_seal, centre, began_s)
        )
        books.first_post_s.append(round(post, 2))
        books.first_seal_s.append(round(seal, 2))
        for what, seconds in (("POST", post), ("seal", seal)):
            if seconds > RECOVERS_S:
                books.violations.append(f"first {what} {seconds:.1f} s after a restart ({mode})")


async def _first_post(books: Books, began_s: float) -> float:
    while books.last_post_s < began_s and time.monotonic() < began_s + 60:
        await asyncio.sleep(0.01)
    return time.monotonic() - began_s


def _first_seal(centre: Centre, began_s: float) -> float:
    with closing(Database(centre.server.address)) as database:
        before = _newest(database)
        while _newest(database) <= before and time.monotonic() < began_s + 60:
            time.sleep(0.02)
    return time.monotonic() - began_s


def _newest(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.max(orm.Seal.seal))) or 0


async def campaign(centre: Centre, books: Books, asked: argparse.Namespace) -> None:
    """Load, kills and restarts for the time asked, then let all clients finish."""
    chance = random.Random(asked.seed)
    for number in range(asked.webs):
        centre.start(f"web{number}")
    for number in range(asked.workers):
        centre.start(f"work{number}")
    load = Load(centre, books, chance)
    clients = [asyncio.create_task(load.facts(number)) for number in range(asked.clients)]
    clients.append(asyncio.create_task(load.reports()))
    begun_s = time.monotonic()
    while not (books.facts and books.reports):
        if time.monotonic() > begun_s + FINISH_S:
            sys.exit(f"the centre does not answer; logs: {centre.home}")
        await asyncio.sleep(0.1)
    over, every_s = asyncio.Event(), asked.seconds / (asked.restarts + 1)
    kills = asyncio.create_task(killing(centre, books, chance, over))
    await restarting(centre, books, every_s, asked.restarts)
    await asyncio.sleep(every_s)
    over.set()
    await kills
    load.over = True
    await asyncio.wait_for(asyncio.gather(*clients), FINISH_S)
    await load.http.aclose()


def check(centre: Centre, books: Books, bank: Bank) -> dict[str, Any]:
    """Hold what was acknowledged against register, lake and bank."""
    with closing(Database(centre.server.address)) as database:
        left = rest(database, FINISH_S)
        with database.session() as session:
            seals = session.execute(select(orm.Seal.seal, orm.Seal.rows).order_by("seal")).all()
            keys = select(orm.Report.idempotency_key, orm.Report.id)
            reports = {key: number for key, number in session.execute(keys)}
            orders = {
                one: state for one, state in session.execute(select(orm.Order.id, orm.Order.state))
            }
    with closing(DuckEngine(centre.settings.lake_root)) as engine:
        ids = Counter(engine.run(engine.table("payment").select("id"))["id"].to_pylist())
    told = {
        "lost facts": len(books.facts - set(ids)),
        "doubled facts": sum(count > 1 for count in ids.values()),
        "lost reports": sum(reports.get(key) != number for key, number in books.reports.items()),
        "orders not delivered": sum(order not in bank.texts for order in orders),
        "orders not marked sent": sum(state != "sent" for state in orders.values()),
        "orders with two texts": sum(len(texts) > 1 for texts in bank.texts.values()),
        "orders nobody gave": sum(order not in orders for order in bank.texts),
        "gaps in the seals": sum(seal != n for n, (seal, _) in enumerate(seals, start=1)),
        "rows not as sealed": abs(sum(rows for _, rows in seals) - ids.total()),
        "jobs left": left.due + left.leased + left.landing,
        "jobs parked": left.parked,
    }
    books.violations += [f"{name}: {count}" for name, count in told.items() if count]
    pushed = sum(texts.total() for texts in bank.texts.values())
    return {
        "facts": len(books.facts), "in the lake": len(ids), "seals": len(seals),
        "reports": len(books.reports), "orders": len(orders), "pushes": pushed, **told,
    }  # fmt: skip


def run(asked: argparse.Namespace) -> Books:
    """The whole campaign; prints its counts."""
    folder = programs()
    if folder is None:
        sys.exit("this campaign needs PostgreSQL: bash tests/peers/install")
    books, bank = Books(), Bank()
    home = Path(tempfile.mkdtemp(prefix="qalqan-cluster-"))
    with closing(Server(folder, durable=True)) as server, closing(Centre(home, server)) as centre:
        centre.prepare(bank.address)
        asyncio.run(campaign(centre, books, asked))
        counts = check(centre, books, bank)
    shown = {
        "seconds": asked.seconds, "kills": dict(books.kills), "restarts": dict(books.restarts),
        "answers": dict(books.answers), **counts, "first_post_s": books.first_post_s,
        "first_seal_s": books.first_seal_s, "violations": books.violations[:20],
    }  # fmt: skip
    print(json.dumps(shown), flush=True)
    if books.violations:
        print(f"logs: {home}", file=sys.stderr)
    else:
        shutil.rmtree(home)
    return books


def main() -> None:
    """Read the arguments; end with status 1 at a violation."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (
        ("seconds", 300), ("workers", 4), ("webs", 4), ("clients", 24), ("restarts", 10),
        ("seed", 1),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=usual)
    os.environ.pop("QALQAN_CLOCK", None)
    if run(parser.parse_args()).violations:
        sys.exit(1)


if __name__ == "__main__":
    main()

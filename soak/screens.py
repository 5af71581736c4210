"""Owners of the screens' state killed under load; no acknowledged indicator is lost, and no
answer changes (REQ-44, DESIGN section 7).

Two owners run as `qalqan serve` keeps them, on one home. Meanwhile a quiet partner asks and asks
again, a loud one floods, people list accounts, a bank's payments are taken and sealed, and every
few seconds an owner is killed (`kill -9`, now and then SIGTERM). Held throughout: an account that
was listed some seconds ago is held whenever anybody answers; an answer that was told is told
again; the loud partner leaves room for the quiet one; an owner's memory stays within its bound. In
the end everything is asked again, facts that were sealed are known, and the journals are decided
anew. `python soak/screens.py [SECONDS [SEED]]`.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from qalqan import clock
from qalqan.cli.owners import owners
from qalqan.errors import Overfull, Unavailable
from qalqan.lake import sealing
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.register import indicators, partners
from qalqan.register.database import Database
from qalqan.screening.asked import PaymentAsked
from qalqan.screening.policy import default_body
from qalqan.screening.verdict import Answer, Verdict
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.trust.tokens import token
from qalqan.work.screens import again, journal, lists, wire
from qalqan.work.screens.client import Owners

SECONDS = 180.0
SHARDS = 2
GRACE_S = 8.0
"""A list is looked at once a second; a machine with other work is given this long."""
FLOOD = 3_000
"""Questions at once of one partner: more than `client.MOST_OF_ONE`."""
ACCOUNTS = 5_000
MOST_BYTES = 600 * 2**20
"""Of one owner: bare it takes some 200 MB, most of it libraries; `owner.KEPT_ANSWERS` and the
windows some 200 more."""
KNOWN_ASKED = 300
ASKERS = 8


@dataclass
class Campaign:
    """What was told, and what came of it."""

    home: Path
    database: Database
    keys: Keys
    chance: random.Random
    told: dict[PaymentAsked, Verdict] = field(default_factory=dict)
    listed: dict[str, float] = field(default_factory=dict)
    """Tokens of listed accounts, and when that was acknowledged."""
    sealed: list[tuple[str, str]] = field(default_factory=list)
    """Accounts of payments that are sealed: payer, payee."""
    counts: Counter[str] = field(default_factory=Counter)
    most_bytes: int = 0
    over: bool = False

    def __post_init__(self) -> None:
        self.settings = Settings(home=self.home, screen_shards=SHARDS)
        self.way = Owners(self.home, SHARDS)

    def payment(self, source: str, payee: str | None = None) -> PaymentAsked:
        """A new question."""
        number = f"{source}-{self.chance.randrange(2**60)}"
        payer = f"acc_{self.chance.randrange(ACCOUNTS)}"
        to = payee or f"acc_{self.chance.randrange(ACCOUNTS)}"
        amount = self.chance.randrange(1, 10**8)
        return PaymentAsked(source, number, clock.now_us(), payer, to, amount, "KZT")

    async def ask(self, question: PaymentAsked) -> Verdict | None:
        """The answer, which must be the one that was told before; None where there was none."""
        try:
            verdict = await self.way.payment(question)
        except Overfull:
            self.counts[f"turned away with a date: {question.source}"] += 1
            return None
        except Unavailable:
            self.counts[f"answered without state: {question.source}"] += 1
            return None
        self.counts[f"answers: {question.source}"] += 1
        before = self.told.setdefault(question, verdict)
        if before != verdict:
            self.counts["VIOLATION: an answer changed"] += 1
        return verdict

    async def quiet(self) -> None:
        """Asks at a human pace, a third of it again."""
        while not self.over:
            known = list(self.told)[-2_000:] if self.chance.random() < 0.02 else []
            for question in self.chance.sample(known, min(20, len(known))):
                await self.ask(question)
            await self.ask(self.payment("quiet"))
            await asyncio.sleep(0.005)

    async def loud(self) -> None:
        """More at once than one may have in hand."""
        while not self.over:
            asked = [self.ask(self.payment("loud")) for _ in range(FLOOD)]
            before = self.counts["turned away with a date: quiet"]
            await asyncio.gather(*asked)
            if self.counts["turned away with a date: quiet"] > before:
                self.counts["VIOLATION: a flood left no room for another"] += 1
            await asyncio.sleep(3)

    async def lists_accounts(self) -> None:
        """People list accounts; each must be held from some seconds later on, whoever dies."""
        while not self.over:
            subject = token(self.keys, "account", f"223:L{len(self.listed)}")
            await asyncio.to_thread(self._list, subject)
            self.listed[subject] = time.monotonic()
            await asyncio.sleep(0.5)
            due = [one for one, since in self.listed.items() if time.monotonic() - since > GRACE_S]
            for one in self.chance.sample(due, min(10, len(due))):
                await self.must_hold(one)

    async def must_hold(self, subject: str) -> None:
        """Whoever answers about a payment there says `hold`."""
        verdict = await self.ask(self.payment("quiet", subject))
        if verdict is not None:
            self.counts["payments to listed accounts held"] += verdict.answer is Answer.HOLD
            self.counts["VIOLATION: an indicator was lost"] += verdict.answer is not Answer.HOLD

    def _list(self, subject: str) -> None:
        entry = indicators.Entry(
            "account", subject, indicators.BLOCK, "kz.payments.hold", "soak", "soak",
            clock.now_us() + clock.DAY,
        )  # fmt: skip
        with self.database.write() as session:
            indicators.put(session, entry, ["first", "second"])

    async def seals(self) -> None:
        """Payments of days ago come in and are sealed."""
        while not self.over:
            await asyncio.to_thread(self._seal)
            await asyncio.sleep(0.7)

    def _seal(self) -> None:
        first = len(self.sealed)
        ends = [(f"211:P{n % 400}", f"223:Q{n}") for n in range(first, first + 60)]
        facts = pa.table(
            {
                "id": [payee for _, payee in ends],
                "at_us": [clock.now_us() - 3 * clock.DAY] * len(ends),
                "side": ["payer"] * len(ends),
                "payer_account": [payer for payer, _ in ends],
                "payer_bank": ["211"] * len(ends),
                "payee_account": [payee for _, payee in ends],
                "payee_bank": ["223"] * len(ends),
                "amount": [1_000_00] * len(ends),
                "currency": ["KZT"] * len(ends),
                "instrument": ["transfer"] * len(ends),
            }
        )
        centre = Centre(self.database, self.keys, self.settings.lake_root)
        take(centre, HandIn("payment", "quiet", "soak"), facts)
        sealing.seal(self.database, self.settings.lake_root)
        self.sealed += ends

    async def kills(self) -> None:
        """One owner after the other, at random moments of its life."""
        while not self.over:
            await asyncio.sleep(self.chance.uniform(0.2, 6.0))
            found = self.chance.choice(await self.way.status())
            if found is None or self.over:
                continue
            how = signal.SIGKILL if self.chance.random() < 0.8 else signal.SIGTERM
            os.kill(found["pid"], how)
            self.counts[f"owners ended by {how.name}, {_stage(found)}"] += 1

    async def weighs(self) -> None:
        """How much memory the owners take."""
        while not self.over:
            for found in await self.way.status():
                if found is not None:
                    self.most_bytes = max(self.most_bytes, _resident(found["pid"]))
            await asyncio.sleep(1)

    async def run(self, seconds: float) -> None:
        """Everything at once, then the books."""
        with closing(self.way):
            await self._run(seconds)

    async def _run(self, seconds: float) -> None:
        await self.ready()
        roles: list[Callable[[], Coroutine[Any, Any, None]]] = [
            *[self.quiet] * ASKERS, self.loud, self.lists_accounts, self.seals, self.kills,
            self.weighs,
        ]  # fmt: skip
        at_work = [asyncio.create_task(role()) for role in roles]
        await asyncio.sleep(seconds)
        self.over = True
        await asyncio.gather(*at_work)
        await self.ready()
        await self.check()

    async def ready(self) -> None:
        """Wait until all owners answer and know the newest seal."""
        until = time.monotonic() + 120
        while True:
            with self.database.session() as session:
                newest = lists_seal(session)
            found = await self.way.status()
            if all(one and one["ready"] and one["seal"] >= newest for one in found):
                return
            if time.monotonic() > until:
                raise TimeoutError("the owners of the screens don't get ready")
            await asyncio.sleep(0.2)

    async def check(self) -> None:
        """All that was told and listed is so still; what was sealed is known."""
        for question in self.chance.sample(list(self.told), min(3_000, len(self.told))):
            await self.ask(question)
        for subject in self.listed:
            await self.must_hold(subject)
        asked = {}
        for payer, payee in self.chance.sample(self.sealed, min(KNOWN_ASKED, len(self.sealed))):
            ends = [token(self.keys, "account", one) for one in (payer, payee)]
            question = self.payment("quiet", ends[1])._replace(payer_account=ends[0])
            if await self.ask(question) is not None:
                asked[question.id] = question
        seen = {
            entry.asked.id: entry.seen
            for shard in range(SHARDS)
            for entry in journal.entries(wire.folder_of(self.home, shard))
            if entry.asked.id in asked
        }
        self.counts["sealed payments asked about in the end"] = len(asked)
        self.counts["VIOLATION: sealed payments unknown"] += sum(
            getattr(seen[number], "new_payee", True) for number in asked
        )
        decided, different = again.all_again(self.database, self.settings)
        self.counts["verdicts decided anew"] = decided
        self.counts["VIOLATION: verdicts that came out different"] += len(different)
        self.counts["accounts listed"] = len(self.listed)
        self.counts["payments sealed"] = len(self.sealed)
        self.counts["most megabytes of an owner"] = self.most_bytes >> 20
        self.counts["VIOLATION: megabytes above the bound"] += (
            max(0, self.most_bytes - MOST_BYTES) >> 20
        )


def lists_seal(session: Any) -> int:
    """The newest seal."""
    from qalqan.work import vitals

    newest = vitals.newest(session)
    return newest.seal if newest else 0


def _stage(found: dict[str, Any]) -> str:
    return "ready" if found["ready"] else "loading"


def _resident(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # killed a moment ago
        return 0
    return next((int(one.split()[1]) << 10 for one in lines if one.startswith("VmRSS")), 0)


def main(seconds: float, seed: int) -> int:
    """Run the campaign; the number of violations."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        os.environ |= {"QALQAN_HOME": name, "QALQAN_SCREEN_SHARDS": str(SHARDS)}
        keys = Keys.create(home / "keys.json")
        with closing(Database(Settings(home=home).register_url)) as database:
            database.migrate()
            with database.write() as session:
                names = dict.fromkeys(("kk", "ru", "en"), "x")
                for code in ("quiet", "loud"):
                    partners.add_partner(session, code, "bank", names)
                lists.install(session, default_body(), ["first", "second"])
            campaign = Campaign(home, database, keys, random.Random(seed))
            with owners(SHARDS):
                asyncio.run(campaign.run(seconds))
    for what, n in sorted(campaign.counts.items()):
        if n or not what.startswith("VIOLATION"):
            print(f"{n:8} {what}")
    return sum(n for what, n in campaign.counts.items() if what.startswith("VIOLATION"))


if __name__ == "__main__":
    numbers = [one for one in sys.argv[1:] if one.replace(".", "").isdigit()]
    length = float(numbers[0]) if numbers else SECONDS
    sys.exit(bool(main(length, int(numbers[1]) if len(numbers) > 1 else 1)))

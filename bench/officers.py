"""Fifty officers at once on two web processes and PostgreSQL: nothing lost, nothing broken, quick.

    python bench/officers.py [SECONDS] [OFFICERS] [CASES]

Each reads the queue, opens a case, takes it, sometimes gives it back, and says yes or no to drafts;
many want the same cases at the same moment. Afterwards the register must tell the same story as the
answers: each case has one owner and an unbroken history of owners, each decision stands once, each
standing and the totals equal what is counted anew. A worker runs beside the web processes.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import quantiles
from typing import Any

sys.path.append(str(Path(__file__).parent.parent / "tests"))

import httpx
from sqlalchemy import select

import console_country
from console import served, sessions
from peers.postgresql import Server, programs
from qalqan.cases import figures, standing_totals
from qalqan.model.order import WAITING
from qalqan.register import orm
from qalqan.register.database import Database

SECONDS, OFFICERS, CASES = 60.0, 50, 20_000
TARGET_MS = 500.0
THINK_S = 2.0
"""How long an officer looks at each page before he does the next thing, on average."""
_ROW = re.compile(r'data-row="(C-26-\d+)"')
_DRAFT = re.compile(
    r'action="/orders/(O-26-\d+)/decision".*?name="version" value="(\d+)"', re.DOTALL
)


@dataclass
class Seen:
    """What one officer was told."""

    taken: list[float] = field(default_factory=list)
    """Milliseconds of each answer."""
    statuses: Counter[int] = field(default_factory=Counter)
    took: list[str] = field(default_factory=list)
    """Cases he was told are his."""
    gave: list[str] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)
    lost: int = 0
    """How often somebody was faster."""
    broken: list[str] = field(default_factory=list)


class Officer(threading.Thread):
    """One officer and his browser."""

    def __init__(self, login: str, secret: str, address: str, until: float) -> None:
        super().__init__()
        self.login, self.until, self.seen = login, until, Seen()
        self.chance = random.Random(login)
        cookies = {"qalqan_session": secret, "qalqan_language": "ru"}
        self.http = httpx.Client(base_url=address, cookies=cookies, timeout=30)
        self.http.headers.update({"Accept": "text/html", "Sec-Fetch-Site": "same-origin"})

    def run(self) -> None:
        with self.http:
            while time.monotonic() < self.until:
                try:
                    self._round()
                except httpx.TransportError as error:
                    self.seen.broken.append(type(error).__name__)

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        time.sleep(self.chance.expovariate(1 / THINK_S))
        began = time.perf_counter()
        answer = self.http.request(method, path, **more)
        self.seen.taken.append(1000 * (time.perf_counter() - began))
        self.seen.statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            self.seen.broken.append(f"{method} {path}: {answer.status_code}")
        return answer

    def _round(self) -> None:
        listed = _ROW.findall(self._ask("GET", "/queue?tab=nobody").text)
        if not listed:
            return
        case = self.chance.choice(listed[:5])  # all want the first ones
        self._ask("GET", f"/queue/drawer/{case}")
        form = {"csrf": "c" * 43, "case": case}
        answer = self._ask("POST", "/queue/take", data=form)
        if answer.status_code == 303:
            self.seen.took.append(case)
            self._ask("GET", f"/cases/{case}")
            if self.chance.random() < 0.5:
                self._give_back(case)
        self.seen.lost += answer.status_code == 409
        if self.chance.random() < 0.4:
            self._decide()

    def _give_back(self, case: str) -> None:
        form = {"csrf": "c" * 43, "case": case, "to": "", "seen": self.login}
        if self._ask("POST", "/queue/give", data=form).status_code == 303:
            self.seen.gave.append(case)

    def _decide(self) -> None:
        found = _DRAFT.findall(self._ask("GET", "/approvals").text)[:4]
        if not found:
            return
        order, version = self.chance.choice(found)
        word = self.chance.choice(["approve", "approve", "reject"])
        form = {"csrf": "c" * 43, "decision": word, "version": version}
        answer = self._ask("POST", f"/orders/{order}/decision", data=form)
        if answer.status_code == 303:
            self.seen.decided.append(order)
        self.seen.lost += answer.status_code == 409


def main(seconds: float, officers: int, cases: int) -> None:
    country = console_country.built(cases)
    console_country.stopped(country.home)
    folder = programs()
    if folder is None:
        raise SystemExit("this benchmark needs PostgreSQL")
    with closing(Server(folder, durable=True)) as server:
        register = console_country.copied(country, server.address)
        with closing(Database(register)) as database:
            secrets = sessions(database)
            with served(country, register, web=2) as address:
                worker = _worker(country, register)
                seen = _work(address, secrets, officers, seconds)
                worker.send_signal(signal.SIGTERM)
                worker.wait(60)
            wrong = _wrong(database, seen)
    _tell(seen, wrong, officers, seconds)


def _worker(country: console_country.Country, register: str) -> subprocess.Popen[bytes]:
    env = {**os.environ, "QALQAN_HOME": str(country.home), "QALQAN_REGISTER": register}
    return subprocess.Popen([sys.executable, "-m", "qalqan", "work"], env=env)


def _work(address: str, secrets: dict[str, str], officers: int, seconds: float) -> dict[str, Seen]:
    with httpx.Client(base_url=address, timeout=60) as warm:  # templates, imports, connections
        cookies = {"Cookie": f"qalqan_session={secrets['officer1']}", "Accept": "text/html"}
        for path in ("/queue", "/queue?tab=nobody", "/approvals", "/cases/C-26-000001") * 8:
            warm.get(path, headers=cookies)
    until = time.monotonic() + seconds
    logins = [login for n, login in enumerate(secrets) if n % 3][:officers]
    logins += [login for n, login in enumerate(secrets) if not n % 3][: officers - len(logins)]
    threads = [Officer(login, secrets[login], address, until) for login in logins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {thread.login: thread.seen for thread in threads}


def _wrong(database: Database, seen: dict[str, Seen]) -> list[str]:
    """Every way in which the register tells another story than the officers were told."""
    with database.session() as session:
        found = _owners(session, seen) + _decisions(session, seen)
        rows = session.scalars(select(orm.CaseStanding).where(orm.CaseStanding.active)).all()
        for row in rows:
            case = session.get_one(orm.Case, row.case_id)
            if (row.owner, row.state) != (case.owner, case.state):
                found.append(f"{row.case_id}: its standing has another owner")
        found += _counts(session, [row.case_id for row in rows])
        kept = standing_totals.totals(session)
        anew = figures.kept_money(session)
        found += [f"totals by {rule}" for rule in anew if kept[rule] != anew[rule]]
    return found


def _owners(session: Any, seen: dict[str, Seen]) -> list[str]:
    history: defaultdict[str, list[orm.CaseOwner]] = defaultdict(list)
    for row in session.scalars(select(orm.CaseOwner).order_by(orm.CaseOwner.id)):
        history[row.case_id].append(row)
    found = []
    for case_id, rows in history.items():
        for earlier, later in pairwise(rows):
            if earlier.owner != later.before:
                found.append(f"{case_id}: {earlier.owner} became {later.before} by nobody")
        if session.get_one(orm.Case, case_id).owner != rows[-1].owner:
            found.append(f"{case_id}: its last owner is not its owner")
    told = Counter((login, case) for login, one in seen.items() for case in one.took)
    kept = Counter(
        (row.owner or "", row.case_id) for rows in history.values() for row in rows if row.owner
    )
    return found + [f"{each}: told {told[each]}, kept {kept[each]}" for each in (told - kept)]


def _decisions(session: Any, seen: dict[str, Seen]) -> list[str]:
    rows = session.execute(
        select(orm.OrderEvent.actor, orm.OrderEvent.order_id).where(
            orm.OrderEvent.event.in_(["approve", "reject"]), orm.OrderEvent.actor.like("officer%")
        )
    )
    kept = Counter((actor, order) for actor, order in rows)
    told = Counter((login, order) for login, one in seen.items() for order in one.decided)
    return [f"{each}: told {told[each]}, kept {kept[each]}" for each in (told | kept)
            if told[each] != kept[each]]  # fmt: skip


def _counts(session: Any, case_ids: list[str]) -> list[str]:
    drafts: Counter[str] = Counter()
    waits: Counter[str] = Counter()
    states = session.execute(select(orm.Order.case_id, orm.Order.state))
    for case_id, state in states:
        drafts[case_id] += state == "drafted"
        waits[case_id] += state in WAITING
    found = []
    for case_id in case_ids:
        row = session.get_one(orm.CaseStanding, case_id)
        if (row.drafts, row.awaited + row.late) != (drafts[case_id], waits[case_id]):
            found.append(f"{case_id}: its standing counts other orders")
    return found


def _tell(seen: dict[str, Seen], wrong: list[str], officers: int, seconds: float) -> None:
    taken = [one for each in seen.values() for one in each.taken]
    broken = [one for each in seen.values() for one in each.broken]
    statuses = sum((each.statuses for each in seen.values()), Counter[int]())
    took = sum(len(each.took) for each in seen.values())
    decided = sum(len(each.decided) for each in seen.values())
    lost = sum(each.lost for each in seen.values())
    cuts = quantiles(taken, n=100)
    told = (
        f"{officers} officers, {seconds:.0f} s, 2 web processes, a worker, PostgreSQL, "
        f"{THINK_S:.0f} s of looking before each step; "
        f"{took} cases taken, {decided} decisions, {lost} times another was faster; "
        f"p50 {cuts[49]:.0f}, p99 {cuts[98]:.0f} ms; {len(taken) / seconds:.0f} requests a second; "
        f"{json.dumps(dict(sorted(statuses.items())))}"
    )
    for line in [*wrong, *broken][:20]:
        print(line, file=sys.stderr)
    for name, unit, ours, target in (
        ("officers at once: p95 of all answers", "ms", round(cuts[94], 1), TARGET_MS),
        ("officers at once: lost updates", "count", len(wrong), 0.0),
        ("officers at once: broken answers (5xx, cut off)", "count", len(broken), 0.0),
    ):
        row = {
            "name": name, "unit": unit, "ours": ours, "peer": "target", "peer_value": target,
            "ratio": round(ours / target, 2) if target else float(ours), "n": len(taken),
            "notes": told,
        }  # fmt: skip
        print(json.dumps(row, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    given = [float(one) for one in sys.argv[1:] if one.replace(".", "").isdigit()]
    main(
        given[0] if given else SECONDS,
        int(given[1]) if len(given) > 1 else OFFICERS,
        int(given[2]) if len(given) > 2 else CASES,
    )

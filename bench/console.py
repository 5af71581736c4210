"""The console's pages over 100,000 cases and 1,000,000 reports, on SQLite and PostgreSQL.

    python bench/console.py [CASES [ROUNDS]] [sqlite|postgresql]

A web process of the product answers over HTTP; an officer of another login each time asks for each
page, with other cases and filters. Printed per page: p95 in ms (p50 and p99 in the notes). The peer
of a list is its rows by plain SQL over the same indices, rendered by nothing; of other pages it is
the target, 200 ms. The register is built once into `var/bench` (`console_country`).
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

sys.path.append(str(Path(__file__).parent.parent / "tests"))

import httpx
from sqlalchemy import text

import console_country
from console_country import NOW_US, OFFICERS, Country
from peers.postgresql import Server, programs
from qalqan import clock
from qalqan.clock import DAY, HOUR
from qalqan.register import orm
from qalqan.register.database import Database
from qalqan.trust import passwords

CASES = 100_000
ROUNDS, WARM = 60, 6
TARGET_MS = 200.0
Ask = Callable[[random.Random], str]


def main(cases: int, which: Sequence[str], rounds: int = ROUNDS) -> None:
    country = console_country.built(cases)
    console_country.stopped(country.home)
    if "sqlite" in which:
        _measure("SQLite", country, country.register, rounds)
    if "postgresql" in which and (folder := programs()) is not None:
        with closing(Server(folder, durable=True)) as server:
            _measure("PostgreSQL", country, console_country.copied(country, server.address), rounds)


def _measure(engine: str, country: Country, register: str, rounds: int) -> None:
    with closing(Database(register)) as database:
        secrets = sessions(database)
        some = _some(database)
        with served(country, register) as address:
            for name, ask, peer in _pages(some):
                _page(engine, name, address, secrets, ask, _plain(database, peer), rounds)


def sessions(database: Database) -> dict[str, str]:
    """Login → the secret of a session that works, of every officer."""
    made = {f"officer{n}": passwords.new_secret() for n in range(OFFICERS)}
    now = clock.wall_us()
    with database.write() as session:
        for login, secret in made.items():
            session.add(
                orm.Session(
                    token_hash=passwords.hash_secret(secret), login=login, csrf="c" * 43,
                    created_us=now, expires_us=now + 3 * HOUR, seen_us=now, proved_us=now,
                )
            )  # fmt: skip
    return made


def _some(database: Database) -> dict[str, list[str]]:
    """Numbers of cases of several kinds, to ask for."""
    row = orm.CaseStanding
    with database.session() as session:

        def few(where: Any) -> list[str]:
            return list(session.scalars(row.__table__.select().with_only_columns(row.case_id)
                                        .where(where).limit(400)))  # fmt: skip

        return {"moving": few(row.moving > 0), "any": few(row.reports > 1),
                "large": few(row.reports > 60)}  # fmt: skip


@contextmanager
def served(country: Country, register: str, web: int = 1) -> Iterator[str]:
    """The product's web processes; their address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        **os.environ, "QALQAN_HOME": str(country.home), "QALQAN_REGISTER": register,
        "QALQAN_PORT": str(port), "QALQAN_SECOND_FACTOR": "offered",
    }  # fmt: skip
    command = [sys.executable, "-m", "qalqan", "serve", "--no-worker", "--no-screens"]
    process = subprocess.Popen([*command, "--web", str(web)], env=env, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _wait(address: str) -> None:
    for _ in range(200):
        try:
            httpx.get(f"{address}/health", timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the web server did not begin")


def _pages(some: dict[str, list[str]]) -> list[tuple[str, Ask, str]]:
    regions = ["KZ-75", "KZ-71", "KZ-79", "KZ-10", "KZ-35"]
    row = "SELECT * FROM case_standings"
    risk = "ORDER BY at_risk DESC, clock_us, case_id DESC LIMIT 40"
    new = "ORDER BY reported_us DESC, case_id DESC LIMIT 40"
    return [
        ("queue", lambda r: "/queue", f"{row} WHERE active {risk}"),
        ("queue of one region", lambda r: f"/queue?region={r.choice(regions)}",
         f"{row} WHERE active AND region = 'KZ-75' {risk}"),
        ("queue, mine", lambda r: "/queue?tab=mine",
         f"{row} WHERE active AND owner = 'officer7' {risk}"),
        ("queue, soonest first", lambda r: "/queue?sort=clock&tab=soon",
         f"{row} WHERE active AND clock_us <= {NOW_US + HOUR} ORDER BY clock_us LIMIT 40"),
        ("queue, page 50", lambda r: f"/queue?page={r.randint(40, 60)}",
         f"{row} WHERE active {risk} OFFSET 2000"),
        ("queue, nothing new", lambda r: "/queue/live?mark=x", f"{row} WHERE active {risk}"),
        ("drawer", lambda r: f"/queue/drawer/{r.choice(some['moving'])}", ""),
        ("cases", lambda r: "/cases", f"{row} {new}"),
        ("cases, most recoverable", lambda r: "/cases?sort=recoverable",
         f"{row} ORDER BY moving DESC, case_id DESC LIMIT 40"),
        ("cases of a region, closed", lambda r: f"/cases?state=closed&region={r.choice(regions)}",
         f"{row} WHERE state = 'closed' AND region = 'KZ-75' {new}"),
        ("cases of a method", lambda r: f"/cases?method={r.choice(['26', '27', '28', '29'])}",
         f"{row} WHERE method = '28' {new}"),
        ("cases of an owner, a week", lambda r: f"/cases?owner=officer{r.randrange(60)}&days=7",
         f"{row} WHERE owner = 'officer7' AND reported_us >= {NOW_US - 7 * DAY} {new}"),
        ("cases, page 1000", lambda r: f"/cases?page={r.randint(900, 1100)}",
         f"{row} {new} OFFSET 40000"),
        ("case", lambda r: f"/cases/{r.choice(some['any'])}", ""),
        ("case, money moves", lambda r: f"/cases/{r.choice(some['moving'])}", ""),
        ("case of many reports", lambda r: f"/cases/{r.choice(some['large'])}", ""),
        ("orders of a case", lambda r: f"/cases/{r.choice(some['moving'])}/orders", ""),
        ("entities of a case", lambda r: f"/cases/{r.choice(some['any'])}/entities", ""),
        ("approvals", lambda r: "/approvals", ""),
        ("workload", lambda r: "/workload", ""),
        ("orders", lambda r: "/orders", ""),
        ("appeals", lambda r: "/appeals", ""),
        ("findings", lambda r: "/findings", ""),
        ("drops", lambda r: "/drops", ""),
        ("who looked at a case", lambda r: f"/cases/{r.choice(some['any'])}/looked", ""),
        ("record", lambda r: "/record", ""),
        ("record of an officer", lambda r: f"/record?login=officer{r.randrange(60)}", ""),
        ("graph of a case", lambda r: f"/cases/{r.choice(some['any'])}/graph", ""),
        ("warnings", lambda r: "/warnings", ""),
        ("search by number", lambda r: f"/search?q={r.choice(some['any'])[5:]}", ""),
        ("search by words", lambda r: f"/search?q={r.choice(['Алматы', 'фишинг', 'bank3'])}", ""),
    ]  # fmt: skip


def _plain(database: Database, query: str) -> float:
    """p95 of the same rows by plain SQL, ms; 0: there is no such query."""
    if not query:
        return 0.0
    taken = []
    for _ in range(20):
        with database.session() as session:
            began = time.perf_counter()
            session.execute(text(query)).all()
            taken.append(1000 * (time.perf_counter() - began))
    return quantiles(taken, n=20)[-1]


def _page(
    engine: str,
    name: str,
    address: str,
    secrets: dict[str, str],
    ask: Ask,
    peer: float,
    rounds: int,
) -> None:
    chance, taken, sizes = random.Random(name), list[float](), list[int]()
    statuses = set[int]()
    with httpx.Client(base_url=address, timeout=60) as client:
        for n in range(WARM + rounds):
            whole = f"officer{chance.choice([1, 2, 4, 5])}"  # sees the whole country
            login = whole if n % 2 else f"officer{chance.randrange(60)}"
            if name.startswith("record"):
                login = f"officer{console_country.AUDITOR}"
            headers = {"Cookie": f"qalqan_session={secrets[login]}; qalqan_language=ru",
                       "Accept": "text/html"}  # fmt: skip
            path = ask(chance)
            began = time.perf_counter()
            answer = client.get(path, headers=headers)
            if n >= WARM and answer.status_code < 400:
                taken.append(1000 * (time.perf_counter() - began))
                sizes.append(len(answer.content))
            statuses.add(answer.status_code)
    if len(taken) < 4:
        print(f"{engine}, {name}: {sorted(statuses)}", file=sys.stderr)
        return
    cuts = quantiles(taken, n=100)
    p50, p95, p99 = cuts[49], cuts[94], cuts[98]
    told = f"{engine}; p50 {p50:.0f}, p99 {p99:.0f} ms; {sum(sizes) // len(sizes) // 1024} kB"
    if odd := sorted(statuses - {200}):
        told += f"; also {odd}"
    other = ("the rows by plain SQL", peer) if peer else ("target", TARGET_MS)
    row = {
        "name": f"console: {name}, p95", "unit": "ms", "ours": round(p95, 1), "peer": other[0],
        "peer_value": round(other[1], 2), "ratio": round(p95 / max(other[1], 0.01), 2),
        "n": len(taken), "notes": told,
    }  # fmt: skip
    print(json.dumps(row, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    told = [int(one) for one in sys.argv[1:] if one.isdigit()]
    named = [one for one in sys.argv[1:] if one in ("sqlite", "postgresql")]
    main(*(told[:1] or [CASES]), named or ["sqlite", "postgresql"], *(told[1:2] or [ROUNDS]))

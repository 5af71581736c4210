"""Single-fact POSTs over 64 connections, each answered only when its fact is safe.

The peer is an endpoint in the same server with the same authentication, parsing and validation
(shared between requests as ours is) that writes nothing. Load comes from `wrk`; the two take
turns, medians are shown. The register is SQLite on local disk, every commit synced.

Then, with a worker beside the server and a moderate stream of POSTs: how long from the POST until
detectors and trail see the fact. `python bench/posts.py [SECONDS [PROCESSES]]`.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy import func, select

from qalqan import clock
from qalqan.cases.policy import install_default_policy
from qalqan.lake.engine import DuckEngine
from qalqan.lake.identities import Known
from qalqan.lake.merged import Merged
from qalqan.lake.shared import SharedCommits
from qalqan.register import partners
from qalqan.register.database import Database
from qalqan.register.orm import Batch
from qalqan.trust.keys import Keys

CONNECTIONS = 64
ROUNDS = 3
STREAM_RATE = 100
"""Facts a second of the moderate stream."""
STREAM_S = 15
LATEST_S = 5.0
"""How long after the stream its last fact may become visible."""

LUA = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer $token"
local thread_count, sent = 0, 0
function setup(thread) thread:set("number", thread_count); thread_count = thread_count + 1 end
function init() math.randomseed($seed + number); mark = math.random(1, 1000000000) end
function request()
  sent = sent + 1
  local fact = string.format('{"facts":[{"id":"%d-%d-%d","at_us":%d,"side":"payer",' ..
    '"payer_account":"211:V%d","payee_account":"223:D%d","amount":%d,"currency":"KZT",' ..
    '"instrument":"transfer"}]}', mark, number, sent, $at_us, math.random(1, 200000),
    math.random(1, 200000), math.random(1, 10000000))
  return wrk.format(nil, nil, nil, fact)
end
"""
NOTHING = "/v1/facts/{kind}/checked-only"


class CheckedOnly(SharedCommits):
    """Checks what is told as ours does, and writes nothing."""

    def _committed(self, groups: list[Merged]) -> list[tuple[Any, Any]]:
        found = (group.shares(Known.none_of(group.draft.leaders))[1] for group in groups)
        return [(share.telling, share.receipt("none")) for part in found for share in part]


def app() -> Any:
    """The centre's own app with the peer's endpoint in it; never in the product."""
    from starlette.requests import Request
    from starlette.routing import Route

    from qalqan.cli.watched import watched
    from qalqan.cli.web_process import settle_down
    from qalqan.settings import settings
    from qalqan.web import desk
    from qalqan.web.api import facts
    from qalqan.web.app import make_app

    made = make_app(settings())
    made.state.watched = ExitStack()  # logs and counts as `qalqan serve` does
    made.state.watched.enter_context(watched(settings()))
    other = desk.Desk(made.state.desk.centre)
    other.commits = CheckedOnly(other.centre, desk._answer)

    async def checked_only(request: Request) -> Any:
        return await facts.left_at(other, request)

    made.router.routes.insert(0, Route(NOTHING, checked_only, methods=["POST"]))
    settle_down()
    return made


def centre(home: Path) -> str:
    """A fresh home with one bank; its token."""
    Keys.create(home / "keys.json")
    with closing(Database(f"sqlite:///{home / 'register.db'}")) as database:
        database.migrate()
        with database.write() as session:
            names = {"kk": "bank", "ru": "bank", "en": "bank"}
            token = partners.add_partner(session, "bank", "bank", names, bank_code="211")
            install_default_policy(session, approved_by=["first", "second"])
    return token


@contextmanager
def running(arguments: Sequence[str], home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process of this home; the server's answers on `port` once the block runs."""
    more = {"QALQAN_HOME": str(home), "QALQAN_PORT": str(port)}
    path = os.pathsep.join((str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")))
    child = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env={**os.environ, **more, "PYTHONPATH": path},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield child
    finally:
        child.terminate()
        child.wait(timeout=60)


def served(home: Path, port: int, processes: int) -> Any:
    told = ["--port", str(port), "--log-level", "warning", "--no-access-log", "--factory"]
    return running(["uvicorn", "posts:app", *told, "--workers", str(processes)], home, port)


def wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the server does not start")


def load(script: Path, port: int, path: str, seconds: float) -> tuple[float, float, float]:
    """Requests a second, and milliseconds of p50 and p99; fails if anything was refused."""
    command = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds:.0f}s",
        "--latency",
        "-s",
        str(script),
    ]
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{path}"], check=True, capture_output=True, text=True
    ).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    found = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    assert found is not None
    return float(found[1]), _percentile(said, 50), _percentile(said, 99)


def _percentile(said: str, which: int) -> float:
    found = re.search(rf"\s{which}%\s+([0-9.]+)(us|ms|s)\b", said)
    assert found is not None
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def landed(home: Path) -> int:
    """Facts that the register says it took, all batches together."""
    address = f"sqlite:///{home / 'register.db'}"
    with closing(Database(address)) as database, database.session() as session:
        return int(session.scalar(select(func.sum(Batch.accepted))) or 0)


def rates(seconds: float, processes: int) -> None:
    """The first lines: rate and latency."""
    with tempfile.TemporaryDirectory() as name:
        home, port = Path(name), free_port()
        script = scripted(home, centre(home))
        paths = {"ours": "/v1/facts/payment", "peer": NOTHING.replace("{kind}", "payment")}
        told: dict[str, list[tuple[float, float, float]]] = {"ours": [], "peer": []}
        with served(home, port, processes):
            wait_for(port)
            for path in paths.values():
                load(script, port, path, min(2, seconds))
            for turn in range(ROUNDS if seconds > 1 else 1):
                for who in ("peer", "ours") if turn % 2 else ("ours", "peer"):
                    script = scripted(home, None)
                    told[who].append(load(script, port, paths[who], seconds))
        taken = landed(home)
    ours, peer = (
        [median(column) for column in zip(*told[who], strict=True)] for who in ("ours", "peer")
    )
    notes = f"{CONNECTIONS} connections, {processes} web process(es), SQLite, all on one machine"
    same = "same authentication, parsing and shared validation, nothing written"
    show("single-fact POSTs, committed", "1/s", ours[0], same, peer[0], taken, notes)
    show("single-fact POSTs, p50", "ms", ours[1], same, peer[1], taken, notes)
    show("single-fact POSTs, p99", "ms", ours[2], same, peer[2], taken, notes)


_tokens: dict[Path, str] = {}


def scripted(home: Path, token: str | None) -> Path:
    """The script of `wrk`; a new seed each time, so that no id comes twice."""
    _tokens[home] = token or _tokens[home]
    script = home / "post.lua"
    filled = LUA.replace("$token", _tokens[home]).replace("$seed", str(time.time_ns() % 10**9))
    script.write_text(filled.replace("$at_us", str(clock.wall_us())))
    return script


def visible(stream_s: int) -> None:
    """The last line: from the POST until a query sees the fact, for so many seconds."""
    with tempfile.TemporaryDirectory() as name:
        home, port = Path(name), free_port()
        token, wanted = centre(home), STREAM_RATE // 8 * 8 * stream_s
        with served(home, port, 1), running(["qalqan", "work"], home, port):
            wait_for(port)
            over = threading.Event()
            threads = [
                threading.Thread(target=stream, args=(port, token, n, stream_s)) for n in range(8)
            ]
            watcher: list[float] = []
            watch = threading.Thread(target=look, args=(home, over, watcher))
            for thread in (watch, *threads):
                thread.start()
            for thread in threads:
                thread.join()
            until_s = time.monotonic() + LATEST_S
            while len(watcher) < wanted and time.monotonic() < until_s:
                time.sleep(0.05)
            over.set()
            watch.join()
    if len(watcher) != wanted:
        raise RuntimeError(f"{wanted} facts were told, {len(watcher)} became visible")
    cut = quantiles(watcher, n=20)
    notes = f"{STREAM_RATE} facts/s, one worker beside; p50 {median(watcher):.2f} s; peer: target"
    show("POST to visible, p95", "s", cut[18], "target", 2.0, len(watcher), notes)


def stream(port: int, token: str, number: int, seconds: int) -> None:
    """A steady stream of single facts; each says when it was told."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    pause = 8 / STREAM_RATE
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        start = time.monotonic()
        for turn in range(STREAM_RATE // 8 * seconds):
            fact = {
                "id": f"{number}-{turn}", "at_us": clock.wall_us(), "side": "payer",
                "payer_account": f"211:V{number}", "payee_account": f"223:D{turn}",
                "amount": 1 + turn, "currency": "KZT", "instrument": "transfer",
            }  # fmt: skip
            connection.request("POST", "/v1/facts/payment", json.dumps({"facts": [fact]}), headers)
            answer = connection.getresponse()
            if answer.status != 200:
                raise RuntimeError(answer.read())
            answer.read()
            time.sleep(max(0.0, start + (turn + 1) * pause - time.monotonic()))


def look(home: Path, over: threading.Event, found: list[float]) -> None:
    """Notes for each fact how old it was when a query first saw it, in seconds."""
    with closing(DuckEngine(str(home / "lake"))) as engine:
        seal = 0
        while not over.wait(0.05):
            payments = engine.table("payment")
            new = engine.run(payments.filter(payments.seal > seal).select("seal", "at_us"))
            now = clock.wall_us()
            found += [(now - at_us) / 1e6 for at_us in new["at_us"].to_pylist()]
            seal = max([seal, *new["seal"].to_pylist()])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def show(name: str, unit: str, ours: float, peer: str, other: float, n: int, notes: str) -> None:
    """One line of the table."""
    row = {
        "name": name, "unit": unit, "ours": round(ours, 2), "peer": peer,
        "peer_value": round(other, 2), "ratio": round(ours / other, 2), "n": n, "notes": notes,
    }  # fmt: skip
    print(json.dumps(row, ensure_ascii=False), flush=True)


def main(given: Sequence[str]) -> None:
    if shutil.which("wrk") is None:
        raise SystemExit("this benchmark needs wrk")
    numbers = [one for one in given if one.replace(".", "").isdigit()]
    seconds = float(numbers[0]) if numbers else 8
    rates(seconds, int(numbers[1]) if len(numbers) > 1 else 1)
    visible(min(STREAM_S, round(3 * seconds)))


if __name__ == "__main__":
    main(sys.argv[1:])

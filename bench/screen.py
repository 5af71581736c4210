"""Screens under load over 64 connections: one payment a request, each answer on the disk first.

The peer is an endpoint in the same server with the same authentication, parsing and validation
(tokens made, bank checked) that asks nobody and answers at once. Load comes from `wrk`; the two
take turns, medians are shown. The owner of the screens' state runs beside the server as `qalqan
serve` starts it, with every rule of the default policy counting. Verdicts of the journal are
decided anew afterwards, and must come out the same.
`python bench/screen.py [SECONDS [PROCESSES]]`.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

import posts
from qalqan import clock
from qalqan.register.database import Database
from qalqan.screening.policy import default_body
from qalqan.settings import Settings
from qalqan.work.screens import again, lists
from qalqan.work.screens.client import Owners

ROUNDS = 3
PAUSE_MS = 60
"""Each connection rests so long between two payments in the calm run: about a thousand a second,
where a wait is ours and not that of a queue which a saturating client makes."""
CALM = "function delay() return math.random(1, 2 * $pause) end\n".replace("$pause", str(PAUSE_MS))
ASKED, NOTHING = "/v1/screen/payments", "/v1/screen/checked-only"
LUA = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer $token"
local sent = 0
function init() math.randomseed($seed); mark = math.random(1, 1000000000) end
function request()
  sent = sent + 1
  local body = string.format('{"id":"%d-%d","at_us":%d,"payer_account":"211:V%d",' ..
    '"payee_account":"223:D%d","amount":%d,"currency":"KZT","balance_before":%d,' ..
    '"session":{"device":"d%d","remote_access":false,"on_call":false}}', mark, sent, $at_us,
    math.random(1, 200000), math.random(1, 200000), math.random(1, 10000000),
    math.random(1, 20000000), math.random(1, 200000))
  return wrk.format(nil, nil, nil, body)
end
"""


def app() -> Any:
    """The centre's own app with the peer's endpoint in it; never in the product."""
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    from qalqan.web.api import screens

    made = posts.app()

    async def checked_only(request: Request) -> Any:
        asked = await screens.payment_in(request)
        return JSONResponse({"id": asked.id, "verdict": "pass"})

    made.router.routes.insert(0, Route(NOTHING, checked_only, methods=["POST"]))
    return made


def centre(home: Path) -> str:
    """A fresh home with one bank and the screens' policy; the bank's token."""
    token = posts.centre(home)
    address = f"sqlite:///{home / 'register.db'}"
    with closing(Database(address)) as database, database.write() as session:
        lists.install(session, default_body(), ["first", "second"])
    return token


def wait_for_owner(home: Path) -> None:
    async def is_ready() -> bool:
        with closing(Owners(home, 1)) as owners:
            (found,) = await owners.status()
        return bool(found and found["ready"])

    until = time.monotonic() + 60
    while not asyncio.run(is_ready()):
        if time.monotonic() > until:
            raise TimeoutError("the owner of the screens does not get ready")
        time.sleep(0.1)


def scripted(home: Path, token: str, more: str = "") -> Path:
    """The script of `wrk`; a new seed each time, so that no number comes twice."""
    script = home / "screen.lua"
    filled = (LUA + more).replace("$token", token).replace("$seed", str(time.time_ns() % 10**9))
    script.write_text(filled.replace("$at_us", str(clock.wall_us())))
    return script


def measured(seconds: float, processes: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        home, port = Path(name), posts.free_port()
        token = centre(home)
        told: dict[str, list[tuple[float, float, float]]] = {ASKED: [], NOTHING: []}
        more = ["--port", str(port), "--log-level", "warning", "--no-access-log", "--factory"]
        served = ["uvicorn", "screen:app", *more, "--workers", str(processes)]
        owned = posts.running(["qalqan", "screen", "own"], home, port)
        with posts.running(served, home, port), owned:
            posts.wait_for(port)
            wait_for_owner(home)
            for path in told:
                posts.load(scripted(home, token), port, path, 2)
            for turn in range(ROUNDS):
                for path in (NOTHING, ASKED) if turn % 2 else (ASKED, NOTHING):
                    told[path].append(posts.load(scripted(home, token), port, path, seconds))
            calm = posts.load(scripted(home, token, CALM), port, ASKED, 2 * seconds)
        asked = replayed(home)
    ours, peer = ([median(column) for column in zip(*told[p], strict=True)] for p in told)
    notes = f"{posts.CONNECTIONS} connections, {processes} web process(es), one owner, no history"
    same = "same authentication, parsing and validation, nobody asked"
    posts.show("payments screened", "1/s", ours[0], same, peer[0], asked, notes)
    posts.show("payments screened, p50", "ms", ours[1], same, peer[1], asked, notes)
    posts.show("payments screened, p99", "ms", ours[2], same, peer[2], asked, notes)
    slow = f"{calm[0]:.0f} payments/s; {notes}"
    posts.show("payments screened, p99 at a calm rate", "ms", calm[2], "target", 35.0, asked, slow)


def replayed(home: Path) -> int:
    """How many verdicts are in the journal; each must be the same when decided anew."""
    with closing(Database(f"sqlite:///{home / 'register.db'}")) as database:
        count, different = again.all_again(database, Settings(home=home))
    if different or not count:
        raise RuntimeError(json.dumps([count, len(different)]))
    return count


def main(given: Sequence[str]) -> None:
    if shutil.which("wrk") is None:
        raise SystemExit("this benchmark needs wrk")
    numbers = [one for one in given if one.replace(".", "").isdigit()]
    measured(float(numbers[0]) if numbers else 8, int(numbers[1]) if len(numbers) > 1 else 1)


if __name__ == "__main__":
    main(sys.argv[1:])

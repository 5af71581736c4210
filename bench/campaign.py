"""From the first blocked call of a campaign to its case with a verified evidence pack.

Real pieces end to end: an edge's journal is written line by line, among calls that pass; `ship.py`
sends it over HTTP from a process of its own; `qalqan serve` takes, seals, groups, opens the case
and asks the provider; the pack is fetched and its signature checked. The clock runs from the first
refused call, so the time that the next four need to come is in it. The peer is a script by cron
each minute that groups the journal by trunk and rule: its wait for the next whole minute follows
from the wall clock, its run is measured; it opens no case, makes no pack and asks nobody. The calls
are simulated.

`python bench/campaign.py [DATA] [--runs N]`: DATA is not used.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
from sqlalchemy.orm import Session

from qalqan.cases.policy import install_default_policy
from qalqan.edges.kamailio.directory import Edge, lay_out
from qalqan.edges.kamailio.journal import Journal, Line, lines
from qalqan.exchange import evidence_pack
from qalqan.register import partners, people
from qalqan.register.database import Database
from qalqan.screening import call_plan
from qalqan.screening.calls import decisions, keeper
from qalqan.screening.calls.row import Standing, Trunk, pack
from qalqan.screening.calls.rules import CODES
from qalqan.trust.keys import Keys

EVERY_S, PASSES = 0.5, 100
"""A refused call so often, and so many that pass between two of them."""
TIMEOUT_S = 60.0
PASSWORD = "a long enough password"
SPOOFED = CODES.index("calls.fixed_from_abroad")
FIXED = pack(Trunk.INTERNATIONAL, Standing.FIXED, Standing.FIXED, 0)
FOREIGN = pack(Trunk.INTERNATIONAL, Standing.FOREIGN, Standing.FOREIGN, 0)
FIRST_CALLER = 77272000000


@dataclass
class Centre:
    """A served centre: its address, an officer's client, its public key."""

    officer: httpx.Client
    key: str

    def case_of(self, run: int) -> str | None:
        """The case of that run's campaign, once the queue tells of it."""
        found = self.officer.get("/v1/officer/orders", params={"kind": "data"}).json()["orders"]
        cases = sorted({order["case"] for order in found})
        return cases[run] if len(cases) > run else None

    def has_pack(self, case: str) -> bool:
        """Fetch the pack and check it, signature and files."""
        body = self.officer.post(f"/v1/cases/{case}/pack").raise_for_status().content
        told = evidence_pack.verify(io.BytesIO(body), self.key)
        names = [file["name"] for file in told.manifest["files"]]
        return told.holds and any(name.endswith("-calls.csv") for name in names)


@contextmanager
def centre(home: Path) -> Iterator[tuple[Centre, str, str]]:
    """`qalqan serve` with its worker; its address and the key of the edge's operator."""
    keys = Keys.create(home / "keys.json")
    with closing(Database(f"sqlite:///{home / 'register.db'}")) as database:
        database.migrate()
        with database.write() as session:
            token = _operator(session, "dala")
            _operator(session, "tranzit")
            people.add_user(session, keys, "asel", "asel", PASSWORD, "supervisor", "KZ")
            install_default_policy(session, ["asel", "daniyar"])
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    told = {"HOME": str(home), "PORT": str(port), "SECOND_FACTOR": "offered"}
    with (home / "log").open("wb") as log:
        served = subprocess.Popen(
            [sys.executable, "-m", "qalqan", "serve"], stdout=log, stderr=log,
            env=os.environ | {f"QALQAN_{name}": value for name, value in told.items()},
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=url, timeout=30) as officer:
            wait(lambda: _is_up(officer))
            body = {"login": "asel", "password": PASSWORD}
            said = officer.post("/v1/sign-in", json=body).raise_for_status().json()
            officer.headers["Authorization"] = f"Bearer {said['token']}"
            yield Centre(officer, officer.get("/v1/key").json()["key"]), url, token
    finally:
        served.terminate()
        served.wait(60)


def _operator(session: Session, code: str) -> str:
    return partners.add_partner(session, code, "operator", dict.fromkeys(("kk", "ru", "en"), code))


def _is_up(client: httpx.Client) -> bool:
    try:
        return client.get("/v1/health").is_success
    except httpx.TransportError:
        return False


def wait(happened: Callable[[], bool]) -> None:
    """Until it has happened. Raises `TimeoutError`."""
    until = time.monotonic() + TIMEOUT_S
    while not happened():
        if time.monotonic() > until:
            raise TimeoutError("it did not happen in time")
        time.sleep(0.05)


@contextmanager
def edge(folder: Path, url: str, token: str) -> Iterator[Journal]:
    """An edge's directory and its journal, followed by the program beside it."""
    lay_out(folder, Edge("127.0.0.1:5060", "sip:127.0.0.1:5080"))
    keeper.write(folder / "calls.tables", keeper.Content(
        1, 1, 900, call_plan.codes(), b"", decisions.compiled(CODES), {"tranzit": 1},
        (keeper.Trunk("abroad", ("10.0.0.1",), Trunk.INTERNATIONAL, 1),),
    ))  # fmt: skip
    (folder / "key").write_text(token)
    program = subprocess.Popen(
        [sys.executable, "-E", str(folder / "ship.py"), str(folder), "--centre", url,
         "--key", str(folder / "key"), "--name", "edge-1"],
    )  # fmt: skip
    journal = Journal(folder / "journal")
    try:
        yield journal
    finally:
        journal.close()
        program.terminate()
        program.wait(30)


def note(journal: Journal, caller: int, is_refused: bool) -> None:
    """One verdict of this moment."""
    rule, row = (SPOOFED, FIXED) if is_refused else (decisions.NONE, FOREIGN)
    journal.note(
        f"{time.time_ns() // 1000}\t{3 * is_refused}\t{rule}\t{row}\t1\t1\t1\t{caller}\t{caller}\t"
        f"77011111111\t0\t-1\tid"
    )


def campaign(told: Centre, journal: Journal, run: int) -> float:
    """Seconds from a campaign's first refused call to its case with a pack that verifies."""
    begun, calls, case = time.monotonic(), 0, None
    while case is None:
        if time.monotonic() - begun > TIMEOUT_S:
            raise TimeoutError("no case was opened in time")
        if time.monotonic() - begun >= calls * EVERY_S:
            note(journal, FIRST_CALLER + run * 10_000 + calls, True)
            for _ in range(PASSES):
                note(journal, 442079460018, False)
            calls += 1
        case = told.case_of(run)
        time.sleep(0.05)
    wait(lambda: told.has_pack(case))
    return time.monotonic() - begun


def by_cron(folder: Path, first_s: float) -> float:
    """Seconds from the first refused call until a script that cron runs each whole minute, and not
    before the fifth call, has grouped the journal."""
    enough_s = first_s + 4 * EVERY_S
    begun = time.monotonic()
    groups: Counter[tuple[int, int]] = Counter()
    for path in folder.glob("*.events"):
        for line in lines(path):
            if isinstance(line, Line) and line.answer == 3:
                groups[line.trunk, line.rule] += 1
    assert max(groups.values()) >= 5
    return (enough_s // 60 + 1) * 60 - first_s + time.monotonic() - begun


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser()
    asked.add_argument("data", nargs="?")
    asked.add_argument("--runs", type=int, default=8)
    given = asked.parse_args()
    ours, peer = list[float](), list[float]()
    with tempfile.TemporaryDirectory() as name:
        home, folder = Path(name) / "home", Path(name) / "edge"
        home.mkdir()
        with centre(home) as (told, url, token), edge(folder, url, token) as journal:
            for run in range(given.runs):
                first_s = time.time()
                ours.append(campaign(told, journal, run))
                peer.append(by_cron(folder / "journal", first_s))
                print(f"run {run}: {ours[-1]:.1f} s, by cron {peer[-1]:.1f} s", file=sys.stderr)
                time.sleep(7.3)  # another second of the minute
    for label, of in (("median", median), ("slowest", max)):
        mine, theirs = of(ours), of(peer)
        print(json.dumps({
            "name": f"first blocked call of a campaign to its case with evidence pack, {label}",
            "unit": "s", "ours": round(mine, 1),
            "peer": "a script by cron each minute that groups the journal (no case, no pack)",
            "peer_value": round(theirs, 1), "ratio": round(theirs / mine, 2), "n": len(ours),
            "notes": f"simulated calls, a refused one each {EVERY_S} s among {PASSES} that pass; "
            "five make a campaign; journal, shipping, sealing, case, signed pack verified; the "
            "peer's wait for its minute is computed",
        }, ensure_ascii=False))  # fmt: skip


if __name__ == "__main__":
    main()

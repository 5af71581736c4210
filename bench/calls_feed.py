"""From a change at the centre to its effect: at the centre's own next answer, and at a second edge.

An operator tells over HTTP that a subscriber went abroad or came home. The first clock stops when
the centre's screen answers by it, the second when a real Kamailio that follows the centre
(`edges/kamailio/follow.py`) does. The peer is a second Kamailio whose tables are looked at each
second and fetched whole when they changed, which is what a file of rules needs without a feed. Both
edges are asked without pause, by turns, for the same changes.
`python bench/calls_feed.py [CHANGES]`.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from calls_edge import NEXT_PORT, kamailio, numbers
from qalqan.edges.kamailio.directory import Edge, lay_out
from qalqan.register import partner_keys, partners
from qalqan.register.database import open_database
from qalqan.screening.call_policy import default_body
from qalqan.screening.calls import keeper, sending
from qalqan.settings import Settings
from qalqan.trust.keys import keys_of
from qalqan.work import call_tables as tables

WEB, EDGE, PEER = 5470, 5471, 5472
CODES = (701, 702, 705, 707, 747, 771, 775, 777, 778)
CALLEE = "+77010000000"


def write_lists(folder: Path) -> Path:
    """Four operators, 200,000 ported numbers, 20,000 abroad."""
    ported, abroad = numbers()
    told = ["[operators]", *(f'op{n} = "{n}"' for n in range(1, 5))]
    for place, code in enumerate(CODES):
        told += ["[[ranges]]", f'first = "+7{code}0000000"', f'last = "+7{code}9999999"',
                 f'operator = "op{1 + place % 4}"']  # fmt: skip
    told += ["[[trunks]]", 'name = "abroad"', 'class = "international"',
             'addresses = ["127.0.0.1"]', "[files]", 'ported = "ported.csv"',
             'abroad = "abroad.csv"']  # fmt: skip
    folder.mkdir()
    (folder / "calls.toml").write_text("\n".join(told))
    rows = "".join(f"+{number},op{operator}\n" for number, operator in ported.items())
    (folder / "ported.csv").write_text(f"number,operator\n{rows}")
    (folder / "abroad.csv").write_text("number\n" + "".join(f"+{one}\n" for one in abroad))
    return folder


def prepared(home: Path) -> dict[str, str]:
    """A centre with tables; a key to tell and one to follow with."""
    os.environ["QALQAN_HOME"] = str(home)
    subprocess.run([sys.executable, "-m", "qalqan", "init"], check=True, stdout=subprocess.DEVNULL)
    settings = Settings(home=home)
    database, keys = open_database(settings), keys_of(settings)
    with database.write() as session:
        tables.install(session, default_body(), ["a", "b"])
        names = dict.fromkeys(("kk", "ru", "en"), "op1")
        told = {"tell": partners.add_partner(session, "op1", "operator", names)}
        told["follow"] = partner_keys.add_key(
            session, "op1", "edge", "bench", scopes=["calls:follow"]
        )
    tables.make_of(database, keys, settings, write_lists(home / "given"))
    database.close()
    return told


@contextmanager
def running(command: list[str], answers: Callable[[], bool]) -> Iterator[None]:
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            if answers():
                break
            time.sleep(0.1)
        else:
            raise SystemExit(f"{command} does not answer")
        yield
    finally:
        run.terminate()
        run.wait(30)


class Operator:
    """Tells and asks over one connection."""

    def __init__(self, key: str) -> None:
        self.open = http.client.HTTPConnection("127.0.0.1", WEB, timeout=10)
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def post(self, path: str, body: dict[str, object]) -> dict[str, object]:
        self.open.request("POST", path, json.dumps(body), self.headers)
        told: dict[str, object] = json.loads(self.open.getresponse().read())
        return told

    def tell(self, number: int, abroad: bool) -> None:
        now_us = time.time_ns() // 1_000
        item = {"number": f"+{number}", "abroad": abroad, "at_us": now_us}
        taken = self.post("/v1/calls/places", {"places": [item], "complete_us": now_us})
        if taken["taken"] != 1:
            raise SystemExit(f"refused: {taken}")

    def passes(self, number: int) -> bool:
        body = {"id": "b", "trunk": "abroad", "callee": CALLEE, "network": f"+{number}"}
        return self.post("/v1/screen/calls", body)["verdict"] == "pass"


class Caller:
    """Asks an edge about a number, one call after the other."""

    def __init__(self, port: int) -> None:
        self.ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ours.connect(("127.0.0.1", port))
        self.ours.settimeout(2)
        self.count = 0

    def passes(self, number: int) -> bool:
        self.count += 1
        mark = f"{self.ours.getsockname()[1]}-{self.count}"
        self.ours.send((
            f"INVITE sip:{CALLEE}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:"
            f"{self.ours.getsockname()[1]};branch=z9hG4bK{mark}\r\n"
            f"From: <sip:+{number}@127.0.0.1>;tag={mark}\r\nTo: <sip:{CALLEE}@127.0.0.1>\r\n"
            f"Call-ID: {mark}\r\nCSeq: 1 INVITE\r\nP-Asserted-Identity: <sip:+{number}@127.0.0.1>"
            "\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        ).encode())  # fmt: skip
        while True:
            body = self.ours.recv(65_535)
            if mark.encode() in body and not body.startswith(b"SIP/2.0 1"):
                return body.startswith(b"SIP/2.0 200")


def polled(folder: Path, key: str, over: threading.Event) -> None:
    """The peer: each second, the file whole if it is another than before."""
    open_ = http.client.HTTPConnection("127.0.0.1", WEB, timeout=10)
    tag, draft = "", folder / "draft"
    while not over.is_set():
        headers = {"Authorization": f"Bearer {key}", "If-None-Match": tag}
        open_.request("GET", "/v1/calls/tables", headers=headers)
        answer = open_.getresponse()
        if answer.status == 200:
            tag = answer.headers["ETag"]
            with draft.open("w+b") as file:
                sending.received(answer.read, file.fileno())
            keeper.take_place(draft, folder / "calls.tables")
        answer.read()
        over.wait(1.0)


def laid(folder: Path, port: int) -> Path:
    lay_out(folder, Edge(f"127.0.0.1:{port}", f"sip:127.0.0.1:{NEXT_PORT}"))
    return folder


def measured(operator: Operator, count: int) -> dict[str, list[float]]:
    """Seconds from before the word is sent until each answers by it; what the centre answered
    otherwise right after it is counted under `wrong`."""
    edges = {"edge": Caller(EDGE), "peer": Caller(PEER)}
    took: dict[str, list[float]] = {"told": [], "centre": [], "edge": [], "peer": [], "wrong": []}
    draw = random.Random(5)
    number, abroad = 77_012_345_678, False
    for _ in range(count):
        abroad = not abroad
        time.sleep(draw.uniform(0, 0.3))
        begun = time.perf_counter()
        operator.tell(number, abroad)
        took["told"].append(time.perf_counter() - begun)
        took["wrong"] += [1.0] * (operator.passes(number) is not abroad)
        took["centre"].append(time.perf_counter() - begun)
        left = dict(edges)
        while left and time.perf_counter() - begun < 30:
            for name, caller in list(left.items()):
                if caller.passes(number) is abroad:
                    took[name].append(time.perf_counter() - begun)
                    del left[name]
        if left:
            raise SystemExit(f"{list(left)} did not change within 30 s")
    return took


def at(found: list[float], share: float) -> float:
    return round(sorted(found)[min(len(found) - 1, int(len(found) * share))] * 1e3, 1)


def tell(took: dict[str, list[float]]) -> None:
    peer = "the file looked at each second and fetched whole"
    ours, theirs = took["edge"], took["peer"]
    for name, share in (("p50", 0.5), ("p95", 0.95), ("worst", 1.0)):
        mine, other = at(ours, share), at(theirs, share)
        print(json.dumps({
            "name": f"change at the centre to a second edge, {name}", "unit": "ms", "ours": mine,
            "peer": peer, "peer_value": other, "ratio": round(mine / other, 3), "n": len(ours),
            "notes": "from before the operator's POST to the first answer of a real Kamailio by "
                     f"it; the POST itself took {median(took['told']) * 1e3:.1f} ms (p50)",
        }))  # fmt: skip
    print(json.dumps({
        "name": "change at the centre to its own next answer, worst", "unit": "ms",
        "ours": at(took["centre"], 1.0), "peer": peer, "peer_value": at(theirs, 1.0),
        "ratio": round(at(took["centre"], 1.0) / at(theirs, 1.0), 3), "n": len(took["centre"]),
        "notes": f"POST and the next question after it; p50 {at(took['centre'], 0.5)} ms; answered "
                 f"by the state before: {len(took['wrong'])}",
    }))  # fmt: skip


def main(count: int = 120) -> None:
    folder, over = Path(tempfile.mkdtemp(prefix="qalqan-bench-")), threading.Event()
    with ExitStack() as room:
        room.callback(shutil.rmtree, folder)
        keys = prepared(folder / "home")
        (folder / "key").write_text(keys["follow"])
        answers = subprocess.Popen(
            [sys.executable, "-c", f"import calls_edge; calls_edge.answering({NEXT_PORT})"],
            cwd=Path(__file__).parent,
        )
        room.callback(answers.terminate)
        serve = [sys.executable, "-m", "qalqan", "serve", "--no-worker", "--no-screens"]
        os.environ["QALQAN_PORT"] = str(WEB)
        room.enter_context(running(serve, _listens))
        edge, peer = laid(folder / "edge", EDGE), laid(folder / "peer", PEER)
        follow = [sys.executable, "-S", "-E", str(edge / "follow.py"), str(edge), "--centre",
                  f"http://127.0.0.1:{WEB}", "--key", str(folder / "key")]  # fmt: skip
        room.enter_context(running(follow, lambda: (edge / "calls.tables").exists()))
        polls = threading.Thread(target=polled, args=(peer, keys["follow"], over))
        polls.start()
        room.callback(polls.join)
        room.callback(over.set)
        while not (peer / "calls.tables").exists():
            time.sleep(0.1)
        for where, port in ((edge, EDGE), (peer, PEER)):
            room.enter_context(kamailio(where / "kamailio.cfg", port))
        tell(measured(Operator(keys["tell"]), count))


def _listens() -> bool:
    try:
        socket.create_connection(("127.0.0.1", WEB), 0.2).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:2] if one.isdigit()))

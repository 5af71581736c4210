"""Calls that wait for their home operator's answer: how long, beside calls that do not wait.

A real Kamailio with its asker; the operator is another process that answers each question at once
(`tests/peers/home_operator.py`). Every call bears a number never asked about, and its operator
sees it abroad, so that it passes. Calls come at a steady rate, whatever becomes of those before;
runs of waiting calls and of foreign ones, which the tables alone decide, take turns. A call counts
as answered in time if its final answer came within 50 ms and rests on what the operator said.
`python bench/calls_asked.py [SECONDS [TURNS]]`.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from multiprocessing import Process
from pathlib import Path

from calls_edge import PORT, answering, kamailio
from qalqan.edges.kamailio.directory import Edge, lay_out
from qalqan.edges.kamailio.journal import Line, files, lines
from qalqan.screening import call_plan
from qalqan.screening.calls import decisions, keeper, rules

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from peers.home_operator import answer_to

NEXT_PORT, ASKER_PORT, OPERATOR_PORT = 5481, 5482, 5483
RATES = (200, 1_000)
BUDGET_S = 0.05


def saying(port: int) -> None:
    """The operator: everybody is abroad."""
    ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    ours.bind(("127.0.0.1", port))
    while True:
        body, peer = ours.recvfrom(65_535)
        ours.sendto(answer_to(body, lambda number: "abroad") or b"", peer)


def tables(path: Path) -> None:
    """Kazakh mobiles are `cell`'s, which has told no places."""
    blocks = bytes(1 if owner else 0 for owner in call_plan.blocks())
    keeper.write(path, keeper.Content(
        1, 1, 900, call_plan.codes(), blocks, decisions.compiled(rules.CODES), {"cell": 1},
        (keeper.Trunk("abroad", ("127.0.0.1",), 0),),
    ))  # fmt: skip


def invite(name: str, caller: str, port: int) -> bytes:
    return (
        f"INVITE sip:+77012345678@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};"
        f"branch=z9hG4bK{name}\r\nFrom: <sip:{caller}@127.0.0.1>;tag={name}\r\n"
        f"To: <sip:+77012345678@127.0.0.1>\r\nCall-ID: {name}\r\nCSeq: 1 INVITE\r\n"
        f"P-Asserted-Identity: <sip:{caller}@127.0.0.1>\r\n"
        "Contact: <sip:a@127.0.0.1>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def called(callers: dict[str, str], rate: int) -> dict[str, float]:
    """Call → seconds to its final answer, calls sent at a rate; who has none is missing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        ours.bind(("127.0.0.1", 0))
        port, goal = ours.getsockname()[1], ("127.0.0.1", PORT)
        bodies = [(name, invite(name, caller, port)) for name, caller in callers.items()]
        sent, took, begun = dict[str, float](), dict[str, float](), time.perf_counter()
        while len(took) < len(bodies):
            now = time.perf_counter()
            while len(sent) < len(bodies) and now >= begun + len(sent) / rate:
                name, body = bodies[len(sent)]
                sent[name] = time.perf_counter()
                ours.sendto(body, goal)
            if now > begun + len(bodies) / rate + 2:
                break
            ours.settimeout(max(1e-4, min(0.5, begun + len(sent) / rate - now)))
            try:
                body = ours.recv(65_535)
            except TimeoutError:
                continue
            if not body.startswith(b"SIP/2.0 1"):
                name = body.partition(b"Call-ID: ")[2].partition(b"\r\n")[0].decode()
                took.setdefault(name, time.perf_counter() - sent[name])
        return took


@dataclass
class Took:
    """Seconds to final answers at one rate."""

    waited: dict[str, float] = field(default_factory=dict)
    plain: list[float] = field(default_factory=list)
    lost: int = 0


def measured(seconds: int, turns: int) -> dict[int, Took]:
    """Both kinds of calls in turns, at each rate."""
    found, number = {rate: Took() for rate in RATES}, 0
    for turn in range(turns):
        for rate, took in found.items():
            names = range(number, number := number + rate * seconds)
            asked = {f"w{one}": f"+7705{one:07d}" for one in names}
            foreign = {f"f{one}": f"+4420{one:08d}" for one in names}
            for batch in (asked, foreign) if turn % 2 else (foreign, asked):
                answered = called(batch, rate)
                took.lost += len(batch) - len(answered)
                if batch is asked:
                    took.waited |= answered
                else:
                    took.plain += answered.values()
    return found


def show(rate: int, took: Took, answered: set[str]) -> None:
    """The lines of one rate; `answered` are the calls of which the operator told the place."""
    waited, plain = sorted(took.waited.values()), sorted(took.plain)
    told = {"peer": "calls that the tables alone decide", "n": len(waited)}
    notes = f"INVITE to final answer, relayed; {took.lost} calls without an answer"
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        ours, theirs = (1e3 * each[int(share * len(each))] for each in (waited, plain))
        print(json.dumps({
            "name": f"call that waits for its home operator, {rate:,} a second, {name}",
            "unit": "ms", "ours": round(ours, 2), "peer_value": round(theirs, 2),
            "ratio": round(ours / theirs, 2), **told, "notes": notes,
        }))  # fmt: skip
    in_time = sum(name in answered and s <= BUDGET_S for name, s in took.waited.items())
    theirs = sum(s <= BUDGET_S for s in plain)
    print(json.dumps({
        "name": f"call that waits, {rate:,} a second, answered by its operator within 50 ms",
        "unit": "%", "ours": round(100 * in_time / (len(waited) + took.lost), 3),
        "peer_value": round(100 * theirs / len(plain), 3), "ratio": "", **told,
        "notes": "others pass without their number",
    }))  # fmt: skip


def edge(folder: Path) -> None:
    lay_out(folder, Edge(f"127.0.0.1:{PORT}", f"sip:127.0.0.1:{NEXT_PORT}",
                         asker=f"127.0.0.1:{ASKER_PORT}",
                         ask={"cell": f"127.0.0.1:{OPERATOR_PORT}"}))  # fmt: skip
    tables(folder / "calls.tables")


def main(seconds: int = 5, turns: int = 4) -> None:
    folder = Path(tempfile.mkdtemp(prefix="qalqan-bench-"))
    others = [Process(target=answering, args=(NEXT_PORT,), daemon=True),
              Process(target=saying, args=(OPERATOR_PORT,), daemon=True)]  # fmt: skip
    for one in others:
        one.start()
    try:
        edge(folder)
        with kamailio(folder / "kamailio.cfg", PORT):
            asker = subprocess.Popen([sys.executable, "-I", "-S", folder / "asker.py", folder])
            time.sleep(1)
            found = measured(seconds, turns)
            asker.terminate()
            asker.wait()
        told = [one for path in files(folder / "journal") for one in lines(path)]
    finally:
        for one in others:
            one.terminate()
        shutil.rmtree(folder)
    answered = {
        one.call_id for one in told if isinstance(one, Line) and one.asked == "place=abroad"
    }
    for rate, took in found.items():
        show(rate, took, answered)


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:3] if one.isdigit()))

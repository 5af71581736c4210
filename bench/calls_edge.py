"""CPU a call: our rules in Kamailio's own Python beside the same rules in Kamailio's language.

Both relay or refuse (608 with a jCard), look into tables of the same 200,000 numbers, and write
the same event with the same chain of hashes. They take turns; CPU is what all processes of the
instance used, by /proc. Half of the calls are refused, half relayed to an answering socket.
The added latency is that of a relayed call over the same call without a proxy.
`python bench/calls_edge.py [PAIRS [CALLS]]`.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Process
from pathlib import Path
from statistics import median

from qalqan.edges.kamailio.directory import Edge, lay_out
from qalqan.screening import call_plan
from qalqan.screening.calls import decisions, keeper, rules

PORT, NATIVE_PORT, NEXT_PORT = 5460, 5461, 5480
HERE = Path(__file__).parent
MARKS = 200_000
TICK = os.sysconf("SC_CLK_TCK")
CODES = (701, 702, 705, 707, 747, 771, 775, 777, 778)


def numbers(seed: int = 1) -> tuple[dict[int, int], list[int]]:
    """Ported numbers with their operator, and numbers abroad."""
    draw = random.Random(seed)
    ported = {_mobile(draw): draw.randrange(1, 5) for _ in range(MARKS)}
    return ported, [_mobile(draw) for _ in range(20_000)]


def _mobile(draw: random.Random) -> int:
    return 70_000_000_000 + draw.choice(CODES) * 10_000_000 + draw.randrange(10_000_000)


def our_tables(path: Path) -> None:
    ported, abroad = numbers()
    now = int(time.time())
    keeper.write(path, keeper.Content(
        1, 1, 900, call_plan.codes(), _blocks(), decisions.compiled(rules.CODES), {},
        (keeper.Trunk("abroad", ("127.0.0.1",), 0),), values=ported, abroad=abroad,
        fed_s=dict.fromkeys(range(1, 5), now),
    ))  # fmt: skip


def _blocks() -> bytes:
    found = bytearray(call_plan.blocks())
    for code in range(1000):
        if found[code * 10_000]:
            found[code * 10_000 : (code + 1) * 10_000] = bytes([1 + code % 4]) * 10_000
    return bytes(found)


def their_tables(folder: Path) -> None:
    """The same as text tables of htable; allocation by code, which is all that this plan has, so
    that theirs are no larger than need be."""
    folder.mkdir()
    ported, abroad = numbers()
    now, codes = int(time.time()), call_plan.codes()
    blocks = {f"{c:03d}": 1 + c % 4 for c in range(1000) if codes[c] in (1, 2, 3)}
    tables = {
        "codes": {f"{c:03d}": klass for c, klass in enumerate(codes)},
        "blocks": blocks,
        "marks": {number: operator + 1 for number, operator in ported.items()},
        "abroad": dict.fromkeys(abroad, 1),
        "fed": dict.fromkeys(range(6), now),
        "trunks": {"127.0.0.1": 0},
    }
    (folder / "version").write_text("table_name(str) table_version(int)\n" + "".join(
        f"{name}:2\n" for name in tables))  # fmt: skip
    for name, rows in tables.items():
        head = "id(int,auto) key_name(string) key_type(int) value_type(int) key_value(string) " \
               "expires(int)\n"  # fmt: skip
        (folder / name).write_text(head + "".join(
            f"{i}:{key}:0:1:{value}:0\n" for i, (key, value) in enumerate(rows.items(), 1)
        ))  # fmt: skip


def mixed(count: int, refused: bool = True, seed: int = 7) -> Iterator[tuple[str, str]]:
    """Caller and callee: half Kazakh mobile numbers at home (refused), half foreign (relayed)."""
    draw = random.Random(seed)
    for i in range(count):
        foreign = not refused or i % 2 == 0
        caller = f"+4420{draw.randrange(10**7, 10**8)}" if foreign else f"+{_mobile(draw)}"
        yield caller, f"+{_mobile(draw)}"


def calls(count: int, refused: bool = True) -> list[bytes]:
    """The same as INVITEs; %d stands for the caller's port."""
    return [
        (
            f"INVITE sip:{callee}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;"
            f"branch=z9hG4bK{i}\r\nFrom: <sip:{caller}@127.0.0.1>;tag={i}\r\n"
            f"To: <sip:{callee}@127.0.0.1>\r\nCall-ID: {i}-7@bench\r\nCSeq: 1 INVITE\r\n"
            f"P-Asserted-Identity: <sip:{caller}@127.0.0.1>\r\n"
            "Contact: <sip:a@127.0.0.1>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        ).encode()
        for i, (caller, callee) in enumerate(mixed(count, refused))
    ]


def answering(port: int) -> None:
    """Answers every INVITE with 200 at once."""
    ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    ours.bind(("127.0.0.1", port))
    keep = (b"Via", b"From", b"To:", b"Call-ID", b"CSeq")
    while True:
        body, peer = ours.recvfrom(65_535)
        if body.startswith(b"INVITE"):
            told = b"\r\n".join(line for line in body.split(b"\r\n") if line.startswith(keep))
            ours.sendto(b"SIP/2.0 200 OK\r\n" + told + b"\r\nContent-Length: 0\r\n\r\n", peer)


@contextmanager
def kamailio(cfg: Path, port: int) -> Iterator[int]:
    """A running instance; its process group."""
    with (cfg.parent / "stderr").open("wb") as log:
        run = subprocess.Popen(
            ["kamailio", "-f", str(cfg), "-DD", "-E", "-m", "512", "-M", "64"],
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        _until_it_answers(port)
        yield run.pid
    finally:
        os.killpg(run.pid, 15)
        run.wait(20)


def _until_it_answers(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.bind(("127.0.0.1", 0))
        ours.settimeout(0.5)
        body = calls(2)[1] % ours.getsockname()[1]
        for _ in range(120):
            ours.sendto(body, ("127.0.0.1", port))
            try:
                ours.recv(65_535)
                return
            except (TimeoutError, ConnectionRefusedError):
                time.sleep(0.2)
    raise SystemExit("Kamailio does not answer")


def cpu_s(group: int) -> float:
    """CPU seconds of all processes of a group."""
    used = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            used += int(fields[11]) + int(fields[12])
    return used / TICK


def blast(port: int, bodies: list[bytes], window: int = 32) -> list[float]:
    """Seconds from each INVITE to its final answer, so many on their way at once."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        ours.bind(("127.0.0.1", 0))
        ours.settimeout(2)
        own, goal = ours.getsockname()[1], ("127.0.0.1", port)
        sent_at: dict[bytes, float] = {}
        took, next_ = [], 0
        while len(took) < len(bodies):
            while next_ < len(bodies) and len(sent_at) < window:
                sent_at[b"Call-ID: %d-" % next_] = time.perf_counter()
                ours.sendto(bodies[next_] % own, goal)
                next_ += 1
            body = ours.recv(65_535)
            if body.startswith(b"SIP/2.0 1"):
                continue
            at = body.index(b"Call-ID: ")
            mark = body[at : body.index(b"-", at + 9) + 1]
            begun = sent_at.pop(mark, None)
            if begun is not None:
                took.append(time.perf_counter() - begun)
        return took


def per_call_us(cfg: Path, port: int, bodies: list[bytes]) -> float:
    with kamailio(cfg, port) as group:
        blast(port, bodies[:500])
        before = cpu_s(group)
        blast(port, bodies)
        return (cpu_s(group) - before) / len(bodies) * 1e6


def both(folder: Path) -> tuple[Path, Path]:
    """Configurations of our edge and of the peer."""
    next_ = f"sip:127.0.0.1:{NEXT_PORT}"
    card = "https://qalqan.example/calls.jws"
    lay_out(folder / "edge", Edge(f"127.0.0.1:{PORT}", next_, card=card))
    our_tables(folder / "edge" / "calls.tables")
    their_tables(folder / "tables")
    native = folder / "native" / "kamailio.cfg"
    native.parent.mkdir()
    text = (HERE / "calls_native.cfg").read_text()
    for name, value in (("LISTEN", f"127.0.0.1:{NATIVE_PORT}"), ("NEXT", next_),
                        ("TABLES", str(folder / "tables"))):  # fmt: skip
        text = text.replace(f"@{name}@", value)
    native.write_text(text)
    return folder / "edge" / "kamailio.cfg", native


def main(pairs: int = 11, count: int = 20_000) -> None:
    folder = Path(tempfile.mkdtemp(prefix="qalqan-bench-"))
    answers = Process(target=answering, args=(NEXT_PORT,), daemon=True)
    answers.start()
    try:
        native = both(folder)[1]
        bodies = calls(count)
        ours, theirs = [], []
        for turn in range(pairs):
            order = [(ours, folder / "edge" / "kamailio.cfg", PORT), (theirs, native, NATIVE_PORT)]
            for into, cfg, port in order if turn % 2 else reversed(order):
                into.append(per_call_us(cfg, port, bodies))
            print(f"{ours[-1]:.1f} {theirs[-1]:.1f}", file=sys.stderr)
        ratio = median(a / b for a, b in zip(ours, theirs, strict=True))
        print(json.dumps({
            "name": "call at the edge, CPU", "unit": "µs a call", "ours": round(median(ours), 1),
            "peer": "Kamailio's own language with htable, same event",
            "peer_value": round(median(theirs), 1), "ratio": round(ratio, 3), "n": pairs * count,
            "notes": f"median of {pairs} alternating pairs; half refused, half relayed",
        }, ensure_ascii=False))  # fmt: skip
        latency(folder, calls(2_000, refused=False))
    finally:
        answers.terminate()
        shutil.rmtree(folder)


def spinning() -> None:
    """Keeps a core from being put to sleep, at the lowest priority there is."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    while True:
        pass


def latency(folder: Path, bodies: list[bytes]) -> None:
    """One relayed call at a time, through ours, through the peer, and without a proxy. Cores are
    kept awake meanwhile: waking one takes a virtual machine longer than a call."""
    idle = [Process(target=spinning, daemon=True) for _ in range(os.cpu_count() or 1)]
    for one in idle:
        one.start()
    took = {}
    try:
        for name, port in (("edge", PORT), ("native", NATIVE_PORT)):
            with kamailio(folder / name / "kamailio.cfg", port):
                blast(port, bodies[:300], 1)
                took[name] = [blast(port, bodies, 1) for _ in range(3)]
        took["none"] = [blast(NEXT_PORT, bodies, 1) for _ in range(3)]
    finally:
        for one in idle:
            one.terminate()
    middle = {name: median(median(each) for each in found) * 1e6 for name, found in took.items()}
    whole = sorted(x for each in took["edge"] for x in each)
    ours, theirs = middle["edge"] - middle["none"], middle["native"] - middle["none"]
    print(json.dumps({
        "name": "call at the edge, added latency p50", "unit": "µs", "ours": round(ours, 1),
        "peer": "Kamailio's own language", "peer_value": round(theirs, 1),
        "ratio": round(ours / theirs, 2), "n": 3 * len(bodies),
        "notes": f"relayed calls one by one, cores kept awake; no proxy {middle['none']:.0f} "
                 f"µs; p99 with the edge {whole[int(len(whole) * 0.99)] * 1e6:.0f} µs",
    }, ensure_ascii=False))  # fmt: skip


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:3] if one.isdigit()))

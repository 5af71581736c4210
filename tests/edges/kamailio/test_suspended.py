"""Calls that wait for their home operator's answer, in a real Kamailio (REQ-45).

Whatever becomes of the asker, a call goes on."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from edges.kamailio.conftest import CARD, HOME, content, journalled, replays, written
from peers.edge import Answering, Running, asking, lay, need, running
from peers.home_operator import Operator
from peers.ports import free_port
from peers.sip import Caller, parsed
from qalqan.screening.calls import keeper
from qalqan.screening.calls.decisions import code_of

pytestmark = pytest.mark.xdist_group("kamailio")
_numbers = iter(range(1, 10_000))


def number(place: str) -> str:
    """A new number of an operator that has told no places; its fourth last digit says where its
    operator will see it."""
    return f"+7705{'ahus'.index(place[0])}{next(_numbers):06d}"


def place_of(asked: str) -> str | None:
    return ("abroad", "home", "unknown", None)[int(asked[5])]


@pytest.fixture(scope="module")
def operator() -> Iterator[Operator]:
    found = Operator(place_of)
    yield found
    found.close()


@pytest.fixture(scope="module")
def edge(
    behind: Answering, operator: Operator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    need("kamailio")
    folder = tmp_path_factory.mktemp("edge")
    lay(folder, behind.port, card=CARD, asker=f"127.0.0.1:{free_port()}",
        ask={"bee": operator.address}, budget_ms=150)  # fmt: skip
    keeper.write(folder / "calls.tables", content())
    with running(folder) as found:
        yield found


@pytest.fixture
def asker(edge: Running) -> Iterator[None]:
    with asking(edge.folder):
        yield


@pytest.fixture
def caller(edge: Running) -> Iterator[Caller]:
    found = edge.caller()
    yield found
    found.close()


@pytest.mark.usefixtures("asker")
@pytest.mark.parametrize(
    ("place", "code", "rule", "word", "shown"),
    [
        ("abroad", 200, "calls.roams", "abroad", True),
        ("home", 608, "calls.mobile_at_home", "home", False),
        ("unknown", 200, "calls.place_unknown", "unknown", False),
        ("silent", 200, "calls.place_unknown", "silent", False),
    ],
)
def test_the_home_operator_s_answer_decides(
    edge: Running, behind: Answering, operator: Operator, caller: Caller,
    place: str, code: int, rule: str, word: str, shown: bool,
) -> None:  # fmt: skip
    asked = number(place)
    answer = caller.call(asked, HOME, asked)
    assert answer.code == code
    if code == 608:
        assert answer.headers["call-info"] == f"<{CARD}>;purpose=jwscard"
    else:
        assert (asked in behind.seen[-1].text) == shown
        assert (behind.seen[-1].headers.get("privacy") == "id") != shown
    line = written(edge, asked)
    assert (code_of(line.rule), line.asked) == (rule, f"place={word}")
    assert operator.asked.count(asked) == (2 if place == "silent" else 1)
    assert replays(edge)


@pytest.mark.usefixtures("asker")
def test_both_numbers_of_a_call_are_asked_about(edge: Running, caller: Caller) -> None:
    network, presented = number("abroad"), number("home")
    assert caller.call(presented, HOME, network).code == 608
    assert code_of(written(edge, presented).rule) == "calls.mobile_at_home"
    network, presented = number("abroad"), number("abroad")
    assert caller.call(presented, HOME, network).code == 200
    network, presented = number("abroad"), number("silent")
    assert caller.call(presented, HOME, network).code == 200
    assert code_of(written(edge, presented).rule) == "calls.place_unknown"


@pytest.mark.usefixtures("asker")
def test_nobody_to_ask_and_nothing_to_ask(
    edge: Running, operator: Operator, caller: Caller
) -> None:
    assert caller.call("+77071234567", HOME, "+77071234567").code == 200
    assert written(edge, "+77071234567").asked == "place=nobody"
    before = len(operator.asked)
    assert caller.call(HOME, HOME, HOME).code == 608
    assert caller.call("+442079460018", HOME).code == 200
    assert len(operator.asked) == before
    assert written(edge, HOME).asked == ""


@pytest.mark.usefixtures("asker")
def test_an_answer_is_remembered(operator: Operator, caller: Caller) -> None:
    asked = number("abroad")
    for _ in range(3):
        assert caller.call(asked, HOME, asked).code == 200
    assert operator.asked.count(asked) == 1


@pytest.mark.usefixtures("asker")
def test_an_answer_of_long_ago_is_none(edge: Running, operator: Operator, caller: Caller) -> None:
    asked, operator.seen_s_ago = number("home"), 901
    assert caller.call(asked, HOME, asked).code == 200
    assert written(edge, asked).asked == "place=unknown"
    operator.seen_s_ago = 899
    assert caller.call(asked, HOME, asked).code == 608
    assert 899 <= journalled(edge)[-1].age_s <= 900
    operator.seen_s_ago = 0


@pytest.mark.usefixtures("asker")
def test_two_hundred_at_once(edge: Running, caller: Caller) -> None:
    calls = {f"many-{at}": number("abroad" if at % 2 else "home") for at in range(200)}
    bodies = {name: caller.invite(asked, HOME, asked, call_id=name)
              for name, asked in calls.items()}  # fmt: skip
    answered: dict[str, int] = {}
    caller.socket.settimeout(0.5)
    for _ in range(6):  # a socket's buffer may not hold them all: callers send again
        for name in bodies.keys() - answered.keys():
            caller.socket.sendto(bodies[name], caller.edge)
        with suppress(TimeoutError):
            while len(answered) < len(calls):
                answer = parsed(caller.socket.recv(65_535))
                if answer.code >= 200:
                    answered[answer.headers["call-id"]] = answer.code
    lines = {line.call_id: line for line in journalled(edge) if line.call_id in calls}
    assert answered.keys() == lines.keys() == calls.keys()
    late = {name for name, line in lines.items() if line.asked in ("place=silent", "asker=late")}
    assert len(late) < 100  # a busy machine's; they passed without their numbers
    for name in calls.keys() - late:
        assert answered[name] == (200 if int(name[5:]) % 2 else 608)
    assert len(journalled(edge)) == len({line.call_id for line in journalled(edge)})
    assert replays(edge)


@pytest.mark.usefixtures("asker")
def test_a_request_that_is_sent_again_is_one_call(
    edge: Running, behind: Answering, operator: Operator, caller: Caller
) -> None:
    for place, code in (("silent", 200), ("home", 608)):
        asked = number(place)
        request = caller.invite(asked, HOME, asked)
        for _ in range(3):
            caller.socket.sendto(request, caller.edge)
        assert caller.send(request).code == code
        assert caller.send(request).code == code
        written(edge, asked)
        assert sum(asked in one.text or code == 200 for one in behind.seen[-1:]) <= 1
        assert operator.asked.count(asked) <= 2


@pytest.mark.usefixtures("asker")
def test_a_refusal_s_ack_goes_no_further(behind: Answering, caller: Caller) -> None:
    asked = number("home")
    request = caller.invite(asked, HOME, asked)
    answer = caller.send(request)
    assert answer.code == 608
    before = len(behind.seen)
    ack = request.replace(b"INVITE", b"ACK").replace(
        f"To: <sip:{HOME}@127.0.0.1>".encode(), f"To: {answer.headers['to']}".encode()
    )
    caller.socket.sendto(ack, caller.edge)
    caller.socket.settimeout(0.7)  # longer than until a refusal without its ACK is sent again
    with pytest.raises(TimeoutError):
        caller.socket.recv(65_535)
    assert len(behind.seen) == before


@pytest.mark.usefixtures("asker")
def test_a_caller_who_hangs_up_while_the_call_waits(
    edge: Running, behind: Answering, caller: Caller
) -> None:
    asked = number("silent")
    request = caller.invite(asked, HOME, asked, call_id="given-up")
    caller.socket.sendto(request, caller.edge)
    time.sleep(0.01)
    caller.socket.sendto(request.replace(b"INVITE", b"CANCEL"), caller.edge)
    codes = set()
    caller.socket.settimeout(2)
    while 487 not in codes:
        codes.add(parsed(caller.socket.recv(65_535)).code)
    assert not any("given-up" in one.text for one in behind.seen)


@pytest.mark.usefixtures("asker")
def test_what_the_callee_says_comes_back(edge: Running, behind: Answering, caller: Caller) -> None:
    asked, behind.code = number("abroad"), 486
    try:
        assert caller.call(asked, HOME, asked).code == 486
    finally:
        behind.code = 200
    assert written(edge, asked).asked == "place=abroad"


def test_a_hung_a_killed_and_a_missing_asker(edge: Running, caller: Caller) -> None:
    def passes(places: str) -> str:
        asked = number(places)
        assert caller.call(asked, HOME, asked).code == 200
        line = written(edge, asked)
        assert replays(edge)
        return line.asked

    with asking(edge.folder) as run:
        assert passes("abroad") == "place=abroad"
        run.send_signal(signal.SIGSTOP)
        assert passes("abroad") == "asker=late"
        time.sleep(0.6)
        assert passes("abroad") == "asker=down"
        run.send_signal(signal.SIGCONT)
        until = time.monotonic() + 5
        while passes("abroad") != "place=abroad":
            assert time.monotonic() < until
        asked = number("silent")
        caller.socket.sendto(caller.invite(asked, HOME, asked), caller.edge)
        time.sleep(0.01)
        run.kill()
        caller.socket.settimeout(2)
        while parsed(caller.socket.recv(65_535)).code < 200:
            pass
        assert written(edge, asked).asked == "asker=late"
        time.sleep(0.6)
        assert passes("abroad") == "asker=down"
    with asking(edge.folder):
        assert passes("abroad") == "place=abroad"


def test_an_asker_that_talks_nonsense_holds_nobody_up(edge: Running, caller: Caller) -> None:
    """Something else stands where the asker should: it takes questions, and answers rubbish."""
    host, _, port = json.loads((edge.folder / "edge.json").read_text())["asker"].rpartition(":")
    beat = edge.folder / "asker.beat"
    with socket.create_connection((host, int(port))) as other, beat.open("r+b") as file:
        for rubbish in (b'{"t":[1,2]}', b"[]", b"\xff\xfe", b'{"t":["x",null],"told":3}', b"{"):
            now = time.monotonic()
            os.pwrite(file.fileno(), struct.pack("dd", now, now), 0)
            other.sendall(b"%d:%b," % (len(rubbish), rubbish))
            asked = number("abroad")
            caller.socket.sendto(caller.invite(asked, HOME, asked), caller.edge)
            question = json.loads(other.recv(65_535).partition(b":")[2].rstrip(b","))
            for places in ([], {asked[1:]: "abroad"}, {asked[1:]: ["moon", 0]}):
                told = {"t": question["t"], "places": places, "told": "x", "signed": 0}
                body = json.dumps(told).encode()
                other.sendall(b"%d:%b," % (len(body), body))
            caller.socket.settimeout(2)
            while (answer := parsed(caller.socket.recv(65_535))).code < 200:
                pass
            assert answer.code == 200
    (edge.folder / "asker.beat").write_bytes(bytes(16))


def test_the_watchdog_keeps_the_asker_too_and_redirecting_waits_as_well(
    behind: Answering, operator: Operator, tmp_path: Path
) -> None:
    need("kamailio")
    lay(tmp_path, behind.port, mode="redirect", asker=f"127.0.0.1:{free_port()}",
        ask={"bee": operator.address})  # fmt: skip
    keeper.write(tmp_path / "calls.tables", content())
    with ExitStack() as room:
        edge = room.enter_context(running(tmp_path, watched=True))
        caller = edge.caller()
        pids = set()
        for how in (signal.SIGKILL, signal.SIGSTOP, None):
            until = time.monotonic() + 15
            while True:
                asked = number("abroad")
                answer = caller.call(asked, HOME, asked)
                assert answer.code == 302
                pid = int((tmp_path / "asker.pid").read_text())
                if written(edge, asked).asked == "place=abroad" and pid not in pids:
                    break
                assert time.monotonic() < until
                time.sleep(0.1)
            pids.add(pid)
            assert answer.headers["contact"] == f"<sip:{HOME}@127.0.0.1:{behind.port}>"
            if how is not None:
                os.kill(pid, how)
        caller.close()
    assert not Path(f"/proc/{pid}").exists()

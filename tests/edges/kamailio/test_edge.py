"""A real Kamailio decides real SIP: answers, headers, journal, faults (REQ-45)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edges.kamailio.conftest import (
    AWAY,
    CARD,
    CITY,
    FOREIGN,
    HOME,
    LISTED,
    UNTOLD,
    content,
    journalled,
)
from peers.edge import Answering, Running, lay, need, running
from peers.sip import Caller
from qalqan.edges.kamailio.counted import count
from qalqan.edges.kamailio.journal import Complaint, files, lines
from qalqan.screening.calls import decisions, keeper, rules
from qalqan.screening.calls.screen import Tables

pytestmark = pytest.mark.xdist_group("kamailio")


@pytest.fixture(scope="module")
def edge(behind: Answering, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    need("kamailio")
    folder = tmp_path_factory.mktemp("edge")
    lay(folder, behind.port, card=CARD)
    keeper.write(folder / "calls.tables", content())
    with running(folder) as found:
        yield found


@pytest.mark.parametrize(
    ("presented", "network", "code"),
    [
        (CITY, None, 608), (HOME, HOME, 608), (FOREIGN, CITY, 608), (LISTED, LISTED, 608),
        ("anonymous", None, 608), ("alice", None, 608), ("87272500000", None, 608),
        (FOREIGN, FOREIGN, 200), (AWAY, AWAY, 200), ("+79161234567", None, 200),
    ],
)  # fmt: skip
def test_calls_from_abroad(edge: Running, presented: str, network: str | None, code: int) -> None:
    caller = edge.caller()
    answer = caller.call(presented, HOME, network)
    assert answer.code == code
    if code == 608:
        assert answer.headers["call-info"] == f"<{CARD}>;purpose=jwscard"
    caller.close()


def test_a_relayed_call_keeps_its_headers_and_a_doubtful_number_is_withheld(
    edge: Running, behind: Answering
) -> None:
    caller = edge.caller()
    caller.call(FOREIGN, HOME, FOREIGN)
    sent = behind.seen[-1].headers
    assert FOREIGN in sent["from"]
    assert sent["p-asserted-identity"] == f"<sip:{FOREIGN}@x>"
    assert "privacy" not in sent
    assert caller.call(UNTOLD, HOME, UNTOLD).code == 200
    sent = behind.seen[-1].headers
    assert sent["privacy"] == "id"
    assert "p-asserted-identity" not in sent
    assert "anonymous@anonymous.invalid" in sent["from"]
    assert UNTOLD not in behind.seen[-1].text
    caller.close()


@pytest.mark.parametrize("header", ["Remote-Party-ID", "P-Preferred-Identity"])
def test_a_number_that_nobody_looked_at_does_not_go_on(
    edge: Running, behind: Answering, header: str
) -> None:
    more = f"{header}: <sip:{CITY}@x>;party=calling\r\n"
    abroad, peer = edge.caller(), edge.caller("127.0.0.2")
    assert abroad.call(FOREIGN, HOME, FOREIGN, more).code == 200
    assert CITY not in behind.seen[-1].text
    assert peer.call(CITY, HOME, CITY, more).code == 200  # a licensed operator's word
    assert header.lower() in behind.seen[-1].headers
    abroad.close()
    peer.close()


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "update"])
def test_who_claims_to_be_in_a_call_shows_no_number_that_no_call_has(
    edge: Running, behind: Answering, method: str
) -> None:
    """A tag in To is the caller's word; a gateway may take such an INVITE for a new call."""
    caller, before = edge.caller(), len(behind.seen)
    for presented, network in ((CITY, None), (FOREIGN, CITY)):
        assert caller.send(within(caller, method, presented, network)).code == 608
    assert len(behind.seen) == before
    for number in (FOREIGN, AWAY, UNTOLD):
        caller.socket.sendto(within(caller, method, number, number), edge.address)
        until = time.monotonic() + 2
        while len(behind.seen) == before and time.monotonic() < until:
            time.sleep(0.01)
        assert behind.seen[-1].text.startswith(method)
        before = len(behind.seen)
    caller.close()


def within(caller: Caller, method: str, presented: str, network: str | None) -> bytes:
    """A request of a call that is said to go on."""
    request = caller.invite(presented, HOME, network).replace(b"INVITE", method.encode())
    return request.replace(b"@127.0.0.1>\r\nCall", b"@127.0.0.1>;tag=theirs\r\nCall")


def test_the_trunk_is_told_by_the_address_alone(edge: Running) -> None:
    peer, loops = edge.caller("127.0.0.2"), edge.caller("127.0.0.3")
    assert peer.call(CITY, HOME, CITY).code == 200
    assert loops.call(HOME, HOME, HOME).code == 608
    diverted = f"Diversion: <sip:{FOREIGN}@x>;reason=unconditional\r\n"
    assert loops.call(HOME, HOME, HOME, diverted).code == 200
    abroad = edge.caller()
    assert abroad.call(HOME, HOME, HOME, diverted).code == 608
    for one in (peer, loops, abroad):
        one.close()


def test_every_verdict_stands_in_the_journal_and_replays(edge: Running) -> None:
    caller = edge.caller()
    before = len(journalled(edge))
    for presented in (CITY, FOREIGN, HOME):
        caller.call(presented, HOME, presented)
    new = journalled(edge)[before:]
    assert [line.presented for line in new] == [int(one) for one in (CITY, FOREIGN, HOME)]
    table = decisions.compiled(rules.CODES)
    for line in journalled(edge):
        assert table.rule[line.row] == line.rule
        assert decisions.ANSWERS[line.rule] == line.answer
    caller.close()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\x00" * 50, b"INVITE", b"INVITE sip:x SIP/2.0\r\n\r\n",
        b"INVITE sip:+77011111111@h SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:1;branch=q\r\n\r\n",
        b"INVITE sip:\xff\xfe@h SIP/2.0\r\nFrom: \xff\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n",
        b"BYE sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:1;branch=z9hG4bKr\r\n"
        b"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: z\r\nCSeq: 2 BYE\r\n"
        b"Content-Length: 99999\r\n\r\n",
        b"INVITE sip:+7" + b"0" * 60_000 + b" SIP/2.0\r\n\r\n",
    ],
)  # fmt: skip
def test_malformed_messages_hurt_nobody(edge: Running, body: bytes) -> None:
    caller = edge.caller()
    caller.socket.sendto(body, edge.address)
    assert caller.call(FOREIGN, HOME, FOREIGN).code == 200
    caller.close()


@pytest.mark.parametrize(
    ("more", "network", "code"),
    [
        (f"P-Asserted-Identity: <sip:{CITY}@x>, <tel:{CITY}>\r\n", None, 608),
        ("P-Asserted-Identity: nonsense\r\n", None, 608),
        ("P-Asserted-Identity: \r\n", None, 200),
        (f"p-asserted-identity: \"Bank\" <sip:{CITY};x=y@x>\r\n", None, 608),
        (f"Remote-Party-ID: <sip:{CITY}@x>\r\n", None, 200),
    ],
)  # fmt: skip
def test_forged_and_broken_identities(edge: Running, more: str, network: None, code: int) -> None:
    caller = edge.caller()
    assert caller.call(FOREIGN, HOME, network, more).code == code
    caller.close()


def complaints(edge: Running) -> list[Complaint]:
    found = [one for path in files(edge.folder / "journal") for one in lines(path)]
    return [one for one in found if isinstance(one, Complaint)]


def test_a_callee_s_607_comes_back_as_a_complaint(edge: Running, behind: Answering) -> None:
    caller, behind.code = edge.caller(), 607
    try:
        for presented in (FOREIGN, UNTOLD):
            request = caller.invite(presented, HOME, presented, call_id=f"unwanted-{presented}")
            assert caller.send(request).code == 607
    finally:
        behind.code = 200
    found = {one.call_id: one for one in complaints(edge)}
    assert found.keys() == {f"unwanted-{FOREIGN}", f"unwanted-{UNTOLD}"}
    assert found[f"unwanted-{FOREIGN}"].caller == int(FOREIGN)
    assert found[f"unwanted-{UNTOLD}"].caller == 0  # its number was withheld
    assert {one.callee for one in found.values()} == {int(HOME)}
    told = count(edge.folder / "journal", Tables(edge.folder / "calls.tables"))
    assert (told.complaints, told.broken) == (2, [])
    caller.close()


def test_nobody_but_the_next_hop_complains(edge: Running) -> None:
    caller, before = edge.caller("127.0.0.9"), len(complaints(edge))
    host, port = edge.address
    for cseq in ("INVITE", "BYE"):
        caller.socket.sendto(
            f"SIP/2.0 607 Unwanted\r\nVia: SIP/2.0/UDP {host}:{port};branch=z9hG4bK1\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.9:{caller.port};branch=z9hG4bK2\r\n"
            f"From: <sip:{FOREIGN}@x>;tag=1\r\nTo: <sip:{HOME}@x>;tag=2\r\nCall-ID: forged\r\n"
            f"CSeq: 1 {cseq}\r\nContent-Length: 0\r\n\r\n".encode(),
            edge.address,
        )
    assert caller.call(FOREIGN, HOME, FOREIGN).code in (200, 607)
    assert len(complaints(edge)) == before
    caller.close()


def test_a_loop_ends(edge: Running) -> None:
    caller = edge.caller()
    request = caller.invite(FOREIGN, HOME, FOREIGN).replace(b"Max-Forwards: 70", b"Max-Forwards: 0")
    assert caller.send(request).code == 483
    caller.close()


def test_a_change_counts_at_the_next_call_in_every_worker(edge: Running) -> None:
    caller = edge.caller()
    path, number = edge.folder / "calls.tables", "+77013333333"
    with keeper.Keeper(path) as own:
        for abroad in (True, False) * 6:
            own.set_abroad(int(number), abroad)
            assert caller.call(number, HOME, number).code == (200 if abroad else 608)
    for version in range(2, 8):
        live = () if version % 2 else rules.CODES
        keeper.write(path, content(version, live))
        for _ in range(4):
            assert caller.call(CITY, HOME, CITY).code == (200 if version % 2 else 608)
    keeper.write(path, content(8))
    assert caller.call(CITY, HOME, CITY).code == 608
    caller.close()


def test_without_tables_calls_pass_and_with_tables_again_they_are_decided(
    behind: Answering, tmp_path: Path
) -> None:
    need("kamailio")
    lay(tmp_path, behind.port)
    with running(tmp_path) as edge:
        caller = edge.caller()
        assert caller.call(CITY, HOME, CITY).code == 200
        (tmp_path / "calls.tables").write_bytes(b"junk" * 50_000)
        time.sleep(1.1)
        assert caller.call(CITY, HOME, CITY).code == 200
        keeper.write(tmp_path / "good", content())
        (tmp_path / "good").replace(tmp_path / "calls.tables")
        time.sleep(1.1)
        for _ in range(6):
            assert caller.call(CITY, HOME, CITY).code == 608
        caller.close()
    assert {line.policy for line in journalled(edge)} == {0, 1}


def test_an_operator_tries_it_without_carrying_traffic(behind: Answering, tmp_path: Path) -> None:
    """Redirect mode: 302 with the next hop, or the refusal."""
    need("kamailio")
    lay(tmp_path, behind.port, mode="redirect", refuse_with=603)
    keeper.write(tmp_path / "calls.tables", content())
    before = len(behind.seen)
    with running(tmp_path) as edge:
        caller = edge.caller()
        answer = caller.call(FOREIGN, HOME, FOREIGN)
        assert answer.code == 302
        assert answer.headers["contact"] == f"<sip:{HOME}@127.0.0.1:{behind.port}>"
        assert caller.call(CITY, HOME, CITY).code == 603
        request = caller.invite(FOREIGN, HOME, FOREIGN)
        request = request.replace(f"INVITE sip:{HOME}".encode(), b"INVITE sip:a>,<tel")
        contact = caller.send(request).headers["contact"]
        assert contact == f"<sip:a%3E,%3Ctel@127.0.0.1:{behind.port}>"
        longest = caller.call(FOREIGN, "7" * 600, FOREIGN)
        assert longest.headers["contact"] == f"<sip:{'7' * 600}@127.0.0.1:{behind.port}>"
        caller.close()
    assert len(behind.seen) == before


def test_a_call_in_which_nothing_is_wrong_leaves_nothing_in_the_log(
    behind: Answering, tmp_path: Path
) -> None:
    """Kamailio's log is where faults are told, at thousands of calls a second."""
    need("kamailio")
    lay(tmp_path, behind.port, mode="redirect")
    keeper.write(tmp_path / "calls.tables", content())
    with running(tmp_path) as edge:
        caller = edge.caller("127.0.0.3")  # a trunk of which diverted calls may come
        before = (tmp_path / "log").read_bytes()
        assert b"WARNING" not in before
        assert b"ERROR" not in before
        assert caller.call(FOREIGN, HOME, FOREIGN).code == 302
        assert caller.call(CITY, HOME, CITY).code == 608
        caller.close()
        assert (tmp_path / "log").read_bytes() == before


def test_a_bad_script_passes_calls_and_a_bad_reload_keeps_the_old_one(
    behind: Answering, tmp_path: Path
) -> None:
    need("kamailio", "kamcmd")
    lay(tmp_path, behind.port)
    keeper.write(tmp_path / "calls.tables", content())
    screen = tmp_path / "calls" / "screen.py"
    with running(tmp_path) as edge:
        caller = edge.caller()
        good = (tmp_path / "edge.py").read_text()
        (tmp_path / "edge.py").write_text(good + "\nthis is no Python (\n")
        reload = ["kamcmd", "-s", f"unix:{tmp_path}/control", "app_python.reload"]
        subprocess.run(reload, check=False, capture_output=True, timeout=20)
        for _ in range(4):
            assert caller.call(CITY, HOME, CITY).code == 608
            assert caller.call(FOREIGN, HOME, FOREIGN).code == 200
        caller.close()
    (tmp_path / "edge.py").write_text(good)
    screen.write_text(
        screen.read_text().replace("        callee = number(callee_text)\n", "        1 / 0\n")
    )
    with running(tmp_path) as edge:
        caller = edge.caller()
        for _ in range(4):
            assert caller.call(CITY, HOME, CITY).code == 200
        caller.close()
    assert "ZeroDivisionError" in (tmp_path / "log").read_text()


def test_the_watchdog_starts_anew_what_is_killed_or_hangs(
    behind: Answering, tmp_path: Path
) -> None:
    need("kamailio")
    lay(tmp_path, behind.port)
    keeper.write(tmp_path / "calls.tables", content())
    with running(tmp_path, watched=True) as edge:
        caller = edge.caller()
        for how in (signal.SIGKILL, signal.SIGSTOP):
            workers = edge.workers()
            assert len(workers) == 2
            time.sleep(1)  # the watchdog has heard of both, too
            os.kill(workers[0], how)
            until = time.monotonic() + 20
            while time.monotonic() < until:
                assert caller.call(CITY, HOME, CITY, within_s=20).code == 608
                if not set(workers) & set(edge.workers()):
                    break
            else:
                pytest.fail("no new workers")
        caller.close()
    told = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()
            if line.startswith("{")]  # fmt: skip
    because = " ".join(one.get("because", "") for one in told)
    assert "ended" in because
    assert "silent" in because
    assert told[-1]["event"] == "ended"

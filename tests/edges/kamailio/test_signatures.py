"""Signed calls at a real edge: what a signature proves, and what it never does (RFC 8224, 8588)."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from edges.kamailio.conftest import (
    AWAY,
    BANK,
    CITY,
    FOREIGN,
    HOME,
    LISTED,
    content,
    journalled,
    replays,
)
from peers.edge import Answering, Running, asking, lay, need, running
from peers.ports import free_port
from peers.sip import parsed
from qalqan.edges.kamailio.counted import count
from qalqan.edges.kamailio.signatures import ROOTS, Signatures
from qalqan.errors import ContractBroken
from qalqan.screening.calls import keeper
from qalqan.screening.calls.decisions import code_of
from qalqan.screening.calls.screen import Tables
from qalqan.trust.passport import Passport, identity_header, sign
from qalqan.trust.passport_certificates import INDEX
from trust.test_passport_certificates import made, tn_auth_list

pytestmark = pytest.mark.xdist_group("kamailio")
ORIGID = "123e4567-e89b-12d3-a456-426655440000"
LASTING = (-10, 20_000)
ROOT = made("root", ca=True, days=LASTING)
SIGNERS = {
    name: made(name, ROOT, numbers=tn_auth_list(codes=[name]), days=LASTING)
    for name in ("cell", "bee", "line")
}
OLD = made("old", ROOT, numbers=tn_auth_list(codes=["cell"]), days=(-9, -8))
STRANGER = made("stranger", made("elsewhere", ca=True, days=LASTING),
                numbers=tn_auth_list(codes=["cell"]), days=LASTING)  # fmt: skip
UNTOLD = "+77051234567"


def x5u(name: str) -> str:
    return f"https://sign.example.kz/{name}.pem"


def certificates(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    chains = {**SIGNERS, "old": OLD, "stranger": STRANGER}
    for name, one in chains.items():
        (folder / f"{name}.pem").write_bytes(one.pem)
    (folder / INDEX).write_text(json.dumps({x5u(name): f"{name}.pem" for name in chains}))
    (folder / ROOTS).write_bytes(ROOT.pem)
    return folder


def identity(orig: str, by: str = "cell", *, dest: str = AWAY, attest: Any = "A", ago_s: int = 0,
             key: Any = None) -> str:  # fmt: skip
    """An Identity header."""
    said = Passport(orig[1:], (dest[1:],), int(time.time()) - ago_s, attest, ORIGID)
    signer = {**SIGNERS, "old": OLD, "stranger": STRANGER}.get(by, OLD)
    token = sign(said, x5u(by), key or signer.key)
    return f"Identity: {identity_header(token, x5u(by))}\r\n"


@pytest.fixture(scope="module")
def asker(edge: Running) -> Iterator[Popen[bytes]]:
    with asking(edge.folder, checks=True) as run:
        yield run


@pytest.fixture(scope="module")
def edge(behind: Answering, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    need("kamailio")
    folder = tmp_path_factory.mktemp("edge")
    lay(folder, behind.port, asker=f"127.0.0.1:{free_port()}", budget_ms=150,
        certificates=str(certificates(folder / "certificates")))  # fmt: skip
    keeper.write(folder / "calls.tables", content())
    with running(folder) as found:
        yield found


def broken(header: str) -> str:
    """The same with another signature than its text's."""
    head, _, tail = header.partition(";info=")
    other = identity(AWAY).partition(";info=")[0].rpartition(".")[2]
    return f"{head.rpartition('.')[0]}.{other};info={tail}"


CASES: dict[str, tuple[str, Callable[[], str], int, str, str]] = {
    "at home": (HOME, lambda: identity(HOME), 200, "signed", "signed=valid"),
    "unknown place": (UNTOLD, lambda: identity(UNTOLD, "bee"), 200, "signed", "signed=valid"),
    "fixed": (CITY, lambda: identity(CITY, "line"), 200, "signed", "signed=valid"),
    "second": (HOME, lambda: "Identity: x\r\n" + identity(HOME), 200, "signed", "signed=valid"),
    "forged": (HOME, lambda: broken(identity(HOME)), 608, "mobile_at_home", "signed=signature"),
    "stale": (HOME, lambda: identity(HOME, ago_s=65), 608, "mobile_at_home", "signed=stale"),
    "to come": (HOME, lambda: identity(HOME, ago_s=-65), 608, "mobile_at_home", "signed=stale"),
    "orig": (HOME, lambda: identity(AWAY), 608, "mobile_at_home", "signed=orig"),
    "dest": (HOME, lambda: identity(HOME, dest=CITY), 608, "mobile_at_home", "signed=dest"),
    "attested": (HOME, lambda: identity(HOME, attest="B"), 608, "mobile_at_home",
                 "signed=attested"),
    "not its number": (HOME, lambda: identity(HOME, "bee"), 608, "mobile_at_home",
                       "signed=certificate.number"),
    "unknown": (HOME, lambda: identity(HOME, "nobody"), 608, "mobile_at_home",
                "signed=certificate.unknown"),
    "expired": (HOME, lambda: identity(HOME, "old"), 608, "mobile_at_home",
                "signed=certificate.expired"),
    "no chain": (HOME, lambda: identity(HOME, "stranger"), 608, "mobile_at_home",
                 "signed=certificate.chain"),
    "nonsense": (HOME, lambda: "Identity: nonsense\r\n", 608, "mobile_at_home", "signed=shape"),
    "too long": (HOME, lambda: f"Identity: {'a' * 12_000}\r\n", 608, "mobile_at_home",
                 "signed=shape"),
    "nothing to gain": (AWAY, lambda: identity(AWAY), 200, "roams", ""),
    "foreign": (FOREIGN, lambda: identity(FOREIGN), 200, "nothing", ""),
    "unknown and forged": (UNTOLD, lambda: broken(identity(UNTOLD, "bee")), 200, "place_unknown",
                           "signed=signature place=nobody"),
    "listed": (LISTED, lambda: identity(LISTED), 608, "listed", ""),
    "do not originate": (BANK, lambda: identity(BANK, "line"), 608, "do_not_originate", ""),
    "unallocated": ("+77300000000", lambda: identity("+77300000000"), 608, "unallocated", ""),
}  # fmt: skip


@pytest.mark.usefixtures("asker")
@pytest.mark.parametrize("name", CASES)
def test_what_a_signature_is_worth(edge: Running, behind: Answering, name: str) -> None:
    presented, header, code, rule, asked = CASES[name]
    caller = edge.caller()
    answer = caller.call(presented, AWAY, presented, header())
    assert answer.code == code
    line = journalled(edge)[-1]
    assert (code_of(line.rule), line.asked) == (f"calls.{rule}", asked)
    if rule == "signed":
        assert presented in behind.seen[-1].headers["from"]
    assert replays(edge)
    caller.close()


@pytest.mark.usefixtures("asker")
def test_a_signature_counts_once(edge: Running) -> None:
    caller, header = edge.caller(), identity(HOME)
    assert caller.call(HOME, AWAY, HOME, header).code == 200
    assert caller.call(HOME, AWAY, HOME, header).code == 608
    assert journalled(edge)[-1].asked == "signed=replayed"
    caller.close()


@pytest.mark.usefixtures("asker")
def test_a_signature_proves_one_number(edge: Running) -> None:
    """From a signed number, and another in P-Asserted-Identity: nobody says whose call it is."""
    caller = edge.caller()
    assert caller.call(HOME, AWAY, CITY, identity(HOME)).code == 608
    assert journalled(edge)[-1].asked == "signed=orig"
    assert caller.call(HOME, AWAY, None, identity(HOME)).code == 200
    caller.close()


@pytest.mark.usefixtures("asker")
def test_bytes_that_are_no_text_prove_nothing(edge: Running) -> None:
    caller = edge.caller()
    request = caller.invite(HOME, AWAY, HOME, "Identity: x@\r\n").replace(b"x@", b"\xff\xfe")
    assert caller.send(request).code == 608
    assert journalled(edge)[-1].asked == "signed=shape"
    caller.close()


def test_a_flood_of_long_signatures_while_the_asker_hangs(
    edge: Running, asker: Popen[bytes]
) -> None:
    """Kamailio's socket to the asker blocks: were it filled, no worker would go on."""
    caller, lasting = edge.caller(), f"Identity: {'a' * 9_900}\r\n"
    asker.send_signal(signal.SIGSTOP)
    answered: set[str] = set()
    caller.socket.settimeout(0.001)
    for turn in range(5):
        for at in range(200):
            name = f"flood-{turn}-{at}"
            caller.socket.sendto(caller.invite(HOME, AWAY, HOME, lasting, name), caller.edge)
            with suppress(TimeoutError):
                answered.add(parsed(caller.socket.recv(65_535)).headers["call-id"])
    assert len(answered) > 100
    other = edge.caller()
    assert other.call(FOREIGN, AWAY, FOREIGN).code == 200
    other.close()
    asker.send_signal(signal.SIGCONT)
    words = {line.asked for line in journalled(edge) if line.call_id.startswith("flood-")}
    assert "asker=busy" in words
    assert replays(edge)
    caller.close()


def test_outcomes_are_counted(edge: Running) -> None:
    told = count(edge.folder / "journal", Tables(edge.folder / "calls.tables"))
    assert told.asked["signed=valid"] >= 1
    assert (told.differing, told.broken) == (0, [])


def test_certificates_are_read_again_when_their_index_changes(tmp_path: Path) -> None:
    folder = certificates(tmp_path / "certificates")
    now_us = time.time_ns() // 1_000
    found = Signatures(folder, now_us)
    ask = [identity(HOME).removeprefix("Identity: ").strip()]
    (folder / INDEX).write_text("{}")
    assert found.outcome(ask, HOME[1:], AWAY[1:], now_us, lambda _: "cell") == "valid"
    found.refresh(now_us)
    assert found.outcome(ask, HOME[1:], AWAY[1:], now_us, None) == "certificate.unknown"
    (folder / INDEX).write_text("no JSON")
    found.refresh(now_us)  # what was read stays, and lapses by itself
    assert found.outcome(ask, HOME[1:], AWAY[1:], now_us, None) == "certificate.unknown"
    (folder / ROOTS).unlink()
    with pytest.raises(ContractBroken):
        Signatures(folder, now_us)


def test_without_this_package_signatures_stay_unchecked(behind: Answering, tmp_path: Path) -> None:
    need("kamailio")
    lay(tmp_path, behind.port, asker=f"127.0.0.1:{free_port()}", budget_ms=150,
        certificates="certificates")  # fmt: skip
    keeper.write(tmp_path / "calls.tables", content())
    with running(tmp_path) as edge, asking(tmp_path):
        caller = edge.caller()
        assert caller.call(HOME, AWAY, HOME, identity(HOME)).code == 608
        assert journalled(edge)[-1].asked == "signed=unchecked"
        caller.close()
    assert "signatures stay unchecked" in (tmp_path / "asker.log").read_text()

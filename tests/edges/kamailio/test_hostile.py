"""Whatever is sent to an edge: each call is decided by a named rule, the edge lives (REQ-45).

The table has one line a kind of request; the fuzz changes good requests byte by byte. An error of
our script would stand in Kamailio's log under `qalqan:`, and none may.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from edges.kamailio.conftest import AWAY, CITY, FOREIGN, HOME, content, journalled, replays
from peers.edge import Answering, Running, asking, lay, need, running
from peers.ports import free_port
from peers.sip import Caller, parsed
from qalqan.screening.calls import keeper
from qalqan.screening.calls.decisions import code_of

pytestmark = pytest.mark.xdist_group("kamailio")
IDENTITY = "P-Asserted-Identity"


@pytest.fixture(scope="module")
def edge(behind: Answering, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """With an asker, so that each request may take every way there is."""
    need("kamailio")
    folder = tmp_path_factory.mktemp("edge")
    lay(folder, behind.port, asker=f"127.0.0.1:{free_port()}", certificates="none")
    keeper.write(folder / "calls.tables", content())
    with running(folder) as found, asking(folder):
        yield found
    assert "qalqan:" not in (folder / "log").read_text("latin-1")


@pytest.fixture
def caller(edge: Running) -> Iterator[Caller]:
    found = edge.caller()
    yield found
    found.close()


def decided(edge: Running, caller: Caller, request: bytes, name: str) -> tuple[int, str]:
    """The final answer, and the rule by which the call was decided."""
    code = caller.send(request).code
    [line] = [line for line in journalled(edge) if line.call_id == name]
    return code, code_of(line.rule).removeprefix("calls.")


def invite(caller: Caller, name: str, *, caller_is: str = f"<sip:{FOREIGN}@x>", callee: str = HOME,
           more: str = "") -> bytes:  # fmt: skip
    """An INVITE whose From is any text."""
    body = caller.invite("FROM", callee, None, more, name).decode()
    head, _, tail = body.partition("From: <sip:FROM@127.0.0.1>")
    return f"{head}From: {caller_is}{tail}".encode()


NOTATIONS = (
    "+77272500000", "87272500000", "77272500000", "7272500000", "0077272500000",
    "81077272500000", "8(727)250-00-00", "+7-727-250-00-00", "+7.727.250.00.00",
    "+77272500000;npdi;rn=+77010000000",
)  # fmt: skip


@pytest.mark.parametrize("text", NOTATIONS)
@pytest.mark.parametrize("scheme", ["sip:{}@x", "sip:{}@x;user=phone", "SIPS:{}@x", "tel:{}"])
def test_a_city_number_is_one_in_every_notation(
    edge: Running, caller: Caller, text: str, scheme: str
) -> None:
    name = f"{text}-{scheme}"
    request = invite(caller, name, caller_is=f"<{scheme.format(text)}>")
    assert decided(edge, caller, request, name) == (608, "fixed_from_abroad")
    name = f"asserted-{name}"
    request = invite(caller, name, more=f"{IDENTITY}: <{scheme.format(text)}>\r\n")
    assert decided(edge, caller, request, name) == (608, "fixed_from_abroad")


FROM: dict[str, tuple[str, int, str]] = {
    "anonymous": ('"Anonymous" <sip:anonymous@anonymous.invalid>', 608, "no_number"),
    "restricted": ("<sip:Restricted@x>", 608, "no_number"),
    "no user": ("<sip:127.0.0.1>", 608, "no_number"),
    "a name": ("<sip:alice@x>", 608, "malformed"),
    "a card": ('"+77272500000" <sip:+442079460018@x>', 200, "nothing"),
    "short": ("<sip:1414@x>", 608, "short_from_abroad"),
    "police": ("<sip:102@x>", 608, "short_from_abroad"),
    "five hundred digits": (f"<sip:+7{'0' * 500}@x>", 608, "malformed"),
    "overlong": (f"<sip:{'9' * 900}@x>", 608, "malformed"),
    "overlong name": (f'"{"n" * 3_000}" <sip:{CITY}@x>', 608, "fixed_from_abroad"),
    "escaped": ("<sip:%2B77272500000@x>", 608, "malformed"),
    "nobody's code": ("<sip:+71001234567@x>", 608, "nobodys_code"),
    "Russian": ("<sip:+79161234567@x>", 200, "nothing"),
    "local": ("<sip:2500000;phone-context=+7727@x;user=phone>", 608, "fixed_from_abroad"),
    "local of nowhere": ("<sip:2500000@x>", 608, "malformed"),
    "local by tel": ("<tel:250-00-00;phone-context=+7727>", 608, "fixed_from_abroad"),
    "zero": ("<sip:0@x>", 608, "malformed"),
    "two pluses": ("<sip:++77272500000@x>", 608, "malformed"),
    "other digits": ("<sip:+٧٧٢٧٢٥٠٠٠٠٠@x>", 608, "malformed"),
}


@pytest.mark.parametrize("name", FROM)
def test_whatever_stands_in_from(edge: Running, caller: Caller, name: str) -> None:
    text, code, rule = FROM[name]
    request = invite(caller, f"from-{name}", caller_is=text)
    assert decided(edge, caller, request, f"from-{name}") == (code, rule)


IDENTITIES: dict[str, tuple[str, int, str]] = {
    "none": ("", 200, "nothing"),
    "empty": (f"{IDENTITY}: \r\n", 200, "nothing"),
    "nonsense": (f"{IDENTITY}: nonsense\r\n", 608, "malformed"),
    "two of one": (f"{IDENTITY}: <sip:{AWAY}@x>, <tel:{AWAY}>\r\n", 200, "roams"),
    "two of two": (f"{IDENTITY}: <sip:{FOREIGN}@x>, <tel:{CITY}>\r\n", 608, "malformed"),
    "two lines": (f"{IDENTITY}: <sip:{FOREIGN}@x>\r\n{IDENTITY}: <sip:{CITY}@x>\r\n", 608,
                  "malformed"),
    "two lines of one": (f"{IDENTITY}: <sip:{CITY}@x>\r\n{IDENTITY}: <tel:{CITY}>\r\n", 608,
                         "fixed_from_abroad"),
    "a number in the name": (f'{IDENTITY}: "<sip:{FOREIGN}@x>" <sip:{CITY}@x>\r\n', 608,
                             "fixed_from_abroad"),
    "a comma in the name": (f'{IDENTITY}: "Bank, the" <sip:{CITY}@x>\r\n', 608,
                            "fixed_from_abroad"),
    "no end": (f"{IDENTITY}: <sip:{CITY}@x\r\n", 608, "fixed_from_abroad"),
    "bare": (f"{IDENTITY}: sip:{CITY}@x\r\n", 608, "fixed_from_abroad"),
    "overlong": (f"{IDENTITY}: <sip:{'1' * 8_000}@x>\r\n", 608, "malformed"),
    "twenty": (f"{IDENTITY}: <sip:{FOREIGN}@x>\r\n" * 20, 200, "nothing"),
}  # fmt: skip


@pytest.mark.parametrize("name", IDENTITIES)
def test_whatever_is_asserted(edge: Running, caller: Caller, name: str) -> None:
    more, code, rule = IDENTITIES[name]
    request = invite(caller, f"asserted-{name}", more=more)
    assert decided(edge, caller, request, f"asserted-{name}") == (code, rule)


@pytest.mark.parametrize("callee", ["112", "101", "102", "103", "104", "+112"])
@pytest.mark.parametrize("caller_is", ["<sip:anonymous@x>", f"<sip:{CITY}@x>", "<sip:alice@x>"])
def test_emergency_calls_pass(edge: Running, caller: Caller, callee: str, caller_is: str) -> None:
    name = f"{callee}-{caller_is}"
    request = invite(caller, name, caller_is=caller_is, callee=callee)
    expected = (608, None) if callee == "+112" else (200, "emergency")
    code, rule = decided(edge, caller, request, name)
    assert (code, rule if expected[1] else None) == expected


def test_emergency_calls_by_service_name_pass(edge: Running, caller: Caller) -> None:
    for service in ("urn:service:sos", "URN:service:sos.police"):
        request = invite(caller, service, caller_is="<sip:anonymous@x>").replace(
            f"INVITE sip:{HOME}@127.0.0.1".encode(), f"INVITE {service}".encode()
        )
        assert decided(edge, caller, request, service) == (200, "emergency")


@pytest.mark.parametrize(
    ("old", "new", "code", "rule"),
    [
        (f"<sip:{FOREIGN}@x>".encode(), b"<sip:+4420\xff\xfe@x>", 608, "malformed"),
        (f"<sip:{FOREIGN}@x>".encode(), b'"\xff" <sip:+442079460018@x>', 200, "nothing"),
        (b"Max-Forwards", b"P-Asserted-Identity: <sip:\xff@x>\r\nMax-Forwards", 608, "malformed"),
        (b"Max-Forwards", b"Subject: \xff\xfe\r\nMax-Forwards", 200, "nothing"),
        (f"INVITE sip:{HOME}@".encode(), b"INVITE sip:\xff\xfe@", 200, "nothing"),
    ],
)  # fmt: skip
def test_bytes_that_are_no_text(
    edge: Running, caller: Caller, old: bytes, new: bytes, code: int, rule: str
) -> None:
    name = f"bytes-{new.hex()}"
    request = invite(caller, name).replace(old, new)
    assert decided(edge, caller, request, name) == (code, rule)


def test_a_call_id_of_bytes_and_one_of_five_thousand(edge: Running, caller: Caller) -> None:
    request = invite(caller, "plain").replace(b"Call-ID: plain", b"Call-ID: \xff\xfe")
    assert decided(edge, caller, request, "?") == (200, "nothing")
    name = "x" * 5_000
    assert decided(edge, caller, invite(caller, name), name[:200]) == (200, "nothing")


@pytest.mark.parametrize("method", ["invite", "Invite", "InViTe"])
def test_a_method_is_one_in_every_case(edge: Running, caller: Caller, method: str) -> None:
    """RFC 3261, 7.1, tells cases apart; Kamailio and what stands behind it need not."""
    request = invite(caller, method, caller_is=f"<sip:{CITY}@x>")
    request = request.replace(b"INVITE sip", f"{method} sip".encode())
    assert decided(edge, caller, request, method) == (608, "fixed_from_abroad")


@pytest.mark.parametrize("header", ["Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards"])
@pytest.mark.parametrize("how", ["missing", "empty", "twice", "nonsense"])
def test_headers_that_are_not_as_they_should_be(
    edge: Running, caller: Caller, header: str, how: str
) -> None:
    """Kamailio answers, refuses or drops such a request; the next call goes through."""
    lines = invite(caller, f"{header}-{how}").split(b"\r\n")
    at = next(at for at, line in enumerate(lines) if line.startswith(header.encode()))
    lines[at : at + 1] = {
        "missing": [], "empty": [f"{header}:".encode()], "twice": [lines[at]] * 2,
        "nonsense": [f"{header}: \x00<<;;@".encode()],
    }[how]  # fmt: skip
    caller.socket.sendto(b"\r\n".join(lines), edge.address)
    name = f"after-{header}-{how}"
    caller.close()
    other = edge.caller()
    assert decided(edge, other, invite(other, name), name) == (200, "nothing")
    other.close()


def test_five_hundred_changed_requests(edge: Running, caller: Caller) -> None:
    """Bytes changed, taken out and doubled; each tenth is left as it was, and is answered."""
    draw, answered = random.Random(607), 0
    pieces = [b"\x00", b"\xff", b"<", b">", b'"', b"\\", b";", b",", b"@", b"\r\n", b"%", b":",
              b"+7727", b"P-Asserted-Identity: ", b"Identity: ", b" " * 70, b"9" * 300]  # fmt: skip
    for turn in range(500):
        more = f"{IDENTITY}: <sip:{HOME}@x>\r\nIdentity: a.b.c;info=<https://x>;alg=ES256\r\n"
        good = bytearray(invite(caller, f"fuzz-{turn}", more=more if turn % 2 else ""))
        for _ in range(draw.randrange(1, 6) if turn % 10 else 0):
            at, end = sorted(draw.randrange(len(good)) for _ in range(2))
            end = min(end, at + draw.randrange(1, 40))
            good[at:end] = draw.choice([b"", draw.choice(pieces), bytes(good[at:end]) * 2])
        caller.socket.sendto(bytes(good), edge.address)
        if turn % 10 == 0:
            caller.socket.settimeout(2)
            while True:
                answer = parsed(caller.socket.recv(65_535))
                if answer.headers.get("call-id") == f"fuzz-{turn}" and answer.code >= 200:
                    break
            answered += 1
    assert answered == 50
    assert edge.run.poll() is None
    assert len(edge.workers()) == 2
    assert replays(edge)

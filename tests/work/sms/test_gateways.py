"""Gateways against real peers: SMPP against npm's `smpp`; Kannel bound to the same; JSON against a
plain server. What a network can do to a message is told apart: gone, refused, not sent, unknown."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from peers.ports import free_port
from peers.sms import PASSWORD, USER, MessageCentre, kannel, message_centre
from qalqan.settings import Settings
from qalqan.work.sms.by_http import JsonGateway, KannelGateway
from qalqan.work.sms.by_smpp import SmppGateway
from qalqan.work.sms.gateway import Answer, Fate, Heard, Receipt, Reply

TO, LONG = "+77010000001", "Банк пен полиция телефонмен ақша аударуды сұрамайды. " * 3
TOLD: dict[str, Any] = {
    "sms_user": USER, "sms_password": PASSWORD, "sms_from": "Qalqan", "sms_tls": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def centre() -> Iterator[MessageCentre]:
    with message_centre() as found:
        yield found


@pytest.fixture
def smpp(centre: MessageCentre) -> Iterator[SmppGateway]:
    told = Settings(sms="smpp", sms_smpp=f"127.0.0.1:{centre.port}", **TOLD)
    with closing(SmppGateway(told)) as gateway:
        yield gateway


def heard(gateway: Any, count: int) -> list[Heard]:
    until, found = time.monotonic() + 5, list[Heard]()
    while len(found) < count and time.monotonic() < until:
        found += gateway.heard()
    return found


# ── SMPP ──


@pytest.mark.long
def test_a_message_goes_and_its_receipt_comes(smpp: SmppGateway, centre: MessageCentre) -> None:
    answer = smpp.send(TO, "Tell no code.", 1)
    assert answer.fate is Fate.TAKEN
    assert heard(smpp, 1) == [Receipt(str(answer.name), True, "")]
    last = centre.submitted[-1]
    assert (last["to"], last["from"], last["text"]) == ("77010000001", "Qalqan", "Tell no code.")


@pytest.mark.long
def test_a_long_kazakh_text_goes_in_joined_parts(smpp: SmppGateway, centre: MessageCentre) -> None:
    before = len(centre.submitted)
    assert smpp.send(TO, LONG, 1).fate is Fate.TAKEN
    parts = centre.submitted[before:]
    assert "".join(each["text"] for each in parts) == LONG
    assert [each["receipt"] for each in parts] == [0] * (len(parts) - 1) + [1]
    assert len(parts) == 3
    assert all(each["udh"] and each["esm_class"] == 0x40 for each in parts)
    assert all(each["coding"] == 8 for each in parts)


@pytest.mark.long
def test_a_message_that_is_not_delivered_says_why(smpp: SmppGateway) -> None:
    answer = smpp.send(TO, "#late", 1)
    assert heard(smpp, 1) == [Receipt(str(answer.name), False, "undeliv")]


@pytest.mark.long
def test_a_reply_comes_in_its_own_letters(smpp: SmppGateway) -> None:
    smpp.send(TO, "#stop", 1)
    assert Reply(TO, "Тоқта") in heard(smpp, 2)


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "fate", "reason"),
    [("#full", Fate.NOT_SENT, "queue_full"), ("#no", Fate.REFUSED, "smpp_0xb")],
)
def test_a_no_is_for_good_or_for_now(smpp: SmppGateway, text: str, fate: Fate, reason: str) -> None:
    assert smpp.send(TO, text, 1) == Answer(fate, reason)


@pytest.mark.long
def test_a_session_that_breaks_leaves_one_unknown_and_is_made_anew(smpp: SmppGateway) -> None:
    assert smpp.send(TO, "#cut", 1).fate is Fate.UNSURE
    assert smpp.send(TO, "again", 2).fate is Fate.TAKEN


def test_where_nobody_listens_nothing_went() -> None:
    told = Settings(sms="smpp", sms_smpp=f"127.0.0.1:{free_port()}", **TOLD)
    with closing(SmppGateway(told)) as gateway:
        assert gateway.send(TO, "x", 1).fate is Fate.CLOSED
        assert gateway.heard() == []


@pytest.mark.long
def test_a_wrong_password_is_no_message_s_fault(centre: MessageCentre) -> None:
    told = Settings(
        sms="smpp", sms_smpp=f"127.0.0.1:{centre.port}", **TOLD | {"sms_password": "wrong"}
    )
    with closing(SmppGateway(told)) as gateway:
        assert gateway.send(TO, "x", 1) == Answer(Fate.CLOSED, "connect")


# ── HTTP ──


class _Told(BaseHTTPRequestHandler):
    """Keeps what comes, and answers as its server is told."""

    def _taken(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server: Any = self.server
        server.seen.append((self.command, self.path, dict(self.headers), body))
        status, text = server.answers.pop(0) if server.answers else (200, b"ok")
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = _taken

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def listening() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Told)
    server.seen, server.answers = [], []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def waited(server: Any, count: int) -> list[Any]:
    until = time.monotonic() + 8
    while len(server.seen) < count and time.monotonic() < until:
        time.sleep(0.02)
    return list(server.seen)


@pytest.mark.long
def test_kannel_takes_a_message_and_brings_its_receipt_and_the_reply(tmp_path: Path) -> None:
    with listening() as ours, message_centre() as centre:
        replies = f"{ours.url.replace('//', '//sms:secret7@')}/replies"
        with kannel(tmp_path, centre, replies) as gate:
            told = Settings(sms="kannel", sms_url=gate.url, **TOLD)
            with closing(KannelGateway(told, lambda n: f"{ours.url}/receipts/{n}")) as gateway:
                text = "Код айтпаңыз, ақша аудармаңыз. #stop"
                assert gateway.send(TO, text, 7).fate is Fate.TAKEN
                assert gateway.heard() == ()
                wrong = Settings(sms="kannel", sms_url=gate.url, **TOLD | {"sms_password": "wrong"})
                with closing(KannelGateway(wrong, str)) as other:
                    assert other.send(TO, "x", 8).fate is Fate.CLOSED
            (sent,) = centre.wait("submit")
            came = waited(ours, 2)
    assert (sent["text"], sent["coding"], sent["to"].lstrip("+")) == (text, 8, TO[1:])
    paths = sorted(path for _, path, _, _ in came)
    assert paths[0] == "/receipts/7?state=1"
    assert paths[1].startswith("/replies?from=77010000001&charset=UTF-16BE&text=%04%22")
    by_path = {path: headers for _, path, headers, _ in came}
    assert by_path[paths[1]]["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, b'{"id": "g-1"}', Answer(Fate.TAKEN, name="g-1")),
        (202, b"taken", Answer(Fate.TAKEN)),
        (422, b"", Answer(Fate.REFUSED, "http_422")),
        (429, b"", Answer(Fate.NOT_SENT, "http_429")),
        (503, b"", Answer(Fate.NOT_SENT, "http_503")),
        (500, b"", Answer(Fate.UNSURE, "http_500")),
        (401, b"", Answer(Fate.CLOSED, "http_401")),
    ],
)
def test_what_a_json_gateway_answers(status: int, body: bytes, answer: Answer) -> None:
    with listening() as server:
        server.answers = [(status, body)]
        told = Settings(sms="json", sms_url=f"{server.url}/send", **TOLD)
        with closing(JsonGateway(told, lambda n: f"https://x/{n}")) as gateway:
            assert gateway.send(TO, "Сәлем", 7) == answer
        ((_, path, headers, sent),) = server.seen
    assert PASSWORD not in path + sent.decode()
    assert headers["Authorization"] == f"Bearer {PASSWORD}"
    assert headers["Idempotency-Key"] == "sms-7"
    assert "Сәлем".encode() in sent or b"\\u0421" in sent


def test_how_far_a_request_came_decides_whether_it_went() -> None:
    told = Settings(sms="json", sms_url=f"http://127.0.0.1:{free_port()}/", **TOLD)
    with closing(JsonGateway(told, str)) as gateway:
        assert gateway.send(TO, "x", 1) == Answer(Fate.CLOSED, "ConnectError")
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        thread = threading.Thread(target=_hang_up, args=(deaf,))
        thread.start()
        told = Settings(sms="json", sms_url=f"http://127.0.0.1:{deaf.getsockname()[1]}/", **TOLD)
        with closing(JsonGateway(told, str)) as gateway:
            assert gateway.send(TO, "x", 1).fate is Fate.UNSURE
        thread.join()


def _hang_up(server: socket.socket) -> None:
    connection, _ = server.accept()
    connection.recv(1)
    connection.close()

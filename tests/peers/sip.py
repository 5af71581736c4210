"""SIP spoken over plain UDP sockets: one INVITE and its final answer, as a border element would."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, field
from itertools import count

_numbers = count(1)


@dataclass(frozen=True)
class Answer:
    """A reply: its code, headers by small name (the first of each), and all text."""

    code: int
    headers: dict[str, str]
    text: str


def parsed(body: bytes) -> Answer:
    text = body.decode("utf-8", "replace")
    lines = text.split("\r\n")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    first = lines[0].split(" ")
    return Answer(int(first[1]) if lines[0].startswith("SIP/2.0") else 0, headers, text)


@dataclass
class Caller:
    """A socket that calls through an edge; `address` decides the trunk."""

    edge: tuple[str, int]
    address: str = "127.0.0.1"
    socket: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((self.address, 0))
        self.socket.settimeout(2)
        self.port = self.socket.getsockname()[1]

    def invite(self, presented: str, callee: str, network: str | None = None, more: str = "",
               call_id: str | None = None) -> bytes:  # fmt: skip
        number = next(_numbers)
        identity = f"P-Asserted-Identity: <sip:{network}@x>\r\n" if network else ""
        return (
            f"INVITE sip:{callee}@127.0.0.1 SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self.address}:{self.port};branch=z9hG4bK{number}x\r\n"
            f"From: <sip:{presented}@{self.address}>;tag={number}\r\n"
            f"To: <sip:{callee}@127.0.0.1>\r\n"
            f"Call-ID: {call_id or f'{number}-{self.port}@test'}\r\nCSeq: 1 INVITE\r\n"
            f"Contact: <sip:a@{self.address}:{self.port}>\r\nMax-Forwards: 70\r\n"
            f"{identity}{more}Content-Length: 0\r\n\r\n"
        ).encode()

    def call(self, presented: str, callee: str, network: str | None = None, more: str = "",
             within_s: float = 2) -> Answer:  # fmt: skip
        """The final answer to a call, sent again as RFC 3261 17.1.1.2 says (T1 0.5 s)."""
        return self.send(self.invite(presented, callee, network, more), within_s)

    def send(self, request: bytes, within_s: float = 2) -> Answer:
        """Raises TimeoutError."""
        until, pause = time.monotonic() + within_s, 0.5
        while time.monotonic() < until:
            self.socket.sendto(request, self.edge)
            self.socket.settimeout(min(pause, max(0.01, until - time.monotonic())))
            pause = min(pause * 2, 4)
            try:
                while (answer := parsed(self.socket.recv(65_535))).code < 200:
                    pass
            except TimeoutError:
                continue
            return answer
        raise TimeoutError("no final answer")

    def close(self) -> None:
        self.socket.close()

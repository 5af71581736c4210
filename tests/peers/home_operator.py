"""A home operator that says where its subscribers are: the reference answerer of the question
`place` (docs/how-to/screen-calls.md), on UDP."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

Place = Callable[[str], str | None]
"""Number → abroad, home or unknown; None: nothing is answered."""


def answer_to(body: bytes, place_of: Place, seen_s_ago: float = 0) -> bytes | None:
    """The answer to a question; None where there is none to give."""
    question = json.loads(body)
    place = place_of(question["number"]) if question["ask"] == "place" else None
    if place is None:
        return None
    told = {"id": question["id"], "place": place, "seen_s_ago": seen_s_ago}
    return json.dumps(told).encode()


@dataclass
class Operator:
    """Answers until it is closed; `asked` are the numbers of all questions that came."""

    place_of: Place
    seen_s_ago: float = 0
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self._answer, daemon=True)
        self.thread.start()

    def _answer(self) -> None:
        while True:
            body, peer = self.socket.recvfrom(65_535)
            if not body:
                return
            self.asked.append(json.loads(body)["number"])
            answer = answer_to(body, self.place_of, self.seen_s_ago)
            if answer is not None:
                self.socket.sendto(answer, peer)

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.sendto(b"", self.socket.getsockname())
        self.thread.join(5)
        self.socket.close()

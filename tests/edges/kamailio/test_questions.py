"""The bookkeeping of questions: one a number, each call answered once (REQ-45)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from qalqan.edges.kamailio import questions
from qalqan.edges.kamailio.questions import Questions, Waiting

ONE, OTHER = 77050000001, 77050000002
BUDGET_S = 0.02


class Room:
    """Questions, what they sent and what became of the calls."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.done: list[tuple[int, str, dict[int, str]]] = []
        loop = asyncio.get_running_loop()
        self.questions = Questions(loop, BUDGET_S, self.way, self.take)
        self.unreachable: set[int] = set()

    def way(self, number: int) -> Callable[[bytes], None] | None:
        if number in self.unreachable:
            return None
        return lambda body: self.sent.append(json.loads(body))

    def take(self, waiting: Waiting, word: str) -> None:
        places = {number: place for number, (place, _) in waiting.places.items()}
        self.done.append((waiting.transaction[0], word, places))

    def ask(self, name: int, *numbers: int, oldest_s: float = 900) -> None:
        self.questions.ask(Waiting([name, 0], set(numbers)), questions.monotonic(), oldest_s)

    def answer(self, sent: int, place: str, **more: Any) -> None:
        told = {"id": self.sent[sent]["id"], "place": place, **more}
        self.questions.answer(json.dumps(told).encode())


def played(play: Callable[[Room], Awaitable[None]]) -> Room:
    async def run() -> Room:
        room = Room()
        await play(room)
        return room

    return asyncio.run(run())


def test_one_question_answers_all_who_wait_for_a_number() -> None:
    async def play(room: Room) -> None:
        for name in range(3):
            room.ask(name, ONE)
        assert [one["number"] for one in room.sent] == [f"+{ONE}"]
        room.answer(0, "abroad", seen_s_ago=5)
        room.ask(3, ONE)

    room = played(play)
    assert room.done == [(name, "abroad", {ONE: "abroad"}) for name in range(4)]
    assert len(room.sent) == 1
    assert room.questions.waiting == 0


def test_a_call_with_two_numbers_waits_for_both() -> None:
    async def play(room: Room) -> None:
        room.ask(1, ONE, OTHER)
        sent = {one["number"]: at for at, one in enumerate(room.sent)}
        room.answer(sent[f"+{ONE}"], "abroad")
        assert room.done == []
        room.answer(sent[f"+{OTHER}"], "home")

    assert played(play).done == [(1, "home", {ONE: "abroad", OTHER: "home"})]


def test_who_stays_silent_is_asked_twice_and_not_waited_for() -> None:
    async def play(room: Room) -> None:
        room.ask(1, ONE)
        await asyncio.sleep(4 * BUDGET_S)
        room.answer(0, "abroad")  # too late: nobody waits, and it is no answer to anything now
        room.ask(2, ONE)

    room = played(play)
    assert room.done == [(1, "silent", {})]
    assert [one["id"] for one in room.sent[:2]] == [room.sent[0]["id"]] * 2
    assert room.sent[2]["id"] != room.sent[0]["id"]


def test_nobody_to_ask_and_too_many_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "MOST_WAITING", 1)

    async def play(room: Room) -> None:
        room.ask(1, ONE)
        room.ask(2, OTHER)
        room.answer(0, "home")
        room.unreachable = {OTHER}
        room.ask(3, OTHER, ONE + 5)

    room = played(play)
    assert [(name, word) for name, word, _ in room.done] == [
        (2, "busy"), (1, "home"), (3, "nobody"),
    ]  # fmt: skip
    assert len(room.sent) == 1


def test_a_place_counts_no_longer_than_the_policy_says() -> None:
    async def play(room: Room) -> None:
        room.ask(1, ONE, oldest_s=10)
        room.answer(0, "home", seen_s_ago=11)
        room.ask(2, ONE, oldest_s=10)
        room.answer(1, "home", seen_s_ago=9)
        room.ask(3, ONE, oldest_s=8)

    room = played(play)
    assert [word for _, word, _ in room.done] == ["unknown", "home"]
    assert len(room.sent) == 3


def test_the_memory_of_answers_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "MOST_REMEMBERED", 1)

    async def play(room: Room) -> None:
        for at, number in enumerate((ONE, OTHER, ONE)):
            room.ask(at, number)
            room.answer(at, "home")

    assert len(played(play).sent) == 3


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff", b"null", b"[]", b"{}", b'{"id":1,"place":"home"}', b"[" * 5_000,
        b'{"id":"x","place":"home"}', b'{"id":"NAME","place":"moon"}', b'{"id":"NAME"}',
        b'{"id":"NAME","place":"home","seen_s_ago":-1}',
        b'{"id":"NAME","place":"home","seen_s_ago":true}',
        b'{"id":"NAME","place":"home","seen_s_ago":1e9}',
        b'{"id":"NAME","place":["home"]}',
    ],
)  # fmt: skip
def test_rubbish_is_no_answer(body: bytes) -> None:
    async def play(room: Room) -> None:
        room.ask(1, ONE)
        room.questions.answer(body.replace(b"NAME", room.sent[0]["id"].encode()))
        assert room.done == []
        room.answer(0, "home")

    assert played(play).done == [(1, "home", {ONE: "home"})]

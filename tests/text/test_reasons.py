"""Every `Conflict` and `NotAllowed` that is raised has a sentence of its own in each language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from qalqan.errors import Conflict, NotAllowed
from qalqan.text.catalogue import LANGUAGES, entries, has, say
from qalqan.text.failure import failure, keys_of, reason
from qalqan.web.errors import problem_of

SOURCES = Path(__file__).parents[2] / "src" / "qalqan"
_PLACES = {
    "Conflict": ("kind", "key", "state", "wanted", "code", "n"),
    "NotAllowed": ("action", "missing", "code"),
}
_OPEN = "zz"
"""Stands where a word is known only when the error is raised."""


def _words(node: ast.expr | None) -> list[str]:
    """What a word may be: each side of a choice, and what stands before a place."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return [*_words(node.body), *_words(node.orelse)]
    if isinstance(node, ast.JoinedStr):
        parts = (each.value if isinstance(each, ast.Constant) else _OPEN for each in node.values)
        return ["".join(map(str, parts))]
    return [_OPEN]


def _raised() -> Iterator[tuple[str, Conflict | NotAllowed]]:
    """Each error that the source raises, as far as its words are written there."""
    for file in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                where = f"{file.relative_to(SOURCES)}:{node.lineno}"
                yield from ((where, error) for error in _made(node.func.id, node.args))


def _made(name: str, args: list[ast.expr]) -> Iterator[Conflict | NotAllowed]:
    if name not in _PLACES:
        return
    given = dict(zip(_PLACES[name], args, strict=False))
    code = _words(given["code"])[0] if "code" in given else ""
    if name == "NotAllowed":
        action = _words(given["action"])[0]
        yield from (NotAllowed(action, missing, code) for missing in _words(given["missing"]))
        return
    for kind in _words(given["kind"]):
        yield from (Conflict(kind, "K", state, "w", code) for state in _words(given["state"]))


def _told(error: Conflict | NotAllowed) -> bool:
    if isinstance(error, NotAllowed) and error.missing == _OPEN:
        return True  # the places that pass words on: their callers name them
    if isinstance(error, NotAllowed) and has(f"api.error.{error.missing}"):
        return True
    if error.code.startswith(_OPEN + "_"):
        known = [key for key in entries() if key.endswith(error.code.removeprefix(_OPEN))]
        return {f"failure.conflict.case_{each}_open" for each in ("orders", "tasks")} <= set(known)
    return any(map(has, keys_of(error)))


def test_every_raised_reason_has_its_sentence() -> None:
    raised = list(_raised())
    assert len(raised) > 100
    assert [(where, str(error)) for where, error in raised if not _told(error)] == []


def test_every_reason_is_told_in_three_languages() -> None:
    for key, entry in entries().items():
        if key.startswith(("failure.conflict.", "failure.may_not.")):
            assert set(LANGUAGES) <= set(entry), key
            assert len({str(entry[language]) for language in LANGUAGES}) == len(LANGUAGES), key


REASONS = [
    Conflict("case", "C-26-000001", "orders open: 3", "close", "orders_open", 3),
    Conflict("order", "O-26-000001", "appealed", "approve"),
    Conflict("order", "O-26-000001", "on its way", "withdraw"),
    Conflict("order", "O-26-000001", "reminded just now", "nudge"),
    Conflict("order", "O-26-000001", "answered held", "answer"),
    Conflict("drop", "D-26-000001", "waits for a second person", "organiser"),
    Conflict("factor", "aigerim", "last", "remove"),
    NotAllowed("approve hold", "a person other than the drafter"),
    NotAllowed("agree", "second_person"),
    NotAllowed("draft hold", "role"),
    NotAllowed("key", "scope screen"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("error", REASONS, ids=str)
def test_page_programs_and_command_line_tell_the_same(
    error: Conflict | NotAllowed, language: str
) -> None:
    told = problem_of(error, language).error
    assert told["message"] == failure(error, language) == reason(error, language)
    assert told["message"] != say("api.error.conflict", language)
    assert told["code"] in ("conflict", "not_allowed")
    words = error.missing if isinstance(error, NotAllowed) else error.state
    assert language == "en" or words not in str(told["message"])


def test_numbers_are_counted_in_each_language() -> None:
    told = [reason(Conflict("case", "C", "", "", "orders_open", n), "ru") for n in (1, 3, 5)]
    assert [str(each).split(" в нём ")[1] for each in told] == [
        "1 незавершённое распоряжение.",
        "3 незавершённых распоряжения.",
        "5 незавершённых распоряжений.",
    ]


def test_a_stale_version_alone_says_that_it_has_changed() -> None:
    stale = Conflict("order", "O-26-000001", "at version 3", "version 2", "changed")
    assert "Somebody else changed the order" in failure(stale, "en")
    assert "appealed" in failure(Conflict("order", "O-26-000001", "appealed", "x"), "en").lower()

"""Officers, taken in from the command line."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from qalqan.cli import people

PASSWORD = "a long enough password\n"


def test_an_officer_gives_a_password_on_stdin(qalqan: Any) -> None:
    qalqan("init")
    told = qalqan("user", "aigul", "--name", "Айгүл", "--region", "KZ-75", "--json", given=PASSWORD)
    assert told.json == {"user": "aigul"}
    again = qalqan("user", "aigul", "--name", "Айгүл", given=PASSWORD)
    assert (again.code, "aigul is registered already." in again.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "password", "said"),
    [
        (["aigul"], "", "expected a password of 12"),
        (["aigul"], "short\n", "expected a password of 12"),
        (["aigul", "--role", "boss"], PASSWORD, "expected one of: operator"),
        (["aigul", "--region", "XX"], PASSWORD, "expected a region code"),
        (["айгүл"], PASSWORD, "expected a login of Latin letters"),
    ],
)
def test_an_officer_who_can_not_be(qalqan: Any, words: list[str], password: str, said: str) -> None:
    qalqan("init")
    answer = qalqan("user", *words, "--name", "A", given=password)
    assert answer.code == 2
    assert said in answer.err


@pytest.mark.parametrize(("second", "code"), [(PASSWORD, 0), ("another long password", 2)])
def test_a_password_that_nobody_sees_is_typed_twice(
    qalqan: Any, monkeypatch: pytest.MonkeyPatch, second: str, code: int
) -> None:
    qalqan("init")
    typed = iter([PASSWORD, second])
    monkeypatch.setattr(people, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    monkeypatch.setattr(people.getpass, "getpass", lambda _: next(typed))
    answer = qalqan("user", "aigul", "--name", "Айгүл")
    assert answer.code == code
    assert ("expected the same password twice" in answer.err) == bool(code)

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


def test_accounts_are_listed_locked_and_reset(qalqan: Any) -> None:
    qalqan("init")
    qalqan("user", "aigul", "--name", "Айгүл", given=PASSWORD)
    qalqan("user", "marat", "--name", "Марат", "--own", given=PASSWORD)
    listed = qalqan("users", "list", "--json").json
    assert [listed[login]["one_time_password"] for login in ("aigul", "marat")] == [True, False]
    assert qalqan("users", "role", "aigul", "expert", "--region", "KZ-75").code == 0
    assert qalqan("users", "role", "aigul", "boss").code == 2
    assert qalqan("users", "role", "aigul", "clerk").code == 2
    assert qalqan("users", "lock", "aigul", "--json").json == {"user": "aigul", "active": False}
    assert qalqan("users", "lock", "aigul").code == 0  # said twice, done once
    listed = qalqan("users", "list", "--json").json["aigul"]
    assert (listed["role"], listed["region"], listed["active"]) == ("expert", "KZ-75", False)
    assert qalqan("users", "unlock", "aigul").code == 0
    for command in ("reset-password", "reset-factors"):
        assert len(qalqan("users", command, "marat", "--json").json["password"]) == 19
    assert qalqan("users", "end-sessions", "--json").json == {"ended": 0}
    assert qalqan("users", "lock", "nobody").code == 2

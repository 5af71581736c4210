from __future__ import annotations

from collections.abc import Sequence

import pytest

from qalqan.errors import InputRejected
from qalqan.trust.guessing import check_new


def refusal_of(password: str, words: Sequence[str] = ()) -> tuple[str, object] | None:
    """What was expected, and what the refusal repeats."""
    try:
        check_new(password, words)
    except InputRejected as error:
        return error.expected, error.value
    return None


@pytest.mark.parametrize(
    "password",
    ["password1234", "qwertyuiop12", "123456789012", "iloveyou1234", "aaaaaaaaaaaa", "йцукенгшщзхъ",
     "Almaty2026!!", "qalqan2026qalqan", "құпиясөзқұпиясөз", "a.sarsenova2026", "sarsenovabank1",
     "x" * 128, "03m10x26zmlzhf", "03M10X26ZMLZHF", "03ь10ч26яьдяра"],
)  # fmt: skip
def test_what_a_guesser_would_try_is_refused_without_repeating_it(password: str) -> None:
    assert refusal_of(password, ["a.sarsenova", "sarsenova"]) == ("password.guessed", "")


@pytest.mark.parametrize(
    "password",
    ["a long enough password", "қара алтын таулар", "моя бабушка пекла", "кілт ashar 7 !"],
)
def test_any_signs_may_make_a_good_one(password: str) -> None:
    assert refusal_of(password, ["a.sarsenova"]) is None


@pytest.mark.parametrize("password", ["", "short", "x" * 129])
def test_its_length_is_said_first(password: str) -> None:
    assert refusal_of(password) == ("password.length", "")

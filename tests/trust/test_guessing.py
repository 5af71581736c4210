from __future__ import annotations

import pytest

from qalqan.errors import InputRejected
from qalqan.trust.guessing import check_new


@pytest.mark.parametrize(
    "password",
    ["password1234", "qwertyuiop12", "123456789012", "iloveyou1234", "aaaaaaaaaaaa", "йцукенгшщзхъ",
     "Almaty2026!!", "qalqan2026qalqan", "құпиясөзқұпиясөз", "a.sarsenova2026", "sarsenovabank1",
     "x" * 128, "03m10x26zmlzhf", "03M10X26ZMLZHF", "03ь10ч26яьдяра"],
)  # fmt: skip
def test_what_a_guesser_would_try_is_refused_without_repeating_it(password: str) -> None:
    with pytest.raises(InputRejected) as caught:
        check_new(password, ["a.sarsenova", "sarsenova"])
    assert (caught.value.expected, caught.value.value) == ("password.guessed", "")


@pytest.mark.parametrize(
    "password",
    ["a long enough password", "қара алтын таулар", "моя бабушка пекла", "кілт ashar 7 !"],
)
def test_any_signs_may_make_a_good_one(password: str) -> None:
    check_new(password, ["a.sarsenova"])


@pytest.mark.parametrize("password", ["", "short", "x" * 129])
def test_its_length_is_said_first(password: str) -> None:
    with pytest.raises(InputRejected) as caught:
        check_new(password)
    assert caught.value.expected == "password.length"

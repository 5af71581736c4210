"""Texts as short messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.exchange import sms_text

GSM = st.sampled_from("abcXYZ 0123@£€[]{}|\n")
ANY = st.text(st.characters(exclude_categories=("Cs",)), max_size=500)


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "parts"),
    [
        ("a" * 160, "gsm", 160, 1),
        ("a" * 161, "gsm", 161, 2),
        ("a" * 306, "gsm", 306, 2),
        ("a" * 307, "gsm", 307, 3),
        ("€" * 80, "gsm", 160, 1),
        ("ә" * 70, "ucs2", 70, 1),
        ("ә" * 71, "ucs2", 71, 2),
        ("ә" * 134, "ucs2", 134, 2),
        ("ә" * 135, "ucs2", 135, 3),
        ("", "gsm", 0, 1),
        ("😀" * 35, "ucs2", 70, 1),
    ],
)
def test_lengths_are_those_of_the_standard(
    text: str, alphabet: str, units: int, parts: int
) -> None:
    found = sms_text.length(text)
    assert (found.alphabet, found.units, found.parts) == (alphabet, units, parts)


def test_a_sign_of_two_units_is_not_cut() -> None:
    assert sms_text.length("a" * 152 + "€" + "b" * 152).parts == 3  # 306 units would fit two
    assert len(sms_text.parts("ә" * 66 + "😀" * 34)[0]) == 66 * 2


@given(ANY)
def test_parts_say_the_whole_text_and_none_is_too_long(text: str) -> None:
    found, bodies = sms_text.length(text), sms_text.parts(text)
    assert len(bodies) == found.parts
    if found.alphabet == "ucs2":
        assert "".join(sms_text.decoded(body, 8) for body in bodies) == text
        assert all(len(body) <= (140 if len(bodies) == 1 else 134) for body in bodies)


@given(st.text(GSM, max_size=400))
def test_the_basic_alphabet_comes_back_as_it_was(text: str) -> None:
    bodies = sms_text.parts(text)
    assert "".join(sms_text.decoded(body, 0) for body in bodies) == text
    assert all(len(body) <= (160 if len(bodies) == 1 else 153) for body in bodies)

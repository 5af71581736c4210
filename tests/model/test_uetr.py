"""A UETR is one payment's in whatever letters (REQ-39)."""

from hypothesis import given
from hypothesis import strategies as st

from qalqan.model.uetr import canonical


@given(st.uuids())
def test_a_uuid_has_small_letters(number):
    assert canonical(str(number).upper()) == str(number) == canonical(str(number))


@given(st.text())
def test_a_banks_own_word_stays_as_it_is(word):
    assert canonical(word) == word or canonical(word).count("-") == 4


def test_what_is_nearly_one_is_a_word():
    for word in (
        "",
        "8A562C67-CA16-48BA-B074-65581BE6F00",
        "8A562C67-CA16-48BA-B074-65581BE6F00B\n",
    ):
        assert canonical(word) == word

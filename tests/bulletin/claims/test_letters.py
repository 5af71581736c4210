"""Look-alike letters are put right and told, and every place is kept."""

from hypothesis import given
from hypothesis import strategies as st

from qalqan.bulletin.claims.letters import clean


def test_a_word_of_another_alphabet_is_told():
    read = clean("ЅІМ-бокс арқылы")
    assert read.plain == "sim-бокс арқылы"
    assert [(odd.text, odd.reads) for odd in read.odd] == [("ЅІМ", "SIM")]


def test_honest_words_are_left_alone():
    assert clean("ІІМ, Kaspiден, IP-мекенжай, СМС").odd == ()


@given(st.text(max_size=60))
def test_every_letter_keeps_its_place(text):
    read = clean(text)
    assert len(read.plain) == len(read.shown) == len(read.places) - 1
    assert list(read.places) == sorted(read.places)
    for at, letter in enumerate(read.shown):
        assert letter in text or text[read.places[at]] != letter

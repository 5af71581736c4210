"""Look-alike letters recognised, reported and folded (REQ-86)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.text.fold import digits, fold, latin, latin_shadow, search_key

KAZAKH = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі"
WORDS = st.text(KAZAKH + KAZAKH.upper(), min_size=1)


@pytest.mark.parametrize(
    ("text", "folded", "letters"),
    [
        ("ЅІМ-бокс", "SIM-бокс", "ЅІМ"),
        ("шот КZ86125KZT5004100100", "шот KZ86125KZT5004100100", "К"),
        ("Kаspi", "Kaspi", "а"),
        ("пoлиция", "полиция", "o"),
        ("қəзақ", "қәзақ", "ə"),
        ("Wі-Fі", "Wi-Fi", "і"),
        ("Telegrаm", "Telegram", "а"),
        ("𝐁𝐚𝐧𝐤", "Bank", "𝐁𝐚𝐧𝐤"),
        ("ＫＺ８６", "KZ86", "ＫＺ８６"),
        ("ка\u200bрта", "карта", "\u200b"),
        ("и\u0306", "й", ""),
    ],
)
def test_what_is_put_right(text, folded, letters):
    found = fold(text)
    assert found.text == folded
    assert found.changed
    assert "".join(found.letters) == letters


@pytest.mark.parametrize(
    "text",
    ["Kaspiден", "WhatsAppта", "OLX-те", "СІМ", "Ілияс", "Київ", "Београд", "X5", "кофе-break", ""],
)
def test_genuine_words_stay(text):
    assert fold(text) == fold(text).__class__(text, False, ())


@given(st.lists(WORDS | st.text("abcXYZ019 ", min_size=1)).map(" ".join))
def test_no_word_of_one_script_is_touched(text):
    found = fold(text)
    assert (found.text, found.changed) == (text, False)


@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    once = fold(text).text
    assert fold(once).text == once


@given(st.text())
def test_the_shadow_is_as_long_as_the_text(text):
    assert len(latin_shadow(text)) == len(text)


def test_identifiers_are_folded_without_asking():
    assert latin("ВТВ").text == "BTB"
    assert latin("ВТВ").letters == ("В", "Т")
    assert digits("8 7О1 ١٢٣ ４").text == "8 701 123 4"
    assert digits("87O1").letters == ("O",)
    assert not digits("8701").changed


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ЅІМ-бокс", "sim-бокс"),
        ("Әлихан Қасымұлы", "алихан касымулы"),
        ("Ілияс", "илияс"),
        ("Қаһарман", "кахарман"),
        ("Kаspi  банк", "KASPI БАНК"),
        ("Өмірбек", "омирбек"),
        ("Ғалым", "галым"),
    ],
)
def test_search_finds_what_people_type(one, other):
    assert search_key(one) == search_key(other)


def test_search_tells_words_apart():
    assert search_key("қала") != search_key("қара")
    assert search_key("дом") != search_key("том")


@pytest.mark.parametrize("text", ["a\u0301" * 10**6, "\u0301\u0316" * 10**6, "аa" * 10**6])
def test_huge_text_is_no_trouble(text):
    assert len(fold(text).text) <= len(text)
    assert search_key(text) is not None

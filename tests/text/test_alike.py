from __future__ import annotations

import pytest

from qalqan.text.alike import grams, likeness


@pytest.mark.parametrize(
    "typed",
    ["kaspi", "KASPI", "Kаspi", "КASPI", " kaspi  bank ", "kaspy"],
)
def test_what_nobody_can_tell_apart_or_mistypes_is_alike(typed):
    assert likeness(grams("kaspi"), grams(typed)) >= 0.5


def test_other_words_are_not():
    assert likeness(grams("kaspi"), grams("Halyk")) < 0.5
    assert likeness(grams(""), grams("kaspi")) == 0
    assert grams(" — !") == frozenset()


def test_kazakh_letters_typed_on_a_russian_keyboard():
    assert grams("Тұлпар") == grams("тулпар")
    assert grams("Қазына") == grams("КАЗЫНА")

import pytest

from qalqan.errors import ContractBroken
from qalqan.text.catalogue import LANGUAGES, entries, form, places, say


def test_every_entry_speaks_three_languages_with_the_same_places():
    for key, entry in entries().items():
        assert set(entry) == set(LANGUAGES), key
        named = {places(sentence) - {"n"} for sentence in entry.values()}
        assert len(named) == 1, f"{key}: {named}"


def test_every_plural_form_a_language_needs_is_there():
    needed = {"kk": {"one", "other"}, "ru": {"one", "few", "many"}, "en": {"one", "other"}}
    for key, entry in entries().items():
        for language, sentence in entry.items():
            if not isinstance(sentence, str):
                assert needed[language] <= set(sentence), f"{key} in {language}"


def test_places_are_filled_and_large_numbers_grouped():
    text = say("expected.iban.length", "en", country="KZ", length=20)
    assert text == "expected an IBAN of 20 characters for country KZ"
    assert "10\u00a0000" in say("expected.text.too_long", "kk", most=10_000)


@pytest.mark.parametrize(
    ("key", "language", "values"),
    [
        ("no.such.key", "kk", {}),
        ("expected.text.empty", "de", {}),
        ("expected.iban.length", "ru", {"country": "KZ"}),
    ],
)
def test_what_is_missing_is_named(key, language, values):
    with pytest.raises(ContractBroken):
        say(key, language, **values)


def test_plural_forms_follow_the_number():
    days = {"one": "{n} день", "few": "{n} дня", "many": "{n} дней"}
    assert [form(days, "ru", n) for n in (1, 22, 5)] == ["{n} день", "{n} дня", "{n} дней"]
    assert form({"one": "a", "other": "b"}, "kk", 7) == "b"
    assert form("plain", "kk", None) == "plain"
    with pytest.raises(KeyError):
        form(days, "ru", None)


def test_values_can_not_reach_into_the_sentence():
    assert "{x}" in say("expected.iban.length", "en", country="{x}", length=1)

"""REQ-17, 33, 88: codes are versioned data in three languages; unknown ones are refused."""

from __future__ import annotations

import pytest

from qalqan.cases import codes
from qalqan.errors import ContractBroken, InputRejected
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.refusal import refusal

NOW = 1_767_250_800_000_000


def test_every_code_is_named_in_every_language():
    for book in codes.code_books():
        for entry in (*book.methods.values(), *book.causes.values()):
            assert all(entry[language] for language in LANGUAGES)
        assert {entry["part"] for entry in book.methods.values()} <= {codes.METHOD, "means"}
    for names in codes.regions().values():
        assert all(names[language] for language in LANGUAGES)


def test_the_methods_of_the_requirements_and_all_regions_are_there():
    methods = codes.code_book(NOW).methods
    ways = {code for code, entry in methods.items() if entry["part"] == codes.METHOD}
    assert ways == {"27", "28", "29", "30", "31", "32"}
    assert len(codes.regions()) == 17 + 3


def test_the_book_is_the_one_of_its_day():
    for book in codes.code_books():
        assert codes.code_book(book.valid_from_us) == book
    first = codes.code_books()[0].valid_from_us
    with pytest.raises(ContractBroken):
        codes.code_book(first - 1)


def test_a_crime_may_have_several_methods_each_once():
    assert codes.check_methods(["31", "28", "47", "28"], NOW) == ("28", "31", "47")


@pytest.mark.parametrize("given", [["28", "999"], ["47", "65"], ["47"], [], [""], ["28 "]])
def test_an_unknown_code_or_none_that_says_how_is_refused(given):
    with pytest.raises(InputRejected) as caught:
        codes.check_methods(given, NOW)
    assert (caught.value.field, caught.value.expected) == ("methods", "report.method")


def test_unknown_causes_and_regions_are_refused_in_the_readers_language():
    assert codes.check_cause("gave_code", NOW) == "gave_code"
    assert codes.check_cause(None, NOW) is None
    assert codes.check_region("KZ-75") == "KZ-75"
    for check in (lambda: codes.check_cause("greed", NOW), lambda: codes.check_region("KZ-00")):
        with pytest.raises(InputRejected) as caught:
            check()
        assert len({refusal(caught.value, language) for language in LANGUAGES}) == 3

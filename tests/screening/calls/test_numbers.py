"""Numbers in every notation, against the identifiers of facts and phonenumbers (REQ-45)."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import InputRejected
from qalqan.model.identifiers import phone
from qalqan.screening.calls.numbers import ABSENT, MALFORMED, number


@pytest.mark.parametrize(
    "text",
    ["+77011234567", "77011234567", "87011234567", "7011234567", "0077011234567", "8107 7011234567",
     "tel:+7-701-123-45-67;phone-context=kz", "sip:+77011234567@10.0.0.1:5060;user=phone",
     "SIP:+7(701)1234567@x", "<sip:87011234567@x>", "+7.701.123.45.67"],
)  # fmt: skip
@pytest.mark.parametrize("abroad", [True, False])
def test_a_kazakh_number_is_read_in_every_notation_on_every_trunk(text: str, abroad: bool) -> None:
    if "810" in text:
        text = text.replace(" ", "")
    assert number(text, abroad) == 77011234567


@pytest.mark.parametrize(
    ("text", "abroad", "told"),
    [
        ("82212345678", True, 82212345678),  # Korea; at home it is dialled to Russia or Kazakhstan
        ("82212345678", False, 72212345678),
        ("6591234567", True, 6591234567),  # Singapore
        ("6001234567", False, 76001234567),
        ("00442079460018", True, 442079460018),
        ("810442079460018", False, 442079460018),
        ("89161234567", True, 79161234567),
        ("112", True, 112),
        ("1414", False, 1414),
        ("51111", True, 51111),
    ],
)
def test_bare_digits_are_read_as_the_trunk_s_side_writes_them(
    text: str, abroad: bool, told: int
) -> None:
    assert number(text, abroad) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tel:2500000;phone-context=+7727", 77272500000),
        ("sip:250-00-00;Phone-Context=+7-727@x;user=phone", 77272500000),
        ("<tel:7272500000;ext=1;phone-context=+7>", 77272500000),
        ("tel:2079460018;phone-context=+44", 442079460018),
        ("tel:+442079460018;phone-context=+7727", 442079460018),
        ("tel:112;phone-context=+7", 112),
        ("tel:7011234567;phone-context=ims.example", 77011234567),
        ("tel:87272500000;phone-context=+7", 77272500000),
    ],
)
def test_a_local_number_is_read_with_its_context(text: str, told: int) -> None:
    assert number(text, True) == told


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "anonymous",
        "Anonymous",
        "sip:anonymous@anonymous.invalid",
        "unavailable",
        "restricted",
        "unknown",
        "sip:@x",
    ],
)
def test_a_withheld_number_is_absent(text: str | None) -> None:
    assert number(text) == ABSENT


@pytest.mark.parametrize(
    "text",
    [
        "alice",
        "+",
        "++77011234567",
        "+7701123456",
        "+770112345678",
        "7",
        "+12",
        "123456",
        "+1234567890123456",
        "+0123456789",
        "0701123",
        "2500000",
        "250-00-00",
        "+7701123456a",
        "+77_01123456",
        "+７7011234567",
        "+770112345 678 9",
        "٧٧٠١١٢٣٤٥٦٧",
        "0",
        "00",
        "+7 (701) 123 45 67 8",
        "\u200b+77011234567",
    ],
)
def test_what_is_no_number_is_malformed_and_nothing_else(text: str) -> None:
    assert number(text, True) == MALFORMED


@given(
    st.text(max_size=40) | st.from_regex(r"(sip:|tel:)?\+?[0-9 ().-]{0,20}(@x)?", fullmatch=True)
)
def test_no_text_is_more_than_a_number(text: str) -> None:
    for abroad in (True, False):
        found = number(text, abroad)
        assert found in (ABSENT, MALFORMED) or 100 <= found < 10**15
        if str(found)[0] == "7" and found > 99_999:
            assert len(str(found)) == 11


@given(st.sampled_from(["KZ", "RU", "GB", "LV", "UZ", "CN", "KR", "US"]), st.integers(0, 10**9))
def test_valid_numbers_of_countries_are_read_as_phonenumbers_writes_them(
    region: str, draw: int
) -> None:
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    national = str(example.national_number)[:-5] + f"{draw % 100_000:05d}"
    made = phonenumbers.PhoneNumber(example.country_code, int(national))
    for shape in (phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.RFC3966):
        assert number(phonenumbers.format_number(made, shape), True) == int(
            f"{made.country_code}{made.national_number}"
        )


@given(st.from_regex(r"(\+7|8|7|)7[0-9]{9}", fullmatch=True))
def test_facts_and_calls_read_one_number_alike(text: str) -> None:
    try:
        expected = int(phone.canonical(text).text[1:])
    except InputRejected:
        return
    assert number(text, True) == number(text, False) == expected

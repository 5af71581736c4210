import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import InputRejected
from qalqan.model.identifiers.phone import canonical


@pytest.mark.parametrize(
    "text",
    [
        "+77011234567",
        "8 (701) 123-45-67",
        "+7 701 123 45 67",
        "(+7) 701 123.45.67",
        "007 701 123 45 67",
        "8 10 7 701 123 45 67",
        "77011234567",
        "7011234567",
        "(701) 1234567",
        "tel:+77011234567",
        " 8\u00a0701\u2011123\u201145\u201167 ",
    ],
)
def test_ways_to_write_one_number(text):
    found = canonical(text)
    assert (found.text, found.country, found.kind) == ("+77011234567", "KZ", "mobile")
    assert found.folded == ()


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("\u202a+7 701 123-45-67\u202c", ("\u202a", "\u202c")),
        ("＋７７０１１２３４５６７", tuple("＋７０１２３４５６")),
        ("87О11234567", ("О",)),
        ("87O11234567", ("O",)),
        ("٨٧٠١١٢٣٤٥٦٧", tuple("٨٧٠١٢٣٤٥٦")),
    ],
)
def test_look_alikes_are_folded_and_reported(text, letters):
    found = canonical(text)
    assert found.text == "+77011234567"
    assert found.folded == letters


@pytest.mark.parametrize(
    ("text", "e164", "country", "kind"),
    [
        ("8 (7172) 55-56-78", "+77172555678", "KZ", "fixed"),
        ("8 800 080 00 00", "+78000800000", None, "shared"),
        ("+7 916 123-45-67", "+79161234567", "RU", "mobile"),
        ("00 44 20 7946 0018", "+442079460018", "GB", "fixed"),
        ("+44 (0)20 7946 0018", "+442079460018", "GB", "fixed"),
        ("8 10 996 555 123 456", "+996555123456", "KG", "mobile"),
        ("996555123456", "+996555123456", "KG", "mobile"),
        ("+39 06 6012 3456", "+390660123456", "IT", "fixed"),
        ("1414", "1414", "KZ", "short"),
        ("102", "102", "KZ", "short"),
    ],
)
def test_owner_and_class(text, e164, country, kind):
    found = canonical(text)
    assert (found.text, found.country, found.kind) == (e164, country, kind)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "text.empty"),
        (" \t\n ", "text.empty"),
        ("7" * 65, "text.too_long"),
        ("8701\x00123", "text.characters"),
        ("8701 123 45 67 доб. 3", "phone.shape"),
        ("🙂", "phone.shape"),
        ("+", "phone.shape"),
        ("++77011234567", "phone.shape"),
        ("77O1l234567", "phone.shape"),
        ("701123456", "phone.shape"),
        ("12345", "phone.shape"),
        ("0701", "phone.shape"),
        ("9161234567", "phone.shape"),
        ("999999999999999", "phone.shape"),
        ("+7701123456", "phone.length"),
        ("+770112345678", "phone.length"),
        ("+7", "phone.length"),
        ("+1 212 555", "phone.length"),
        ("+44 1", "phone.length"),
        ("+999 12345678", "phone.country"),
        ("+0 12345678", "phone.country"),
    ],
)
def test_refusals(text, expected):
    with pytest.raises(InputRejected) as refused:
        canonical(text, field="caller")
    assert (refused.value.field, refused.value.expected) == ("caller", expected)


@given(st.from_regex(r"\+7[0-9]{10}", fullmatch=True), st.sampled_from(["8", "007", "8107", "7"]))
def test_every_national_form_means_the_same(e164, prefix):
    assert canonical(prefix + e164[2:]).text == e164 == canonical(e164).text


def test_phonenumbers_writes_every_country_s_example_the_same():
    compared = 0
    for region in sorted(phonenumbers.SUPPORTED_REGIONS - {"KZ", "RU"}):
        example = phonenumbers.example_number(region)
        if example is None:
            continue
        e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        shown = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        found = canonical(shown)
        assert found.text == e164
        assert found.country == phonenumbers.region_code_for_number(example)
        assert canonical(found.text) == found
        compared += 1
    assert compared > 200

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType as Type

from qalqan.geo.numbering import KINDS, PLUS_7, NumberClass, number_class

AGREED_RESERVE = {
    819, 822, 823, 824, 825, 826, 827, 828, 829, 830, 832, 837, 838, 839, 849, 852, 853, 854,
    858, 859, 864, 868, 870, 874, 875, 876,
}  # fmt: skip
TAILS = ("2345678", "3012345", "5912345", "2712345", "4312345", "9998877", "0000000")


def test_owners_are_those_of_the_agreement():
    for code, found in enumerate(PLUS_7):
        if code < 100 or 600 <= code < 800:
            assert found.country == "KZ", code
        elif 100 <= code < 200 or 800 <= code <= 809 or 881 <= code < 900:
            assert found == NumberClass(None, "shared"), code
        elif code in AGREED_RESERVE:
            assert found == NumberClass(None, "reserve"), code
        else:
            assert found.country == "RU", code
    assert len(AGREED_RESERVE) == 26


@pytest.mark.parametrize(
    ("number", "country", "kind"),
    [
        ("+77011234567", "KZ", "mobile"),
        ("+77172555678", "KZ", "fixed"),
        ("+77511234567", "KZ", "voip"),
        ("+77621234567", "KZ", "network"),
        ("+76001234567", "KZ", "unassigned"),
        ("+70001234567", "KZ", "unassigned"),
        ("+79161234567", "RU", "mobile"),
        ("+74951234567", "RU", "fixed"),
        ("+72221234567", "RU", "unassigned"),
        ("+78001234567", None, "shared"),
        ("+78191234567", None, "reserve"),
        ("+996555123456", "KG", "mobile"),
        ("+442079460018", "GB", "fixed"),
        ("+12125550123", "US", "fixed_or_mobile"),
        ("+870773111632", "001", "mobile"),
        ("+999123456789", None, "unknown"),
        ("1414", "KZ", "short"),
    ],
)
def test_owner_and_class(number, country, kind):
    assert number_class(number) == NumberClass(country, kind)
    assert kind in KINDS


def test_phonenumbers_agrees_wherever_the_table_does_not_differ_on_purpose():
    same = {Type.MOBILE: "mobile", Type.FIXED_LINE: "fixed", Type.VOIP: "voip"}
    compared = 0
    for code in range(1000):
        ours = PLUS_7[code]
        if ours.kind in ("shared", "network"):
            continue
        for tail in TAILS:
            number = phonenumbers.parse(f"+7{code:03d}{tail}")
            if phonenumbers.is_valid_number(number):
                compared += 1
                assert phonenumbers.region_code_for_number(number) == ours.country, code
                assert same[phonenumbers.number_type(number)] == ours.kind, code
    assert compared > 1000

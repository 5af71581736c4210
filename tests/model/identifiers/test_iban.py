import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import InputRejected
from qalqan.geo.countries import COUNTRIES
from qalqan.model.identifiers.iban import (
    STRUCTURES,
    canonical,
    check_digits,
    length_of,
    remainder,
)

REGISTRY = """
AD1200012030200359100100 AE070331234567890123456 AL47212110090000000235698741
AT611904300234573201 AZ21NABZ00000000137010001944 BA391290079401028494 BE68539007547034
BG80BNBG96611020345678 BH67BMAG00001299123456 BR9700360305000010009795493P1
BY13NBRB3600900000002Z00AB00 CH9300762011623852957 CR05015202001026284066
CY17002001280000001200527600 CZ6508000000192000145399 DE89370400440532013000
DK5000400440116243 DO28BAGR00000001212453611324 EE382200221020145685
EG380019000500000000263180002 ES9121000418450200051332 FI2112345600000785
FO6264600001631634 FR1420041010050500013M02606 GB29NWBK60161331926819
GE29NB0000000101904917 GI75NWBK000000007099453 GL8964710001000206
GR1601101250000000012300695 GT82TRAJ01020000001210029690 HR1210010051863000160
HU42117730161111101800000000 IE29AIBK93115212345678 IL620108000000099999999
IQ98NBIQ850123456789012 IS140159260076545510730339 IT60X0542811101000000123456
JO94CBJO0010000000000131000302 KW81CBKU0000000000001234560101 KZ86125KZT5004100100
LB62099900000001001901229114 LC55HEMM000100010012001200023015 LI21088100002324013AA
LT121000011101001000 LU280019400644750000 LV80BANK0000435195001 LY83002048000020100120361
MC1112739000700011111000H79 MD24AG000225100013104168 ME25505000012345678951
MK07250120000058984 MR1300020001010000123456753 MT84MALT011000012345MTLCAST001S
MU17BOMM0101101030300200000MUR NL91ABNA0417164300 NO9386011117947
PK36SCBL0000001123456702 PL61109010140000071219812874 PS92PALS000000000400123456702
PT50000201231234567890154 QA58DOHB00001234567890ABCDEFG RO49AAAA1B31007593840000
RS35260005601001611379 RU0304452522540817810538091310419 SA0380000000608010167519
SC18SSCB11010000000000001497USD SD2129010501234001 SE4550000000058398257466
SI56191000000123438 SK3112000000198742637541 SM86U0322509800000000270100
ST23000100010051845310146 SV62CENR00000000000000700025 TL380080012345678910157
TN5910006035183598478831 TR330006100519786457841326 UA213223130000026007233566001
VA59001123000012345678 VG96VPVG0000012345678901 XK051212012345678906
"""


@pytest.mark.parametrize("number", REGISTRY.split())
def test_examples_of_the_swift_registry(number):
    found = canonical(number)
    assert (found.text, found.country) == (number, number[:2])
    spaced = " ".join(number[i : i + 4] for i in range(0, len(number), 4)).lower()
    assert canonical(spaced) == found
    assert check_digits(number[:2], number[4:]) == number[2:4]


def test_the_example_of_iso_7064():
    assert remainder("94447") == 79444 % 97 == 1


def test_countries_are_countries_and_lengths_are_sane():
    assert set(STRUCTURES) <= COUNTRIES
    assert {length_of(country) for country in STRUCTURES} <= set(range(15, 35))
    assert (length_of("KZ"), length_of("NO"), length_of("RU")) == (20, 15, 33)


def test_a_kazakh_iban_tells_its_bank():
    assert canonical("KZ86 125K ZT50 0410 0100").bank_code == "125"
    assert canonical("GB29NWBK60161331926819").bank_code is None


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("КZ86125KZT5004100100", ("К",)),
        ("кz86 125к zт50 0410 0100", ("К", "Т")),
        ("ＫＺ86125KZT5004100100", ("Ｋ", "Ｚ")),
        ("KZ86\u200b125KZT5004100100", ("\u200b",)),
    ],
)
def test_look_alikes_are_folded_and_reported(text, letters):
    found = canonical(text)
    assert (found.text, found.folded) == ("KZ86125KZT5004100100", letters)


@given(st.text("0123456789", min_size=3, max_size=3), st.text("0123456789ABCXYZ", min_size=13))
def test_what_is_made_right_is_taken_and_one_changed_character_is_not(bank, rest):
    rest = rest[:13]
    number = f"KZ{check_digits('KZ', bank + rest)}{bank}{rest}"
    assert canonical(number).bank_code == bank
    for place in range(4, 20):
        seven, eight = ("7", "8") if number[place].isdigit() else ("Q", "R")
        other = seven if number[place] != seven else eight
        with pytest.raises(InputRejected):
            canonical(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "text.empty"),
        ("KZ", "iban.shape"),
        ("125KZT5004100100", "iban.shape"),
        ("KZ86 125K ZT50 0410 01–0", "iban.length"),
        ("KZ86125KZT50041001001", "iban.length"),
        ("KZ87125KZT5004100100", "iban.check_digits"),
        ("XX12345678901234", "iban.country"),
        ("US12345678901234", "iban.country"),
        ("KZ8612ӘKZT5004100100", "iban.shape"),
        ("BG93BNBG96611A20345678", "iban.shape"),
        ("🙂🙂", "iban.shape"),
    ],
)
def test_refusals(text, expected):
    with pytest.raises(InputRejected) as refused:
        canonical(text)
    assert refused.value.expected == expected


def test_the_bank_code_of_a_kazakh_iban_is_of_digits():
    with pytest.raises(InputRejected) as refused:
        canonical(f"KZ{check_digits('KZ', 'ABC' + '0' * 13)}ABC{'0' * 13}")
    assert refused.value.expected == "iban.bank_code"

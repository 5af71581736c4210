from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qalqan.errors import InputRejected
from qalqan.model.identifiers.iin import canonical
from qalqan.model.identifiers.twelve import check_digit

MARKS = {18: "12", 19: "34", 20: "56"}


@st.composite
def iins(draw):
    born = draw(st.dates(date(1800, 1, 1), date(2099, 12, 31)))
    mark = draw(st.sampled_from(MARKS[born.year // 100]))
    start = f"{born:%y%m%d}{mark}{draw(st.integers(0, 9999)):04d}"
    last = check_digit(start)
    assume(last is not None)
    return f"{start}{last}", born


@given(iins())
def test_a_right_iin_tells_birth_and_sex(pair):
    number, born = pair
    found = canonical(number)
    assert (found.text, found.born) == (number, born)
    assert found.sex == ("m" if int(number[6]) % 2 else "f")
    assert canonical(f" {number[:6]} {number[6:]}").text == number


@given(iins(), st.integers(1, 9))
def test_a_wrong_check_digit_is_refused(pair, step):
    number = pair[0]
    wrong = number[:11] + str((int(number[11]) + step) % 10)
    with pytest.raises(InputRejected) as refused:
        canonical(wrong)
    assert refused.value.expected == "iin.check_digit"


def test_an_example_computed_by_hand():
    found = canonical("880101300123")  # 87 mod 11 = 10, so once more: 102 mod 11 = 3
    assert (found.born, found.sex, found.country) == (date(1988, 1, 1), "m", "KZ")


def test_the_second_pass_of_weights_decides_when_the_first_gives_ten():
    starts = [f"8001013{serial:04d}" for serial in range(3000)]
    first = [
        sum(int(c) * w for c, w in zip(start, range(1, 12), strict=True)) % 11 for start in starts
    ]
    tens = [start for start, rest in zip(starts, first, strict=True) if rest == 10]
    assert len(tens) > 100
    last = [check_digit(start) for start in tens]
    assert None in last
    start = next(s for s, digit in zip(tens, last, strict=True) if digit is not None)
    weights = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
    assert check_digit(start) == sum(int(c) * w for c, w in zip(start, weights, strict=True)) % 11


def test_a_foreigner_s_iin_tells_neither_birth_nor_sex():
    start = "00022900001"
    number = start + str(check_digit(start))
    assert (canonical(number).born, canonical(number).sex) == (None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "text.empty"),
        ("88010130012", "iin.shape"),
        ("8801013001234", "iin.shape"),
        ("88010130012a", "iin.shape"),
        ("881301300123", "iin.date"),
        ("880132300123", "iin.date"),
        ("000229300001", "iin.date"),
        ("880101700123", "iin.century"),
        ("880101300124", "iin.check_digit"),
        ("8.80101E+11", "iin.shape"),
    ],
)
def test_refusals(text, expected):
    with pytest.raises(InputRejected) as refused:
        canonical(text)
    assert refused.value.expected == expected


def test_a_letter_o_among_digits_is_folded_and_reported():
    assert canonical("88О1О13ОО123").text == "880101300123"
    assert canonical("88О1О13ОО123").folded == ("О",)


def test_a_printed_iin_does_not_tell_its_number():
    assert "880101300123" not in repr(canonical("880101300123"))

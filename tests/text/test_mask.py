import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.text.mask import mask, mask_value


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Звоните 8 (701) 123-45-67 сейчас", "Звоните •••4567 сейчас"),
        ("+77011234567, +7 701 123 45 68", "•••4567, •••4568"),
        ("ЖСН 880101300123", "ЖСН •••"),
        ("карта 4400 4301 2345 6789", "карта •••6789"),
        ("шот КZ86 125К ZT50 0410 0100 рахмет", "шот •••0100 рахмет"),
        ("kz86125kzt5004100100", "•••0100"),
        ("GB29 NWBK 6016 1331 9268 19", "•••6819"),
        ("+7 7O1 l23 45 67", "•••4567"),
        ("８７０１１２３４５６７", "•••４５６７"),
        ("8\u200b701\u00a01234567", "•••4567"),
        ("сумма 1 920 000 ₸ 31.01.2024 12:00", "сумма 1 920 000 ₸ 31.01.2024 12:00"),
        ("сумма 100 000 000 тг", "сумма 100 000 000 тг"),
        ("договор 2024-01-31 № 12345678", "договор 2024-01-31 № 12345678"),
        ("", ""),
    ],
)
def test_mask(text, masked):
    assert mask(text) == masked


GAPS = st.sampled_from(["", " ", "-", ". ", "\u00a0", "\u200b", " (", ") "])


@given(st.text("абв ,xyz"), st.lists(st.tuples(st.sampled_from("0123456789"), GAPS), min_size=10))
def test_no_long_number_survives(around, pairs):
    number = "".join(digit + gap for digit, gap in pairs[:-1]) + pairs[-1][0]
    assert len(re.sub(r"\D", "", mask(f"{around}|{number}|{around}"))) <= 4


@given(st.text())
def test_masking_twice_changes_nothing_more(text):
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize("text", ["1" * 10**6, "1 " * 10**6, "KZ12 " * 10**5, "AB12 CDEF " * 10**5])
def test_huge_text_is_no_trouble(text):
    assert len(mask(text)) <= len(text)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("trasnfer", "trasnfer"),
        (-5, "-5"),
        ("2024-13-45", "2024-13-45"),
        ("2000-01-01..2100-12-31", "2000-01-01..2100-12-31"),
        ("2024-Q1..2024-12", "2024-Q1..2024-12"),
        ("8801-01-30..0123-01-01", "••••-••-••..••••-••-01"),
        ("XYZ", "XYZ"),
        ("Нурланова Айгерим", "Н••• А•••"),
        ("NURLANOVA", "N•••"),
        ("880101300123", "••••••••••23"),
        ("КZ86125KZT500410010", "КZ•••••KZT•••••••10"),
        ("name@mail.kz", "n•••@m•••.k•••"),
        ("https://kaspi-pay.example/x", "https://kaspi-pay.example/x"),
        (None, "∅"),
        ("  ", "∅"),
        ("a\x00b\u202e", "a\ufffdb\ufffd"),
        ("z" * 50, "z" * 40 + "…"),
    ],
)
def test_a_refused_value_is_recognised_by_its_owner_alone(value, shown):
    assert mask_value(value) == shown


def test_a_number_too_long_to_print_is_shown_as_such():
    assert mask_value(10**5000) == "•" * 40 + "…"

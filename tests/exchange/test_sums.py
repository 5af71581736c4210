"""Sums are never rounded (property tests)."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.exchange.mapping import Source
from qalqan.exchange.sums import exact, to_minor

MAJOR = Source.model_validate({"from": "a", "unit": "major"})
COMMA = Source.model_validate({"from": "a", "unit": "major", "decimal": ","})

minors = st.integers(-(10**14), 10**14)


def minor(values: list[object], written: Source = MAJOR, currency: str = "KZT") -> list[object]:
    found = to_minor(pa.array(values), written, pa.array([currency] * len(values)))
    return list(found.to_pylist())


@given(st.lists(minors, min_size=1))
def test_texts_are_exact(sums: list[int]) -> None:
    texts = [str(Decimal(one).scaleb(-2).quantize(Decimal("0.01"))) for one in sums]
    assert minor(list(texts)) == sums


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1))
def test_doubles_are_exact_as_far_as_they_can_be(sums: list[int]) -> None:
    assert minor([one / 100 for one in sums]) == sums


@given(minors)
def test_one_bad_value_does_not_change_its_neighbours(one: int) -> None:
    text = str(Decimal(one).scaleb(-2).quantize(Decimal("0.01")))
    assert minor([text, "x"]) == [str(one), "x"]


@pytest.mark.parametrize(
    ("text", "written", "found"),
    [
        ("1 234.56", MAJOR, 123_456),
        ("1\u00a0234,56", COMMA, 123_456),
        ("1'234.5", MAJOR, 123_450),
        ("1,234.56", MAJOR, "123456"),
        ("1.234.567,8", COMMA, "123456780"),
        ("-5", MAJOR, -500),
        ("12.345", MAJOR, "12.345"),
        ("1,23", MAJOR, "1,23"),
        ("", MAJOR, None),
        ("1e3", MAJOR, "1e3"),
        ("9" * 30, MAJOR, "9" * 30 + "00"),
    ],
)
def test_how_people_write_sums(text: str, written: Source, found: object) -> None:
    assert minor([text], written) == [found]


@pytest.mark.parametrize(
    ("currency", "found"), [("KZT", 500), ("JPY", 5), ("KWD", 5000), ("?", 500)]
)
def test_the_currency_decides_the_digits(currency: str, found: int) -> None:
    assert minor(["5"], currency=currency) == [found]
    assert minor([5], currency=currency) == [found]


def test_a_double_that_is_no_sum_stays() -> None:
    assert minor([12.345, 1.0]) == ["12.345", "100"]
    assert minor([float("nan")]) == ["nan"]
    assert minor([1e300]) == [str(int(Decimal("1e302")))]


def test_signs() -> None:
    negated = Source.model_validate({"from": "a", "negate": True})
    absolute = Source.model_validate({"from": "a", "absolute": True})
    assert minor([5], negated) == [-5]
    assert minor([-5], absolute) == [5]


@given(st.integers(-(10**12), 10**12))
def test_one_sum_alone_reads_as_in_a_column(one: int) -> None:
    text = str(Decimal(one).scaleb(-2).quantize(Decimal("0.01")))
    assert exact(text, 2) == exact(one / 100, 2) == one
    assert exact(text.replace(".", ","), 2, ",") == one


def test_noise_of_a_double_is_none_also_beside_a_bad_value() -> None:
    assert minor([0.1 + 0.2, 12.345]) == ["30", "12.345"]
    assert [exact(value, 2) for value in (12.345, True, "1_0", "nan", None)] == [None] * 5

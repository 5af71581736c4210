from fractions import Fraction

import pytest

from qalqan.bulletin.figures.intervals import of_counts, of_sums


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_wilson_s_interval_is_the_published_one(part, whole, low, high) -> None:
    found = of_counts(part, whole)
    assert [round(float(each), 4) for each in found] == pytest.approx([low, high], abs=1e-4)


def test_equal_shares_are_certain_and_few_rows_tell_nothing() -> None:
    assert of_sums(10, 50, 100, 250, 500, 1000) == (Fraction(1, 2), Fraction(1, 2))
    assert of_sums(4, 50, 100, 700, 1300, 2600) == (None, None)
    assert of_sums(10, 0, 0, 0, 0, 0) == (None, None)


def test_uneven_shares_are_less_sure() -> None:
    low, high = of_sums(10, 50, 100, 450, 600, 1000)
    assert low is not None
    assert high is not None
    assert 0 <= low < Fraction(1, 2) < high <= 1

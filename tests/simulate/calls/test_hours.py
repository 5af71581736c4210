import numpy as np
import pytest

from qalqan.clock import DAY, HOUR
from qalqan.simulate.calls.hours import OFFICE, PEOPLE, ROUND_THE_CLOCK, between, moments, stay
from qalqan.simulate.sizes import FIRST_US


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(5)


def test_offices_work_by_day_and_hardly_at_weekends(generator):
    at = moments(generator, 20_000, OFFICE, FIRST_US, FIRST_US + 7 * DAY)
    hour = (at - FIRST_US) // HOUR
    assert set(np.unique(hour % 24)) <= set(range(9, 19))
    assert (hour // 24 >= 5).mean() < 0.05


@pytest.mark.parametrize("curve", [PEOPLE, OFFICE, ROUND_THE_CLOCK])
def test_moments_stay_between_their_bounds(generator, curve):
    first_us, last_us = FIRST_US + 17 * HOUR + 7, FIRST_US + 45 * HOUR + 99
    at = moments(generator, 5_000, curve, first_us, last_us)
    assert at.min() >= first_us
    assert at.max() < last_us


def test_a_closed_night_is_filled_evenly(generator):
    at = moments(generator, 1_000, OFFICE, FIRST_US, FIRST_US + 3 * HOUR)
    assert np.ptp(at) > 2 * HOUR


def test_values_between_bounds_spread_over_the_orders_of_magnitude(generator):
    drawn = np.array([between(generator, 1, 1_000) for _ in range(2_000)])
    assert drawn.min() >= 1
    assert drawn.max() <= 1_000
    assert 20 < np.median(drawn) < 50


def test_an_actor_stays_within_the_days(generator):
    for _ in range(200):
        first_us, last_us = stay(generator, 7, 0.3)
        assert FIRST_US <= first_us < last_us <= FIRST_US + 7 * DAY + HOUR

from __future__ import annotations

import pytest

from qalqan.bulletin.effects import many
from qalqan.errors import InputRejected


def test_benjamini_and_hochbergs_own_example() -> None:
    """Their 15 p-values (1995, section 3.2): the first four stay at 5 %."""
    told = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
        0.5719, 0.6528, 0.7590, 1.000,
    ]  # fmt: skip
    assert many.stay(told) == (True,) * 4 + (False,) * 11


def test_one_without_a_p_value_never_stays() -> None:
    assert many.stay([None, 0.001]) == (False, True)
    assert many.stay([None]) == (False,)


def test_each_look_takes_its_part() -> None:
    assert many.level_of(1) == 0.95
    assert many.level_of(5) == pytest.approx(0.99)
    with pytest.raises(InputRejected):
        many.level_of(0)

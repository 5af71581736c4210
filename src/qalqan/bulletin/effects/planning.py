"""How many people a holdout needs, before it starts.

Two shares, two-sided test, arms of unequal size (Fleiss, Levin and Paik, Statistical Methods for
Rates and Proportions, 3rd ed. 2003, 4.2 and 4.5).
"""

from __future__ import annotations

import math

from scipy import stats

from qalqan.bulletin.effects.results import LEVEL
from qalqan.errors import InputRejected

POWER = 0.8


def people_needed(
    share: float, ratio: float, *, power: float = POWER, level: float = LEVEL, held_out: float = 1.0
) -> tuple[int, int]:
    """People (warned, held out) that show it with this power if warning multiplies the share of
    victims by `ratio`; `held_out` people are held out for each that is warned.

    Raises:
        InputRejected: a share that is none, or no effect to look for.
    """
    expected = share * ratio
    if not 0 < share < 1 or not 0 < expected < 1 or ratio == 1:
        raise InputRejected("share", share, "effects.plan")
    if not 0 < power < 1 or held_out <= 0:
        raise InputRejected("power", power, "effects.plan")
    of_level = float(stats.norm.ppf((1 + level) / 2))
    of_power = float(stats.norm.ppf(power))
    pooled = (expected + held_out * share) / (1 + held_out)
    wide = of_level * math.sqrt((held_out + 1) * pooled * (1 - pooled))
    narrow = of_power * math.sqrt(held_out * expected * (1 - expected) + share * (1 - share))
    warned = (wide + narrow) ** 2 / (held_out * (share - expected) ** 2)
    return math.ceil(warned), math.ceil(warned * held_out)

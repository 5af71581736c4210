"""Money: integer minor units with their ISO 4217 currency; parts always add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MINOR_DIGITS = {
    "KZT": 2, "USD": 2, "EUR": 2, "RUB": 2, "CNY": 2, "KGS": 2, "UZS": 2, "AED": 2, "GBP": 2,
    "TRY": 2, "GEL": 2, "CHF": 2, "BYN": 2, "AZN": 2, "TJS": 2, "AMD": 2, "UAH": 2, "HKD": 2,
    "PLN": 2, "SGD": 2, "JPY": 0, "KRW": 0, "KWD": 3,
}  # fmt: skip
"""ISO 4217 currencies taken, with their number of minor digits."""

MAX_MINOR = 10**15
"""No single sum above ten trillion tenge: larger is a mistake of unit (int64 holds 9·10^18)."""


@dataclass(frozen=True)
class Money:
    """A sum in minor units (tiyn for KZT)."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return self + Money(-other.minor, other.currency)


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` in proportion to `weights` in whole units, by largest remainder.

    The parts add up to `total` exactly; ties go to the earlier weight, so callers that need
    an order-free answer sort first. Weights are non-negative; if all are 0, so is `total`.

    Raises:
        ValueError: negative input, or something to share among nobody.
    """
    whole = sum(weights)
    if total < 0 or any(weight < 0 for weight in weights) or (whole == 0 and total > 0):
        raise ValueError("can't share this total by these weights")
    if whole == 0:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts

"""The check digit that IIN and BIN share (Government decree 406 of 22 May 2007)."""

from __future__ import annotations

FIRST_WEIGHTS = tuple(range(1, 12))
SECOND_WEIGHTS = (*range(3, 12), 1, 2)


def check_digit(number: str) -> int | None:
    """The twelfth digit for the first eleven; None if no number may start with these.

    Digits times weights 1…11, modulo 11; if that gives 10, once more with 3…11, 1, 2; if that
    gives 10 too, the number is not issued.
    """
    figures = [ord(c) - 48 for c in number[:11]]
    rest = 10
    for weights in (FIRST_WEIGHTS, SECOND_WEIGHTS):
        if rest == 10:
            rest = sum(a * b for a, b in zip(figures, weights, strict=True)) % 11
    return None if rest == 10 else rest

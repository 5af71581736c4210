"""Numbers that write themselves as a bulletin of their language does."""

from __future__ import annotations

import random

_ENDINGS = {  # of Kazakh numbers by their last word: abl, dat, gen, poss
    1: "ден ге дің і",
    2: "ден ге нің сі",
    3: "тен ке тің і",
    4: "тен ке тің і",
    5: "тен ке тің і",
    6: "дан ға ның сы",
    7: "ден ге нің сі",
    8: "ден ге дің і",
    9: "дан ға дың ы",
    10: "нан ға ның ы",
    20: "дан ға ның сы",
    30: "дан ға дың ы",
    40: "тан қа тың ы",
    50: "ден ге дің і",
    60: "тан қа тың ы",
    70: "тен ке тің і",
    80: "нен ге нің і",
    90: "нан ға ның ы",
    100: "ден ге дің і",
    1000: "нан ға ның ы",
}


class Figure(int):
    """A whole number, with a Kazakh ending if asked."""

    style = " "

    def __format__(self, spec: str) -> str:
        text = f"{int(self):,}".replace(",", self.style) if self >= 1000 else str(int(self))
        if not spec:
            return text
        last = next(u for u in (self % 10, self % 100, 100 if self % 1000 else 0, 1000) if u)
        return f"{text}-{_ENDINGS[last].split()[('abl', 'dat', 'gen', 'poss').index(spec)]}"


class Amount(int):
    """Tenths of a million or so: "4,3" before the word of its scale."""

    mark = ","

    def __format__(self, spec: str) -> str:
        return f"{self // 10}{self.mark}{self % 10}"


Whole = type[Figure] | type[Amount]


def percent(part: float, whole: float, language: str) -> str:
    text = f"{100 * part / whole:.1f}".removesuffix(".0")
    return text if language == "en" else text.replace(".", ",")


def other(chance: random.Random, value: int) -> Figure:
    """A value that differs by a few to twenty percent."""
    gap = max(3, round(value * chance.uniform(0.02, 0.2)))
    return Figure(value + chance.choice((-gap, gap)))

"""Sentences of generated bulletins, each right and with one thing wrong."""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORDINGS = Path(__file__).parent
KINDS = ("change", "direction", "share", "sum", "mean", "period", "copy")
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
    """A whole number that writes itself as the bulletin does, with a Kazakh ending if asked."""

    style = " "

    def __format__(self, spec: str) -> str:
        text = f"{int(self):,}".replace(",", self.style) if self >= 1000 else str(int(self))
        if not spec:
            return text
        last = next(u for u in (self % 10, self % 100, 100 if self % 1000 else 0, 1000) if u)
        return f"{text}-{_ENDINGS[last].split()[('abl', 'dat', 'gen', 'poss').index(spec)]}"


@dataclass
class Line:
    """One sentence with its right and its wrong wording; `wrong` is empty where nothing is
    planted."""

    right: str
    wrong: str = ""
    kind: str = ""


def percent(part: float, whole: float, language: str) -> str:
    text = f"{100 * part / whole:.1f}".removesuffix(".0")
    return text if language == "en" else text.replace(".", ",")


def other(chance: random.Random, value: int) -> Figure:
    """A value that differs by a few to twenty percent."""
    gap = max(3, round(value * chance.uniform(0.02, 0.2)))
    return Figure(value + chance.choice((-gap, gap)))


def ways(text: str, rising: bool) -> str:
    return re.sub(r"\[\[([^|\]]*)\|([^\]]*)\]\]", lambda m: m[1] if rising else m[2], text)


class Maker:
    """Sentences of one bulletin."""

    def __init__(self, chance: random.Random, language: str, part: str) -> None:
        self.chance, self.language = chance, language
        self.words: dict[str, Any] = tomllib.loads(
            (WORDINGS / f"{language}.toml").read_text("utf-8")
        )
        self.own: dict[str, list[str]] = self.words[part]
        self.topics = chance.sample(self.words["topics"], k=len(self.words["topics"]))
        self.year, self.month = chance.choice((2023, 2024, 2025)), chance.randrange(2, 11)

    def figure(self, low: int, high: int) -> Figure:
        """No round number: two of them would meet by chance."""
        value = self.chance.randrange(low, high)
        return Figure(value + (value % 10 == 0))

    def fields(self) -> dict[str, Any]:
        words = self.words
        return {
            "topic": self.topics.pop(),
            "month": words["months"][self.month],
            "year": self.year,
            "month_in": words["months_in"][self.month],
            "before": self.year - 1,
        }

    def change(self, wrong: str) -> Line:
        fields, old = self.fields(), self.figure(300, 9000)
        rising = self.chance.random() < 0.5
        new = Figure(
            round(
                old * (self.chance.uniform(1.06, 1.6) if rising else self.chance.uniform(0.5, 0.94))
            )
        )
        form = self.chance.choice(self.own["change"])
        told = percent(abs(new - old), old, self.language)
        right = ways(form, rising).format(old=old, new=new, pct=told, **fields)
        if wrong == "direction":
            return Line(
                right, ways(form, not rising).format(old=old, new=new, pct=told, **fields), wrong
            )
        gap = abs(new - old) / old + self.chance.choice((-1, 1)) * self.chance.uniform(0.012, 0.05)
        untrue = percent(gap, 1, self.language)
        return Line(right, ways(form, rising).format(old=old, new=new, pct=untrue, **fields), wrong)

    def direction(self, wrong: str) -> Line:
        return self.change("direction")

    def share(self, wrong: str) -> Line:
        fields, whole = self.fields(), self.figure(900, 20000)
        part = Figure(round(whole * self.chance.uniform(0.1, 0.8)))
        form = self.chance.choice(self.own["share"])
        right = form.format(
            part=part, whole=whole, pct=percent(part, whole, self.language), **fields
        )
        told = part / whole + self.chance.choice((-1, 1)) * self.chance.uniform(0.007, 0.08)
        return Line(
            right,
            form.format(part=part, whole=whole, pct=percent(told, 1, self.language), **fields),
            wrong,
        )

    def sum(self, wrong: str) -> Line:
        fields = self.fields()
        a, b, c = (self.figure(120, 2500) for _ in range(3))
        form = self.chance.choice(self.own["sum"])
        total = Figure(a + b + c)
        untrue = Figure(
            total
            + self.chance.choice((-1, 1)) * max(2, round(total * self.chance.uniform(0.01, 0.1)))
        )
        parts = {"a": a, "b": b, "c": c, **fields}
        return Line(form.format(total=total, **parts), form.format(total=untrue, **parts), wrong)

    def mean(self, wrong: str) -> Line:
        days, mean = self.chance.choice((20, 30, 60, 90)), self.figure(120, 900)
        form = self.chance.choice(self.own["mean"])
        total = Figure(days * mean)
        untrue = Figure(round(mean * self.chance.choice((0.8, 0.9, 1.1, 1.3))))
        return Line(
            form.format(days=days, total=total, mean=mean),
            form.format(days=days, total=total, mean=untrue),
            wrong,
        )

    def period(self, wrong: str) -> Line:
        fields = self.fields()
        if self.chance.random() < 0.5:
            form, n = self.chance.choice(self.own["dated"]), self.figure(300, 5000)
            later = {**fields, "year": self.year + 1}
            if self.chance.random() < 0.5:
                names = {
                    key: self.words[f"months{end}"][self.month + 1]
                    for key, end in (("month", ""), ("month_in", "_in"))
                }
                later = {**fields, **names}
            return Line(form.format(n=n, **fields), form.format(n=n, **later), wrong)
        form, old = self.chance.choice(self.own["compared"]), self.figure(300, 9000)
        new = Figure(round(old * self.chance.uniform(1.06, 1.6)))
        values = {"old": old, "new": new, "pct": percent(new - old, old, self.language)}
        right = ways(form, True)
        before = self.year + self.chance.choice((0, 1))
        return Line(
            right.format(**values, **fields),
            right.format(**values, **{**fields, "before": before}),
            wrong,
        )

    def copy(self, wrong: str) -> tuple[Line, Line]:
        fields, n = self.fields(), self.figure(300, 9000)
        at = self.chance.randrange(len(self.own["plain"]))
        again = self.own["again"][at]
        first = Line(self.own["plain"][at].format(n=n, **fields))
        return first, Line(
            again.format(n=n, **fields), again.format(n=other(self.chance, n), **fields), wrong
        )


def bulletin(chance: random.Random, language: str, part: str) -> list[Line]:
    """A title, one sentence of each kind that may carry an error, and sentences between them."""
    Figure.style = "," if language == "en" else chance.choice((" ", "\u00a0", ""))
    maker, end, body = Maker(chance, language, part), [], []
    for kind in chance.sample(KINDS, k=len(KINDS)):
        made = getattr(maker, kind)(kind)
        if isinstance(made, tuple):
            body.append(made[0])
            end.append(made[1])
        else:
            body.append(made)
        body.append(Line(chance.choice(maker.words["filler"])))
    title = chance.choice(maker.words["title"]).format(
        month=maker.words["months"][maker.month], year=maker.year
    )
    return [Line(title), *body, *end]

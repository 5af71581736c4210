"""Sentences of generated bulletins, each right and with one thing wrong."""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claims_wordings.numbers import Amount, Figure, Whole, other, percent

WORDINGS = Path(__file__).parent
KINDS = ("change", "direction", "share", "sum", "mean", "period", "copy", "factor")


@dataclass
class Line:
    """One sentence with its right and its wrong wording; `wrong` is empty where nothing is
    planted."""

    right: str
    wrong: str = ""
    kind: str = ""


def ways(text: str, rising: bool) -> str:
    return re.sub(r"\[\[([^|\]]*)\|([^\]]*)\]\]", lambda m: m[1] if rising else m[2], text)


class Maker:
    """Sentences of one bulletin."""

    def __init__(self, chance: random.Random, language: str, part: str) -> None:
        self.chance, self.language = chance, language
        common = tomllib.loads((WORDINGS / f"{language}.toml").read_text("utf-8"))
        if part in common:
            self.own: dict[str, Any] = common[part]
        else:
            self.own = tomllib.loads((WORDINGS / f"{part}.toml").read_text("utf-8"))[language]
        self.words: dict[str, Any] = {**common, **self.own}
        self.topics = chance.sample(self.words["topics"], k=len(self.words["topics"]))
        self.year, self.month = chance.choice((2023, 2024, 2025)), chance.randrange(2, 11)
        self.money = False
        """Whether a sum of money was told: a second one would contradict it."""
        self.kinds = [kind for kind in KINDS if kind != "factor" or kind in self.own]

    def figure(self, low: int, high: int, of: Whole = Figure) -> Any:
        """No round number: two of them would meet by chance."""
        value = self.chance.randrange(low, high)
        return of(value + (value % 10 == 0))

    def fields(self) -> dict[str, Any]:
        topic = self.topics.pop()
        return {
            **(topic if isinstance(topic, dict) else {"topic": topic}),
            "year": self.year,
            "before": self.year - 1,
            **self.months(self.month),
        }

    def months(self, at: int) -> dict[str, str]:
        """The month in every case that this language's lists hold."""
        return {
            name.replace("months", "month"): names[at]
            for name, names in self.words.items()
            if name.startswith("months")
        }

    def form(self, kind: str) -> tuple[str, dict[str, Any], Whole]:
        """A wording, its fields, and what its numbers are."""
        form, fields = self.chance.choice(self.own[kind]), self.fields()
        while "{scale}" in form and self.money:
            form = self.chance.choice(self.own[kind])
        if "{scale}" in form:
            self.money = True
            return form, {**fields, "scale": self.chance.choice(self.own["scale"])}, Amount
        return form, fields, Figure

    def change(self, wrong: str) -> Line:
        form, fields, of = self.form("change")
        old = self.figure(300, 9000, of)
        rising = self.chance.random() < 0.5
        low, high = (1.06, 1.6) if rising else (0.5, 0.94)
        new = of(round(old * self.chance.uniform(low, high)))
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

    def factor(self, wrong: str) -> Line:
        """A change in words: "twofold", "by a third"."""
        form, fields, _ = self.form("factor")
        rising, old = self.chance.random() < 0.5, self.figure(300, 9000)
        form = ways(form, rising)
        key = next(k for k in ("times", "verb", "fraction") if f"{{{k}}}" in form)
        word, untrue = self.chance.sample(list(self.own[key]), k=2)
        size = self.own[key][word]
        size = 1 + (size if rising else -size) if key == "fraction" else size
        exact = old * size if rising or key == "fraction" else old / size
        new = Figure(round(exact * self.chance.uniform(0.995, 1.005)))
        values = {"old": old, "new": new, **fields}
        return Line(
            form.format(**{key: word}, **values), form.format(**{key: untrue}, **values), wrong
        )

    def share(self, wrong: str) -> Line:
        form, fields, of = self.form("share")
        whole = self.figure(900, 20000, of)
        if "{nth}" in form:
            return self.nth(form, fields, whole, wrong)
        part = of(round(whole * self.chance.uniform(0.1, 0.8)))
        right = form.format(
            part=part, whole=whole, pct=percent(part, whole, self.language), **fields
        )
        told = part / whole + self.chance.choice((-1, 1)) * self.chance.uniform(0.007, 0.08)
        return Line(
            right,
            form.format(part=part, whole=whole, pct=percent(told, 1, self.language), **fields),
            wrong,
        )

    def nth(self, form: str, fields: dict[str, Any], whole: int, wrong: str) -> Line:
        """A share in words: "every fifth"."""
        word, untrue = self.chance.sample(list(self.own["nth"]), k=2)
        part = Figure(round(whole / self.own["nth"][word] * self.chance.uniform(0.99, 1.01)))
        values = {"part": part, "whole": whole, **fields}
        return Line(form.format(nth=word, **values), form.format(nth=untrue, **values), wrong)

    def sum(self, wrong: str) -> Line:
        form, fields, of = self.form("sum")
        a, b, c = (self.figure(120, 2500, of) for _ in range(3))
        total = of(a + b + c)
        untrue = of(
            total
            + self.chance.choice((-1, 1)) * max(2, round(total * self.chance.uniform(0.01, 0.1)))
        )
        parts = {"a": a, "b": b, "c": c, **fields}
        return Line(form.format(total=total, **parts), form.format(total=untrue, **parts), wrong)

    def mean(self, wrong: str) -> Line:
        days, mean = self.chance.choice((20, 30, 60, 90)), self.figure(120, 900)
        form = self.chance.choice(self.own["mean"])
        untrue = Figure(round(mean * self.chance.choice((0.8, 0.9, 1.1, 1.3))))
        values = {
            "days": days,
            "days_word": self.own.get("days_words", {}).get(str(days)),
            "total": Figure(days * mean),
        }
        return Line(form.format(mean=mean, **values), form.format(mean=untrue, **values), wrong)

    def period(self, wrong: str) -> Line:
        if self.chance.random() < 0.5:
            form, fields, _ = self.form("dated")
            n = self.figure(300, 5000)
            later = {**fields, "year": self.year + 1}
            if self.chance.random() < 0.5:
                later = {**fields, **self.months(self.month + 1)}
            return Line(form.format(n=n, **fields), form.format(n=n, **later), wrong)
        form, fields, _ = self.form("compared")
        old = self.figure(300, 9000)
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

    def apart(self) -> list[Line]:
        """Two sentences that look like copies and rightly tell different numbers."""
        if "apart" not in self.own:
            return []
        fields, n = self.fields(), self.figure(300, 9000)
        m = Figure(round(n * self.chance.uniform(0.1, 0.9)))
        return [
            Line(form.format(n=n, m=m, **fields)) for form in self.chance.choice(self.own["apart"])
        ]


def bulletin(chance: random.Random, language: str, part: str) -> list[Line]:
    """A title, one sentence of each kind that may carry an error, and sentences between them."""
    Figure.style = "," if language == "en" else chance.choice((" ", "\u00a0", ""))
    Amount.mark = "." if language == "en" else ","
    maker, end, body = Maker(chance, language, part), [], []
    for kind in chance.sample(maker.kinds, k=len(maker.kinds)):
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
    return [Line(title), *body, *end, *maker.apart()]

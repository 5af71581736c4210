"""What is false, unsound or careless in a text: where, and what was reckoned."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from qalqan.bulletin.claims.mention import Number, When
from qalqan.bulletin.claims.reading import Paragraph, Reading
from qalqan.text.catalogue import say, shown_value

Severity = Literal["false", "unsound", "careless"]
"""`false`: arithmetic shows it wrong. `unsound`: its form does: no period, no base, no common
definition, a cause read into a correlation. `careless`: letters, leftovers, words said twice."""

Shown = str | int | Fraction | Number | Mapping[str, str]
"""A mapping says it in each language."""
_MOST_QUOTED = 160
_ENDING = re.compile(r"\s?[-–]\s?[а-яәғқңөұүһі]{1,5}$")
"""A Kazakh ending behind the digits."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, with the place that shows it."""

    code: str
    """Its sentence is `claims.<code>` of the catalogue."""
    severity: Severity
    req: tuple[str, ...]
    paragraph: int
    sentence: int
    start: int
    end: int
    """Offsets in the paragraph as given."""
    quote: str
    language: str
    values: Mapping[str, Shown] = field(default_factory=dict)

    def said(self, language: str) -> str:
        """What is wrong, in the reader's language."""
        told = {
            name: value if name == "n" else shown(value, language)
            for name, value in self.values.items()
        }
        return say(f"claims.{self.code}", language, **told)


def shown(value: Shown, language: str) -> str:
    """A value as a reader of the language expects it; a mention as the text has it."""
    if isinstance(value, Mapping):
        return value[language]
    if isinstance(value, Number):
        return _ENDING.sub("", value.text)
    if isinstance(value, Fraction):
        if value.denominator == 1 and abs(value) >= 100:
            return shown_value(int(value))
        digits = 1 if abs(value) >= 1 else 2
        rounded = f"{float(value):.{digits + (10 > abs(value) > 9.9)}f}"
        whole, _, rest = rounded.partition(".")
        grouped = shown_value(int(whole)) if whole not in ("-0",) else whole
        return grouped + ("" if not rest.strip("0") else ("." if language == "en" else ",") + rest)
    return shown_value(value) if isinstance(value, int) else value


@dataclass(frozen=True)
class Kind:
    """A code with its severity and the requirements that it serves."""

    code: str
    severity: Severity
    req: tuple[str, ...]

    def at(self, reading: Reading, *marks: Number | When, **values: Shown) -> Problem:
        """The problem, placed over mentions of one paragraph."""
        paragraph = reading.paragraphs[marks[0].paragraph]
        own = [m for m in marks if m.paragraph == paragraph.index]
        start, end = min(m.start for m in own), max(m.end for m in own)
        return self.over(paragraph, own[0].sentence, start, end, **values)

    def over(
        self, paragraph: Paragraph, sentence: int, start: int, end: int, **values: Shown
    ) -> Problem:
        """The problem, placed over a stretch of a paragraph as read."""
        text = paragraph.clean.shown
        quote = text[start:end].strip()
        if len(quote) > _MOST_QUOTED:
            quote = quote[:_MOST_QUOTED].rsplit(" ", 1)[0] + " …"
        places = paragraph.clean.places
        return Problem(
            self.code, self.severity, self.req, paragraph.index, sentence,
            places[start], places[min(end, len(places) - 1)], quote, paragraph.language, values,
        )  # fmt: skip

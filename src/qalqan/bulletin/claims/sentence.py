"""One sentence as read: its words, numbers, periods and clauses."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, wraps

from qalqan.bulletin.claims.mention import Number, When
from qalqan.bulletin.claims.words import Words, every

_CLAUSE = re.compile(
    r";|(?:,|\s[–—-])\s+(?:а|но|при этом|тогда как|однако|зато|ал|бірақ|while|whereas|but"
    r"|and the)(?!\w)"
    r"(?!\s+(?:также|именно))"
)
_CONTENT = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
Role = Callable[["Sentence", Number], bool]
_NEAR = 70
"""Letters between a number and the direction that it goes with."""


@dataclass(frozen=True)
class Sentence:
    """Offsets are in the paragraph as read."""

    paragraph: int
    index: int
    offset: int
    text: str
    """Lower case, look-alikes put right."""
    shown: str
    words: Words
    numbers: tuple[Number, ...] = ()
    """Without those that are part of a date."""
    whens: tuple[When, ...] = ()

    @cached_property
    def memo(self) -> dict[tuple[str, int, str], bool]:
        """What was found out about its numbers: role, place and kind."""
        return {}

    @cached_property
    def figures(self) -> tuple[Number, ...]:
        """Numbers that measure something: no years, no lengths of time."""
        return tuple(one for one in self.numbers if one.kind not in ("year", "span"))

    @cached_property
    def sizes(self) -> tuple[Number, ...]:
        """Counts and sums of money."""
        return tuple(one for one in self.numbers if one.kind in ("count", "money"))

    @cached_property
    def clauses(self) -> tuple[tuple[int, int], ...]:
        """Where its clauses begin and end; brackets are never parted."""
        cuts = [0]
        for found in _CLAUSE.finditer(self.text):
            if self.text.count("(", 0, found.start()) == self.text.count(")", 0, found.start()):
                cuts.append(found.start())
        cuts.append(len(self.text))
        return tuple(
            (self.offset + start, self.offset + end) for start, end in itertools.pairwise(cuts)
        )

    def clause(self, one: Number | When) -> tuple[int, int]:
        """The clause that a mention stands in."""
        return next((c for c in self.clauses if c[0] <= one.start < c[1]), self.clauses[-1])

    def cut(self, start: int, end: int) -> str:
        """The text between two places of the paragraph."""
        return self.text[max(0, start - self.offset) : max(0, end - self.offset)]

    def before(self, one: Number, far: bool = False) -> str:
        """What stands between the number and the one before it (years don't count), or the
        sentence's beginning."""
        ends = [other.end for other in self.figures if other.end <= one.start]
        start = self.offset if far or not ends else ends[-1]
        return self.cut(start, one.start)

    def after(self, one: Number) -> str:
        """What stands between the number and the next, or the sentence's end."""
        starts = [other.start for other in self.figures if other.start >= one.end]
        return self.cut(one.end, starts[0] if starts else self.offset + len(self.text))

    def between(self, one: Number, other: Number) -> str:
        """What stands between two numbers."""
        first, last = (one, other) if one.start <= other.start else (other, one)
        return self.cut(first.end, last.start)

    def inside(self, place: int) -> int:
        """How many brackets stand open at a place."""
        head = self.text[: place - self.offset]
        return head.count("(") - head.count(")")

    def direction(self, one: Number) -> int:
        """1 if what is nearest to the number in its clause says rise, -1 if fall, 0 if nothing."""
        if one.sign:
            return one.sign
        start, end = self.clause(one)
        best, way = _NEAR + 1, 0
        for name, sign in (("rise", 1), ("fall", -1)):
            for left, right in self.words.find(f"directions.{name}", self.text):
                left, right = left + self.offset, right + self.offset
                if not start <= left < end or self._in_a_number(left, one):
                    continue
                gap = one.start - right if right <= one.start else left - one.end
                if right > one.start and left < one.end:
                    gap = 0
                if gap < best:
                    best, way = gap, sign
        return way

    def _in_a_number(self, place: int, but: Number) -> bool:
        return any(
            other.start <= place < other.end and not (other.worded and other == but)
            for other in self.numbers
        )

    def concepts(self, text: str | None = None) -> frozenset[str]:
        """Names of what a piece of the sentence speaks of."""
        return _concepts(self.words.language, self.text if text is None else text)

    def noun_concepts(self, one: Number) -> frozenset[str]:
        """What the number counts."""
        return self.concepts(" ".join(one.noun))

    def has(self, group: str) -> bool:
        """Whether a word of the group stands in the sentence."""
        return self.words.has(group, self.text)


@lru_cache(maxsize=4096)  # a long sentence is asked once for each of its numbers
def _concepts(language: str, text: str) -> frozenset[str]:
    return frozenset(
        name for name, pattern in every(language, "concepts")
        if name != "generic" and pattern.search(text)
    )  # fmt: skip


def remembered(name: str) -> Callable[[Role], Role]:
    """A role of a number in its sentence is found out once."""

    def of(role: Role) -> Role:
        @wraps(role)
        def told(sentence: Sentence, one: Number) -> bool:
            key = (name, one.start, one.kind)
            if key not in sentence.memo:
                sentence.memo[key] = role(sentence, one)
            return sentence.memo[key]

        return told

    return of


def same_kind(one: Number, other: Number) -> bool:
    """Whether two numbers measure in one unit."""
    return one.kind == other.kind and (one.kind not in ("money", "span") or one.unit == other.unit)


def content(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(_CONTENT.findall(text))

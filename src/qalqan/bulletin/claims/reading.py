"""A finished text as read: paragraphs, sentences, tables, and the day that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from qalqan.bulletin.claims.compared import is_old
from qalqan.bulletin.claims.language import guess
from qalqan.bulletin.claims.letters import Clean, Odd, clean
from qalqan.bulletin.claims.marks import At
from qalqan.bulletin.claims.mention import Number, When
from qalqan.bulletin.claims.numbers import MOST_NUMBERS, numbers
from qalqan.bulletin.claims.periods import periods
from qalqan.bulletin.claims.sentence import Sentence
from qalqan.bulletin.claims.splitting import LIST_MARK, split
from qalqan.bulletin.claims.words import words
from qalqan.model.period import Period

_TITLE_WORDS = 16
_USUAL = 0.6
"""Share of the dated figures that make a period the text's own."""


@dataclass(frozen=True)
class Block:
    """A paragraph as given, or a row of a table."""

    text: str
    cells: tuple[str, ...] = ()
    table: int = -1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph as read."""

    index: int
    given: str
    clean: Clean
    language: str
    sentences: tuple[Sentence, ...]
    block: Block

    @property
    def odd(self) -> tuple[Odd, ...]:
        return self.clean.odd

    @cached_property
    def whens(self) -> tuple[When, ...]:
        return tuple(when for sentence in self.sentences for when in sentence.whens)

    @cached_property
    def listed(self) -> bool:
        """Whether it begins like an item of a list."""
        return LIST_MARK.match(self.clean.plain) is not None


@dataclass(frozen=True)
class Reading:
    """The whole text."""

    paragraphs: tuple[Paragraph, ...]
    anchor: date | None
    """Last day of what the text says, or is said, to be about."""
    about: Period | None
    titled: tuple[When, ...]
    """Periods of its title: every figure without its own is of them."""

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(one for paragraph in self.paragraphs for one in paragraph.sentences)

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        return tuple(one for sentence in self.sentences for one in sentence.figures)

    @cached_property
    def latest(self) -> date | None:
        """The last day that the text speaks of as past: no plans, no bare years."""
        if self.anchor is not None:
            return self.anchor
        days = [
            when.last
            for sentence in self.sentences
            if not sentence.has("periods.plan")
            for when in sentence.whens
            if when.kind in ("day", "month") and when.last is not None
        ]
        return max(days, default=None)

    def sentence_of(self, one: Number | When) -> Sentence:
        """The sentence that a mention stands in."""
        return self.paragraphs[one.paragraph].sentences[one.sentence]

    def before(self, sentence: Sentence) -> Sentence | None:
        """The sentence before it; of an item of a list, the one that leads the list in."""
        if sentence.index:
            return self.paragraphs[sentence.paragraph].sentences[sentence.index - 1]
        at = sentence.paragraph - 1
        if self.paragraphs[sentence.paragraph].listed:
            while at >= 0 and self.paragraphs[at].listed:
                at -= 1
        found = self.paragraphs[at].sentences if at >= 0 else ()
        return found[-1] if found else None

    def when(self, one: Number) -> When | None:
        """The period that a number is of, if its own sentence, an earlier one of its paragraph, or
        the title says."""
        sentence = self.sentence_of(one)
        if (own := nearest(sentence, one)) is not None:
            return own
        earlier = self.paragraphs[one.paragraph].sentences[: sentence.index]
        for other in reversed(earlier):
            told = [when for when in other.whens if tells(when)]
            if told:
                return told[-1]
        return self.titled[0] if self.titled else self.usual

    @cached_property
    def usual(self) -> When | None:
        """The period of most figures that bear one, where the title names none."""
        told = [
            w
            for s in self.sentences
            if s.sizes
            for w in s.whens[:1]
            if tells(w)
            and w.first is not None
            and w.kind in ("month", "quarter", "half", "year", "months")
        ]
        for when in told[:1]:
            alike = sum((w.first, w.last) == (when.first, when.last) for w in told)
            if alike >= _USUAL * len(told) and not any(
                s.has("periods.this_year") for s in self.sentences
            ):
                return when
        return None

    def rows(self) -> Iterator[tuple[Paragraph, ...]]:
        """The tables."""
        tables: dict[int, list[Paragraph]] = {}
        for paragraph in self.paragraphs:
            if paragraph.block.cells:
                tables.setdefault(paragraph.block.table, []).append(paragraph)
        yield from (tuple(rows) for rows in tables.values())


def tells(when: When) -> bool:
    """Whether it says of which period a figure is ("compared with last year" does not)."""
    return when.kind not in ("same_before", "no_day")


def nearest(sentence: Sentence, one: Number) -> When | None:
    """The period of the sentence that stands nearest to a number, in its clause if there is one;
    one in the brackets of another figure is that figure's, one that is only compared with is the
    compared figure's."""
    depth, old = sentence.inside(one.start), is_old(sentence, one)
    fitting = [
        w
        for w in sentence.whens
        if tells(w) and sentence.inside(w.start) <= depth and (old or not _compared(sentence, w))
    ]
    start, end = sentence.clause(one)
    own = [w for w in fitting if start <= w.start < end] or fitting
    bare = [w for w in own if w.kind not in ("last_n", "last_n_months", "years")] or own

    def far(when: When) -> int:
        if when.start >= one.end and _IN.fullmatch(sentence.cut(one.end, when.start)):
            return 0
        return min(abs(when.end - one.start), abs(when.start - one.end))

    return min(bare, key=far, default=None)


_IN = re.compile(r"\s*(?:in|в|за|for|during)\s*")


_COMPARED = re.compile(
    r"(?:\s*[^\W\d_][\w-]*){0,4}?\s*(?:\([^)]*\)\s*)?(?:қарағанда|салыстырғанда)(?!\w)"
)


def _compared(sentence: Sentence, when: When) -> bool:
    """Whether a period is only what something is compared with."""
    if when.kind in ("last_year", "last_month"):
        return any(is_old(sentence, n) for n in sentence.sizes) or not sentence.sizes
    head = re.sub(
        r"(?:\s+(?:в|за|in|for|the|аналогичн\w+|период\w*|same|period|of))+\s*$",
        "",
        sentence.cut(sentence.offset, when.start),
    )
    if when.text.lower().endswith(("гіден", "ғыдан", "қыдан", "кіден")):
        return True
    if sentence.words.language == "kk":
        return _COMPARED.match(sentence.cut(when.end, when.end + 60)) is not None
    return sentence.words.ends("roles.against", head) is not None


def read(
    blocks: Sequence[Block], language: str | None = None, about: Period | None = None
) -> Reading:
    """Read a text; the language is guessed paragraph by paragraph where none is given."""
    overall = language or guess(" ".join(block.text for block in blocks))
    anchor = about.last if about else None
    found = [_paragraph(n, block, language, overall, anchor) for n, block in enumerate(blocks)]
    titled = _titled(found)
    if anchor is None and titled:
        anchor = max((when.last for when in titled if when.last is not None), default=None)
        found = [_paragraph(n, block, language, overall, anchor) for n, block in enumerate(blocks)]
        titled = _titled(found)
    made = Reading(tuple(found), anchor, about, titled)
    if anchor is None and made.latest is not None:  # "this year" is the year of its last day
        found = [
            _paragraph(n, block, language, overall, made.latest) for n, block in enumerate(blocks)
        ]
        made = Reading(tuple(found), None, None, titled)
    return made


def _titled(paragraphs: Sequence[Paragraph]) -> tuple[When, ...]:
    """Periods named by the title: the first paragraphs, as long as they are short; else by the
    first sentence."""
    for paragraph in [p for p in paragraphs if p.clean.plain.strip()][:3]:
        short = len(paragraph.clean.plain.split()) <= _TITLE_WORDS
        if not short or any(sentence.sizes for sentence in paragraph.sentences):
            break
        told = [
            w
            for w in paragraph.whens
            if w.kind in ("month", "quarter", "half", "months", "year", "day") and w.first
        ]
        planned = any(s.has("periods.plan") for s in paragraph.sentences)
        if told and (not planned or told[0].kind in ("month", "quarter")):
            return tuple(told)
    return ()


def _paragraph(
    index: int, block: Block, language: str | None, overall: str, anchor: date | None
) -> Paragraph:
    read_as = clean(block.text)
    spoken = language or guess(block.text, overall)
    found: list[Sentence] = []
    for start, end in () if block.cells else split(read_as):
        found.append(_sentence(index, len(found), start, end, read_as, spoken, anchor))
    return Paragraph(index, block.text, read_as, spoken, tuple(found), block)


def _sentence(
    paragraph: int, index: int, start: int, end: int, text: Clean, spoken: str, anchor: date | None
) -> Sentence:
    at = At(paragraph, index, start, text.plain[start:end], text.shown[start:end])
    of = words(spoken)
    found = numbers(at, of)
    whens = periods(at, of, found, anchor)[:MOST_NUMBERS]
    kept = tuple(n for n in found if not any(_within(n, when) for when in whens))[:MOST_NUMBERS]
    return Sentence(paragraph, index, start, at.text, at.shown, of, kept, whens)


def _within(number: Number, when: When) -> bool:
    """Whether a number is part of a date; a length of time ("7 years") stays."""
    if number.kind == "span":
        return False
    return when.start <= number.start and number.end <= when.end


def with_numbers(sentence: Sentence, found: Sequence[Number]) -> Sentence:
    """The sentence with other numbers: what a cell of a table says alone."""
    return replace(sentence, numbers=tuple(found))

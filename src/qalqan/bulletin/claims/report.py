"""A finished text checked: what is wrong with it, and what was understood of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qalqan.bulletin.claims import checks
from qalqan.bulletin.claims.claim import Claim
from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.problem import Problem, Severity
from qalqan.bulletin.claims.reading import Block, Reading, read
from qalqan.bulletin.claims.seen import Seen
from qalqan.model.figure import Figure
from qalqan.model.period import Period

ORDER: tuple[Severity, ...] = ("false", "unsound", "careless")


@dataclass(frozen=True)
class Report:
    """`problems` the gravest first, then in the order of the text."""

    problems: tuple[Problem, ...]
    numbers: tuple[Number, ...]
    claims: tuple[Claim, ...]
    untied: tuple[Number, ...]
    """Numbers that no claim ties to another: nothing could be reckoned from them."""
    paragraphs: int
    sentences: int
    languages: tuple[str, ...]
    reading: Reading

    @property
    def counts(self) -> Mapping[Severity, int]:
        """How many of each severity."""
        found = Counter(problem.severity for problem in self.problems)
        return {severity: found[severity] for severity in ORDER}


def check(
    text: str | Sequence[Block],
    language: str | None = None,
    known: Sequence[Figure] = (),
    about: Period | None = None,
) -> Report:
    """Check a text, or the blocks of a document. The language is guessed paragraph by paragraph
    where none is given; `about` is the period that the text is about, if it does not say so."""
    from qalqan.exchange.document_text import blocks

    given = (
        [Block(b.text, b.cells, b.table) for b in blocks(text)] if isinstance(text, str) else text
    )
    reading = read(given, language, about)
    seen = Seen(reading, known)
    found: set[tuple[str, int, int]] = set()
    problems: list[Problem] = []
    for problem in checks.find(seen):
        if _key(problem) not in found:
            found.add(_key(problem))
            problems.append(problem)
    problems.sort(key=lambda p: (ORDER.index(p.severity), p.paragraph, p.start))
    numbers = reading.numbers
    untied = tuple(n for n in numbers if (n.paragraph, n.digits) not in seen.tied)
    languages = dict.fromkeys(p.language for p in reading.paragraphs if p.sentences)
    return Report(
        tuple(problems), numbers, seen.claims, untied, len(reading.paragraphs),
        len(reading.sentences), tuple(languages), reading,
    )  # fmt: skip


def _key(problem: Problem) -> tuple[str, int, int]:
    return problem.code, problem.paragraph, problem.start

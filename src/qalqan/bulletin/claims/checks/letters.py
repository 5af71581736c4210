"""Letters and leftovers: look-alikes, editors' marks, words said twice, slips (REQ-86)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.reading import Paragraph
from qalqan.bulletin.claims.seen import Seen
from qalqan.bulletin.claims.words import words

ALIKE = Kind("letters.alike", "careless", ("REQ-86",))
LEFTOVER = Kind("letters.leftover", "careless", ("REQ-86",))
TWICE = Kind("letters.twice", "careless", ("REQ-86",))
GLUED = Kind("letters.glued", "careless", ("REQ-86",))
MARKS = Kind("letters.marks", "careless", ("REQ-86",))
SLIP = Kind("letters.slip", "careless", ("REQ-86a",))
KINDS = (ALIKE, LEFTOVER, TWICE, GLUED, MARKS, SLIP)

_LEFTOVER = re.compile(
    r"\[\s*bookmark:[^\]]*\]|_GoBack|\{\s*(?:HYPERLINK|PAGEREF|REF|TOC|MERGEFIELD)\b[^}]*\}?|"
    r"Error! (?:Bookmark|Reference)[^.]*|Ошибка! (?:Закладка|Источник)[^.]*|\bTODO\b"
    r"|\bFIXME\b|lorem ipsum|"
    r"<<[A-Za-z_]+>>|\{\{[^}]*\}\}", re.IGNORECASE
)  # fmt: skip
_AND = re.compile(
    r"(?<![\w-])([^\W\d_]{5,})(?:\s+(?:мен|пен|бен|және|и|или|and|or)\s+)([^\W\d_]{5,})(?![\w-])"
)
_DOUBLED = re.compile(r"(?<![\w-])([^\W\d_]{2,})\s+\1(?![\w-])")
_BRAND = re.compile(r"(?<![\w-])([^\W\d_]{5,})(?:\.[^\W\d_]{2,3})?\s+([^\W\d_]{5,})(?![\w-])")
_GLUED = re.compile(r"(?<!\w)[а-яёәғқңөұүһі]{5,}[А-ЯЁӘҒҚҢӨҰҮҺІ][а-яёәғқңөұүһі]{3,}(?!\w)")
_MARKS = re.compile(r"(?<!:)::(?!:)|,,|\.;|;\.|,\.(?!\.)|\.,(?=\s|$)|(?<!\.)\.\.(?![./])|;;")
_ABBREVIATION = re.compile(r"(?:\b[^\W\d_]{1,4}|\bт\.\s?[а-я])$")
_ENDING = 3
"""Letters in which two forms of one word may differ."""
_SAID_TWICE_ON_PURPOSE = frozenset(("қайта", "бірте", "жиі", "еле", "чуть", "very", "had", "that"))


def find(seen: Seen) -> Iterator[Problem]:
    """Careless places, paragraph by paragraph."""
    for paragraph in seen.reading.paragraphs:
        for odd in paragraph.odd:
            letters = "".join(
                dict.fromkeys(a for a, b in zip(odd.text, odd.reads, strict=True) if a != b)
            )
            codes = ", ".join(f"U+{ord(letter):04X}" for letter in letters)
            end = _word_end(paragraph.clean.shown, odd.end)
            yield ALIKE.over(
                paragraph,
                _sentence(paragraph, odd.start),
                odd.start,
                end,
                codes=codes,
                reads=odd.reads,
            )
        yield from _marks(paragraph)
        yield from _repeated(paragraph)
        yield from _slips(paragraph)


def _word_end(text: str, end: int) -> int:
    tail = re.match(r"(?:-\w+)?", text[end:])
    return end + (tail.end() if tail else 0)


def _sentence(paragraph: Paragraph, place: int) -> int:
    return sum(s.offset <= place for s in paragraph.sentences[1:])


def _at(kind: Kind, paragraph: Paragraph, start: int, end: int, **values: str) -> Problem:
    return kind.over(paragraph, _sentence(paragraph, start), start, end, **values)


def _marks(paragraph: Paragraph) -> Iterator[Problem]:
    text = paragraph.clean.shown
    for found in _LEFTOVER.finditer(text):
        yield _at(LEFTOVER, paragraph, *found.span(), found=found[0])
    for found in _GLUED.finditer(text):
        yield _at(GLUED, paragraph, *found.span(), found=found[0])
    for found in _MARKS.finditer(text):
        if found[0][0] == "." and found[0] != ".." and _ABBREVIATION.search(text[: found.start()]):
            continue
        start = max(0, text.rfind(" ", 0, found.start()) + 1)
        yield _at(MARKS, paragraph, start, found.end(), found=found[0])


def _repeated(paragraph: Paragraph) -> Iterator[Problem]:
    plain, shown = paragraph.clean.plain, paragraph.clean.shown
    for found in _AND.finditer(plain):
        if _same(found[1], found[2]):
            yield _at(TWICE, paragraph, *found.span(), found=shown[found.start() : found.end()])
    for found in _DOUBLED.finditer(plain):
        told = shown[found.start() : found.end()]
        are_cells = "\t" in told  # of a table: two of them may say the same
        if found[1] not in _SAID_TWICE_ON_PURPOSE and "-" not in told and not are_cells:
            yield _at(TWICE, paragraph, *found.span(), found=told)
    for found in _BRAND.finditer(plain):
        dotted = "." in found[0]
        if dotted and _same(found[1], found[2]):
            yield _at(TWICE, paragraph, *found.span(), found=shown[found.start() : found.end()])


def _same(one: str, other: str) -> bool:
    """Two forms of one word: "несиелер мен несиелер", "Маркет.КЗ маркеті"."""
    short, long = sorted((one, other), key=len)
    if one == other:
        return True
    return len(long) - len(short) <= _ENDING and long.startswith(short) and len(short) >= 5


def _slips(paragraph: Paragraph) -> Iterator[Problem]:
    of = words(paragraph.language)
    for listed, meant in of.group("slips").items():
        pattern = re.compile(
            r"(?<!\w)" + re.escape(listed).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")
        )
        for found in pattern.finditer(paragraph.clean.plain):
            yield _at(SLIP, paragraph, *found.span(), meant=meant)

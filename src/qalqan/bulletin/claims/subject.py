"""What a number is of: the words around it without those that say nothing of it."""

from __future__ import annotations

import re
from functools import lru_cache

from qalqan.bulletin.claims.compared import is_by, is_old
from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.reading import Reading
from qalqan.bulletin.claims.roles import is_from, is_of
from qalqan.bulletin.claims.sentence import Sentence, content
from qalqan.bulletin.claims.words import every, word_pattern, words

_STEM = 5
"""Letters of a word that tell it from others, whatever its ending."""
_SHORT = 3
_EMPTY = (
    "claims.recall", "directions.rise", "directions.fall", "periods.this_year", "periods.last_year",
    "periods.this_month", "periods.last_month", "periods.since_year_start", "year_words", "months",
    "roles.total", "claims.share", "roles.mean", "qualifiers.over.after", "qualifiers.about.before",
)  # fmt: skip


def subject(sentence: Sentence, one: Number) -> frozenset[str]:
    """Stems and concepts of the words around a number, between commas; where that stretch says
    nothing ("the number of frauds, as mentioned, is 500"), of the words before it in its clause."""
    start, end = segment(sentence, one)
    found = stems(sentence.cut(start, end), sentence.words.language)
    if found or len(sentence.sizes) > 1:
        return found
    return stems(sentence.cut(sentence.clause(one)[0], start), sentence.words.language)


def segment(sentence: Sentence, one: Number) -> tuple[int, int]:
    """The stretch of a number's clause between commas, brackets and dashes."""
    start, end = sentence.clause(one)
    text = sentence.cut(start, end)
    left, right = one.start - start, one.end - start
    head = max(text.rfind(mark, 0, left) for mark in (", ", ": ", "(", " – ", " — "))
    tails = [
        at for mark in (", ", ": ", "(", ")", " – ", " — ") if (at := text.find(mark, right)) >= 0
    ]
    if head >= 0 and text[head : head + 3].strip() in ("–", "—"):
        head = max(text.rfind(mark, 0, head) for mark in (", ", ": ", "("))
    if head >= 0 and text[head : head + 2] == ": " and _narrows(sentence, text[:head]):
        head = -1
    return start + head + 1, start + min(tails, default=len(text))


def _narrows(sentence: Sentence, heading: str) -> bool:
    """Whether what stands before a colon says of which a value is: "With foreigners involved:"."""
    told = not re.search(r"\d", heading) and len(heading.split()) > 1
    return told and sentence.words.has("roles.narrowing", heading)


def stems(text: str, language: str) -> frozenset[str]:
    """The words of a text by concept or stem, without those that say nothing."""
    found = {stem for word in content(text) if (stem := _stem(word, language))}
    return frozenset(found)


@lru_cache(maxsize=32768)
def _stem(word: str, language: str) -> str:
    word = word.replace("ё", "е")
    generic = ""
    for name, pattern in every(language, "concepts"):
        if pattern.fullmatch(word):
            if name != "generic":
                return name.upper()
            generic = name
    if generic or len(word) <= _SHORT or _empty(word, language):
        return ""
    return word[: max(_STEM - 1, min(_STEM, len(word) - 2))]


def _empty(word: str, language: str) -> bool:
    of = words(language)
    for group in _EMPTY:
        for listed in of.group(group):
            for one in listed.split("|"):
                if " " not in one and one and re.fullmatch(word_pattern(one), word):
                    return True
    return False


def concept(stem: str) -> bool:
    """Whether a stem is the name of a concept."""
    return stem.isupper()


def places(reading: Reading, sentence: Sentence) -> frozenset[str]:
    """Places that the sentence, those before it in its paragraph, or a short heading above name."""
    paragraph = reading.paragraphs[sentence.paragraph]
    texts = [s.text for s in paragraph.sentences[: sentence.index + 1]]
    if paragraph.index:
        above = reading.paragraphs[paragraph.index - 1].clean.plain
        heading = len(above.split()) <= 8 and not above.rstrip().endswith((".", "!", "?"))
        texts += [above] if heading else []
    named = (_places_in(sentence.words.language, text) for text in texts)
    return frozenset(place for one in named for place in one)


@lru_cache(maxsize=4096)
def _places_in(language: str, text: str) -> frozenset[str]:
    found = words(language).find("claims.places", text)
    return frozenset(text[start:end][:_STEM] for start, end in found)


def leads(sentence: Sentence, one: Number) -> bool:
    """Whether a number states something itself: not compared with, parted, or in brackets."""
    return sentence.inside(one.start) == 0 and not (
        is_old(sentence, one) or is_by(sentence, one) or is_of(sentence, one)
        or (is_from(sentence, one) and sentence.words.language != "kk")
    )  # fmt: skip

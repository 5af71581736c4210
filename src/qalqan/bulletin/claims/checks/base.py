"""Shares and damage whose base the text does not give (REQ-5, 84)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qalqan.bulletin.claims.compared import is_by
from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.seen import Seen
from qalqan.bulletin.claims.sentence import Sentence
from qalqan.bulletin.claims.subject import concept, stems

SHARE = Kind("base.share", "unsound", ("REQ-5",))
DAMAGE = Kind("base.damage", "unsound", ("REQ-6", "REQ-84"))
KINDS = (SHARE, DAMAGE)

_COUNTED = frozenset(
    {"CRIME", "FRAUD", "INTERNET_FRAUD", "PERSON", "CASE", "RESOURCE", "CALL", "MATERIAL"}
)
_OF = {
    "ru": re.compile(r"\s*(?:(?:от|из)\s+)?((?:[^\W\d_][\w-]*\s*){1,5})"),
    "en": re.compile(r"\s*of\s+((?:[^\W\d_][\w-]*\s*){1,5})"),
}
_KAZAKH_OF = re.compile(
    r"((?:[^\W\d_][\w-]*\s+){0,3}[^\W\d_][\w-]*(?:ның|нің|дың|дің|тың|тің))\s*$"
)


def find(seen: Seen) -> Iterator[Problem]:
    """Shares of something that is nowhere counted, and damage of nobody knows which crimes."""
    for sentence in seen.reading.sentences:
        for one in sentence.figures:
            if one.kind == "percent" and (problem := _share(seen, sentence, one)) is not None:
                yield problem
            if one.kind == "money" and (problem := _damage(seen, sentence, one)) is not None:
                yield problem


def _share(seen: Seen, sentence: Sentence, one: Number) -> Problem | None:
    if (one.paragraph, one.digits) in seen.tied or one.worded or is_by(sentence, one):
        return None
    whole = _named(sentence, one)
    if not whole or not sentence.has("claims.share"):
        return None
    of = stems(whole, sentence.words.language)
    narrowed = {stem for stem in of if not concept(stem)}
    if (
        not of & _COUNTED
        or not narrowed
        or any(_counts(s, n, of, whole, sentence) for s in seen.reading.sentences for n in s.sizes)
    ):
        return None
    return SHARE.at(seen.reading, one, told=one, whole=whole.strip())


def _named(sentence: Sentence, one: Number) -> str:
    """What the percent is of, by the words next to it."""
    if sentence.words.language == "kk":
        head = re.split(r"[,;(]|(?<!\w)және(?!\w)", sentence.before(one))[-1]
        found = _KAZAKH_OF.search(head)
    else:
        found = _OF[sentence.words.language].match(sentence.after(one))
    return found[1] if found else ""


def _counts(
    sentence: Sentence, number: Number, of: frozenset[str], whole: str, told: Sentence
) -> bool:
    around = sentence.cut(number.start - 60, number.end + 60)
    if sentence == told:
        around = around.replace(whole, " ")
    return of <= stems(around, sentence.words.language)


def _damage(seen: Seen, sentence: Sentence, one: Number) -> Problem | None:
    """Damage in a sentence that counts two populations and does not say whose it is."""
    start, end = sentence.clause(one)
    clause = sentence.cut(start, end)
    if not sentence.words.has("claims.damage", clause):
        return None
    if sentence.concepts(clause) & {"crime", "fraud", "internet_fraud", "case"}:
        return None
    pair = next(
        (
            s
            for s in seen.shares
            if (s.whole.paragraph, s.whole.sentence) == (one.paragraph, one.sentence)
            and s.whole.kind == "count"
        ),
        None,
    )
    if pair is None:
        return None
    return DAMAGE.at(seen.reading, one, told=one, part=pair.part, whole=pair.whole)

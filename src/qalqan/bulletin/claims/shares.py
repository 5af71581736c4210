"""Parts, their wholes and the shares that a text says they are (REQ-4, 10, 41)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qalqan.bulletin.claims.claim import Share
from qalqan.bulletin.claims.compared import is_by, is_old
from qalqan.bulletin.claims.earlier import in_order
from qalqan.bulletin.claims.means import averaged
from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.parts import OR, Pair, pairs
from qalqan.bulletin.claims.reading import Reading
from qalqan.bulletin.claims.roles import following, is_of, previous_figure
from qalqan.bulletin.claims.sentence import Sentence, same_kind

_KAZAKH_WORDS = r"(?:\s*[^\W\d_][\w-]*(?:ның|нің|дың|дің|тың|тің))\s*"


_OPENS = re.compile(
    r"\s*[–—:(,-]+\s*(?:из|of|из них|это|or|или)?\s*(?:the)?\s*|(?:\s*[^\W\d_][\w-]*){0,5}\s*\(\s*"
)


def shares(reading: Reading) -> Iterator[Share]:
    """Every share that the text's words tie to its part and whole, and every bare pair."""
    for sentence in reading.sentences:
        found = pairs(sentence)
        told: set[Pair] = set()
        for percent in sentence.figures:
            if percent.kind != "percent" or is_by(sentence, percent):
                continue
            tied = _tied(reading, sentence, percent, found)
            if tied is not None:
                told.add(tied)
                yield Share(tied.part, tied.whole, percent, _of_rest(sentence, percent))
        yield from (Share(one.part, one.whole) for one in found if one not in told)


def _tied(reading: Reading, sentence: Sentence, percent: Number, found: list[Pair]) -> Pair | None:
    """The pair that a percent is the share of."""
    if (registered := _of_registered(reading, sentence, percent)) is not None:
        return registered
    if (beside := _beside(sentence, percent, found)) is not None:
        return beside
    if (part := _bracketed(sentence, percent)) is not None:
        explicit = next((p for p in found if part in (p.part, p.whole)), None)
        if explicit is not None:
            return explicit
        whole = _whole_of(reading, sentence, part) or _whole_before(sentence, part)
        return Pair(part, whole) if whole is not None and same_kind(part, whole) else None
    start, end = sentence.clause(percent)
    own = [p for p in found if start <= p.part.start < end and start <= p.whole.start < end]
    shares = [n for n in sentence.figures if n.kind == "percent" and start <= n.start < end]
    if len(own) == 1 and len(shares) == 1 and _close(sentence, percent, own[0]):
        return own[0]
    return _of_named(sentence, percent) or _pointing_back(reading, sentence, percent)


def _pointing_back(reading: Reading, sentence: Sentence, percent: Number) -> Pair | None:
    """As in "They made up 49.9 % of all 4,306 frauds", "4 306 мошенничеств, доля
    интернет-мошенничеств
    среди них 49,9 %": the part is the main value of the sentence before."""
    if len(sentence.sizes) != 1 or not sentence.has("claims.share"):
        return None
    whole = sentence.sizes[0]
    part = antecedent(reading, sentence, whole)
    if (
        part is None
        or part.value >= whole.value
        or is_old(sentence, whole)
        or is_by(sentence, whole)
    ):
        return None
    before = reading.before(sentence)
    assert before is not None
    head = sentence.cut(sentence.offset, percent.start)
    named = sentence.concepts(head) & before.noun_concepts(part) - before.noun_concepts(whole)
    if (
        named
        and sentence.words.has("claims.share", head + sentence.after(percent))
        and "internet_fraud" in named
    ):
        return Pair(part, whole)
    begins = sentence.words.begins("roles.this", sentence.text.lstrip())
    return Pair(part, whole) if begins and is_of(sentence, whole) else None


def _of_registered(reading: Reading, sentence: Sentence, percent: Number) -> Pair | None:
    """As in "14 % от числа зарегистрированных": of the first count that the text calls
    registered."""
    around = (
        sentence.before(percent)[-40:]
        if sentence.words.language == "kk"
        else sentence.after(percent)[:44]
    )
    if not sentence.words.has("roles.of_registered", around):
        return None
    part = previous_figure(sentence, percent)
    headline = next(
        (n for s in reading.sentences if s.has("roles.registered") for n in s.sizes[:1]), None
    )
    if (
        part is None
        or headline is None
        or not same_kind(part, headline)
        or part.value >= headline.value
    ):
        return None
    one, other = reading.when(part), reading.when(headline)
    alike = (
        one is not None and other is not None and (one.first, one.last) == (other.first, other.last)
    )
    return Pair(part, headline) if alike else None


def _beside(sentence: Sentence, percent: Number, found: list[Pair]) -> Pair | None:
    """As in "50 % (21 637 из 43 895)", "21 637 из 43 895 (50 %)", "qalғan 90 %"."""
    for pair in found:
        first = min(pair.part, pair.whole, key=lambda n: n.start)
        last = max(pair.part, pair.whole, key=lambda n: n.end)
        after = sentence.cut(percent.end, first.start) if percent.end <= first.start else None
        before = sentence.cut(last.end, percent.start) if last.end <= percent.start else None
        if (
            after is not None
            and _OPENS.fullmatch(after)
            and not _figures_in(sentence, percent, first)
        ):
            return pair
        if first.end <= percent.start and percent.end <= last.start:
            return pair
        if before is not None and last == pair.whole and re.fullmatch(_KAZAKH_WORDS, before):
            return pair
        if before is not None and not _figures_in(sentence, last, percent):
            if _of_rest(sentence, percent) or re.fullmatch(
                r"(?:\s*[^\W\d_(),;][\w-]*){0,4}\s*[(]\s*", before
            ):
                return pair
            if OR.fullmatch(before):
                return pair
    return None


def _bracketed(sentence: Sentence, percent: Number) -> Number | None:
    """The number that a percent in brackets, or behind "or", explains: "741 (39.6 %)"."""
    part = previous_figure(sentence, percent)
    if part is None or part.kind not in ("count", "money") or is_by(sentence, part):
        return None
    between = sentence.between(part, percent)
    words = len(between.split())
    if (
        re.fullmatch(r"[^();:]*\(\s*", between)
        and words <= 7
        and re.match(
            r"\s*(?:\)|,|от|из|of|;|всех|общего|барлық)",
            sentence.cut(percent.end, percent.end + 12) + ")",
        )
    ):
        return part
    return (
        part
        if OR.search(between)
        and not re.search(r"[(;]", between)
        and words <= 7
        and "," not in between.rstrip(" ,")[:-6]
        else None
    )


def _whole_of(reading: Reading, sentence: Sentence, part: Number) -> Number | None:
    """The whole that a part belongs to: named with "of" before it, or what "of them" points at."""
    _start, end = sentence.clause(part)
    wholes = [
        n
        for n in sentence.sizes
        if n.end <= part.start and is_of(sentence, n) and same_kind(n, part)
    ]
    if wholes:
        return wholes[-1]
    marks = [s + sentence.offset for s, _ in sentence.words.find("roles.of_them", sentence.text)]
    marks = [s for s in marks if s < part.start]
    if marks:
        earlier = [
            n
            for n in sentence.sizes
            if n.end <= marks[0] and same_kind(n, part) and sentence.inside(n.start) == 0
        ]
        if earlier:
            return earlier[0] if not is_old(sentence, earlier[0]) else None
        if not any(n.end <= marks[0] for n in sentence.sizes):
            return antecedent(reading, sentence, part)
    behind = sentence.words.find("roles.of_them_only", sentence.text)
    if any(s + sentence.offset >= part.end and s + sentence.offset < end for s, _ in behind):
        outside = [
            n for n in sentence.sizes if n.end <= part.start and sentence.inside(n.start) == 0
        ]
        if outside:
            return outside[0] if len(outside) == 1 and same_kind(outside[0], part) else None
        return antecedent(reading, sentence, part)
    return None


def _whole_before(sentence: Sentence, part: Number) -> Number | None:
    """As in "Зарегистрировано 1 871 преступление, раскрыто 222 (11,9 %)": the part leaves its
    noun to
    the only value before it, or has the same."""
    before = [n for n in sentence.sizes if n.end <= part.start and sentence.inside(n.start) == 0]
    if len(before) != 1 or before[0].value <= part.value or is_old(sentence, before[0]):
        return None
    apart = sentence.clause(before[0]) != sentence.clause(part) and bool(part.noun)
    if sentence.has("roles.of_them") or apart or ";" in sentence.between(before[0], part):
        return None
    if not same_kind(before[0], part) or sentence.inside(part.start):
        return None
    if in_order(sentence, before[0], part).sure:
        return None
    mine = sentence.noun_concepts(part) - _DEEDS
    return before[0] if part.kind == "money" or mine <= sentence.noun_concepts(before[0]) else None


_DEEDS = frozenset({"solved", "returned", "stopped", "prosecuted", "case"})


def antecedent(reading: Reading, sentence: Sentence, like: Number) -> Number | None:
    """The main number of the sentence before, if it has just one of the same unit."""
    before = reading.before(sentence)
    if before is None:
        return None
    sizes = [n for n in before.sizes if before.inside(n.start) == 0 and same_kind(n, like)]
    sizes = [
        n for n in sizes
        if not (is_old(before, n) or is_by(before, n) or is_of(before, n) or averaged(before, n))
    ]  # fmt: skip
    return sizes[0] if len(sizes) == 1 else None


def _of_named(sentence: Sentence, percent: Number) -> Pair | None:
    """As in "850 млн (4 % от 21 млрд)": share of a whole named behind it, of the number before
    it."""
    whole = following(sentence, percent)
    part = previous_figure(sentence, percent)
    if whole is None or part is None or not same_kind(part, whole) or not is_of(sentence, whole):
        return None
    between = sentence.between(part, percent)
    near = len(between.split()) <= 6 and re.search(r"[;:.]", between) is None
    return Pair(part, whole) if near and not is_old(sentence, part) else None


def _close(sentence: Sentence, percent: Number, pair: Pair) -> bool:
    """Whether no other figure stands between a share and its pair."""
    first = min(pair.part, pair.whole, key=lambda n: n.start)
    last = max(pair.part, pair.whole, key=lambda n: n.end)
    edge = first if percent.end <= first.start else last
    if _figures_in(sentence, *sorted((edge, percent), key=lambda n: n.start)):
        return False
    between = sentence.between(edge, percent)
    return len(between.split()) <= 12 and sentence.inside(percent.start) <= sentence.inside(
        edge.start
    )


def _figures_in(sentence: Sentence, first: Number, last: Number) -> bool:
    return any(first.end <= n.start and n.end <= last.start for n in sentence.figures)


def _of_rest(sentence: Sentence, percent: Number) -> bool:
    """Whether the percent is of what is left: "остальные 90 %", "қалған 90 %"."""
    return sentence.words.ends("roles.rest", sentence.before(percent).rstrip(" –—-:")) is not None

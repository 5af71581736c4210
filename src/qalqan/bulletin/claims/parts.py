"""Parts and wholes that the words of one sentence join."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qalqan.bulletin.claims.compared import is_by, is_old
from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.roles import following, is_from, is_of, is_to, previous_figure
from qalqan.bulletin.claims.sentence import Sentence, same_kind

_MOST_WORDS = 8


OR = re.compile(
    r"[^\w(]*(?:[^\W\d_][\w-]*\s+){0,4}?(?<!\w)(?:или|либо|or|немесе|яғни|то есть|i\.e\."
    r"|what is|что составляет|"
    r"что составило|это|бұл|which is|that is)\s*$|\s*[,(–—]\s*(?:или|or|немесе)?\s*$"
)


@dataclass(frozen=True)
class Pair:
    """A part and its whole in one sentence."""

    part: Number
    whole: Number


def pairs(sentence: Sentence) -> list[Pair]:
    """Parts and wholes that the words join: "741 из 1 871", "of 43,895, 21,637"."""
    found: list[Pair] = []
    for whole in sentence.sizes:
        if is_of(sentence, whole) and (part := _part(sentence, whole)) is not None:
            found.append(Pair(part, whole))
    return found


def _part(sentence: Sentence, whole: Number) -> Number | None:
    if _explains(sentence, whole):
        before = previous_figure(sentence, whole)
        if before is not None and same_kind(before, whole):
            return before if _fits(sentence, before) and not sentence.inside(before.start) else None
    if sentence.words.language == "kk":
        return _kazakh_part(sentence, whole)
    before = previous_figure(sentence, whole)
    if before is not None and _stands_before(sentence, before, whole):
        return before
    if before is not None and before.kind == "percent":  # "21 637, или 49,3 % от 43 895"
        first = previous_figure(sentence, before)
        if (
            first is not None
            and same_kind(first, whole)
            and OR.search(sentence.between(first, before))
        ):
            return first if _fits(sentence, first) else None
        after = following(sentence, whole)
        if after is None or sentence.inside(after.start) == 0:
            return None
    return _stands_behind(sentence, whole, following(sentence, whole))


def _kazakh_part(sentence: Sentence, whole: Number) -> Number | None:
    before, after = previous_figure(sentence, whole), following(sentence, whole)
    if after is None or after.kind != "percent":
        hidden = after is not None and sentence.inside(after.start) > sentence.inside(whole.start)
        return None if hidden and whole.case != "gen" else _stands_behind(sentence, whole, after)
    if before is not None and after.case == "poss" and _this_is(sentence, before, whole):
        return before  # "312 қылмыс ашылды, бұл 2 148 қылмыстың 14,5 %-ы"
    return _stands_behind(sentence, whole, after)


def _stands_before(sentence: Sentence, part: Number, whole: Number) -> bool:
    """As in "741 из 1 871", "741 (из 1 871)"."""
    between = sentence.between(part, whole)
    if not same_kind(part, whole) or not _fits(sentence, part):
        return False
    if len(between.split()) > _MOST_WORDS or re.search(r"[;:.]", between):
        return False
    deeper = sentence.inside(whole.start) - sentence.inside(part.start)
    return deeper == 0 or (deeper == 1 and re.fullmatch(r"[^()]*\([\w\s]*", between) is not None)


def _stands_behind(sentence: Sentence, whole: Number, after: Number | None) -> Number | None:
    """As in "of the 1,871, 741", "43 895 алаяқтықтың 49,3 %-ы (21 637)"."""
    if after is not None and after.kind == "percent":
        percent, after = after, following(sentence, after)
        plain = after is not None and sentence.inside(after.start) == 0
        if plain and after is not None and not OR.search(sentence.between(percent, after)):
            return None
    if after is None or not same_kind(after, whole) or not _fits(sentence, after):
        return None
    between = sentence.between(whole, after)
    near = len(between.split()) <= 2 * _MOST_WORDS - 2 and ";" not in between
    return after if near and sentence.clause(after) == sentence.clause(whole) else None


def _explains(sentence: Sentence, whole: Number) -> bool:
    """As in "766 факт (барлық 1 914 фактінің 40 %-ы)": the whole opens a bracket behind its
    part."""
    head = sentence.before(whole)
    return (
        sentence.inside(whole.start) == 1
        and re.search(r"\(\s*(?:[^\W\d_]+\s+){0,2}$", head) is not None
    )


def _this_is(sentence: Sentence, before: Number | None, whole: Number) -> bool:
    if sentence.words.language != "kk" or before is None or not same_kind(before, whole):
        return False
    between = sentence.between(before, whole)
    return (
        re.search(r",\s*(?:бұл|яғни|ол)(?!\w)[^,;:]*$", between) is not None
        and len(between.split()) <= 14
    )


def _fits(sentence: Sentence, one: Number) -> bool:
    return not (
        (is_by(sentence, one) and one.kind != "count") or is_old(sentence, one)
        or (sentence.words.language != "kk" and (is_from(sentence, one) or is_to(sentence, one)))
    )  # fmt: skip

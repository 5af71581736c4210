"""What part a number plays by the words around it: of, from, to, against, by."""

from __future__ import annotations

import re

from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.sentence import Sentence, remembered, same_kind

_DETERMINERS = re.compile(
    r"(?:\s+(?:the|a|an|all|these|those|some|total|in|nearly|общего|числа|количества|всех|этих|"
    r"зарегистрированных|общей|суммы|его|ее|их))+\s*$"
)
_OF_A_MEASURE = re.compile(
    r"(?:total|average|mean|number|sum|amount|loss(?:es)?|damages?|worth|rise|increase|growth|fall|"
    r"decrease|decline|drop|reduction|rate|value|level|record|gain|figure|peak|median|maximum|minimum|"
    r"refunds?|returns?|payments?|transfers?|fines?|a\s+share|share|range)\s+of\s*$"
)
_MEASURED = re.compile(
    r"(?<!\w)(от|из|of)\s+(?:the\s+|общего\s+|всего\s+|total\s+)*(?:ущерба|суммы|damage|loss(?:es)?|sum|числа|"
    r"количества|total)\s*(?:в|of|in|amounting to)?\s*$"
    r"|(?<!\w)(из|of|от)\s+(?:(?:the|общего|total)\s+)*(?:числа|количества|number)\s+[^,;()]{0,60}[(–—]\s*$"
)
_MOST_WORDS = 7
MORE_THAN = re.compile(
    r"(?:\s*[^\W\d_][\w-]*){0,3}?\s*(?:көп|артық|аз|кем|жоғары|төмен|асып|асты)(?!\w)"
)
_SINCE = re.compile(r"\s*(?:кейін|бастап|бері|соң)(?!\w)")
_INSIDE = re.compile(r"(?:\s*[^\W\d_][\w-]*){0,4}?\s*(?:ішінен|арасынан|ішіндегі|арасындағы)(?!\w)")


def lead(sentence: Sentence, one: Number) -> str:
    """The text before a number's digits, without its determiners."""
    return without_determiners(sentence.before(one))


def without_determiners(head: str) -> str:
    """A text without the "the total" or "всех" at its end."""
    return _DETERMINERS.sub("", head)


@remembered("of")
def is_of(sentence: Sentence, one: Number) -> bool:
    """Whether the number is a whole of which something is a part: "из 43 895", "of the 1,871"."""
    if one.kind not in ("count", "money"):
        return False
    language = sentence.words.language
    if language == "kk":
        return _kazakh_of(sentence, one)
    head = _MEASURED.sub(lambda m: f"{m[1] or m[2]} ", lead(sentence, one))
    if sentence.words.ends("roles.of", head) is None:
        return False
    if sentence.words.ends("roles.against", head) is not None:
        return False  # "instead of 4,646"
    if sentence.words.ends("roles.made_of", sentence.before(one)) is not None:
        return False  # "consists of 108 by card, …": the first part, no whole
    if language == "ru":
        return not _russian_from(sentence, head)
    return _english_of(sentence, one, head)


def _russian_from(sentence: Sentence, head: str) -> bool:
    """As in "От" that does not part a whole: "от 300 до 500", "пострадал от 12 звонков"."""
    if re.search(r"(?<!\w)от\s*$", head) is None:
        return False
    at_percent = any(
        n.kind == "percent" and sentence.cut(n.end, n.end + len(head)).startswith(head[:6])
        for n in sentence.figures
    )
    return not at_percent and re.search(r"(?:дол|процент|част)\w*[^.;]*$", head) is None


def _english_of(sentence: Sentence, one: Number, head: str) -> bool:
    if re.search(r"(?:out\s+of|from\s+among|among|from\s+a\s+total\s+of)\s*$", head):
        return True
    if _OF_A_MEASURE.search(head) or re.search(
        r"\b(?:total|in a total)\s+of\s*$", sentence.before(one)
    ):
        return False
    if re.fullmatch(r"[\s(,\"“]*of\s*", head) is not None:
        return True
    previous = previous_figure(sentence, one)
    if previous is None:
        return (
            re.fullmatch(
                r"(?:[^.;]*[,(:–—]\s*|\s*(?:yet|but|and|thus|so|also|however|finally|moreover|then)\s+)?of\s*",
                head,
            )
            is not None
        )
    return len(head.split()) <= _MOST_WORDS and re.search(r"[;:.]", head) is None


def _kazakh_of(sentence: Sentence, one: Number) -> bool:
    after = following(sentence, one)
    if _INSIDE.match(sentence.after(one)):
        return True
    if after is None or not (same_kind(one, after) or after.kind == "percent"):
        return False
    between = sentence.between(one, after)
    if re.search(r"[;:.]", between) or len(between.split()) > _MOST_WORDS:
        return False
    if one.case == "gen":
        return True
    if one.case == "noun_gen":
        if after.kind == "percent":
            return after.case in ("poss", "") and sentence.direction(after) == 0
        return re.search(r",\s", between) is None and is_bare(after)
    if one.case == "abl" and same_kind(one, after):
        return (
            is_bare(after)
            and not _SINCE.match(between)
            and not MORE_THAN.match(sentence.after(after))
            and after.case != "dat"
        )
    return False


def is_bare(one: Number) -> bool:
    """Whether a Kazakh number stands as a subject: no case that would make it a goal."""
    return one.case not in ("dat", "abl", "gen") and not one.text.endswith("дейін")


def is_from(sentence: Sentence, one: Number) -> bool:
    """Whether something changes from this value."""
    if sentence.words.language == "kk":
        return one.case == "abl"
    return sentence.words.ends("roles.from", sentence.before(one)) is not None


def is_to(sentence: Sentence, one: Number) -> bool:
    """Whether something changes to this value."""
    language = sentence.words.language
    if language == "kk":
        return one.case == "dat" or one.text.lower().endswith("дейін")
    head = sentence.cut(one.start, one.digits) if language == "ru" else sentence.before(one)
    if language == "ru" and re.search(r"(?<!\w)(?:до|к)\s*$", sentence.before(one)):
        return True
    return (
        re.search(
            r"(?<!\w)(?:до|to)(?!\w)\s*(?:почти|около|nearly|about|only|just)?\s*$", head.strip()
        )
        is not None
    )


def previous_figure(sentence: Sentence, one: Number) -> Number | None:
    """The number before it, years aside."""
    return max(
        (n for n in sentence.figures if n.end <= one.start), key=lambda n: n.end, default=None
    )


def following(sentence: Sentence, one: Number) -> Number | None:
    """The number after it, years aside."""
    return min(
        (n for n in sentence.figures if n.start >= one.end), key=lambda n: n.start, default=None
    )

"""What of a sentence is no figure: dates, laws, codes, numbering; and years that label values."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What is no figure: dates, times of day, addresses, laws, codes, ranges, numbering.
_LEGAL = (
    r"(?:бап\w*|тармақ\w*|тармағ\w*|бөлім\w*|стат(?:ь\w*|ей)|ст\.?|ч\.|част[ьи]|пункт\w*|п\.|№|раздел(?:а|е|у|ом)?(?!\w)|"
    r"articles?|art\.|section|sections|paragraph|clause|chapter|no\.|номер|приказ\w*|order|код|code|"
    r"таблиц\w+|табл\.|рис\.|рисун\w+|figure|table|кесте\w*|сурет\w*|version|версия|нұсқа)"
)


_IGNORED = re.compile(
    r"\d{1,2}\.\d{1,2}\s?[-–]\s?\d{1,2}\.\d{1,2}\.(?:\d{4}|\d\d)(?!\d)"
    r"|(?<!\d)\d{1,2}\.\d{1,2}\.(?:\d{4}|\d\d)(?!\d)|(?<!\d)\d{4}-\d\d(?:-\d\d)?(?!\d)"
    r"|\+\d[\d ()-]{8,}\d|https?://\S+|www\.\S+|(?<!\d)\d{1,2}:\d\d(?!\d)|(?<!\d)24/7"
    r"|(?<!\w)" + _LEGAL + r"\s*№?\s*\d+(?:[-–.]\d+)*"
    r"|№\s*\d+(?:[-–.]\d+)*"
    r"|(?<!\d)\d+(?:-\d)?\s?-?\s?(?:бап|бабы|бабын|баб)\w*"
    r"|(?<!\w)\d+(?:st|nd|rd|th)(?!\w)"
    r"|(?<!\w)(?!(?:19|20)\d\d-)\d+-(?:й|го|му|ом|ой|я|ая|е|ое|х|ых|м|ми|ти|летн\w*|дневн\w*|месячн\w*|часов\w*)(?!\w)"
    r"|(?<!\w)\d+\s?-\s?(?:ші|шы|інші|ыншы|нші|ншы|шіден|шысы|шісі)(?!\w)"
    r"|(?<!\w)\d+-(?!fold|times|percent)[a-z]{3,}"
    r"|(?<!\w)between\s+\d[\d,]*\s+and\s+\d[\d,]*(?!\s*\w*ing)"
    r"|(?<![\w.,])\d[\d ]*\s+(?:мен|пен|бен)\s+\d[\d ]*(?=\s+[^\W\d_]*\s?арасында)"
)  # fmt: skip


_RANGE = re.compile(
    r"(?<![\w.,])(\d{1,3}(?: \d{3})*|\d+)(?:[.,]\d+)?\s?[-–—]\s?(\d+(?: \d{3})*)(?![\d.,]*\d)"
)


_NUMBERING = re.compile(r"\s*\d{1,2}(?:\.\d{1,2})*[.)](?!\d)")


_LABELLED = re.compile(
    r"(?<![\d.,])((?:19|20|21)\d\d)\s*(?:жылы|жыл|года|году|год|ж\.?|г\.?)?\s*[–—:-]\s*"
    r"(\d[\d ]*(?:[.,]\d+)?(?![\d]))?(?=\s*(?:[,;.)]|$|\D))"
)


FIRST_YEAR = 1990
LAST_YEAR = 2100


@dataclass(frozen=True)
class At:
    """Where a sentence stands, and its words."""

    paragraph: int
    sentence: int
    offset: int
    """Of the sentence in its paragraph."""
    text: str
    """In lower case, look-alikes put right."""
    shown: str


def masked(at: At) -> str:
    """The text with what is no figure blotted out."""
    text = at.text
    if at.offset == 0 and (found := _NUMBERING.match(text)) is not None:
        text = "_" * found.end() + text[found.end() :]
    blotted = _IGNORED.sub(lambda found: "_" * len(found[0]), text)
    kept = {found.start() for run in labelled_years(text) for found in run}
    return _RANGE.sub(lambda found: found[0] if found.start() in kept else _range(found), blotted)


def labelled_years(text: str) -> list[list[re.Match[str]]]:
    """Runs of at least three years, each with its value behind a dash or colon: "2017 – 2 046,
    2018 – 4 287, 2019 –". Group 1 is the year, group 2 the value, or None."""
    runs: list[list[re.Match[str]]] = []
    for found in _LABELLED.finditer(text):
        if runs and re.fullmatch(r"\D{0,25}", text[runs[-1][-1].end() : found.start()]):
            runs[-1].append(found)
        else:
            runs.append([found])
    return [run for run in runs if len(run) >= 3 and any(_no_year(one[2]) for one in run)]


def _no_year(digits: str | None) -> bool:
    return bool(digits) and not re.fullmatch(r"(?:19|20|21)\d\d", (digits or "").strip())


def _range(found: re.Match[str]) -> str:
    first, last = found[1], found[2]
    if len(first) == 4 and FIRST_YEAR <= int(first) <= LAST_YEAR and not _short_span(first, last):
        return found[0]  # a year and its value
    return "_" * len(found[0])


def _short_span(first: str, last: str) -> bool:
    """Whether two years make a span: 2024–2028."""
    return len(last) == 4 and last.isdigit() and 0 < int(last) - int(first) <= 10


def coded(text: str, start: int) -> bool:
    """Whether the digits belong to a name: COVID-19, Т-34; "желілерде-12 мың" is a dash."""
    if start < 2 or text[start - 1] not in "-–":
        return False
    head = re.search(r"[^\W\d_]+$", text[: start - 1])
    return head is not None and len(head[0]) <= 5

"""Renders `docs/reference/briefing-check.md`: the briefing checked by our own checker.

`python docs/briefing_check.py PATH`, where PATH is the briefing's text, which is not ours to ship.
The page quotes only the few words around a number that are needed to find the place.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from qalqan.bulletin.claims import Problem, check
from qalqan.model.figure import Figure, Source
from qalqan.model.period import parse

PAGE = Path(__file__).parent / "reference" / "briefing-check.md"
MOST_WORDS = 12
# Requirement, the defect, the codes that show it.
ITEMS = (
    ("REQ-2", "“more than ten times” fails on the printed series", ("series.times_unless",)),
    ("REQ-3, 80", "“rises every year” against the fall of 2022", ("series.every",)),
    ("REQ-4, 86a", "49.3 % called 50 %", ("share.wrong",)),
    ("REQ-5", "a share of “ordinary crimes” without their number", ("base.share",)),
    ("REQ-8, 86a", "the “two commonest” methods are not the commonest", ("superlative.larger",)),
    ("REQ-39", "90 % inferred from “up to 10 %”", ("remainder.of_bound",)),
    ("REQ-41", "“90 %” where 114 of over 1 000 leave 88.6 %", ("share.rest",)),
    ("REQ-46, 86a", "35 days of calls given for at least 70", ("mean.span",)),
    ("REQ-79", "“2063 –”: a year out of order, without a value",
     ("series.missing", "series.label")),
    ("REQ-81", "a paragraph told twice, with 114 and with 1 891", ("copy.elsewhere",)),
    ("REQ-82", "20 thousand “since the start of the year”, 2 thousand in January",
     ("period.year_to_date",)),
    ("REQ-83", "23 228 / 4 000 / 2 517 / 300 share no definition", ("definitions.differ",)),
    ("REQ-84", "“this year” has no end", ("period.open",)),
    ("REQ-6, 84", "damage without its base", ("base.damage",)),
    ("REQ-8, 85", "−31 % credited to measures", ("cause.displaced",)),
    ("REQ-86", "look-alike letters, a bookmark, names said twice, words run together",
     ("letters.alike", "letters.leftover", "letters.twice", "letters.glued", "letters.marks")),
    ("REQ-86a", "44 m and 850 m carry no period", ("period.none",)),
    ("REQ-86a", "“real number” garbled into “real life”", ("letters.slip",)),
    ("REQ-87", "another official figure for crimes solved", ("known.differs",)),
)  # fmt: skip
STATED = Figure(
    "internet_fraud.solved", parse("2023"), 3800, "crimes", exactness="over",
    source=Source("Prosecutor General's office"),
)  # fmt: skip
HEAD = """\
# The briefing, checked

Made by `python docs/briefing_check.py PATH` from the text of the briefing that
[the requirements](requirements.md) itemise (Ministry of Internal Affairs of Kazakhstan, “Topical
issues
of fighting cybercrime”, in Kazakh, undated, February 2024 by its contents). Quotations are of that
text, no longer than it takes to find the place. *False*: the text's own numbers refute it.
*Unsound*: its
form does not carry it. *Careless*: letters, leftovers, words said twice. A finding says what
stands there,
not why.

"""
TAIL = """
## What arithmetic and form can't show

- **Which of two numbers is right.** The checker says that a paragraph is told with 114 and with 1
  891, and
  that 1 891 stands elsewhere of something else; only the ministry knows what was meant (REQ-81).
- **That another source differs** (REQ-87). The text alone can't show it: the checker is given the
  other
  office's figure, and tells its source and date.
- **That 18.7 %, 21 bn or 44 m are wrong.** They lack a base or a period; with either they might
  be right.
- **That a measure had no effect** (REQ-85). It is only said that nothing is compared, and that
  all other methods
  rose meanwhile.
- **Slips of translation in general** (REQ-86). Doubled words, run-together words and look-alike
  letters are
  forms; “real life” for “real number” is found because that wording is listed
  (`src/qalqan/bulletin/claims/words/kk.toml`), not because it was understood.
- **That the working days of a system were fewer than its calendar days** (REQ-46): 35 days are
  what the mean gives;
  a system that stood still half the time would explain them.
"""


def quoted(problem: Problem) -> str:
    """A few words of the place."""
    words = re.sub(r"\s+", " ", problem.quote).replace("|", "/").split(" ")
    return " ".join(words[:MOST_WORDS]) + (" …" if len(words) > MOST_WORDS else "")


def row(item: tuple[str, str, tuple[str, ...]], problems: tuple[Problem, ...]) -> list[str]:
    """One requirement's lines of the table."""
    req, defect, codes = item
    found = [p for p in problems if p.code in codes]
    if not found:
        return [f"| {req} | {defect} | **not found** | | |"]
    return [
        f"| {req if at == 0 else ''} | {defect if at == 0 else ''} | {p.severity} `{p.code}` "
        f"| {p.paragraph + 1}: “{quoted(p)}” | {p.said('en')} |"
        for at, p in enumerate(found)
    ]


def page(text: str) -> str:
    """The page in Markdown."""
    report = check(text, known=[STATED])
    lines = [
        "| item | defect | found as | paragraph, words | what was reckoned |",
        "|---|---|---|---|---|",
    ]
    for item in ITEMS:
        lines += row(item, report.problems)
    counts = ", ".join(f"{n} {severity}" for severity, n in report.counts.items())
    known = {code for _, _, codes in ITEMS for code in codes}
    others = [p for p in report.problems if p.code not in known]
    read = (
        f"Read: {report.sentences} sentences, {len(report.numbers)} numbers, "
        f"{len(report.claims)} claims that tie "
        f"them; {len(report.untied)} numbers are tied to nothing. Problems: {counts}."
    )
    rest = [f"- `{p.code}`, paragraph {p.paragraph + 1}: {p.said('en')}" for p in others]
    more = ["", "Found besides:", "", *rest] if rest else []
    return HEAD + "\n".join([read, "", *lines, *more]) + "\n" + TAIL


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python docs/briefing_check.py PATH")
    PAGE.write_text(page(Path(sys.argv[1]).read_text(encoding="utf-8")), encoding="utf-8")

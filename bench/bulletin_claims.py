"""How well the checker of finished texts finds planted errors, and how seldom it accuses in vain.

A hundred bulletins in Kazakh, Russian and English are generated with planted errors, each beside
a clean twin, for each set of wordings in `claims_wordings/*.toml`. One set was at hand while the
checker was made; the others were written later and measured once before anything was mended by
them: that first run stands in the notes, for it alone says how wordings fare that nobody has seen.
The peer is what a careful editor scripts first: a regular expression that recomputes "N of M (P
%)". One JSON object a line. With a path as argument, the briefing that REQUIREMENTS itemises is
checked as well: how many of its expected defects are found.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from pathlib import Path

from claims_wordings.made import KINDS, Line, bulletin
from qalqan.bulletin.claims import check

BULLETINS = 100
# Each set of wordings with its first run.
FIRST_RUN = {
    "tune": "wordings known while it was made (two sets among them were new once: 83.5 and 89.8 % "
    "found, 0 and 0.04 % accused in vain)",
    "held_out": "90.3 % found, 0.04 % accused in vain",
    "fourth": "59.9 % found, 1.20 % accused in vain",
    "fifth": "90.8 % found, 2.71 % accused in vain",
    "sixth": "80.0 % found, 1.17 % accused in vain",
    "seventh": "85.7 % found, 7.85 % accused in vain",
}
# The briefing's defects that arithmetic or form can show: requirement → codes, one of which must
# come.
EXPECTED = {
    "REQ-2": ("series.times_unless",),
    "REQ-3": ("series.every",),
    "REQ-4": ("share.wrong",),
    "REQ-5": ("base.share",),
    "REQ-8": ("superlative.larger",),
    "REQ-39": ("remainder.of_bound",),
    "REQ-41": ("share.rest",),
    "REQ-46": ("mean.span",),
    "REQ-79": ("series.missing",),
    "REQ-79 year": ("series.label",),
    "REQ-80": ("series.every",),
    "REQ-81": ("copy.elsewhere",),
    "REQ-82": ("period.year_to_date",),
    "REQ-83": ("definitions.differ",),
    "REQ-84": ("period.open",),
    "REQ-84 damage": ("base.damage",),
    "REQ-85": ("cause.displaced",),
    "REQ-86": ("letters.alike",),
    "REQ-86 bookmark": ("letters.leftover",),
    "REQ-86 doubled": ("letters.twice",),
    "REQ-86a": ("period.none",),
    "REQ-86a slip": ("letters.slip",),
    "REQ-87": ("known.differs",),
}


_NAIVE = re.compile(
    r"(\d[\d ,\u00a0]*)\s(?:из|of"
    r"|out of)\s(?:the )?(\d[\d ,\u00a0]*\d)[^()\d]*\(?(\d+(?:[.,]\d+)?)\s?%"
)


def naive(text: str) -> set[int]:
    """Lines in which "N of M (P %)" does not hold."""
    found = set()
    for at, line in enumerate(text.split("\n")):
        for part, whole, told in _NAIVE.findall(line):
            a, b = (int(re.sub(r"\D", "", one)) for one in (part, whole))
            if b and abs(100 * a / b - float(told.replace(",", "."))) > 0.06:
                found.add(at)
    return found


def ours(text: str) -> set[int]:
    return {problem.paragraph for problem in check(text).problems}


def measure(part: str, show: bool) -> None:
    """All bulletins in one set of wordings: planted errors found, sentences accused in vain."""
    chance = random.Random(f"claims {part}")
    found: dict[str, Counter[str]] = {"ours": Counter(), "peer": Counter()}
    for number in range(BULLETINS):
        lines = bulletin(chance, ("kk", "ru", "en")[number % 3], part)
        bad = {at for at, line in enumerate(lines) if line.wrong and chance.random() < 0.6}
        clean = "\n".join(line.right for line in lines)
        planted = "\n".join(
            line.wrong if at in bad else line.right for at, line in enumerate(lines)
        )
        for who, look in (("ours", ours), ("peer", naive)):
            told, vain = look(planted), look(clean)
            count = found[who]
            count["planted"] += len(bad)
            count["found"] += len(told & bad)
            count["clean"] += len(lines) * 2 - len(bad)
            count["vain"] += len(told - bad) + len(vain)
            for at in bad:
                count[f"planted {lines[at].kind}"] += 1
                count[f"found {lines[at].kind}"] += at in told
            if show and who == "ours":
                report(lines, bad, told, vain, clean)
    tell(part, found)


def report(lines: list[Line], bad: set[int], told: set[int], vain: set[int], clean: str) -> None:
    """What was missed, and what was accused in vain, for whoever mends the checker."""
    for at in sorted(bad - told):
        print(f"missed {lines[at].kind}: {lines[at].wrong}", file=sys.stderr)
    problems = check(clean).problems
    for at in sorted((told - bad) | vain):
        codes = {p.code for p in problems if p.paragraph == at}
        print(f"in vain {' '.join(codes)}: {lines[at].right}", file=sys.stderr)


def tell(part: str, found: dict[str, Counter[str]]) -> None:
    mine, peer = found["ours"], found["peer"]
    kinds = ", ".join(
        f"{k} {mine['found ' + k]}/{mine['planted ' + k]}" for k in KINDS if mine["planted " + k]
    )
    first = FIRST_RUN[part]
    known = part == "tune"
    wordings = first if known else f"first run, before anything was mended by them: {first}"
    label = "known wordings" if known else f"{part.replace('_', ' ')} set of wordings"
    for name, top, bottom, notes in (
        (
            "planted errors found",
            "found",
            "planted",
            f"{BULLETINS} generated bulletins, {wordings}; {kinds}",
        ),
        (
            "sentences accused in vain",
            "vain",
            "clean",
            f"the same bulletins and their clean twins, {wordings}",
        ),
    ):
        a, b = (100 * c[top] / c[bottom] for c in (mine, peer))
        row(
            f"claims: {name}, {label}",
            "%",
            a,
            "regular expression for N of M (P %)",
            b,
            mine[bottom],
            notes,
        )


def row(
    name: str, unit: str, value: float, peer: str, peer_value: float, n: int, notes: str
) -> None:
    ratio = round(value / peer_value, 2) if peer_value else None
    print(
        json.dumps(
            {
                "name": name,
                "unit": unit,
                "ours": round(value, 2),
                "peer": peer,
                "peer_value": round(peer_value, 2),
                "ratio": ratio,
                "n": n,
                "notes": notes,
            },
            ensure_ascii=False,
        ),
        flush=True,
    )


def briefing(path: Path) -> None:
    """The briefing's own text: expected defects that were found."""
    from qalqan.model.figure import Figure as Official
    from qalqan.model.figure import Source
    from qalqan.model.period import parse

    stated = Official(
        "internet_fraud.solved",
        parse("2023"),
        3800,
        "crimes",
        exactness="over",
        source=Source("prosecutor_2023"),
    )
    text = path.read_text(encoding="utf-8")
    codes = {problem.code for problem in check(text, known=[stated]).problems}
    missing = [req for req, wanted in EXPECTED.items() if not codes & set(wanted)]
    naively = len(naive(text))
    row(
        "claims: the briefing's defects found",
        "defects",
        len(EXPECTED) - len(missing),
        "regular expression for N of M (P %)",
        naively,
        len(EXPECTED),
        f"missed: {', '.join(missing) or 'none'}",
    )


if __name__ == "__main__":
    SHOW = "--show" in sys.argv
    paths = [Path(one) for one in sys.argv[1:] if not one.startswith("-")]
    for which in FIRST_RUN:
        if not SHOW or which in sys.argv:
            measure(which, SHOW)
    for one in paths:
        if one.is_file():
            briefing(one)

"""Counts set side by side that share no definition: no ratio of them is safe (REQ-83)."""

from __future__ import annotations

from collections.abc import Iterator

from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.reading import nearest
from qalqan.bulletin.claims.seen import Seen
from qalqan.bulletin.claims.subject import leads, stems

NONE = Kind("definitions.differ", "unsound", ("REQ-83",))
KINDS = (NONE,)

_LOOSE = ("resource",)
"""What every unit counts in its own way: sites, links, accounts, pages."""
_LEAST = 3
_NEAR_PARAGRAPHS = 8


def find(seen: Seen) -> Iterator[Problem]:
    """At least three such counts, near each other, each of another period and wording."""
    for name in _LOOSE:
        told: list[tuple[Number, object, frozenset[str]]] = []
        for sentence in seen.reading.sentences:
            for one in sentence.sizes:
                if name in sentence.noun_concepts(one) and leads(sentence, one):
                    when = nearest(sentence, one)
                    period = (when.kind, when.first, when.last) if when else None
                    told.append((one, period, stems(" ".join(one.noun), sentence.words.language)))
        near = [
            t for t in told if told and t[0].paragraph - told[0][0].paragraph <= _NEAR_PARAGRAPHS
        ]
        periods = {t[1] for t in near}
        if len(periods) >= _LEAST and len({t[2] for t in near}) >= _LEAST:
            listed = " / ".join(t[0].text for t in near)
            yield NONE.at(seen.reading, near[0][0], listed=listed, n=len(near))

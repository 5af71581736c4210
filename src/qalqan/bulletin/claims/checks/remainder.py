"""What remains of an upper bound, told as if it were measured (REQ-39)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.seen import Seen

BOUND = Kind("remainder.of_bound", "unsound", ("REQ-39",))
KINDS = (BOUND,)


def find(seen: Seen) -> Iterator[Problem]:
    """As in "They keep up to 10 %. Thus 90 % leaves the country."""
    for paragraph in seen.reading.paragraphs:
        percents = [n for s in paragraph.sentences for n in s.figures if n.kind == "percent"]
        for bound, told in itertools.pairwise(percents):
            if bound.exactness not in ("up_to", "over") or told.exactness != "exact":
                continue
            if bound.value + told.value != 100 or told.sentence - bound.sentence > 2:
                continue
            yield BOUND.at(seen.reading, told, bound=bound, told=told)

"""Small cells are hidden: fewer than five people or crimes in a part are nobody's to find.

A part of a table (a region, a method) that was counted from one to four records is shown as "fewer
than five". Where exactly one part of a table is hidden its value would be the total less the
others, so the next smallest is hidden with it (complementary suppression: Hundepool et al.,
*Statistical Disclosure Control*, 2012, ch. 4). Totals of the whole population are shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from qalqan.model.figure import Figure

Key = tuple[str, tuple[tuple[str, str], ...], str]
"""Of a figure: code, part, period."""
LEAST = 5
"""REQ-71; the custom of statistical offices."""


def hidden(figures: Sequence[Figure]) -> frozenset[Key]:
    """Keys of those figures of one table that are not to be shown: same definition, same period,
    different parts that make up a whole."""
    small = [f for f in figures if f.by and f.n is not None and 0 < f.n < LEAST]
    if len(small) == 1:
        others = [f for f in figures if f.by and f.n is not None and f.n >= LEAST]
        small += sorted(others, key=lambda f: (f.n or 0, f.key))[:1]
    return frozenset(f.key for f in small)

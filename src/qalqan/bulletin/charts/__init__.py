"""Charts: one definition for pages, PDF and DOCX, drawn here as SVG without a browser.

Zero baseline, direct labels, at most four colours, no red for loss, hidden cells hatched
(design/README.md). A table beside each says the same. Altair is loaded with the first chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from qalqan.model.figure import Figure


@dataclass(frozen=True)
class Marks:
    """What of a chart is not simply shown."""

    hidden: tuple[str, ...] = ()
    """Parts of fewer than five."""
    provisional: tuple[str, ...] = ()
    """Periods still being counted."""
    revised: tuple[str, ...] = ()
    """Periods that had another value after they were final."""


def draw(kind: str, figures: Sequence[Figure], marks: Marks, language: str) -> str:
    """The chart of a kind (`charts.kinds.KINDS`) as SVG; texts in `language`."""
    return _drawn(kind, tuple(_Same(f) for f in figures), marks, language)


class _Same:
    """A figure that can be looked up by what it says."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self._said = figure.key, figure.value, figure.low, figure.high, figure.n

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self._said)


@lru_cache(maxsize=128)
def _drawn(kind: str, figures: tuple[_Same, ...], marks: Marks, language: str) -> str:
    from qalqan.bulletin.charts.kinds import KINDS  # Altair is slow to import

    return KINDS[kind]([each.figure for each in figures], marks, language)


def png(svg: str, scale: float = 2.0) -> bytes:
    """The same picture in pixels, for documents that take no SVG."""
    from qalqan.bulletin.charts.render import pixels

    return pixels(svg, scale)

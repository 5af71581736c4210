"""Charts: one definition for pages, PDF and DOCX, drawn here as SVG without a browser.

Zero baseline, direct labels, at most four colours, no red for loss, hidden cells hatched
(design/README.md). A table beside each says the same. Altair is loaded with the first chart.
"""

from __future__ import annotations

from collections.abc import Sequence

from qalqan.model.figure import Figure


def draw(kind: str, figures: Sequence[Figure], hidden: Sequence[str], language: str) -> str:
    """The chart of a kind (`charts.kinds.KINDS`) as SVG; texts in `language`."""
    from qalqan.bulletin.charts.kinds import KINDS  # Altair is slow to import

    return KINDS[kind](figures, hidden, language)


def png(svg: str, scale: float = 2.0) -> bytes:
    """The same picture in pixels, for documents that take no SVG."""
    from qalqan.bulletin.charts.render import pixels

    return pixels(svg, scale)

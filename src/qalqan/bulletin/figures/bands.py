"""Bands of the delay from crime to report, finest where minutes decide (REQ-16)."""

from __future__ import annotations

from qalqan.clock import DAY, HOUR, MINUTE

BANDS: tuple[tuple[str, int], ...] = (
    ("a", 10 * MINUTE),
    ("b", 30 * MINUTE),
    ("c", HOUR),
    ("d", 3 * HOUR),
    ("e", 6 * HOUR),
    ("f", DAY),
    ("g", 3 * DAY),
    ("h", 7 * DAY),
    ("i", 100 * 365 * DAY),
)
"""Code → what it reaches up to, microseconds; the codes sort as the bands do."""


def band_of(delay_us: int) -> str:
    """The band of a delay; what was reported before it happened is in the first."""
    return next(code for code, most in BANDS if delay_us <= most)

"""A sentence of our own bulletins is a claim bound to figures.

Its word ("rose", "fell", "the most") is never written by hand: it is reckoned from the figures when
the sentence is made, and again when the bulletin is counted before it is published. What has no
common definition is not compared, what has no period is not a change, and a share names its base
(REQ-80 to 85). No claim says why something changed: that takes a comparison group (REQ-85, 93).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from qalqan.errors import InputRejected
from qalqan.model.figure import Figure

Kind = Literal["value", "change", "share", "most", "series"]


@dataclass(frozen=True)
class Claim:
    """What one sentence says of its figures."""

    kind: Kind
    word: str
    """What was reckoned: rose, fell, same; the code of the largest part; every, not_every …"""
    figures: tuple[Figure, ...]


def make(kind: Kind, *figures: Figure) -> Claim:
    """The claim that these figures bear out.

    `value` takes one figure; `change` the new and the old one; `share` the part and the whole;
    `most` the parts of one whole; `series` a figure's periods in order.

    Raises:
        InputRejected: they have no common definition, no period, no base, or nothing to say.
    """
    _CHECKS[kind](figures)
    return Claim(kind, _WORDS[kind](figures), figures)


def _check_value(figures: Sequence[Figure]) -> None:
    if len(figures) != 1:
        raise InputRejected("figures", len(figures), "claim.one_figure")


def _check_change(figures: Sequence[Figure]) -> None:
    if len(figures) != 2:
        raise InputRejected("figures", len(figures), "claim.two_figures")
    now, then = figures
    if (now.code, now.by, now.unit) != (then.code, then.by, then.unit):
        raise InputRejected("figures", then.code, "claim.no_common_definition")
    _check_periods(figures)
    if now.period and then.period and now.period.kind != then.period.kind:
        raise InputRejected("period", then.period.code, "claim.other_length")
    if now.value is None or not then.value:
        raise InputRejected("figures", then.code, "claim.nothing_to_compare")


def _check_share(figures: Sequence[Figure]) -> None:
    if len(figures) != 2:
        raise InputRejected("figures", len(figures), "claim.two_figures")
    part, whole = figures
    if not whole.value:
        raise InputRejected("figures", whole.code, "claim.no_base")
    if part.period != whole.period:
        raise InputRejected("period", part.code, "claim.other_period")
    if part.value is None or part.value > whole.value:
        raise InputRejected("figures", part.code, "claim.part_above_whole")


def _check_most(figures: Sequence[Figure]) -> None:
    if not figures or any(f.value is None for f in figures):
        raise InputRejected("figures", len(figures), "claim.nothing_to_compare")
    if len({(f.code, f.unit, f.period, tuple(f.by)) for f in figures}) != 1:
        raise InputRejected("figures", figures[0].code, "claim.no_common_definition")


def _check_series(figures: Sequence[Figure]) -> None:
    if len(figures) < 2:
        raise InputRejected("figures", len(figures), "claim.two_figures")
    for now, then in zip(figures[1:], figures, strict=False):
        _check_change((now, then))


def _check_periods(figures: Sequence[Figure]) -> None:
    if any(f.period is None for f in figures):
        raise InputRejected("period", "", "claim.no_period")


def direction(now: Figure, then: Figure) -> str:
    """rose, fell or same."""
    assert now.value is not None
    assert then.value is not None
    return "rose" if now.value > then.value else "fell" if now.value < then.value else "same"


def _most(figures: Sequence[Figure]) -> str:
    """The largest part, by its code; several that are equal are joined by a comma."""
    top = max(f.value for f in figures if f.value is not None)
    return ",".join(sorted(next(iter(f.by.values()), "") for f in figures if f.value == top))


def _series(figures: Sequence[Figure]) -> str:
    """Whether it rose, or fell, in every period."""
    steps = {direction(a, b) for a, b in zip(figures[1:], figures, strict=False)}
    return steps.pop() + "_every" if len(steps) == 1 else "mixed"


_CHECKS: Mapping[Kind, Callable[[Sequence[Figure]], None]] = {
    "value": _check_value, "change": _check_change, "share": _check_share, "most": _check_most,
    "series": _check_series,
}  # fmt: skip
_WORDS: Mapping[Kind, Callable[[Sequence[Figure]], str]] = {
    "value": lambda figures: "",
    "change": lambda figures: direction(figures[0], figures[1]),
    "share": lambda figures: "",
    "most": _most,
    "series": _series,
}

"""Which rows of a batch are refused, and why: the first reason found for each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Mask = np.ndarray[Any, np.dtype[np.bool_]]
"""One truth a row."""

Which = np.ndarray[Any, np.dtype[np.int32]]


@dataclass(frozen=True)
class Reason:
    """Which field, and the catalogue code (after `expected.`) of what was expected there."""

    field: str
    expected: str
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)


class Refusals:
    """Reasons gathered for the rows of one batch while its columns are checked."""

    def __init__(self, rows: int) -> None:
        self._which = np.zeros(rows, np.int32)
        self._reasons: list[Reason] = []

    def add(self, mask: Mask, field: str, expected: str, **params: object) -> None:
        """Refuse the rows of `mask` that nothing has refused before."""
        if mask.any():
            self._reasons.append(Reason(field, expected, params))
            self._which[mask & (self._which == 0)] = len(self._reasons)

    @property
    def fine(self) -> Mask:
        """Rows without a reason."""
        fine: Mask = self._which == 0
        return fine

    @property
    def numbered(self) -> tuple[Which, tuple[Reason, ...]]:
        """For each row the number of its reason, counted from one, or nought; and the reasons."""
        return self._which, tuple(self._reasons)

    def __iter__(self) -> Iterator[tuple[int, Reason]]:
        """Each refused row with its reason, in row order."""
        for row in np.flatnonzero(self._which).tolist():
            yield row, self._reasons[self._which[row] - 1]

    def __len__(self) -> int:
        return int(np.count_nonzero(self._which))

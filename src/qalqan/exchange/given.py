"""What a reader hands on: a batch of records as given, and where each one stood.

Places are written so that every reader understands them: `:17` is line 17 of a file, `[3]`
the third record of a body, `Лист1!17` row 17 of a sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

BATCH_ROWS = 131_072
"""Rows a reader hands on at a time: memory is bounded by it, not by the file."""


@dataclass(frozen=True)
class Places:
    """Where the records of one batch stood: `shape` with the record's number put in."""

    shape: str = "[{}]"
    first: int = 1
    numbers: Sequence[int] | None = None
    """Each record's own number, where some were left out."""

    def __getitem__(self, index: int) -> str:
        number = self.first + index if self.numbers is None else self.numbers[index]
        return self.shape.format(number)


@dataclass(frozen=True)
class Broken:
    """A record that could not even be split into fields."""

    place: str
    text: str
    expected: str
    params: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Given:
    """A batch of records, columns as given; `unknown` names columns that nobody asked for."""

    table: pa.Table
    places: Places | Sequence[str]
    broken: tuple[Broken, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def read(self) -> int:
        """Records read, the broken ones too."""
        return int(self.table.num_rows) + len(self.broken)


_EXACT = 2**53
NESTED = "\x00"
"""What the text of a list or an object starts with where a plain value was expected."""


def column_of(values: Iterable[object]) -> pa.Array:
    """Values of one field as one column: their own type if they agree, else their texts."""
    held = list(values)
    if not any(isinstance(value, dict | list) for value in held):
        try:
            return pa.array(held)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError):
            pass
    return pa.array([_as_text(value) for value in held], pa.string())


def texts_of(values: pa.Array) -> pa.Array:
    """A column of any type as texts; what is no plain value starts with `NESTED`."""
    if pa.types.is_string(values.type):
        return values
    if pa.types.is_floating(values.type):
        return _plain_floats(values)
    try:
        return values.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        held = (None if v is None else NESTED + encodable(str(v)) for v in values.to_pylist())
        return pa.array(held, pa.string())


def _plain_floats(values: pa.Array) -> pa.Array:
    """Floats as texts, whole ones without a decimal point (sheets know no integers)."""
    numbers = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):
        whole = (np.floor(numbers) == numbers) & (np.abs(numbers) < _EXACT)
    ints = pa.array(np.where(whole, numbers, 0).astype(np.int64)).cast(pa.string())
    return pc.if_else(pa.array(whole), ints, values.cast(pa.string()))


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict | list):
        return NESTED + encodable(str(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return encodable(str(value))


def encodable(text: str) -> str:
    """A lone surrogate (JSON can carry one) is no text: it becomes U+FFFD, which intake refuses."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")

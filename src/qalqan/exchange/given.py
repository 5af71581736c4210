"""What a reader hands on: a batch of records as given, and where each one stood.

Places are written so that every reader understands them: `:17` is line 17 of a file, `[3]`
the third record of a body, `Лист1!17` row 17 of a sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.errors import InputRejected

MOST_TEXT = 1 << 16
"""Characters of a value that are looked at: no column takes as many."""

BATCH_ROWS = 131_072
"""Rows a reader hands on at a time: memory is bounded by it, not by the file."""


Rows: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Places:
    """Where the records of one batch stood: `shape` with the record's number put in."""

    shape: str = "[{}]"
    first: int = 1
    numbers: Sequence[int] | Rows | None = None
    """Each record's own number, where some were left out."""

    def __getitem__(self, index: int) -> str:
        number = self.first + index if self.numbers is None else self.numbers[index]
        return self.shape.format(number)

    def texts(self, rows: Rows) -> pa.Array:
        """Places of some of the records."""
        numbers = self.first + rows if self.numbers is None else np.asarray(self.numbers)[rows]
        before, _, after = self.shape.partition("{}")
        return pc.binary_join_element_wise(before, pa.array(numbers).cast(pa.string()), after, "")


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

    def places_of(self, rows: Rows) -> pa.Array:
        """Where some of the table's rows stood."""
        if isinstance(self.places, Places):
            return self.places.texts(rows)
        return pa.array([self.places[row] for row in rows.tolist()], pa.string())


_EXACT = 2**53
NESTED = "\x00"
"""What the text of a list, an object or a flag among texts starts with: none of them is text."""
FLAGS = {NESTED + "true": True, NESTED + "false": False}
"""Flags in a column whose values are not all of one type."""


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


def sound_texts(table: pa.Table) -> pa.Table:
    """The same with text that is text, and of a length that still has room beside others: bytes
    that are none become U+FFFD, what is longer than `MOST_TEXT` is cut (the intake refuses it)."""
    columns = {
        name: pa.chunked_array([_sound(one) for one in table[name].chunks], table[name].type)
        if _holds_text(table[name].type)
        else table[name]
        for name in table.column_names
    }
    return pa.table(columns)


def _holds_text(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return any(is_one(value) for is_one in (pa.types.is_string, _is_large, pa.types.is_binary))


def _is_large(kind: pa.DataType) -> bool:
    return bool(pa.types.is_large_string(kind))


def _sound(values: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(values.type):
        return pa.DictionaryArray.from_arrays(values.indices, _sound(values.dictionary))
    if not pa.types.is_binary(values.type):
        try:
            values.validate(full=True)
        except pa.ArrowInvalid:
            held = values.cast(pa.large_binary() if _is_large(values.type) else pa.binary())
            texts = (None if v is None else v.decode("utf-8", "replace") for v in held.to_pylist())
            values = pa.array(texts, values.type)
    if (pc.max(pc.binary_length(values)).as_py() or 0) <= MOST_TEXT:
        return values
    cut = pc.binary_slice if pa.types.is_binary(values.type) else pc.utf8_slice_codeunits
    return cut(values, 0, MOST_TEXT)


def refuse_doubles(names: Sequence[str]) -> None:
    """Raises `InputRejected` if two columns have one name."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputRejected("file", name, "file.column_twice", column=name)
        seen.add(name)


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
        return NESTED + ("true" if value else "false")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return encodable(str(value))


def encodable(text: str) -> str:
    """A lone surrogate (JSON can carry one) is no text: it becomes U+FFFD, which intake refuses."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")

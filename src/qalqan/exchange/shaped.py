"""Columns that a mapping makes by a shape: numbered records, one value for all, a bank's own
account numbers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.exchange.given import texts_of


def numbered(shape: str, first_row: int, rows: int) -> pa.Array:
    """The shape with each record's number in the place of `{row}`."""
    before, _, after = shape.partition("{row}")
    numbers = pa.array(np.arange(first_row, first_row + rows)).cast(pa.string())
    return pc.binary_join_element_wise(before, numbers, after, "")


def repeated(value: str | int | bool, rows: int) -> pa.Array:
    """One value for every record."""
    if not isinstance(value, str):
        return pa.repeat(pa.scalar(value), rows)
    nought = pa.array(np.zeros(rows, np.int32))
    return pa.DictionaryArray.from_arrays(nought, pa.array([value], pa.string()))


def filled_texts(values: pa.Array) -> pa.Array:
    """Texts without spaces around them; null where nothing is left."""
    trimmed = pc.utf8_trim_whitespace(texts_of(values))
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def local(values: pa.Array, shape: str) -> pa.Array:
    """The bank's own numbers under its code; an IBAN is one wherever it stands."""
    before, _, after = shape.partition("{}")
    coded = pc.dictionary_encode(filled_texts(values))
    texts = coded.dictionary
    named = pc.binary_join_element_wise(before, texts, after, "")
    ready = pc.match_substring_regex(texts, r"^[A-Za-z]{2}\s?[0-9]{2}[A-Za-z0-9 ]{11,40}$|:")
    return pa.DictionaryArray.from_arrays(coded.indices, pc.if_else(ready, texts, named))

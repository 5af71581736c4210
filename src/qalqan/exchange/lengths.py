"""Lengths as partners write them, in whole seconds: between two moments, or in milliseconds.

Switches count the second that has begun in different ways; here the rest of a second is dropped.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from qalqan.clock import SECOND
from qalqan.exchange.given import texts_of

_WHOLE = r"^\s*[+-]?[0-9]{1,15}\s*$"
_MILLISECONDS = 1_000


def between(begins: pa.Array, ends: pa.Array, otherwise: int | None) -> pa.Array:
    """Seconds from one moment (µs UTC) to another, negative if it was before.

    Where nothing began, `otherwise`; where the end is missing, null. If a value is no moment, all
    are texts, those of such a record as they stood.
    """
    moments = [_micros(column) for column in (begins, ends)]
    strange = [pc.and_(texts.is_valid(), micros.is_null())
               for texts, micros in zip((begins, ends), moments, strict=True)]  # fmt: skip
    seconds = _floored(pc.subtract(moments[1], moments[0]), SECOND)
    found = pc.if_else(begins.is_null(), pa.scalar(otherwise, pa.int64()), seconds)
    if not pc.any(pc.or_(*strange), min_count=0).as_py():
        return found
    given = pc.if_else(strange[0], texts_of(begins), texts_of(ends))
    return pc.if_else(pc.or_(*strange), given, found.cast(pa.string()))


def from_milliseconds(values: pa.Array) -> pa.Array:
    """Whole seconds if every value is a whole number; else texts, the others as they stood."""
    texts = texts_of(values)
    whole = pc.match_substring_regex(texts, _WHOLE)
    seconds = _floored(_numbers(texts, whole), _MILLISECONDS)
    if pc.all(whole, min_count=0).as_py():
        return seconds
    return pc.if_else(whole, seconds.cast(pa.string()), texts)


def _micros(values: pa.Array) -> pa.Array:
    """A column of moments: µs, or texts of which some are none."""
    if pa.types.is_integer(values.type):
        return values.cast(pa.int64())
    texts = texts_of(values)
    return _numbers(texts, pc.match_substring_regex(texts, r"^-?[0-9]{1,18}$"))


def _numbers(texts: pa.Array, whole: pa.Array) -> pa.Array:
    some = pc.if_else(whole, pc.utf8_trim_whitespace(texts), pa.scalar(None, pa.string()))
    return pc.utf8_ltrim(some, characters="+").cast(pa.int64())


def _floored(values: pa.Array, unit: int) -> pa.Array:
    """Whole units downwards: what is below nought stays below it."""
    units = pc.divide(values, unit)
    above = pc.greater(pc.multiply(units, unit), values)
    return pc.subtract(units, above.cast(pa.int64()))

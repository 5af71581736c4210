"""Columns as given → columns of the schema's types, with a refusal for each value that is none.

Text stays dictionary-encoded until the very end, so that every check looks at a distinct value
once, however many rows repeat it (REQ-19).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.exchange.given import FLAGS, NESTED, texts_of
from qalqan.lake.refusals import Mask, Refusals
from qalqan.lake.schemas import Column

_CONTROL = r"[\x{0000}-\x{001f}\x{007f}-\x{009f}\x{fffd}]"
_CONTROL_BUT_LINES = (
    r"[\x{0000}-\x{0008}\x{000b}\x{000c}\x{000e}-\x{001f}\x{007f}-\x{009f}\x{fffd}]"
)
_WHOLE = r"^[+-]?[0-9]{1,18}$"
_LARGER = r"^[+-]?[0-9]{19,}$"
_INT64 = 2.0**63
_FLAGS = {"true": True, "false": False, "1": True, "0": False, **FLAGS}


def read(values: pa.Array, column: Column, refusals: Refusals) -> pa.Array:
    """One column in its type: text as a dictionary array, whole numbers, flags; null where the
    value was refused."""
    reader = {"string": _texts, "int64": _wholes, "bool": _flags}[column.type]
    return reader(values, column, refusals)


def nothing(column: Column, rows: int) -> pa.Array:
    """A column of that type without any value."""
    kind = {"int64": pa.int64(), "bool": pa.bool_()}.get(column.type)
    return pa.nulls(rows, pa.dictionary(pa.int32(), pa.string()) if kind is None else kind)


def absent(values: pa.Array) -> Mask:
    """Rows without a value."""
    mask: Mask = values.is_null().to_numpy(zero_copy_only=False)
    return mask


def spread(distinct: Mask, coded: pa.DictionaryArray) -> Mask:
    """A truth about each distinct value laid out over the rows; false where there is no value."""
    if not distinct.any():
        return np.zeros(len(coded), bool)
    indices = coded.indices
    mask: Mask = distinct[indices.fill_null(0).to_numpy()]
    return mask & ~absent(indices)


def truths(values: pa.Array) -> Mask:
    """An Arrow column of booleans as a mask; null is false."""
    mask: Mask = values.fill_null(False).to_numpy(zero_copy_only=False)
    return mask


def coded(values: pa.Array) -> pa.DictionaryArray:
    """Text dictionary-encoded, without nulls among the distinct values."""
    if pa.types.is_dictionary(values.type):
        if values.dictionary.null_count == 0 and pa.types.is_string(values.type.value_type):
            return values
        values = values.cast(values.type.value_type)
    return pc.dictionary_encode(texts_of(values))


def recoded(values: pa.DictionaryArray, distinct: pa.Array) -> pa.DictionaryArray:
    """The same rows with other distinct values; a null one makes its rows null."""
    if distinct.null_count == 0:
        return pa.DictionaryArray.from_arrays(values.indices, distinct)
    return fewer(values, distinct)


def fewer(values: pa.DictionaryArray, distinct: pa.Array) -> pa.DictionaryArray:
    """The same where many distinct values become one: each comes once in the new dictionary."""
    few = pc.dictionary_encode(distinct)
    return pa.DictionaryArray.from_arrays(few.indices.take(values.indices), few.dictionary)


def distinct(values: pa.DictionaryArray) -> pa.Array:
    """The values that rows have; a dictionary may hold others, or one of them twice."""
    used = np.zeros(len(values.dictionary), bool)
    used[values.indices.drop_null().to_numpy()] = True
    some = values.dictionary if used.all() else values.dictionary.filter(pa.array(used))
    return pc.unique(some)


def whole(values: pa.ChunkedArray) -> pa.Array:
    """A column as one array, its chunks under one dictionary."""
    one = values.unify_dictionaries().combine_chunks()
    return one if isinstance(one, pa.Array) else pa.concat_arrays(one.chunks)


def plain(values: pa.Array) -> pa.Array:
    """A dictionary array as what it stands for."""
    return values.dictionary.take(values.indices) if _is_coded(values) else values


def _is_coded(values: pa.Array) -> bool:
    return bool(pa.types.is_dictionary(values.type))


def _texts(values: pa.Array, column: Column, refusals: Refusals) -> pa.DictionaryArray:
    if pa.types.is_boolean(values.type):  # as text it would be somebody's id, or name
        refusals.add(~absent(values), column.name, "fact.text")
        return nothing(column, len(values))
    given = coded(values)
    trimmed = pc.utf8_trim_whitespace(given.dictionary)
    trimmed = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    checks: list[tuple[pa.Array, str, dict[str, object]]] = []
    if column.identifier is None:  # an identifier's own reader says what is wrong with its text
        control = _CONTROL_BUT_LINES if column.free_text else _CONTROL
        checks.append((pc.starts_with(trimmed, NESTED), "fact.text", {}))
        checks.append((pc.match_substring_regex(trimmed, control), "text.characters", {}))
    if column.max_length is not None:
        longer = pc.greater(pc.utf8_length(trimmed), column.max_length)
        checks.append((longer, "text.too_long", {"most": column.max_length}))
    if column.enum is not None:
        other = pc.invert(pc.is_in(trimmed, pa.array(column.enum)))
        checks.append((pc.and_(other, trimmed.is_valid()), "fact.word", {"words": _list(column)}))
    refused = np.zeros(len(trimmed), bool)
    for found, expected, params in checks:
        bad = truths(found)
        refusals.add(spread(bad, given), column.name, expected, **params)
        refused |= bad
    return recoded(given, pc.if_else(pa.array(refused), pa.scalar(None, pa.string()), trimmed))


def _list(column: Column) -> str:
    return ", ".join(column.enum or ())


def _wholes(values: pa.Array, column: Column, refusals: Refusals) -> pa.Array:
    found = _numbers(values, column, refusals)
    if column.minimum is not None and column.maximum is not None:
        below, above = pc.less(found, column.minimum), pc.greater(found, column.maximum)
        refusals.add(truths(pc.or_(below, above)), column.name, "number.range", **_range(column))
    return found


def _range(column: Column) -> dict[str, object]:
    least = -(2**63) if column.minimum is None else column.minimum
    most = 2**63 - 1 if column.maximum is None else column.maximum
    return {"least": least, "most": most}


def _numbers(values: pa.Array, column: Column, refusals: Refusals) -> pa.Array:
    kind = values.type
    if column.time and pa.types.is_timestamp(kind) and kind.tz is not None:
        return values.cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.int64())
    if pa.types.is_null(kind) or pa.types.is_signed_integer(kind):
        return values.cast(pa.int64())
    if pa.types.is_floating(kind):
        return _from_floats(values, column, refusals)
    return _from_texts(values, column, refusals)


def _from_floats(values: pa.Array, column: Column, refusals: Refusals) -> pa.Array:
    missing = absent(values)
    held = np.where(missing, 0.0, values.fill_null(0).to_numpy()).astype(float)
    with np.errstate(invalid="ignore"):
        broken = (np.floor(held) != held) | np.isnan(held)
        large = ~broken & ~(np.abs(held) < _INT64)
    refusals.add(broken & ~missing, column.name, "number.whole")
    refusals.add(large & ~missing, column.name, "number.range", **_range(column))
    bad = missing | broken | large
    return pa.array(np.where(bad, 0, held).astype(np.int64), mask=bad)


def _from_texts(values: pa.Array, column: Column, refusals: Refusals) -> pa.Array:
    texts = plain(coded(values))
    trimmed = pc.utf8_trim_whitespace(texts)
    trimmed = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    whole = pc.match_substring_regex(trimmed, _WHOLE)
    if not pc.all(whole, min_count=0).as_py():
        trimmed = pc.replace_substring_regex(trimmed, r"\.0+$", "")
        whole = pc.match_substring_regex(trimmed, _WHOLE)
        larger = truths(pc.match_substring_regex(trimmed, _LARGER))
        refusals.add(larger, column.name, "number.range", **_range(column))
        refusals.add(truths(pc.invert(whole)), column.name, "number.whole")
        trimmed = pc.if_else(whole, trimmed, pa.scalar(None, pa.string()))
    return pc.utf8_ltrim(trimmed, characters="+").cast(pa.int64())


def _flags(values: pa.Array, column: Column, refusals: Refusals) -> pa.Array:
    if pa.types.is_boolean(values.type):
        return values
    given = coded(pc.utf8_lower(plain(coded(values))))
    known = [_FLAGS.get(text.strip()) for text in given.dictionary.to_pylist()]
    empty = [not text.strip() for text in given.dictionary.to_pylist()]
    strange = np.array([k is None for k in known], bool) & ~np.array(empty, bool)
    refusals.add(spread(strange, given), column.name, "fact.flag")
    return pa.array(known, pa.bool_()).take(given.indices)

"""Sums as partners write them ("1 234,56", 886.16, Decimal) in minor units, exactly.

A sum is never rounded: 12.345 tenge are no number of tiyn, so the value stays as it was and
the intake refuses it.
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.model.money import MINOR_DIGITS

_SPACES = r"[\s\x{00a0}\x{202f}\x{2009}']"
_EXACT = 2**53
_LONGEST = 60
_EXACTLY = Context(prec=400)
"""Room for the longest text and the largest double: nothing is rounded."""

Numbers = np.ndarray[Any, np.dtype[Any]]


class Written(Protocol):
    """How a partner writes sums."""

    @property
    def unit(self) -> str: ...
    @property
    def decimal(self) -> str: ...
    @property
    def negate(self) -> bool: ...
    @property
    def absolute(self) -> bool: ...


def to_minor(values: pa.Array, written: Written, currency: pa.Array | None) -> pa.Array:
    """int64 minor units if every value is a sum; else texts, the others as they stood."""
    digits = _digits(currency, len(values)) if written.unit == "major" else np.zeros(len(values))
    if pa.types.is_floating(values.type) or pa.types.is_integer(values.type):
        found = _from_numbers(values, digits)
    else:
        found = _from_texts(values, digits, written.decimal)
    if found is None:
        found = _one_by_one(values, digits, written.decimal)
    if pa.types.is_string(found.type):
        return found
    if written.absolute:
        found = pc.abs(found)
    return pc.negate(found) if written.negate else found


def _digits(currency: pa.Array | None, rows: int) -> Numbers:
    """Minor digits of each row's currency; 2 where it is unknown, since it is refused anyway."""
    if currency is None:
        return np.full(rows, 2)
    coded = currency if pa.types.is_dictionary(currency.type) else pc.dictionary_encode(currency)
    known = [MINOR_DIGITS.get(str(code).upper(), 2) for code in coded.dictionary.to_pylist()]
    if not known:
        return np.full(rows, 2)
    digits: Numbers = np.array(known)[coded.indices.fill_null(0).to_numpy()]
    return digits


def _from_numbers(values: pa.Array, digits: Numbers) -> pa.Array | None:
    """Numbers whose scaled value is whole up to the noise of a double; None if one is not."""
    absent = values.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_integer(values.type):
        held = values.fill_null(0).to_numpy()
        if held.size and int(np.abs(held.astype(float)).max()) >= _EXACT:
            return None
        return pa.array(held.astype(np.int64) * (10 ** digits.astype(np.int64)), mask=absent)
    held = np.where(absent, 0.0, values.fill_null(0).to_numpy())
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = held * 10.0**digits
        nearest = np.round(scaled)
        noise = np.maximum(1e-6, np.abs(scaled) * 4e-16)
        sound = (np.abs(scaled - nearest) <= noise) & (np.abs(nearest) < _EXACT)
    if not sound.all():
        return None
    return pa.array(nearest.astype(np.int64), mask=absent)


def _from_texts(values: pa.Array, digits: Numbers, decimal: str) -> pa.Array | None:
    """Texts that are all sums of at most 15 digits, at once; None if one is not."""
    if not pa.types.is_string(values.type) or (digits != digits[:1]).any():
        return None
    places = int(digits[0]) if len(digits) else 0
    plain = pc.replace_substring_regex(values, _SPACES, "")
    point = r"\." if decimal == "." else ","
    shape = (
        rf"^[+-]?[0-9]{{1,15}}({point}[0-9]{{0,{places}}})?$" if places else "^[+-]?[0-9]{1,15}$"
    )
    if not pc.all(pc.match_substring_regex(plain, shape)).as_py():
        return None
    dotted = plain if decimal == "." else pc.replace_substring(plain, ",", ".")
    exact = dotted.cast(pa.decimal128(22, places))
    return pc.multiply(exact, pa.scalar(Decimal(10**places), pa.decimal128(4, 0))).cast(pa.int64())


def _one_by_one(values: pa.Array, digits: Numbers, decimal: str) -> pa.Array:
    """The slow way, for a batch with a value that is no sum: texts, minor units where they are."""
    pairs = zip(values.to_pylist(), digits.tolist(), strict=True)
    return pa.array([_minor_text(value, int(places), decimal) for value, places in pairs])


def _minor_text(value: object, places: int, decimal: str) -> str | None:
    if value is None:
        return None
    found = exact(value, places, decimal)
    return str(value).strip() or None if found is None else str(found)


def exact(value: object, places: int, decimal: str = ".") -> int | None:
    """One sum in minor units of `places` digits; None if it is no sum, or finer than they are."""
    if isinstance(value, float) and (near := _nearest(value, places)) is not None:
        return near
    number = repr(value) if isinstance(value, float) else _ungrouped(str(value), decimal)
    if not number or "_" in number or len(number) > _LONGEST:
        return None
    try:
        minor = Decimal(number).scaleb(places, _EXACTLY)
        return int(minor) if minor == minor.to_integral_value() else None
    except (ArithmeticError, ValueError):
        return None


def _nearest(value: float, places: int) -> int | None:
    """As `_from_numbers`, so that a value reads alike whatever stands beside it."""
    scaled = value * 10.0**places
    if not abs(scaled) < _EXACT:
        return None
    nearest = round(scaled)
    return nearest if abs(scaled - nearest) <= max(1e-6, abs(scaled) * 4e-16) else None


def _ungrouped(text: str, decimal: str) -> str:
    """A sum as people group it, as Python reads it."""
    plain = "".join(text.split()).replace("'", "")
    group = "," if decimal == "." else "."
    whole, _, rest = plain.partition(decimal)
    if group in whole and all(len(part) == 3 for part in whole.split(group)[1:]):
        whole = whole.replace(group, "")
    return f"{whole}.{rest or 0}" if whole else ""

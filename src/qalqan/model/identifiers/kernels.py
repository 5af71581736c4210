"""Kernels over whole columns: which rows are canonical, or become so without any doubt.

A kernel takes a string array and gives one as long, null where it does not decide; it never
refuses, so that the scalar reader stays the one judge of what is wrong and why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.model.identifiers.twelve import FIRST_WEIGHTS, SECOND_WEIGHTS

Bytes = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_BATCH = 1 << 16
"""Rows worked on at a time: twenty bytes of each fit a core's own cache."""

_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] + [0] * 87)
_DOUBLED = np.array([0, 2, 4, 6, 8, 1, 3, 5, 7, 9])
_FIGURE = np.zeros(256, np.int32)
_FIGURE[48:58] = range(10)
_FIGURE[65:91] = range(10, 36)
_STEP = np.full(256, 100, np.int32)
_STEP[48:58] = 10
_NOT_LOCAL = r"\A(?:IBAN|(?:BTC|ETH|TRX|BITCOIN|ETHEREUM|TRON):)"
"""What the word before a colon means something else than a bank."""
_CAPITAL_OR_DIGIT = np.zeros(256, bool)
_CAPITAL_OR_DIGIT[48:58] = _CAPITAL_OR_DIGIT[65:91] = True


def _where(values: pa.Array, width: int, test: Callable[[Bytes], Mask]) -> Mask:
    """Rows of `width` bytes that pass `test`, which sees them as (width, rows) bytes."""
    passed = np.zeros(len(values), bool)
    offset_buffer, data_buffer = values.buffers()[1:]
    if not len(values) or data_buffer is None:
        return passed
    offsets = np.frombuffer(offset_buffer, np.int32)[values.offset :][: len(values) + 1]
    data = np.frombuffer(data_buffer, np.uint8)
    fits: Mask = np.asarray(np.diff(offsets) == width, bool)
    if values.null_count:
        fits = _both(fits, values.is_valid().to_numpy(zero_copy_only=False))
    rows = np.flatnonzero(fits)
    span = np.arange(width)[:, None]
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        passed[batch] = test(data[offsets[batch] + span])
    return passed


def _kept(values: pa.Array, mask: Mask) -> pa.Array:
    if mask.all():
        return values
    return pc.if_else(pa.array(mask), values, pa.scalar(None, pa.string()))


def _both(*masks: Mask) -> Mask:
    every: Mask = np.logical_and.reduce(masks)
    return every


def _all_digits(chars: Bytes) -> Mask:
    return _both(*((chars - 48) < 10))


def _check_digit(figures: npt.NDArray[np.int32]) -> Mask:
    first = np.tensordot(np.array(FIRST_WEIGHTS, np.int32), figures[:11], 1) % 11
    second = np.tensordot(np.array(SECOND_WEIGHTS, np.int32), figures[:11], 1) % 11
    right: Mask = np.where(first == 10, second, first) == figures[11]
    return right


def _iin_rows(chars: Bytes) -> Mask:
    figures = (chars - 48).astype(np.int32)
    year = figures[0] * 10 + figures[1]
    month = figures[2] * 10 + figures[3]
    day = figures[4] * 10 + figures[5]
    mark = figures[6]
    leap = (year % 4 == 0) & ((year != 0) | (mark == 0) | (mark >= 5))
    last = _DAYS[np.clip(month, 0, 99)] - ((month == 2) & ~leap)
    dated: Mask = (mark <= 6) & (day >= 1) & (day <= last)
    return _both(_all_digits(chars), dated, _check_digit(figures))


def _bin_rows(chars: Bytes) -> Mask:
    figures = (chars - 48).astype(np.int32)
    month = figures[2] * 10 + figures[3]
    typed = (figures[4] >= 4) & (figures[4] <= 6) & (figures[5] <= 3)
    dated = (month >= 1) & (month <= 12)
    return _both(_all_digits(chars), typed & dated, _check_digit(figures))


def _kz_iban_rows(chars: Bytes) -> Mask:
    shaped = (chars[0] == ord("K")) & (chars[1] == ord("Z")) & _all_digits(chars[2:7])
    shaped &= _CAPITAL_OR_DIGIT[chars[7:]].all(axis=0)
    rest = np.zeros(chars.shape[1], np.int32)
    for place in (*range(4, 20), 0, 1, 2, 3):
        rest = (rest * _STEP[chars[place]] + _FIGURE[chars[place]]) % 97
    right: Mask = shaped & (rest == 1)
    return right


def _card_rows(chars: Bytes) -> Mask:
    figures = np.minimum(chars - 48, 9)[::-1]
    total = figures[::2].sum(axis=0, dtype=np.int32) + _DOUBLED[figures[1::2]].sum(axis=0)
    right: Mask = _all_digits(chars) & (chars[0] >= ord("2")) & (total % 10 == 0)
    return right


def _plus_7_rows(chars: Bytes) -> Mask:
    return _both(chars[0] == ord("+"), chars[1] == ord("7"), _all_digits(chars[2:]))


def _trunk_rows(chars: Bytes) -> Mask:
    return _both((chars[0] == ord("7")) | (chars[0] == ord("8")), _all_digits(chars))


def _iin(values: pa.Array) -> pa.Array:
    return _kept(values, _where(values, 12, _iin_rows))


def _bin(values: pa.Array) -> pa.Array:
    return _kept(values, _where(values, 12, _bin_rows))


def _person(values: pa.Array) -> pa.Array:
    return _kept(values, _where(values, 12, lambda chars: _iin_rows(chars) | _bin_rows(chars)))


def _iban(values: pa.Array) -> pa.Array:
    return _kept(values, _where(values, 20, _kz_iban_rows))


def _account(values: pa.Array) -> pa.Array:
    mask = _where(values, 20, _kz_iban_rows)
    if not mask.all():
        local = pc.match_substring_regex(values, r"\A[A-Z0-9]{2,11}:[A-Za-z0-9._-]{1,40}\z")
        local = pc.and_not(local, pc.match_substring_regex(values, _NOT_LOCAL))
        mask |= local.fill_null(False).to_numpy(zero_copy_only=False)
    return _kept(values, mask)


def _bank(values: pa.Array) -> pa.Array:
    plain = pc.match_substring_regex(values, r"\A[A-Z0-9]{2,10}\z")
    return _kept(values, plain.fill_null(False).to_numpy(zero_copy_only=False))


def _card(values: pa.Array) -> pa.Array:
    mask = np.zeros(len(values), bool)
    for width in range(12, 20):
        mask |= _where(values, width, _card_rows)
    return _kept(values, mask)


def _phone(values: pa.Array) -> pa.Array:
    ready = _kept(values, _where(values, 12, _plus_7_rows))
    trunk = _where(values, 11, _trunk_rows)
    if not trunk.any():
        return ready
    national = pc.utf8_slice_codeunits(_kept(values, trunk), 1)
    return pc.coalesce(ready, pc.binary_join_element_wise("+7", national, ""))


KERNELS: dict[str, Callable[[pa.Array], pa.Array]] = {
    "account": _account,
    "bank": _bank,
    "bin": _bin,
    "card": _card,
    "iban": _iban,
    "iin": _iin,
    "person": _person,
    "phone": _phone,
}
"""Kinds whose clean rows are proven without reading them one by one."""


@dataclass(frozen=True)
class Typed:
    """How people type a kind in plain ASCII: `shape` rows lose `marks`, and are tried again."""

    shape: str
    marks: str
    capitals: bool = False


_GROUPED = Typed(r"\A[0-9 -]{1,64}\z", "[ -]+")
_GROUPED_LETTERS = Typed(r"\A[A-Za-z0-9 -]{1,64}\z", "[ -]+", capitals=True)

TYPED: dict[str, Typed] = {
    "account": _GROUPED_LETTERS,
    "bin": _GROUPED,
    "card": _GROUPED,
    "iban": _GROUPED_LETTERS,
    "iin": _GROUPED,
    "person": _GROUPED,
    "phone": Typed(r"\A *\(?\+?[ (]{0,9}[0-9][0-9 ()./-]{0,40}\z", "[ ()./-]+"),
}
"""Kinds with a second chance before a row is read on its own."""


def decided(kind: str, values: pa.Array) -> pa.Array:
    """Canonical texts of the rows that a kernel decides, as they stand or as typed; else null."""
    kernel = KERNELS.get(kind)
    if kernel is None:
        return pa.nulls(len(values), pa.string())
    ready = kernel(values)
    left = pc.and_(ready.is_null(), values.is_valid())
    typed = TYPED.get(kind)
    if typed is None or not pc.any(left).as_py():
        return ready
    rows = values.filter(left)
    bare = pc.replace_substring_regex(rows, typed.marks, "")
    bare = pc.ascii_upper(bare) if typed.capitals else bare
    shaped = pc.match_substring_regex(rows, typed.shape)
    again = kernel(pc.if_else(shaped, bare, pa.scalar(None, pa.string())))
    return pc.replace_with_mask(ready, left, again)

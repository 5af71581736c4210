"""Identifiers of invented people and accounts, valid by their check digits, whole columns at once.

An IIN is YYMMDD, a digit of century and sex, a serial of four and a check digit in two passes;
a BIN is YYMM, type, subtype, a serial of five and the same check digit. An IBAN carries the
ISO 7064 mod 97-10 check. Any likeness to a real person or account is chance.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]

MOBILE_CODES = np.array([700, 701, 702, 705, 706, 707, 708, 747, 771, 775, 776, 777, 778])
"""Mobile codes of +7 in use in Kazakhstan (phonenumbers 9, region KZ)."""
_FIRST_PASS = np.arange(1, 12)
_SECOND_PASS = np.array([3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2])
_BASE_DAY = np.datetime64("1950-01-01")


def _digits(values: Ints, width: int) -> Ints:
    powers = 10 ** np.arange(width - 1, -1, -1)
    digits: Ints = (values[:, None] // powers) % 10
    return digits


def check_digit(stem: Ints) -> Ints:
    """Check digits of eleven-digit stems; 10 where the stem can't have one."""
    digits = _digits(stem, 11)
    first = (digits * _FIRST_PASS).sum(axis=1) % 11
    second = (digits * _SECOND_PASS).sum(axis=1) % 11
    check: Ints = np.where(first == 10, second, first)
    return check


def _with_check(stem: Ints, serial_limit: int) -> Ints:
    """Append check digits; a stem that can't have one takes the next serial."""
    while True:
        check = check_digit(stem)
        bad = check == 10
        if not bad.any():
            return stem * 10 + check
        serial = stem[bad] % serial_limit
        stem = stem.copy()
        stem[bad] = stem[bad] - serial + (serial + 1) % serial_limit


def iins(born_day: Ints, female: Ints, serial: Ints) -> Ints:
    """IINs as numbers (leading zeros lost) of people born `born_day` days after 1950."""
    dates = _BASE_DAY + born_day.astype("timedelta64[D]")
    years = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    months = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    days = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    century = np.where(years < 2000, 3, 5) + female
    stem = (((years % 100 * 100 + months) * 100 + days) * 10 + century) * 10_000 + serial % 10_000
    return _with_check(stem, 10_000)


def bins(month: Ints, kind: int, serial: Ints) -> Ints:
    """BINs as numbers: registered `month` months after January 2005; 4 a company, 6 a trader."""
    years, months = 5 + month // 12, month % 12 + 1
    stem = ((years * 100 + months) * 100 + kind * 10) * 100_000 + serial % 100_000
    return _with_check(stem, 100_000)


def padded(values: Ints, width: int) -> pa.Array:
    """Numbers as text with leading zeros."""
    return pc.utf8_lpad(pa.array(values).cast(pa.string()), width, "0")


def phones(generator: np.random.Generator, count: int) -> pa.Array:
    """Distinct Kazakh mobile numbers in E.164."""
    local = generator.permutation(9_000_000)[:count] + 1_000_000
    code = MOBILE_CODES[generator.integers(0, len(MOBILE_CODES), count)]
    return pc.binary_join_element_wise("+7", padded(code, 3), padded(local, 7), "")


def ibans(bank: Ints, number: Ints) -> pa.Array:
    """Kazakh IBANs: KZ, check, three digits of the bank, A, twelve digits of the account."""
    rest = bank % 97
    rest = (rest * 100 + 10) % 97  # A is 10
    rest = (rest * 10**6 + number // 10**6) % 97
    rest = (rest * 10**6 + number % 10**6) % 97
    rest = (rest * 10**6 + 203500) % 97  # K is 20, Z is 35, the check digits are 00
    check = padded(98 - rest, 2)
    return pc.binary_join_element_wise("KZ", check, padded(bank, 3), "A", padded(number, 12), "")


def foreign_iban(country: str, bban: str) -> str:
    """One IBAN of another country over an all-digit BBAN."""
    letters = "".join(str(ord(letter) - 55) for letter in country)
    return f"{country}{98 - int(bban + letters + '00') % 97:02d}{bban}"


def mix(values: NDArray[np.uint64] | Ints, salt: int) -> NDArray[np.uint64]:
    """SplitMix64 of numbers and a salt: chance that anyone can compute again."""
    word = np.asarray(values).astype(np.uint64) + np.uint64(salt * 0x9E3779B97F4A7C15 % 2**64)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def uetrs(payment: Ints, salt: int) -> pa.Array:
    """UETRs (RFC 4122 version 4 in shape) of payments by their number."""
    words = np.stack([mix(payment, salt), mix(payment, salt + 1)], axis=1)
    shifts = np.arange(60, -1, -4, dtype=np.uint64)
    nibbles = ((words[:, :, None] >> shifts) & np.uint64(15)).reshape(-1, 32).astype(np.uint8)
    nibbles[:, 12] = 4
    nibbles[:, 16] = 8 + nibbles[:, 16] % 4
    text = np.full((len(nibbles), 36), ord("-"), dtype=np.uint8)
    columns = [i for i in range(36) if i not in {8, 13, 18, 23}]
    text[:, columns] = _HEX[nibbles]
    offsets = np.arange(0, 36 * (len(nibbles) + 1), 36, dtype=np.int32)
    return pa.StringArray.from_buffers(
        len(nibbles), pa.py_buffer(offsets), pa.py_buffer(text.tobytes())
    )

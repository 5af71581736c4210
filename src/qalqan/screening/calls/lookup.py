"""What a number is, by tables of numbers: plain loops over buffers.

Python reads them call by call over memory-mapped views; numba compiles the very same functions
for columns (`screening.call_columns`), so there is no second implementation to drift. All integers
fit 64 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .numbers import MOST_SHORT
from .row import Allowed, Callee, Standing

PLUS_7 = 70_000_000_000
"""First number behind +7."""
MOBILES = 77_000_000_000
"""First number whose place is kept: Kazakh mobile codes are all 7xx."""
MOBILE_NUMBERS = 1_000_000_000
CODE, THOUSAND = 10_000_000, 1_000
CODES, BLOCKS = 1_000, 10_000_000
A_CODE = CODE // THOUSAND
SPAN = CODE * CODES
"""How many numbers there are behind +7 …"""
PAST = PLUS_7 + SPAN
"""… and the first past them."""

FOREIGN_CODE, FIXED_CODE, MOBILE_CODE, NETWORK_CODE, EMPTY_CODE, NOBODYS_CODE = range(6)
"""Classes of the three digits behind +7, as `codes` holds them."""

VALUE_BITS = 13
"""A word of `words` is number << 13 | flags << 8 | operator it was ported to (0: not ported)."""
MOST_VALUE = (1 << VALUE_BITS) - 1
IS_PROTECTED, IS_LISTED, IS_FOUND = 1, 2, 4
MOST_PROBES = 64
"""A number stands at most so far from its place: a damaged file can't hang a call."""

(
    ABSENT, MALFORMED, SHORT, FOREIGN, FIXED, AT_HOME, ABROAD, ANYWHERE, NETWORK, UNALLOCATED,
    NOBODYS, PROTECTED, FOUND, LISTED,
) = (int(each) for each in Standing)  # fmt: skip
OTHER, CITY, EMERGENCY = (int(each) for each in Callee)
NOT, CONTRACT, LOOPED, VISITOR = (int(each) for each in Allowed)


class Numbers(NamedTuple):
    """The tables of numbers, any buffers that can be indexed."""

    codes: Sequence[int]
    """Class by the three digits behind +7: 1,000 bytes."""
    blocks: Sequence[int]
    """Operator of each thousand of numbers behind +7; 0: not allocated. Ten million bytes."""
    words: Sequence[int]
    """Numbers of which more is known: 64-bit words, 0 for none; their count is prime."""
    abroad: Sequence[int]
    """A bit a number of +7 7xx: its home network sees it abroad. 125 million bytes, sparse."""
    fed: Sequence[int]
    """When each operator last told who is abroad, seconds; 256 words."""
    oldest_s: int
    """A place told longer ago is unknown."""


class Ranges(NamedTuple):
    """What may rightly come from abroad: ranges of numbers a trunk, sorted, not overlapping."""

    starts: Sequence[int]
    """Place of the first range of each trunk, and one more: where the last one's end."""
    first: Sequence[int]
    last: Sequence[int]
    kind: Sequence[int]
    """An `Allowed`."""
    until: Sequence[int]
    """Seconds."""


def step_of(size: int) -> int:
    """How far apart neighbours of a table stand: numbers come in runs, and by the golden ratio
    runs spread evenly, whatever the size (three-distance theorem)."""
    return size * 161_803 // 261_803


def value_of(words: Sequence[int], size: int, step: int, number: int) -> int:
    """Flags << 8 | operator of a number; 0 where nothing is kept of it."""
    slot = number % size * step % size
    for _ in range(MOST_PROBES):
        word = words[slot]
        if word == 0:
            return 0
        if word >> VALUE_BITS == number:
            return word & MOST_VALUE
        slot = slot + 1 if slot + 1 < size else 0
    return 0


def standing(  # noqa: C901
    number: int,
    international: bool,
    now_s: float,
    codes: Sequence[int],
    blocks: Sequence[int],
    words: Sequence[int],
    size: int,
    step: int,
    abroad: Sequence[int],
    fed: Sequence[int],
    oldest_s: int,
) -> int:
    """Standing of a number | its operator << 4 | seconds since its place was told << 12.

    `now_s`: seconds, whole or not. `international`: it came over such a trunk, where being Kazakh
    matters more than fraud signs. A question a step, in one function: a call more would cost a
    fifth of the whole.
    """
    if number <= MOST_SHORT:
        return ABSENT if number == 0 else MALFORMED if number < 0 else SHORT
    flags = operator = 0
    # Division is the dearest of all: it is done once, and then on small integers.
    thousand = (number - PLUS_7) // THOUSAND if PLUS_7 <= number < PAST else -1
    if words[number % size * step % size]:  # of most numbers nothing is kept
        value = value_of(words, size, step, number)
        flags, operator = value >> 8, value & 255
        if flags & (IS_LISTED | IS_PROTECTED):
            if operator == 0 and thousand >= 0:  # its own provider may carry it all the same
                operator = blocks[thousand]
            return (LISTED if flags & IS_LISTED else PROTECTED) | operator << 4
    code = codes[thousand // A_CODE] if thousand >= 0 else FOREIGN_CODE
    if code == FOREIGN_CODE:
        return FOUND if flags else FOREIGN
    if operator == 0:
        operator = blocks[thousand]
    if code == MOBILE_CODE and operator and (international or not flags):
        age = int(now_s) - fed[operator]
        if age > oldest_s:
            return ANYWHERE | operator << 4
        bit = number - MOBILES
        away = abroad[bit >> 3] >> (bit & 7) & 1
        return (ABROAD if away else AT_HOME) | operator << 4 | (age if age > 0 else 0) << 12
    if code == NOBODYS_CODE:
        return NOBODYS
    if flags and not international:
        return FOUND | operator << 4
    if operator == 0 or code == EMPTY_CODE:
        return UNALLOCATED
    return (FIXED if code == FIXED_CODE else NETWORK) | operator << 4


def callee_of(number: int, codes: Sequence[int]) -> int:
    """Who is called: a `Callee`."""
    if number <= MOST_SHORT:
        return EMERGENCY if number == 112 or 101 <= number <= 104 else OTHER
    code = number // CODE - 7_000
    return CITY if 0 <= code < CODES and codes[code] == FIXED_CODE else OTHER


def range_of(number: int, low: int, high: int, first: Sequence[int], last: Sequence[int]) -> int:
    """The place between `low` and `high` of the range that holds a number; -1: none does."""
    while low < high:
        middle = (low + high) // 2
        if number < first[middle]:
            high = middle
        elif number > last[middle]:
            low = middle + 1
        else:
            return middle
    return -1


def allowed(
    trunk: int,
    network: int,
    presented: int,
    callee: int,
    diverting: int,
    now_s: float,
    starts: Sequence[int],
    first: Sequence[int],
    last: Sequence[int],
    kind: Sequence[int],
    until: Sequence[int],
) -> int:
    """Why this call may come from abroad | the place of the range that says so << 2 (R5).

    A contract speaks for the network number, or for the presentation number where no other is
    told; whoever shows another number than his own has one that the contract holds, too. A loop
    is believed of a trunk that was given that trust, if the call says who diverted it.
    """
    low, high = starts[trunk], starts[trunk + 1]
    if low == high:
        return NOT
    place = range_of(callee, low, high, first, last)
    if place >= 0 and kind[place] == VISITOR and until[place] > now_s:
        return VISITOR | place << 2
    shown = presented if presented > 0 else network
    told = network if network > 0 else presented
    place = range_of(told, low, high, first, last)
    if place < 0 or until[place] <= now_s or kind[place] == VISITOR:
        return NOT
    if shown != told and range_of(shown, low, high, first, last) < 0:
        return NOT
    if kind[place] == LOOPED and diverting <= 0:
        return NOT
    return kind[place] | place << 2

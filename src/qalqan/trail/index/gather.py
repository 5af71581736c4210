"""All facts that name any of some accounts, each once, out of all runs (REQ-39).

A kernel longer than thirty lines each: what they share would be passed about by the dozen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qalqan.trail.index.kernels import inner, outer
from qalqan.trail.index.reading import (
    BY_PAYEE,
    BY_PAYER,
    END_TO_END,
    FIRST_US,
    HASH_HIGH,
    HASH_LOW,
    HASHED,
    ID_AT,
    IDS,
    IN,
    IN_AT,
    IN_ROW,
    LAST_US,
    MOST_SEAL,
    NEW,
    OUT,
    SEAL,
    UETR,
    WORDS,
    column,
    half_at,
    not_before,
    span,
    word_at,
)

PLACE_BITS = 40
"""A fact's place: its run, then its row in so many bits."""


@outer
def places_of(  # noqa: C901
    table: Any, asked: Any, marks: Any, old: int, new: int, floor_us: int, until_us: int,
    up_to_seal: int,
) -> Any:  # fmt: skip
    """Where the facts lie that name one of `asked` and none of the accounts asked for before.

    `marks[account]` is `old` or more for those; `asked` get `new`. A fact between two of them is
    found with its payer.
    """
    found = np.empty(256, np.int64)
    count = 0
    codes = np.empty(len(asked), np.int64)
    for code in asked:
        if marks[code] < old:
            marks[code] = new
            codes[count] = code
            count += 1
    codes = codes[:count]
    count = 0
    for run in range(len(table)):
        if table[run, FIRST_US] > until_us or table[run, LAST_US] < floor_us:
            continue
        words, seals, late = table[run, WORDS], table[run, SEAL], table[run, MOST_SEAL] > up_to_seal
        in_row, in_at = table[run, IN_ROW], table[run, IN_AT]
        first_us, last_us = table[run, FIRST_US], table[run, LAST_US]
        base = run << 40
        for code in codes:
            low, high = span(table, run, OUT, code)
            row = not_before(words, BY_PAYER, low, high, floor_us, first_us, last_us)
            while row < high and word_at(words, 4 * row) <= until_us:
                payee = word_at(words, 4 * row + 2) & 0xFFFFFFFF
                if not (late and word_at(seals, row) > up_to_seal) and (
                    payee == 0xFFFFFFFF or not old <= marks[payee] < new
                ):
                    if count == len(found):
                        found = np.concatenate((found, np.empty(len(found), np.int64)))
                    found[count] = base | row
                    count += 1
                row += 1
            low, high = span(table, run, IN, code)
            place = not_before(in_at, BY_PAYEE, low, high, floor_us, first_us, last_us)
            while place < high and word_at(in_at, place) <= until_us:
                row = half_at(in_row, place)
                payer = (word_at(words, 4 * row + 2) >> 32) & 0xFFFFFFFF
                if not (late and word_at(seals, row) > up_to_seal) and (
                    payer == 0xFFFFFFFF or marks[payer] < old
                ):
                    if count == len(found):
                        found = np.concatenate((found, np.empty(len(found), np.int64)))
                    found[count] = base | row
                    count += 1
                place += 1
    return found[:count]


@outer
def numbers_of(table: Any, hashes: Any) -> Any:
    """The account's number of each hash, -1 for one that no run knows."""
    found = np.full(len(hashes), -1, np.int64)
    for run in range(len(table)):
        n = table[run, NEW]
        highs = column(table, run, HASH_HIGH, n, np.uint64)
        lows = column(table, run, HASH_LOW, n, np.uint64)
        numbers = column(table, run, HASHED, n, np.uint32)
        for i in range(len(hashes)):
            low, high = 0, n
            while low < high:
                middle = (low + high) >> 1
                if highs[middle] < hashes[i, 0]:
                    low = middle + 1
                else:
                    high = middle
            while low < n and highs[low] == hashes[i, 0]:
                if lows[low] == hashes[i, 1]:
                    found[i] = numbers[low]
                low += 1
    return found


@outer
def facts_at(table: Any, places: Any) -> Any:
    """The facts at these places as columns, in the order of `Facts`.

    Column by column: each loop is so short that the waits for memory overlap.
    """
    n = len(places)
    at_us, amount, seal = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    payer, payee = np.empty(n, np.int64), np.empty(n, np.int64)
    id_from, id_to = np.empty(n, np.int64), np.empty(n, np.int64)
    peeks = np.empty(n, np.int64)
    for i in range(n):
        words = table[places[i] >> 40, WORDS] + 32 * (places[i] & 0xFFFFFFFFFF)
        at_us[i], amount[i] = word_at(words, 0), word_at(words, 1)
        payer[i], payee[i] = word_at(words, 2), word_at(words, 3)
    for i in range(n):
        ends, row = table[places[i] >> 40, ID_AT], places[i] & 0xFFFFFFFFFF
        id_from[i], id_to[i] = word_at(ends, row), word_at(ends, row + 1)
    for i in range(n):
        seal[i] = word_at(table[places[i] >> 40, SEAL], places[i] & 0xFFFFFFFFFF)
    for i in range(n):
        peeks[i] = word_at(table[places[i] >> 40, IDS], id_from[i] >> 3)
    ids = _ids_at(table, places, id_from, id_to, peeks)
    payer_bank, payee_bank = np.empty(n, np.int32), np.empty(n, np.int32)
    side, instrument = np.empty(n, np.uint8), np.empty(n, np.uint8)
    country = np.empty(n, np.int16)
    for i in range(n):
        both, word = payer[i], payee[i]
        payer[i], payee[i] = (both >> 32) & 0xFFFFFFFF, both & 0xFFFFFFFF
        if payer[i] == 0xFFFFFFFF:
            payer[i] = -1
        if payee[i] == 0xFFFFFFFF:
            payee[i] = -1
        payer_bank[i] = ((word >> 42) & 0x3FFFFF) - 1
        payee_bank[i] = ((word >> 20) & 0x3FFFFF) - 1
        country[i] = ((word >> 10) & 0x3FF) - 1
        instrument[i], side[i] = (word >> 2) & 0xFF, word & 3
    return (
        at_us, side, payer, payee, payer_bank, payee_bank, amount, instrument,
        _references_at(table, places, np.int64(UETR)),
        _references_at(table, places, np.int64(END_TO_END)),
        country, seal, id_from, id_to, ids,
    )  # fmt: skip


@inner
def _ids_at(table: Any, places: Any, id_from: Any, id_to: Any, peeks: Any) -> Any:
    """Texts of the ids, one after the other; from then on `id_from` and `id_to` are places in
    them. `peeks` have brought them near, and are written over."""
    total = 0
    for i in range(len(places)):
        peeks[i] = id_from[i]
        size = id_to[i] - id_from[i]
        id_from[i], id_to[i] = total, total + size
        total += size
    ids = np.empty(total, np.uint8)
    for i in range(len(places)):
        size = id_to[i] - id_from[i]
        octets = column(table, places[i] >> 40, IDS, peeks[i] + size, np.uint8)
        for k in range(size):
            ids[id_from[i] + k] = octets[peeks[i] + k]
    return ids


@inner
def _references_at(table: Any, places: Any, column_of: int) -> Any:
    """UETRs, or EndToEndIds, as two halves; zeros in a run that has none."""
    found = np.zeros((len(places), 2), np.uint64)
    for i in range(len(places)):
        address, row = table[places[i] >> 40, column_of], places[i] & 0xFFFFFFFFFF
        if address:
            found[i, 0] = np.uint64(word_at(address, 2 * row))
            found[i, 1] = np.uint64(word_at(address, 2 * row + 1))
    return found


class Marks:
    """Which accounts one question has asked for; kept between questions, so that a question
    costs what it touches and not what there is. Not shared between threads."""

    def __init__(self) -> None:
        self.stamps = np.zeros(1024, np.int64)
        self._now = 1

    def begin(self, accounts: int) -> int:
        """The stamp from which on a mark is of this question."""
        if len(self.stamps) <= accounts:
            self.stamps = np.zeros(2 * accounts + 1024, np.int64)
        self._now += 1
        return self._now

    def next(self) -> int:
        """The stamp of the next accounts."""
        self._now += 1
        return self._now

"""What the walk has gathered so far: facts as rows of one matrix, accounts numbered as they come;
compiled (section 5 of `docs/reference/trail.md`, REQ-39).

A walk sees few of a nation's accounts, so it numbers them anew: *local* numbers index its arrays.

A kernel longer than thirty lines: what its parts share would be passed about by the dozen.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from qalqan.trail.index.facts import Facts
from qalqan.trail.index.kernels import NONE, inner, outer
from qalqan.trail.index.reading import bare

AT, PAYER, PAYEE, PAYER_BANK, PAYEE_BANK, AMOUNT, SIDE, INSTRUMENT, COUNTRY = range(9)
UETR, UETR_LOW, END, END_LOW, ID_FROM, ID_TO, PARTNER = range(9, 16)
FIELDS = 16
"""Fields of a row, all int64: those of `Facts` with local accounts, then PARTNER, the row that
tells the same payment from the other side: `ALONE`, or `SECOND` for a payee's side that is told
with its payer's."""

ALONE, SECOND = -1, -2
ROOT_SIDE = 3
"""Beside `SIDES`: the first rows are the question's roots."""

ROWS, ACCOUNTS, FOLLOWED, OCTETS, ONE_SIDED, VOLUME = range(6)
"""Fields of `Gathered.counts`; the last two count facts that may find a partner, and the sum of
all of them in 2^20 units."""


class Gathered(NamedTuple):
    """Arrays with room to grow; `counts` says how much of them is in use."""

    counts: Any
    rows: Any
    """(FIELDS, room) int64."""
    ids: Any
    """uint8: the texts that ID_FROM and ID_TO point into."""
    codes: Any
    """Local account → its code in the source."""
    slots: Any
    """Open addressing: local account + 1 by its code."""
    followed: Any
    """Local account → its place among the followed, or -1."""


@inner
def lent(held: Gathered) -> Gathered:
    """The same, as `bare` has it, for the length of a call."""
    return Gathered(
        bare(held.counts), bare(held.rows), bare(held.ids), bare(held.codes), bare(held.slots),
        bare(held.followed),
    )  # fmt: skip


def nothing_gathered() -> Gathered:
    """A walk's start."""
    return Gathered(
        np.zeros(6, np.int64),
        np.empty((FIELDS, 256), np.int64),
        np.empty(8192, np.uint8),
        np.empty(256, np.int64),
        np.zeros(1024, np.int64),
        np.empty(256, np.int64),
    )


@outer
def _slot(code: int, slots: Any, codes: Any) -> int:
    """Where the account is, or would be put."""
    mask = len(slots) - 1
    place = (code * 0x9E3779B97F4A7C1 >> 20) & mask
    while slots[place] and codes[slots[place] - 1] != code:
        place = (place + 1) & mask
    return place


@outer
def _local(code: int, counts: Any, codes: Any, slots: Any, followed: Any) -> Any:
    """The account's local number, a new one if it has none."""
    if code == -1:
        return -1
    place = _slot(code, slots, codes)
    if slots[place] == 0:
        number = counts[ACCOUNTS]
        codes[number] = code
        followed[number] = -1
        slots[place] = number + 1
        counts[ACCOUNTS] += 1
    return np.int64(slots[place] - 1)


@inner
def ends_of(rows: Any, row: int) -> Any:
    """Payer and payee of the transfer whose first row this is."""
    other = rows[PARTNER, row]
    payer, payee = rows[PAYER, row], rows[PAYEE, row]
    if other >= 0:
        payer = payer if payer >= 0 else rows[PAYER, other]
        payee = rows[PAYEE, other] if rows[PAYEE, other] >= 0 else payee
    return payer, payee


@outer
def number_accounts(held: Gathered, asked: Any) -> Any:
    """Local numbers of these codes, `held` has room for all of them to be new."""
    counts, codes = bare(held.counts), bare(held.codes)
    slots, followed = bare(held.slots), bare(held.followed)
    numbers = np.empty(len(asked), np.int64)
    for i in range(len(asked)):
        numbers[i] = _local(asked[i], counts, codes, slots, followed)
    return numbers


@outer
def with_room(held: Gathered, rows: int, accounts: int, octets: int) -> Gathered:  # noqa: C901
    """The same with room for so many more."""
    n, known, used = held.counts[ROWS], held.counts[ACCOUNTS], held.counts[OCTETS]
    table, ids = held.rows, held.ids
    codes, slots, followed = held.codes, held.slots, held.followed
    if n + rows > table.shape[1]:
        table = np.empty((FIELDS, 2 * (n + rows)), np.int64)
        for field in range(FIELDS):
            for i in range(n):
                table[field, i] = held.rows[field, i]
    if used + octets > len(ids):
        ids = np.empty(2 * (used + octets), np.uint8)
        for i in range(used):
            ids[i] = held.ids[i]
    if known + accounts > len(codes):
        codes = np.empty(2 * (known + accounts), np.int64)
        followed = np.empty(2 * (known + accounts), np.int64)
        for i in range(known):
            codes[i], followed[i] = held.codes[i], held.followed[i]
    if 2 * (known + accounts) > len(slots):
        size = 2 * len(slots)
        while size < 3 * (known + accounts):
            size *= 2
        slots = np.zeros(size, np.int64)
        for i in range(known):
            slots[_slot(codes[i], slots, codes)] = i + 1
    return Gathered(held.counts, table, ids, codes, slots, followed)


@outer
def taken_in(held: Gathered, facts: Facts, followed_before: int) -> Gathered:  # noqa: C901
    """With these facts of newly followed accounts; those that name an account followed before
    (one of the first `followed_before`) were gathered with it and are left out.

    Longer than other functions, for its parts would pass all its arrays about. Each is taken out
    of its tuple once: in a loop that costs more than what is done with it.
    """
    n = len(facts.at_us)
    id_from, id_to, texts = facts.id_from, facts.id_to, facts.ids
    octets, packed = np.int64(0), True
    for i in range(n):
        octets += id_to[i] - id_from[i]
        packed = packed and (i == 0 or id_from[i] == id_to[i - 1])
    held = with_room(held, n, 2 * n, octets)
    counts, rows, ids = bare(held.counts), held.rows, held.ids
    codes, slots, followed = bare(held.codes), bare(held.slots), bare(held.followed)
    at_us, amounts, sides = facts.at_us, facts.amount, facts.side
    payers, payees, instruments = facts.payer, facts.payee, facts.instrument
    payer_banks, payee_banks, countries = facts.payer_bank, facts.payee_bank, facts.country
    uetrs, ends = facts.uetr, facts.end_to_end
    row, used, one_sided, volume = counts[ROWS], counts[OCTETS], counts[ONE_SIDED], counts[VOLUME]
    moved = used - id_from[0] if n and packed else NONE
    if packed:  # their texts stand one after the other, and are taken as one
        for place in range(octets):
            ids[used + place] = texts[used - moved + place]
        used += octets
    for i in range(n):
        payer = _local(payers[i], counts, codes, slots, followed)
        payee = _local(payees[i], counts, codes, slots, followed)
        if payer >= 0 and 0 <= followed[payer] < followed_before:
            continue
        if payee >= 0 and 0 <= followed[payee] < followed_before:
            continue
        if not packed:
            moved = used - id_from[i]
            for place in range(id_from[i], id_to[i]):
                ids[moved + place] = texts[place]
            used = moved + id_to[i]
        rows[AT, row], rows[AMOUNT, row] = at_us[i], amounts[i]
        rows[PAYER, row], rows[PAYEE, row] = payer, payee
        rows[PAYER_BANK, row], rows[PAYEE_BANK, row] = payer_banks[i], payee_banks[i]
        rows[SIDE, row], rows[INSTRUMENT, row] = sides[i], instruments[i]
        rows[COUNTRY, row], rows[PARTNER, row] = countries[i], ALONE
        rows[UETR, row], rows[UETR_LOW, row] = np.int64(uetrs[i, 0]), np.int64(uetrs[i, 1])
        rows[END, row], rows[END_LOW, row] = np.int64(ends[i, 0]), np.int64(ends[i, 1])
        rows[ID_FROM, row], rows[ID_TO, row] = moved + id_from[i], moved + id_to[i]
        one_sided += sides[i] != 2
        volume += amounts[i] >> 20
        row += 1
    counts[ROWS], counts[OCTETS], counts[ONE_SIDED], counts[VOLUME] = row, used, one_sided, volume
    return held

"""Reach over facts that one bank tells for both sides: nothing has to be joined, so every fact is
a transfer and is read where it lies (section 4 of `docs/reference/trail.md`, REQ-39).

Forward over payers' facts, back over payees'. A kernel longer than thirty lines: its loops
share a dozen arrays. What it can't decide (a fact told by one side only, which may have another
half) it leaves to the reach over joined facts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qalqan.trail.index.kernels import inner, outer
from qalqan.trail.index.reading import (
    FIRST_US,
    IN,
    IN_AT,
    IN_ROW,
    LAST_US,
    MOST_SEAL,
    OUT,
    SEAL,
    WORDS,
    half_at,
    not_before,
    span,
    word_at,
)

PASSES, ENDS, BY_BANK = 0, 1, 2
"""What an instrument means for reach: an account gets it, it is an exit, its bank decides."""

WINDOW, HOPS, LEAST, HUB, MATCH_LEAST, MATCH_MOST, DELAY, FLOOR, UNTIL = range(9)
SEALED, HAS_MATCH, TOUCHED = range(9, 12)
"""Places of the numbers of a question; the last one keeps the looks ahead from being left out."""


@inner
def share_up(amount: int, ppm: int) -> int:
    """⌈amount · ppm / 10⁶⌉ without leaving 64 bits."""
    whole, rest = amount // 1_000_000, amount % 1_000_000
    return whole * ppm + -(-rest * ppm // 1_000_000)


@inner
def share_down(amount: int, ppm: int) -> int:
    """⌊amount · ppm / 10⁶⌋."""
    whole, rest = amount // 1_000_000, amount % 1_000_000
    return whole * ppm + rest * ppm // 1_000_000


@inner
def is_exit(payee: int, word: int, instruments: Any, homes: Any) -> bool:
    """Whether no account got the payment (section 6), by its fourth word."""
    kind = instruments[(word >> 2) & 0xFF]
    if kind == ENDS or ((word >> 10) & 0x3FF) > 1 or payee == 0xFFFFFFFF:
        return True
    return kind == BY_BANK and not homes[(word >> 20) & 0x3FFFFF]


@inner
def slot_of(visited: Any, key: int) -> int:
    """Where a key stands among the visited, or would stand."""
    mask = len(visited) - 1
    place = ((key * 0x9E3779B97F4A7C1) >> 17) & mask
    while visited[place, 0] != -1 and visited[place, 0] != key:
        place = (place + 1) & mask
    return place


@inner
def unvisited(visited: Any, key: int) -> int:
    """The first place from `key` on that was not visited; paths are halved on the way."""
    slot = slot_of(visited, key)
    while visited[slot, 0] == key:
        key = visited[slot, 1]
        further = slot_of(visited, key)
        if visited[further, 0] == key:
            visited[slot, 1] = visited[further, 1]
        slot = further
    return key


@inner
def crowd(
    table: Any, side: int, account: int, first_us: int, last_us: int, sealed: int, left_out: Any,
    most: int,
) -> int:  # fmt: skip
    """How many transfers leave an account (or come) in a period, counted up to `most` + 1; -1 if
    one of them is told by one side only."""
    count = 0
    for run in range(len(table)):
        words, seals, rows = table[run, WORDS], table[run, SEAL], table[run, IN_ROW]
        low, high = span(table, run, side, account)
        lying = words if side == OUT else table[run, IN_AT]
        place = not_before(
            lying, 4 if side == OUT else 1, low, high, first_us, table[run, FIRST_US],
            table[run, LAST_US],
        )  # fmt: skip
        while place < high and count <= most:
            row = place if side == OUT else half_at(rows, place)
            if word_at(words, 4 * row) > last_us:
                break
            if word_at(seals, row) <= sealed:
                if word_at(words, 4 * row + 3) & 3 != 2:
                    return -1
                both = word_at(words, 4 * row + 2)
                if (both >> 32) & 0xFFFFFFFF != both & 0xFFFFFFFF:
                    count += not _is_among(left_out, run << 40 | row)
            place += 1
    return count


@inner
def _is_among(places: Any, place: int) -> bool:
    for one in places:  # noqa: SIM110 — compiled
        if one == place:
            return True
    return False


@inner
def unseen(known: Any, account: int, first_us: int, last_us: int) -> Any:
    """What of a period was not looked at before; takes it in. `known` has room for one more."""
    mask = len(known) - 1
    slot = ((account * 0x9E3779B97F4A7C1) >> 17) & mask
    while known[slot, 0] != -1 and known[slot, 0] != account:
        slot = (slot + 1) & mask
    if known[slot, 0] == account:
        low, high = known[slot, 1], known[slot, 2]
        if low <= first_us and last_us <= high:
            return 1, 0
        if low <= last_us + 1 and first_us <= high + 1:
            first_us, last_us, low, high = (
                high + 1 if low <= first_us else first_us,
                low - 1 if last_us <= high and low > first_us else last_us,
                min(low, first_us),
                max(high, last_us),
            )
            known[slot, 1], known[slot, 2] = low, high
            return first_us, last_us
    known[slot, 0], known[slot, 1], known[slot, 2] = account, first_us, last_us
    return first_us, last_us


@inner
def grown(values: Any) -> Any:
    """The same with twice the room."""
    more = np.empty((2 * len(values), values.shape[1]), np.int64)
    for i in range(len(values)):
        for field in range(values.shape[1]):
            more[i, field] = values[i, field]
    return more


@inner
def rehashed(entries: Any) -> Any:
    """The same entries, by their first field, in four times the room."""
    more = np.full((4 * len(entries), entries.shape[1]), -1, np.int64)
    mask = len(more) - 1
    for i in range(len(entries)):
        if entries[i, 0] != -1:
            slot = ((entries[i, 0] * 0x9E3779B97F4A7C1) >> 17) & mask
            while more[slot, 0] != -1:
                slot = (slot + 1) & mask
            for field in range(entries.shape[1]):
                more[slot, field] = entries[i, field]
    return more


@outer
def spread(  # noqa: C901
    table: Any, numbers: Any, starts: Any, left_out: Any, stops: Any, instruments: Any, homes: Any,
    back: bool,
) -> Any:  # fmt: skip
    """From arrivals (or departures) on: whether it is decided, the places reached with their
    hops, and the accounts that were stopped at. `starts` are accounts, times and sums, one line
    each; `left_out` are the places of roots.

    Each hop is done in turns over all its arrivals: where accounts lie, then a look at where
    their payments must be, then the payments. So the waits for memory overlap.
    """
    window, least, hub = numbers[WINDOW], numbers[LEAST], numbers[HUB]
    has_match, sealed = numbers[HAS_MATCH] != 0, numbers[SEALED]
    side, width = (IN, 1) if back else (OUT, 4)
    visited, known = np.full((1024, 2), -1, np.int64), np.full((512, 3), -1, np.int64)
    used = n_known = 0
    reached, count = np.empty((512, 2), np.int64), 0
    stopped, n_stopped = np.empty((16, 1), np.int64), 0
    now, n_now = starts, len(starts)
    hop = 0 if back else 1
    while n_now and hop < numbers[HOPS] + (0 if back else 1):
        further, n_next = np.empty((256, 3), np.int64), 0
        periods = np.empty((n_now, 4), np.int64)
        while 2 * (n_known + n_now) >= len(known):
            known = rehashed(known)
        n_known += n_now
        for i in range(n_now):
            account, at_us = now[i, 0], now[i, 1]
            first_us = max(at_us - window if back else at_us, numbers[FLOOR])
            last_us = min(at_us if back else at_us + window, numbers[UNTIL])
            periods[i, 0], periods[i, 1] = 1, 0
            if account < 0:
                continue
            is_stop = _is_among(stops, account)
            if hub > 0 and not is_stop:
                passing = crowd(table, side, account, first_us, last_us, sealed, left_out, hub)
                if passing < 0:
                    return False, reached[:0], stopped[:0, 0]
                is_stop = passing > hub
            if is_stop:
                if n_stopped == len(stopped):
                    stopped = grown(stopped)
                stopped[n_stopped, 0] = account
                n_stopped += 1
            elif not has_match:
                periods[i, 0], periods[i, 1] = unseen(known, account, first_us, last_us)
            elif back:
                periods[i, 0], periods[i, 1] = max(first_us, at_us - numbers[DELAY]), last_us
            else:
                periods[i, 0], periods[i, 1] = first_us, min(last_us, at_us + numbers[DELAY])
        for run in range(len(table)):
            words, seals, rows = table[run, WORDS], table[run, SEAL], table[run, IN_ROW]
            late = table[run, MOST_SEAL] > sealed
            lying = table[run, IN_AT] if back else words
            begun_us, ended_us = table[run, FIRST_US], table[run, LAST_US]
            if begun_us > numbers[UNTIL] or ended_us < numbers[FLOOR]:
                continue
            touched = 0
            for i in range(n_now):
                first_us, last_us = periods[i, 0], periods[i, 1]
                periods[i, 2], periods[i, 3] = 0, 0
                if first_us <= last_us and begun_us <= last_us and first_us <= ended_us:
                    periods[i, 2], periods[i, 3] = span(table, run, side, now[i, 0])
            for i in range(n_now):
                if periods[i, 2] < periods[i, 3]:
                    touched ^= word_at(lying, width * periods[i, 2])
            numbers[TOUCHED] = touched
            for i in range(n_now):
                first_us, low, high = periods[i, 0], periods[i, 2], periods[i, 3]
                if low < high:
                    periods[i, 2] = not_before(
                        lying, width, low, high, first_us, begun_us, ended_us
                    )
            for i in range(n_now):
                last_us, place, high = periods[i, 1], periods[i, 2], periods[i, 3]
                came = now[i, 2]
                while place < high:
                    row = half_at(rows, place) if back else place
                    here = words + 32 * row
                    paid_us = word_at(here, 0)
                    if paid_us > last_us:
                        break
                    key = run << 40 | place
                    slot = slot_of(visited, key)
                    if visited[slot, 0] == key:
                        place = unvisited(visited, key) & 0xFFFFFFFFFF
                        continue
                    place += 1
                    if late and word_at(seals, row) > sealed:
                        continue
                    both, word, amount = word_at(here, 2), word_at(here, 3), word_at(here, 1)
                    if word & 3 != 2:
                        return False, reached[:0], stopped[:0, 0]
                    payer, payee = (both >> 32) & 0xFFFFFFFF, both & 0xFFFFFFFF
                    if has_match and payer != payee and amount >= least:
                        went, paid = (came, amount) if back else (amount, came)
                        if went < share_up(paid, numbers[MATCH_LEAST]) or went > share_down(
                            paid, numbers[MATCH_MOST]
                        ):
                            continue
                    visited[slot, 0], visited[slot, 1] = key, key + 1
                    used += 1
                    if 2 * used >= len(visited):
                        visited = rehashed(visited)
                    if payer == payee or amount < least or _is_among(left_out, run << 40 | row):
                        continue
                    ends = is_exit(payee, word, instruments, homes)
                    if back and ends:
                        continue
                    if count == len(reached):
                        reached = grown(reached)
                    reached[count, 0], reached[count, 1] = run << 40 | row, hop + 1
                    count += 1
                    onward = payer if back else payee
                    if ends or onward == 0xFFFFFFFF:
                        continue
                    if n_next == len(further):
                        further = grown(further)
                    further[n_next, 0], further[n_next, 1], further[n_next, 2] = (
                        onward, paid_us, amount
                    )  # fmt: skip
                    n_next += 1
        now, n_now = further, n_next
        hop += 1
    return True, reached[:count], stopped[:n_stopped, 0]

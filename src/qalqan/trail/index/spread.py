"""Reach over facts that one bank tells for both sides: nothing has to be joined, so every fact is
a transfer and is read where it lies (section 4 of `docs/reference/trail.md`, REQ-39).

Forward over payers' facts, back over payees'. A kernel longer than thirty lines: its loops
share a dozen arrays. What it can't decide (a fact told by one side only, which may have another
half) it leaves to the reach over joined facts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from qalqan.trail.index.reading import (
    FIRST_US,
    IN,
    IN_AT,
    IN_ROW,
    INCOMING,
    LAST_US,
    MOST_SEAL,
    OUT,
    ROWS,
    SEAL,
    came_not_before,
    column,
    not_before,
    span,
    words_of,
)

PASSES, ENDS, BY_BANK = 0, 1, 2
"""What an instrument means for reach: an account gets it, it is an exit, its bank decides."""

WINDOW, HOPS, LEAST, HUB, MATCH_LEAST, MATCH_MOST, DELAY, FLOOR, UNTIL, SEALED, HAS_MATCH = range(
    11
)
"""Places of the numbers of a question."""


@njit(cache=True, inline="always")
def share_up(amount: int, ppm: int) -> int:
    """⌈amount · ppm / 10⁶⌉ without leaving 64 bits."""
    whole, rest = amount // 1_000_000, amount % 1_000_000
    return whole * ppm + -(-rest * ppm // 1_000_000)


@njit(cache=True, inline="always")
def share_down(amount: int, ppm: int) -> int:
    """⌊amount · ppm / 10⁶⌋."""
    whole, rest = amount // 1_000_000, amount % 1_000_000
    return whole * ppm + rest * ppm // 1_000_000


@njit(cache=True, inline="always")
def is_exit(words: Any, row: int, instruments: Any, homes: Any) -> bool:
    """Whether no account got the payment (section 6)."""
    word = words[row, 3]
    kind = instruments[(word >> 2) & 0xFF]
    if kind == ENDS or ((word >> 10) & 0x3FF) > 1 or (words[row, 2] & 0xFFFFFFFF) == 0xFFFFFFFF:
        return True
    return kind == BY_BANK and not homes[(word >> 20) & 0x3FFFFF]


@njit(cache=True, inline="always")
def slot_of(keys: Any, key: int) -> int:
    """Where a key stands among the visited, or would stand."""
    mask = len(keys) - 1
    place = ((key * 0x9E3779B97F4A7C1) >> 17) & mask
    while keys[place] != -1 and keys[place] != key:
        place = (place + 1) & mask
    return place


@njit(cache=True)
def unvisited(keys: Any, nexts: Any, key: int) -> int:
    """The first place from `key` on that was not visited; paths are halved on the way."""
    slot = slot_of(keys, key)
    while keys[slot] == key:
        key = nexts[slot]
        further = slot_of(keys, key)
        if keys[further] == key:
            nexts[slot] = nexts[further]
        slot = further
    return key


@njit(cache=True)
def spread(  # noqa: C901
    table: Any, numbers: Any, accounts: Any, times: Any, sums: Any, left_out: Any, stops: Any,
    instruments: Any, homes: Any, back: bool,
) -> Any:  # fmt: skip
    """From arrivals (or departures) on: whether it is decided, the places reached with their
    hops, and the accounts that were stopped at. `left_out` are the places of roots."""
    window, least, hub = numbers[WINDOW], numbers[LEAST], numbers[HUB]
    has_match = numbers[HAS_MATCH] != 0
    keys, nexts = np.full(1024, -1, np.int64), np.empty(1024, np.int64)
    room = 512
    places, hops, count = np.empty(room, np.int64), np.empty(room, np.int64), 0
    used = 0
    stopped, n_stopped = np.empty(16, np.int64), 0
    next_accounts, next_times = np.empty(room, np.int64), np.empty(room, np.int64)
    next_sums = np.empty(room, np.int64)
    n_now = len(accounts)
    hop = 0 if back else 1
    while n_now and hop < numbers[HOPS] + (0 if back else 1):
        n_next = 0
        for i in range(n_now):
            account, at_us, came = accounts[i], times[i], sums[i]
            if account < 0:
                continue
            first_us = at_us - window if back else at_us
            last_us = at_us if back else at_us + window
            first_us, last_us = max(first_us, numbers[FLOOR]), min(last_us, numbers[UNTIL])
            is_stop = False
            for stop in stops:
                is_stop |= stop == account
            if hub > 0 and not is_stop:
                leaving = 0
                for run in range(len(table)):
                    words = words_of(table, run)
                    seals = column(table, run, SEAL, table[run, ROWS], np.int64)
                    rows = column(table, run, IN_ROW, table[run, INCOMING], np.uint32)
                    in_at = column(table, run, IN_AT, table[run, INCOMING], np.int64)
                    low, high = span(table, run, IN if back else OUT, account)
                    if back:
                        place = came_not_before(in_at, low, high, first_us)
                    else:
                        place = not_before(words, low, high, first_us)
                    while place < high and leaving <= hub:
                        row = np.int64(rows[place]) if back else place
                        if words[row, 0] > last_us:
                            break
                        if seals[row] <= numbers[SEALED]:
                            if words[row, 3] & 3 != 2:
                                return False, places[:0], hops[:0], stopped[:0]
                            counts = (words[row, 2] >> 32) & 0xFFFFFFFF != words[
                                row, 2
                            ] & 0xFFFFFFFF
                            for root in left_out:
                                counts &= root != (run << 40 | row)
                            leaving += counts
                        place += 1
                is_stop = leaving > hub
            if is_stop:
                if n_stopped == len(stopped):
                    stopped = np.concatenate((stopped, np.empty(n_stopped, np.int64)))
                stopped[n_stopped] = account
                n_stopped += 1
                continue
            if has_match:
                if back:
                    first_us = max(first_us, at_us - numbers[DELAY])
                else:
                    last_us = min(last_us, at_us + numbers[DELAY])
            for run in range(len(table)):
                if table[run, FIRST_US] > last_us or table[run, LAST_US] < first_us:
                    continue
                low, high = span(table, run, IN if back else OUT, account)
                if low == high:
                    continue
                words = words_of(table, run)
                rows = column(table, run, IN_ROW, table[run, INCOMING], np.uint32)
                in_at = column(table, run, IN_AT, table[run, INCOMING], np.int64)
                seals = column(table, run, SEAL, table[run, ROWS], np.int64)
                late = table[run, MOST_SEAL] > numbers[SEALED]
                if back:
                    place = came_not_before(in_at, low, high, first_us)
                else:
                    place = not_before(words, low, high, first_us)
                while place < high:
                    key = unvisited(keys, nexts, run << 40 | place)
                    if key >> 40 != run:
                        break
                    place = key & 0xFFFFFFFFFF
                    if place >= high:
                        break
                    row = np.int64(rows[place]) if back else place
                    if words[row, 0] > last_us:
                        break
                    place += 1
                    if late and seals[row] > numbers[SEALED]:
                        continue
                    if words[row, 3] & 3 != 2:
                        return False, places[:0], hops[:0], stopped[:0]
                    payer = (words[row, 2] >> 32) & 0xFFFFFFFF
                    payee, amount = words[row, 2] & 0xFFFFFFFF, words[row, 1]
                    if has_match and payer != payee and amount >= least:
                        went = came if back else amount
                        paid = amount if back else came
                        if went < share_up(paid, numbers[MATCH_LEAST]):
                            continue
                        if went > share_down(paid, numbers[MATCH_MOST]):
                            continue
                    if 2 * used >= len(keys):
                        old_keys, old_nexts = keys, nexts
                        keys = np.full(4 * len(old_keys), -1, np.int64)
                        nexts = np.empty(4 * len(old_keys), np.int64)
                        for old in range(len(old_keys)):
                            if old_keys[old] != -1:
                                slot = slot_of(keys, old_keys[old])
                                keys[slot], nexts[slot] = old_keys[old], old_nexts[old]
                    slot = slot_of(keys, key)
                    keys[slot], nexts[slot] = key, key + 1
                    used += 1
                    if payer == payee or amount < least:
                        continue
                    ends = is_exit(words, row, instruments, homes)
                    if back and ends:
                        continue
                    told = False
                    for root in left_out:
                        told |= root == (run << 40 | row)
                    if told:
                        continue
                    if count == len(places):
                        places = np.concatenate((places, np.empty(count, np.int64)))
                        hops = np.concatenate((hops, np.empty(count, np.int64)))
                    places[count], hops[count] = run << 40 | row, hop + 1
                    count += 1
                    onward = payer if back else payee
                    if ends or onward == 0xFFFFFFFF:
                        continue
                    if n_next == len(next_accounts):
                        more = np.empty(n_next, np.int64)
                        next_accounts = np.concatenate((next_accounts, more))
                        next_times = np.concatenate((next_times, more))
                        next_sums = np.concatenate((next_sums, more))
                    next_accounts[n_next], next_times[n_next] = onward, words[row, 0]
                    next_sums[n_next] = amount
                    n_next += 1
        accounts, times, sums = next_accounts, next_times, next_sums
        next_accounts = np.empty(max(512, n_next), np.int64)
        next_times = np.empty(max(512, n_next), np.int64)
        next_sums = np.empty(max(512, n_next), np.int64)
        n_now = n_next
        hop += 1
    return True, places[:count], hops[:count], stopped[:n_stopped]


@njit(cache=True)
def roots_at(  # noqa: C901
    table: Any, payers: Any, payees: Any, times: Any, sums: Any, uetrs: Any, match_us: int,
    floor_us: int, until_us: int, sealed: int,
) -> Any:  # fmt: skip
    """Facts that may tell a root's own payment: whether that is decided by them alone, then
    (root, step, distance in time, place) of each."""
    found: Any = np.empty((16, 4), np.int64)
    count = 0
    for root in range(len(payers)):
        has_uetr = uetrs[root, 0] != 0 or uetrs[root, 1] != 0
        for run in range(len(table)):
            words = words_of(table, run)
            seals = column(table, run, SEAL, table[run, ROWS], np.int64)
            low, high = span(table, run, IN, payees[root])
            rows = column(table, run, IN_ROW, table[run, INCOMING], np.uint32)
            in_at = column(table, run, IN_AT, table[run, INCOMING], np.int64)
            low = came_not_before(in_at, low, high, floor_us)
            for place in range(low, high):
                row = np.int64(rows[place])
                if words[row, 0] > until_us:
                    break
                if seals[row] > sealed:
                    continue
                if words[row, 3] & 3 != 2:
                    return False, found[:0]
                payer = (words[row, 2] >> 32) & 0xFFFFFFFF
                if payer == payees[root]:
                    continue
                apart = abs(words[row, 0] - times[root])
                told, same = _uetr_of(table, run, row, uetrs[root])
                alike = payer == payers[root] and words[row, 1] == sums[root]
                alike &= apart <= match_us and not (told and has_uetr and not same)
                for step in range(2):
                    if (same, alike)[step]:
                        if count == len(found):
                            found = np.concatenate((found, np.empty((count, 4), np.int64)))
                        found[count, 0], found[count, 1] = root, step
                        found[count, 2], found[count, 3] = apart, run << 40 | row
                        count += 1
            if not has_uetr or payers[root] < 0:
                continue
            low, high = span(table, run, OUT, payers[root])
            low = not_before(words, low, high, floor_us)
            for at in range(low, high):
                row = np.int64(at)
                if words[row, 0] > until_us:
                    break
                if words[row, 2] & 0xFFFFFFFF != payees[root] and seals[row] <= sealed:
                    _, same = _uetr_of(table, run, row, uetrs[root])
                    if same:  # known only once its payee, or this payer, is reached
                        return False, found[:0]
    return True, found[:count]


@njit(cache=True, inline="always")
def _uetr_of(table: Any, run: int, row: int, asked: Any) -> Any:
    """Whether a fact has a UETR, and whether it is this one."""
    if not table[run, 2]:
        return False, False
    both = column(table, run, 2, 2 * table[run, ROWS], np.uint64)
    high, low = both[2 * row], both[2 * row + 1]
    told = high != 0 or low != 0
    return told, told and high == asked[0] and low == asked[1]

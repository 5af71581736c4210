"""Reach over gathered facts that were joined: every transfer is a row, or a row and its partner;
compiled (sections 2 and 4 of `docs/reference/trail.md`, REQ-39).

Kernels longer than thirty lines: their loops share a dozen arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from qalqan.trail.index.kernels import inner, outer
from qalqan.trail.index.moves import _bound
from qalqan.trail.index.moves import _exit as exit_by_itself
from qalqan.trail.index.rows import (
    ACCOUNTS,
    AMOUNT,
    AT,
    PARTNER,
    PAYEE,
    ROWS,
    SECOND,
    Gathered,
    ends_of,
)
from qalqan.trail.index.sorting import order_by

WINDOW, HOPS, LEAST, HUB, HAS_MATCH, MATCH_LEAST, MATCH_MOST, DELAY = range(8)
"""Places of the numbers of a question."""
NEVER = 1 << 40
"""The hop of an account that was not reached."""


@inner
def _arrived(rows: Any, row: int) -> Any:
    other = rows[PARTNER, row]
    return rows[AT, row] if other < 0 else max(rows[AT, row], rows[AT, other])


@inner
def _transfers(held: Gathered, n_roots: int, home: Any, back: bool) -> Any:  # noqa: C901
    """(6, n) in order of account, then time: row, whose it is, when, the other end, whether no
    account got it, when it is there at the other end; and where each account's begin."""
    rows, n, n_accounts = held.rows, held.counts[ROWS], held.counts[ACCOUNTS]
    is_root = np.zeros(n, np.bool_)
    for root in range(n_roots):
        if rows[PARTNER, root] >= 0:
            is_root[rows[PARTNER, root]] = True
    told, m = np.empty((6, n), np.int64), np.int64(0)
    for row in range(n_roots, n):
        if rows[PARTNER, row] == SECOND or is_root[row]:
            continue
        payer, payee = ends_of(rows, row)
        whose, other = (payee, payer) if back else (payer, payee)
        if payer == payee or whose < 0:
            continue
        arrived = _arrived(rows, row)
        told[0, m], told[1, m], told[3, m] = row, whose, other
        told[2, m], told[5, m] = rows[AT, row], arrived
        if back:
            told[2, m], told[5, m] = arrived, rows[AT, row]
        told[4, m] = exit_by_itself(rows, row, payee, home) != -1
        m += 1
    by_time, accounts = order_by(told[2], m), np.empty(m, np.int64)
    for i in range(m):
        accounts[i] = told[1, by_time[i]]
    by_account = order_by(accounts, m)
    ordered, begins = np.empty((6, m), np.int64), np.zeros(n_accounts + 1, np.int64)
    for i in range(m):
        for field in range(6):
            ordered[field, i] = told[field, by_time[by_account[i]]]
        begins[ordered[1, i] + 1] += 1
    for account in range(n_accounts):
        begins[account + 1] += begins[account]
    return ordered, begins


@inner
def _share(amount: int, ppm: int, up: bool) -> int:
    """An amount · ppm / 10⁶, rounded up or down without leaving 64 bits."""
    whole, rest = amount // 1_000_000, (amount % 1_000_000) * ppm
    more = rest // 1_000_000
    return whole * ppm + more + (1 if up and rest % 1_000_000 else 0)


@inner
def _first_of_roots(rows: Any, n_roots: int) -> Any:
    starts = np.empty((3, n_roots), np.int64)
    for root in range(n_roots):
        starts[0, root], starts[2, root] = rows[PAYEE, root], rows[AMOUNT, root]
        starts[1, root] = rows[AT, root]
        if rows[PARTNER, root] >= 0:
            starts[1, root] = max(rows[AT, root], _arrived(rows, rows[PARTNER, root]))
    return starts


@outer
def joined_spread(  # noqa: C901
    held: Gathered, n_roots: int, asked: Any, numbers: Any, stops: Any, home: Any, back: bool
) -> Any:
    """Rows of the transfers reached with their hops, the smallest hop of each local account, and
    whether it was stopped at. `asked`: (3, n) accounts, times and sums, where there are no roots;
    `stops` are codes."""
    rows, n_accounts = held.rows, held.counts[ACCOUNTS]
    told, begins = _transfers(held, n_roots, home, back)
    times = told[2]
    now = asked if back else _first_of_roots(rows, n_roots)
    hop = 0 if back else 1
    is_stop, stopped = np.zeros(n_accounts, np.bool_), np.zeros(n_accounts, np.bool_)
    for account in range(n_accounts):
        for code in stops:
            is_stop[account] |= held.codes[account] == code
    nearest = np.full(n_accounts, NEVER, np.int64)
    for i in range(now.shape[1]):
        nearest[now[0, i]] = hop
    hops, found = np.full(told.shape[1], NEVER, np.int64), np.empty((2, told.shape[1]), np.int64)
    count = 0
    while now.shape[1] and hop <= numbers[HOPS]:
        further, n_next = np.empty((3, told.shape[1] - count), np.int64), 0
        for i in range(now.shape[1]):
            account, at_us, amount = now[0, i], now[1, i], now[2, i]
            first_us = at_us - numbers[WINDOW] if back else at_us
            last_us = at_us if back else at_us + numbers[WINDOW]
            low, high = begins[account], begins[account + 1]
            first, last = _bound(times, low, high, first_us), _bound(times, low, high, last_us + 1)
            if is_stop[account] or 0 < numbers[HUB] < last - first:
                stopped[account] = True
                continue
            for x in range(first, last):
                paid = rows[AMOUNT, told[0, x]]
                if paid < numbers[LEAST] or hops[x] != NEVER or (back and told[4, x]):
                    continue
                if numbers[HAS_MATCH]:
                    came, went = (paid, amount) if back else (amount, paid)
                    if (
                        went < _share(came, numbers[MATCH_LEAST], True)
                        or went > _share(came, numbers[MATCH_MOST], False)
                        or abs(told[2, x] - at_us) > numbers[DELAY]
                    ):
                        continue
                hops[x] = hop + 1
                found[0, count], found[1, count] = told[0, x], hop + 1
                count += 1
                onward = told[3, x]
                if onward < 0 or (told[4, x] and not back):
                    continue
                nearest[onward] = min(nearest[onward], hop + 1)
                further[0, n_next], further[1, n_next] = onward, told[5, x]
                further[2, n_next] = paid
                n_next += 1
        now = further[:, :n_next].copy()
        hop += 1
    return found[:, :count], nearest, stopped

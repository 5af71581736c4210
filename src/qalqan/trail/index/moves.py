"""Transfers as the rules see them: what moves, when, whence and where to; compiled (sections 2, 3
and 6 of `docs/reference/trail.md`, REQ-39)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from qalqan.trail.index.kernels import NONE, inner
from qalqan.trail.index.reading import bare
from qalqan.trail.index.rows import (
    AMOUNT,
    AT,
    COUNTRY,
    FOLLOWED,
    ID_FROM,
    ID_TO,
    INSTRUMENT,
    PARTNER,
    PAYEE_BANK,
    ROWS,
    SECOND,
    SIDE,
    Gathered,
    ends_of,
)
from qalqan.trail.index.sorting import order_by

(
    LEFT, ARRIVED, PAYER_NO, PAYEE_NO, SUM, EXIT, FROM, TO, VICTIM, ROW, TEXT, TEXT_END, UNDOES,
    UNDONE_BY,
) = range(14)  # fmt: skip
MOVE_FIELDS = 14
"""Fields of a move, all int64: times; local accounts; sum; exit by itself (position in `EXITS`) or
-1; FROM and TO, the payer's and payee's places among the followed or -1; the payee's place among
the victims or -1; its first row, or -1 - statement for a gap; its id among the texts; the pair of
accounts whose payments it undoes, and the pair by whose refunds it may be undone."""

CASH, ABROAD, CRYPTO, WALLET, FEES, SPENT, RETURNED, UNKNOWN, HERE = range(9)
"""Positions in `semantics.EXITS`, and `HERE`: the units arrived at the payee."""

_BY_INSTRUMENT = np.array(
    [HERE, SPENT, CASH, HERE, FEES, CRYPTO, WALLET, SPENT, SPENT, SPENT, HERE, HERE, HERE],
    np.int64,
)
"""Exit of each of `facts.INSTRUMENTS`, as far as it decides alone."""

_REFUND, _RETURN = 10, 11

ACCOUNT_NO, FROM_US, TO_US, OPENING, CLOSING, HAS_OPENING, HAS_CLOSING, S_TEXT, S_END, BEST = range(
    10
)
"""Fields of a statement, all int64: local account, period, balances and whether they are told,
`gap:<id>` among the texts, and its place when a book is opened (section 5). Statements come in
the order in which their gaps are looked for: by end, begin, id."""


class Asked(NamedTuple):
    """The question in numbers."""

    first_us: int
    floor_us: int
    window_us: int
    max_hops: int
    home: Any
    """(banks,) bool: whether each bank's code is a home bank's."""
    claim: Any
    """(roots,) claim of each root; claims count by their ids."""
    least: Any
    """(claims,) units from which an account is worth following."""
    victim: Any
    """Local account → its place among the roots' payers, or -1, as far as it reaches."""
    repaid: Any
    """(payers, claims) bool: whose root each of them paid."""


@inner
def _exit(rows: Any, row: int, payee: int, home: Any) -> Any:
    """The first line of section 6 that fits, before who is followed is asked."""
    other = rows[PARTNER, row]
    ending = _BY_INSTRUMENT[rows[INSTRUMENT, row]]
    if ending in (CASH, CRYPTO, FEES):
        return ending
    country, bank = rows[COUNTRY, row], rows[PAYEE_BANK, row]
    if other >= 0:
        country = country if country >= 0 else rows[COUNTRY, other]
        bank = rows[PAYEE_BANK, other] if rows[PAYEE_BANK, other] >= 0 else bank
    if country > 0:
        return ABROAD
    if ending == WALLET and 0 <= bank < len(home) and home[bank]:
        ending = HERE
    if ending != HERE:
        return ending
    return UNKNOWN if payee < 0 else -1


@inner
def _moved(
    held: Gathered, asked: Asked, n_roots: int, has_statement: Any, some_statement: bool, moves: Any
) -> int:
    """Write the transfers that are no roots and matter to a book; how many there are."""
    rows, followed = held.rows, held.followed
    home, victim, first_us = bare(asked.home), bare(asked.victim), asked.first_us
    is_root = np.zeros(held.counts[ROWS], np.bool_)
    for root in range(n_roots):
        if rows[PARTNER, root] >= 0:
            is_root[rows[PARTNER, root]] = True
    n = 0
    for row in range(n_roots, held.counts[ROWS]):
        other = rows[PARTNER, row]
        if other == SECOND or is_root[row]:
            continue
        if other < 0 and rows[AT, row] < first_us and not some_statement:
            continue  # most of what is gathered: known without a look at its accounts
        arrived = rows[AT, row] if other < 0 else max(rows[AT, row], rows[AT, other])
        payer, payee = ends_of(rows, row)
        a, b = followed[payer] if payer >= 0 else -1, followed[payee] if payee >= 0 else -1
        early = arrived < first_us
        if payer == payee or (
            early and not (a >= 0 and has_statement[a]) and not (b >= 0 and has_statement[b])
        ):
            continue
        moves[LEFT, n], moves[ARRIVED, n] = rows[AT, row], arrived
        moves[PAYER_NO, n], moves[PAYEE_NO, n] = payer, payee
        moves[SUM, n] = rows[AMOUNT, row]
        moves[EXIT, n] = _exit(rows, row, payee, home)
        moves[FROM, n], moves[TO, n] = a, b
        moves[VICTIM, n] = victim[payee] if 0 <= payee < len(victim) else -1
        moves[ROW, n] = row
        moves[TEXT, n], moves[TEXT_END, n] = rows[ID_FROM, row], rows[ID_TO, row]
        moves[UNDOES, n], moves[UNDONE_BY, n] = -1, -1
        n += 1
    return n


@inner
def _bound(times: Any, first: int, last: int, at_us: int) -> Any:
    """Position of the first time that is not before `at_us`."""
    while first < last:
        middle = (first + last) // 2
        if times[middle] < at_us:
            first = middle + 1
        else:
            last = middle
    return first


@inner
def _own_lines(held: Gathered, n_roots: int, checked: Any) -> Any:
    """What the checked accounts' own banks told: account, time, units in or out; how many."""
    rows, followed = held.rows, held.followed
    lines = np.empty((3, 2 * held.counts[ROWS]), np.int64)
    n = np.int64(0)
    for row in range(n_roots, held.counts[ROWS]):
        other = rows[PARTNER, row]
        if other == SECOND:
            continue
        payer, payee = ends_of(rows, row)
        if payer == payee:
            continue
        side = 2 if other >= 0 else rows[SIDE, row]
        if payee >= 0 and followed[payee] >= 0 and checked[followed[payee]] and side != 0:
            at = rows[AT, row] if other < 0 else max(rows[AT, row], rows[AT, other])
            lines[0, n], lines[1, n], lines[2, n] = followed[payee], at, rows[AMOUNT, row]
            n += 1
        if payer >= 0 and followed[payer] >= 0 and checked[followed[payer]] and side != 1:
            lines[0, n], lines[1, n] = followed[payer], rows[AT, row]
            lines[2, n] = -rows[AMOUNT, row]
            n += 1
    return lines, n


@inner
def _missing(held: Gathered, asked: Asked, n_roots: int, statements: Any) -> Any:  # noqa: C901
    """Units that left, in the period of each complete statement, as a line it lacks; else 0."""
    n_statements, followed = statements.shape[1], held.followed
    missing = np.zeros(n_statements, np.int64)
    checked = np.zeros(held.counts[FOLLOWED], np.bool_)
    some = False
    for s in range(n_statements):
        both = statements[HAS_OPENING, s] and statements[HAS_CLOSING, s]
        if both and statements[FROM_US, s] >= asked.floor_us:
            checked[followed[statements[ACCOUNT_NO, s]]] = True
            some = True
    if not some:
        return missing
    lines, n = _own_lines(held, n_roots, checked)
    by_time, of = order_by(lines[1], n), np.empty(n, np.int64)
    for i in range(n):
        of[i] = lines[0, by_time[i]]
    by_account = order_by(of, n)
    accounts, times = np.empty(n, np.int64), np.empty(n, np.int64)
    told = np.zeros(n + 1, np.int64)
    for i in range(n):
        line = by_time[by_account[i]]
        accounts[i], times[i] = lines[0, line], lines[1, line]
        told[i + 1] = told[i] + lines[2, line]
    for s in range(n_statements):
        account = followed[statements[ACCOUNT_NO, s]]
        both = statements[HAS_OPENING, s] and statements[HAS_CLOSING, s]
        if not both or statements[FROM_US, s] < asked.floor_us:
            continue
        first, last = _bound(accounts, NONE, n, account), _bound(accounts, NONE, n, account + 1)
        rest = statements[OPENING, s] - statements[CLOSING, s]
        rest += told[_bound(times, first, last, statements[TO_US, s] + 1)]
        rest -= told[_bound(times, first, last, statements[FROM_US, s])]
        for earlier in range(s - 1, -1, -1):
            if statements[TO_US, earlier] < statements[FROM_US, s]:
                break
            if statements[ACCOUNT_NO, earlier] == statements[ACCOUNT_NO, s]:
                rest -= missing[earlier]
        missing[s] = max(0, rest)
    return missing


@inner
def _told_pairs(moves: Any, n: int) -> int:  # noqa: C901
    """Write which pairs of accounts a refund or return undoes the payments of; how many."""
    size = 16
    while size < 2 * n:
        size *= 2
    slots, keys = np.zeros(0, np.int64), np.empty((2, 0), np.int64)
    pairs = 0
    for undoing in (True, False):
        if not undoing and pairs == 0:
            break
        for i in range(n):
            if undoing and moves[UNDOES, i] == -1:
                continue
            payer, payee = moves[PAYER_NO, i], moves[PAYEE_NO, i]
            a, b = (payee, payer) if undoing else (payer, payee)
            if a < 0 or b < 0:
                continue
            if len(slots) == 0:
                slots, keys = np.zeros(size, np.int64), np.empty((2, n), np.int64)
            place = ((a * 31 + b) * 0x9E3779B97F4A7C1 >> 20) & (size - 1)
            while slots[place]:
                pair = slots[place] - 1
                if keys[0, pair] == a and keys[1, pair] == b:
                    break
                place = (place + 1) & (size - 1)
            if slots[place] == 0 and undoing:
                keys[0, pairs], keys[1, pairs] = a, b
                pairs += 1
                slots[place] = pairs
            moves[UNDOES if undoing else UNDONE_BY, i] = slots[place] - 1
    return pairs


@inner
def moves_of(held: Gathered, asked: Asked, n_roots: int, statements: Any) -> Any:
    """All moves that are no roots, and how many pairs of accounts have refunds between them."""
    n_statements = statements.shape[1]
    has_statement = np.zeros(held.counts[FOLLOWED], np.bool_)
    for s in range(n_statements):
        has_statement[held.followed[statements[ACCOUNT_NO, s]]] = True
    moves = np.empty((MOVE_FIELDS, held.counts[ROWS] + n_statements), np.int64)
    n = _moved(held, asked, n_roots, has_statement, n_statements > 0, moves)
    for i in range(n):
        instrument = held.rows[INSTRUMENT, moves[ROW, i]]
        told = moves[PAYER_NO, i] >= 0 and moves[TO, i] >= 0
        if told and instrument in (_REFUND, _RETURN):
            moves[UNDOES, i] = 0
    if n_statements:
        missing = _missing(held, asked, n_roots, statements)
        for s in range(n_statements):
            if missing[s] <= 0:
                continue
            account = statements[ACCOUNT_NO, s]
            for field in range(MOVE_FIELDS):
                moves[field, n] = -1
            moves[LEFT, n], moves[ARRIVED, n] = statements[TO_US, s], statements[TO_US, s]
            moves[PAYER_NO, n], moves[FROM, n] = account, held.followed[account]
            moves[SUM, n], moves[EXIT, n], moves[ROW, n] = missing[s], UNKNOWN, -1 - s
            moves[TEXT, n], moves[TEXT_END, n] = statements[S_TEXT, s], statements[S_END, s]
            n += 1
    return moves, n, _told_pairs(moves, n)

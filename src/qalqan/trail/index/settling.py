"""How many units of each claim sit where, under one rule; compiled (sections 3, 5 and 6 of
`docs/reference/trail.md`, REQ-39, REQ-92).

Equal to `qalqan.trail.attribution` to the unit, over rows instead of objects.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from qalqan.trail.index.lots import (
    BUNDLE,
    CARRIED,
    CELLS_LEFT,
    Books,
    Pool,
    Sums,
    emptied,
    gain,
    put,
    put_lot,
    split_cells,
    take,
    take_of,
    take_own,
)
from qalqan.trail.index.moves import (
    ACCOUNT_NO,
    ARRIVED,
    BEST,
    EXIT,
    FROM,
    FROM_US,
    HAS_OPENING,
    HERE,
    LEFT,
    OPENING,
    PAYEE_NO,
    SUM,
    TO,
    TO_US,
    UNDOES,
    UNDONE_BY,
    UNKNOWN,
    VICTIM,
    Asked,
)
from qalqan.trail.index.order import (
    LEAVES,
    R_FROM,
    R_LEFT,
    R_PAID,
    R_SUM,
    R_TO,
    ROOT_ARRIVES,
    ROOT_LEAVES,
    Order,
)
from qalqan.trail.index.wide import apportion

NOWHERE = -1
"""Of a payment that carried nothing (yet)."""


class Run(NamedTuple):
    """One rule on its way through time. Arrays by followed account (f), move (m), pair (p)."""

    first_us: Any
    """f: when stolen units first arrived; -1 before."""
    last_us: Any
    received: Any
    """f: chain of cells."""
    coming: Any
    """f: chain of what arrives at once, and its sums."""
    coming_own: Any
    coming_stolen: Any
    waiting: Any
    """f: whether it is among those at whom something arrives; and these."""
    receivers: Any
    counts: Any
    """How many receivers, flows, accounts offered units."""
    ending: Any
    """m: exit of what it carried, `HERE` or `NOWHERE`."""
    leg: Any
    """m: chain of what it carried there."""
    returned: Any
    """m: chain of what it brought back to a victim."""
    undone: Any
    """m: chain of what a refund took back."""
    gone: Any
    """p: the latest payment that may be undone; the one before it of each move."""
    gone_before: Any
    offered: Any
    """Local account → chain of units paid to it in time, though it is not followed."""
    offers: Any
    """Local accounts that have such a chain."""
    hop: Any
    """f: how many transfers from the victim."""
    offered_hop: Any
    """Local account → the smallest hop of those who offered it units under any rule, or -1."""
    flow: Any
    """f: the last of its flows while its book is not open, -2 if it has no opening balance."""
    flows: Any
    """(3, n): time, units in or out, the flow before."""


RECEIVERS, FLOWS, OFFERS = range(3)


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _note(run: Run, account: int, now: int, units: int) -> None:
    """Keep what an opening balance has to be corrected by."""
    if run.flow[account] == -2 or run.first_us[account] >= 0:
        return
    n = run.counts[FLOWS]
    run.flows[0, n], run.flows[1, n], run.flows[2, n] = now, units, run.flow[account]
    run.flow[account] = n
    run.counts[FLOWS] += 1


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _balance_before(
    run: Run, account: int, now: int, asked: Asked, statements: Any, followed: Any
) -> int:
    """Own money at the first stolen unit, as far as a statement tells; else 0."""
    best = -1
    for s in range(statements.shape[1]):
        if (
            followed[statements[ACCOUNT_NO, s]] == account
            and statements[HAS_OPENING, s]
            and asked.floor_us <= statements[FROM_US, s] <= now <= statements[TO_US, s]
            and (best < 0 or statements[BEST, s] < statements[BEST, best])
        ):
            best = s
    if best < 0:
        return np.int64(0)
    units, flow = statements[OPENING, best], run.flow[account]
    while flow >= 0:
        if run.flows[0, flow] >= statements[FROM_US, best]:
            units += run.flows[1, flow]
        flow = run.flows[2, flow]
    return max(np.int64(0), units)


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _receive(
    rule: int, run: Run, pool: Pool, books: Books, now: int, asked: Asked, statements: Any,
    followed: Any,
) -> None:  # fmt: skip
    """What arrives at one account at once is one lot; the first stolen one opens its book."""
    for i in range(run.counts[RECEIVERS]):
        account = run.receivers[i]
        run.waiting[account] = False
        own, stolen = run.coming_own[account], run.coming_stolen[account]
        run.coming_own[account], run.coming_stolen[account] = 0, 0
        if stolen:
            if run.first_us[account] < 0:
                opening = np.int64(0)
                if run.flow[account] != -2:
                    opening = _balance_before(run, account, now, asked, statements, followed)
                run.first_us[account] = now
                cells, run.coming[account] = run.coming[account], -1
                put_lot(rule, pool, books, account, run.coming, opening, np.int64(0))
                run.coming[account] = cells
            run.last_us[account] = now
        if run.first_us[account] >= 0:
            put_lot(rule, pool, books, account, run.coming, own, stolen)
        else:
            _note(run, account, now, own)
    run.counts[RECEIVERS] = 0


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _comes(run: Run, account: int, own: int, stolen: int) -> None:
    """Something arrives at a followed account at this instant."""
    run.coming_own[account] += own
    run.coming_stolen[account] += stolen
    if not run.waiting[account]:
        run.waiting[account] = True
        run.receivers[run.counts[RECEIVERS]] = account
        run.counts[RECEIVERS] += 1


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _arrive(run: Run, pool: Pool, move: int, account: int, amount: int) -> None:
    """A payment arrives: what it carried, what it took back as a refund, the rest own money."""
    stolen = np.int64(0)
    if run.ending[move] == HERE:
        cell = run.leg[move]
        while cell >= 0:
            claim, units = pool.claim[cell], pool.units[cell]
            put(pool, run.received, account, claim, units)
            put(pool, run.coming, account, claim, units)
            stolen += units
            cell = pool.after[cell]
    cell = run.undone[move]
    while cell >= 0:
        put(pool, run.coming, account, pool.claim[cell], pool.units[cell])
        stolen += pool.units[cell]
        cell = pool.after[cell]
    _comes(run, account, amount - stolen, stolen)


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _undo(run: Run, pool: Pool, sums: Sums, move: int, pair: int, amount: int, all_: Any) -> int:
    """What a refund or return takes back of what its payee had paid to its payer; how much."""
    left = amount
    while left and run.gone[pair] >= 0:
        before = run.gone[pair]
        whole, cell = np.int64(0), run.leg[before]
        while cell >= 0:
            whole += pool.units[cell]
            cell = pool.after[cell]
        part = min(left, whole)
        if part:
            split_cells(pool, run.leg, before, part, whole, np.int64(0), all_, sums, CARRIED)
        left -= part
        if part == whole:
            run.gone[pair] = run.gone_before[before]
    for i in range(sums.n[CARRIED]):
        claim = sums.listed[CARRIED, i]
        put(pool, run.undone, move, claim, sums.units[CARRIED, claim])
    emptied(sums, CARRIED)
    return amount - left


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _deliver(
    run: Run, pool: Pool, sums: Sums, moves: Any, move: int, asked: Asked, now: int
) -> None:
    """Write down where the units that a payment carries go."""
    ending, victim, payee = moves[EXIT, move], moves[VICTIM, move], moves[PAYEE_NO, move]
    in_time = run.last_us[moves[FROM, move]] >= now - asked.window_us
    offered = False
    if ending < 0:
        ending = HERE if in_time and moves[TO, move] >= 0 else UNKNOWN
        offered = in_time and ending == UNKNOWN
    else:
        victim = -1
    for i in range(sums.n[CARRIED]):
        claim = sums.listed[CARRIED, i]
        units = sums.units[CARRIED, claim]
        if victim >= 0 and asked.repaid[victim, claim]:
            put(pool, run.returned, move, claim, units)
            continue
        put(pool, run.leg, move, claim, units)
        if offered:
            if run.offered[payee] < 0:
                run.offers[run.counts[OFFERS]] = payee
                run.counts[OFFERS] += 1
            hop = run.hop[moves[FROM, move]]
            if run.offered_hop[payee] < 0 or hop < run.offered_hop[payee]:
                run.offered_hop[payee] = hop
            put(pool, run.offered, payee, claim, units)
    emptied(sums, CARRIED)
    if run.leg[move] >= 0:
        run.ending[move] = ending
        pair = moves[UNDONE_BY, move]
        if pair >= 0 and ending != HERE:
            run.gone_before[move] = run.gone[pair]
            run.gone[pair] = move


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _share(sums: Sums, amount: int, left: int) -> None:
    """`apportion(amount, what is left of the bundle)` is carried by one payment; `left` is all
    that is left of the bundle."""
    n = sums.n[BUNDLE]
    for i in range(n):
        sums.weights[i] = sums.units[BUNDLE, sums.listed[BUNDLE, i]]
    sums.weights[n] = sums.own[BUNDLE]
    apportion(amount, left, n + 1, sums.weights, sums.parts, sums.rests)
    for i in range(n):
        claim = sums.listed[BUNDLE, i]
        sums.units[BUNDLE, claim] -= sums.parts[i]
        gain(sums, CARRIED, claim, sums.parts[i])
    sums.own[BUNDLE] -= sums.parts[n]
    kept = 0
    for i in range(n):
        claim = sums.listed[BUNDLE, i]
        if sums.units[BUNDLE, claim]:
            sums.listed[BUNDLE, kept] = claim
            kept += 1
    sums.n[BUNDLE] = kept


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _give(
    rule: int, run: Run, pool: Pool, books: Books, sums: Sums, moves: Any, entries: Any, first: int,
    last: int, back: Any, asked: Asked, now: int, all_: Any, spare: int,
) -> bool:  # fmt: skip
    """All payments of one payer that settle at once; `back` has what each took back. False if
    the pool has too few cells."""
    payer = moves[FROM, entries[first] >> 3]
    whole = np.int64(0)
    for i in range(first, last):
        whole += moves[SUM, entries[i] >> 3] - back[i - first]
    if last == first + 1:
        move = entries[first] >> 3
        if moves[VICTIM, move] >= 0:
            mine = asked.repaid[moves[VICTIM, move]]
            whole -= take_of(rule, pool, books, payer, whole, mine, sums)
        take(rule, pool, books, payer, whole, all_, sums)
        for i in range(sums.n[BUNDLE]):
            claim = sums.listed[BUNDLE, i]
            gain(sums, CARRIED, claim, sums.units[BUNDLE, claim])
        emptied(sums, BUNDLE)
        if sums.n[CARRIED]:
            _deliver(run, pool, sums, moves, move, asked, now)
        return True
    # repaid first, all in the order of their ids: what each was repaid waits in its chain
    for i in range(first, last):
        move = entries[i] >> 3
        if moves[VICTIM, move] >= 0 and books.stolen[payer]:
            if pool.state[CELLS_LEFT] < spare:
                return False
            rest = moves[SUM, move] - back[i - first]
            mine = asked.repaid[moves[VICTIM, move]]
            taken = take_of(rule, pool, books, payer, rest, mine, sums)
            for j in range(sums.n[CARRIED]):
                claim = sums.listed[CARRIED, j]
                put(pool, run.leg, move, claim, sums.units[CARRIED, claim])
            emptied(sums, CARRIED)
            back[i - first] += taken
            whole -= taken
    take(rule, pool, books, payer, whole, all_, sums)
    for i in range(first, last):
        if pool.state[CELLS_LEFT] < spare:
            return False
        move = entries[i] >> 3
        rest = moves[SUM, move] - back[i - first]
        if moves[VICTIM, move] >= 0 and run.leg[move] >= 0:
            held, cell = np.int64(0), run.leg[move]
            while cell >= 0:
                held += pool.units[cell]
                cell = pool.after[cell]
            split_cells(pool, run.leg, move, held, held, np.int64(0), all_, sums, CARRIED)
        if sums.n[BUNDLE]:
            _share(sums, rest, whole)
            whole -= rest
        if sums.n[CARRIED]:
            _deliver(run, pool, sums, moves, move, asked, now)
    emptied(sums, BUNDLE)
    return True


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def settle(
    rule: int, run: Run, pool: Pool, books: Books, sums: Sums, moves: Any, order: Order,
    asked: Asked, statements: Any, followed: Any, all_: Any,
) -> bool:  # fmt: skip
    """Settle everything in order under one rule; False if the pool has too few cells."""
    entries, roots, i = order.entries, order.roots, 0
    spare = 8 * (sums.units.shape[1] + 2)
    back = np.zeros(16, np.int64)
    while i < len(entries):
        number, kind, ends = entries[i] >> 3, entries[i] >> 1 & 3, entries[i] & 1
        if pool.state[CELLS_LEFT] < spare:
            return False
        if kind == ROOT_LEAVES:
            payer = roots[R_FROM, number]
            if payer >= 0:
                _note(run, payer, roots[R_LEFT, number], -roots[R_PAID, number])
                if run.first_us[payer] >= 0 and rule != 0:
                    take_own(rule, books, payer, roots[R_PAID, number])
            i += 1
            continue
        if kind != LEAVES:
            if kind == ROOT_ARRIVES:
                account, amount = roots[R_TO, number], roots[R_SUM, number]
                put(pool, run.received, account, asked.claim[number], amount)
                put(pool, run.coming, account, asked.claim[number], amount)
                _comes(run, account, max(np.int64(0), roots[R_PAID, number] - amount), amount)
                now = roots[1, number]
            else:
                now = moves[ARRIVED, number]
                _arrive(run, pool, number, moves[TO, number], moves[SUM, number])
            if ends:
                _receive(rule, run, pool, books, now, asked, statements, followed)
            i += 1
            continue
        now, last = moves[LEFT, number], i + 1
        while entries[last - 1] & 1 == 0:
            last += 1
        if last - i > len(back):
            back = np.zeros(2 * (last - i), np.int64)
        for j in range(i, last):
            move = entries[j] >> 3
            back[j - i] = 0
            if moves[UNDOES, move] >= 0:
                if pool.state[CELLS_LEFT] < spare:
                    return False
                back[j - i] = _undo(
                    run, pool, sums, move, moves[UNDOES, move], moves[SUM, move], all_
                )
        first = i
        while first < last:
            payer, end = moves[FROM, entries[first] >> 3], first + 1
            if payer >= 0:
                while end < last and moves[FROM, entries[end] >> 3] == payer:
                    end += 1
                if run.first_us[payer] >= 0 and not _give(
                    rule, run, pool, books, sums, moves, entries, first, end, back[first - i :],
                    asked, now, all_, spare,
                ):  # fmt: skip
                    return False
                for j in range(first, end):
                    _note(run, payer, now, -moves[SUM, entries[j] >> 3])
            first = end
        for j in range(i, last):
            move = entries[j] >> 3
            if moves[TO, move] >= 0 and moves[ARRIVED, move] == now:
                if pool.state[CELLS_LEFT] < spare:
                    return False
                _arrive(run, pool, move, moves[TO, move], moves[SUM, move])
        _receive(rule, run, pool, books, now, asked, statements, followed)
        i = last
    return True

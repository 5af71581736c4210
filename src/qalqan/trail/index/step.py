"""One step of following the money: settle all that is known under the four rules; compiled
(section 5 of `docs/reference/trail.md`, REQ-39)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from qalqan.trail.index.lots import BUNDLE, Books, Pool, Sums, emptied, gain
from qalqan.trail.index.moves import ACCOUNT_NO, HAS_OPENING, RETURNED, Asked, moves_of
from qalqan.trail.index.order import order_of
from qalqan.trail.index.rows import ACCOUNTS, FOLLOWED, Gathered
from qalqan.trail.index.settling import NOWHERE, OFFERS, Run, settle


class Step(NamedTuple):
    """What a step found."""

    enough_cells: bool
    """Else everything below is worth nothing: do it again with more."""
    joining: Any
    """(2, n): local accounts worth following and near enough, and their hops."""
    moves: Any
    """(fields, n) as `moves` tells them."""
    legs: Any
    """(5, n): rule, move, exit or `HERE`, claim, units."""
    received: Any
    """(4, n): rule, place among the followed, claim, units."""
    here: Any
    """(4, n): the same of what is still in the book."""
    first_us: Any
    """(rules, followed): when stolen units first arrived; -1 if never."""
    last_us: Any


class _Found(NamedTuple):
    """Columns that grow."""

    n: Any
    legs: Any
    received: Any
    here: Any


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _filled(n: int, value: int) -> Any:
    column = np.empty(n, np.int64)
    for i in range(n):
        column[i] = value
    return column


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _grown(table: Any, n: int, more: int) -> Any:
    """The table with room for so many more columns behind its first n."""
    if n + more <= table.shape[1]:
        return table
    larger = np.empty((table.shape[0], 2 * (n + more)), np.int64)
    for field in range(table.shape[0]):
        for i in range(n):
            larger[field, i] = table[field, i]
    return larger


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _used(pool: Pool) -> int:
    """How many cells are in use: no table below needs more columns."""
    return len(pool.claim) - pool.state[2]


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _tell_legs(rule: int, run: Run, pool: Pool, n_moves: int, found: _Found) -> _Found:
    legs, n = _grown(found.legs, found.n[0], _used(pool)), found.n[0]
    for move in range(n_moves):
        if run.ending[move] == NOWHERE and run.returned[move] < 0:
            continue
        for ending in (run.ending[move], RETURNED):
            cell = run.returned[move] if ending == RETURNED else run.leg[move]
            while cell >= 0:
                legs[0, n], legs[1, n], legs[2, n] = rule, move, ending
                legs[3, n], legs[4, n] = pool.claim[cell], pool.units[cell]
                n += 1
                cell = pool.after[cell]
    found.n[0] = n
    return _Found(found.n, legs, found.received, found.here)


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _tell_books(rule: int, run: Run, pool: Pool, books: Books, sums: Sums, found: _Found) -> _Found:
    used = _used(pool)
    received, here = _grown(found.received, found.n[1], used), _grown(found.here, found.n[2], used)
    n, m = found.n[1], found.n[2]
    for account in range(len(run.first_us)):
        cell = run.received[account]
        while cell >= 0:
            received[0, n], received[1, n] = rule, account
            received[2, n], received[3, n] = pool.claim[cell], pool.units[cell]
            n += 1
            cell = pool.after[cell]
        lot = books.oldest[account] if books.stolen[account] else -1
        while lot >= 0:
            cell = books.lot_cells[lot]
            while cell >= 0:
                gain(sums, BUNDLE, pool.claim[cell], pool.units[cell])
                cell = pool.after[cell]
            lot = books.newer[lot]
        for i in range(sums.n[BUNDLE]):
            claim = sums.listed[BUNDLE, i]
            here[0, m], here[1, m] = rule, account
            here[2, m], here[3, m] = claim, sums.units[BUNDLE, claim]
            m += 1
        emptied(sums, BUNDLE)
    found.n[1], found.n[2] = n, m
    return _Found(found.n, found.legs, received, here)


@njit(cache=True, error_model="numpy", no_cpython_wrapper=True)
def _tell_offers(run: Run, pool: Pool, asked: Asked, enough: Any, offered: Any, n: int) -> int:
    """Mark the accounts worth following under this rule; all that were offered units so far."""
    for i in range(run.counts[OFFERS]):
        account = run.offers[i]
        cell = run.offered[account]
        while cell >= 0:
            if pool.units[cell] >= asked.least[pool.claim[cell]]:
                if not enough[account]:
                    enough[account] = True
                    offered[n] = account
                    n += 1
                break
            cell = pool.after[cell]
        run.offered[account] = -1
    run.counts[OFFERS] = 0
    return n


@njit(cache=True, error_model="numpy")
def step(held: Gathered, asked: Asked, statements: Any, hops: Any, cells: int) -> Step:
    """Settle everything under every rule; `cells` is how many the rules may use.

    Longer than other functions, for its parts would pass all its arrays about.
    """
    n_roots, claims = len(asked.claim), len(asked.least)
    accounts, n_followed = held.counts[ACCOUNTS], held.counts[FOLLOWED]
    moves, n, pairs = moves_of(held, asked, n_roots, statements)
    order = order_of(held, n_roots, moves, n)
    offered, enough = np.empty(accounts, np.int64), np.zeros(accounts, np.bool_)
    offered_hop, n_offered = _filled(accounts, np.int64(-1)), np.int64(0)
    run_offered, run_offers = _filled(accounts, np.int64(-1)), np.empty(accounts, np.int64)
    all_ = np.empty(0, np.bool_)
    n_flows = 2 * (n + n_roots) if statements.shape[1] else 0
    found = _Found(
        np.zeros(3, np.int64), np.empty((5, 0), np.int64), np.empty((4, 0), np.int64),
        np.empty((4, 0), np.int64),
    )  # fmt: skip
    first_us, last_us = np.empty((4, n_followed), np.int64), np.empty((4, n_followed), np.int64)
    minus = np.int64(-1)
    claim, units, after = (
        np.empty(cells, np.int64),
        np.empty(cells, np.int64),
        np.empty(cells, np.int64),
    )
    n_lots = n + n_roots + n_followed + 1
    lots = np.empty((5, n_lots), np.int64)
    flows, back = np.empty((3, n_flows), np.int64), np.empty(n, np.int64)
    done = True
    for rule in range(4):
        pool = Pool(claim, units, after, np.zeros(4, np.int64))
        pool.state[1], pool.state[2] = -1, cells
        books = Books(
            _filled(n_followed, minus), _filled(n_followed, minus),
            np.zeros(n_followed, np.int64), lots[0], lots[1], lots[2], lots[3], lots[4],
        )  # fmt: skip
        sums = Sums(
            np.zeros((2, claims), np.int64), np.empty((2, claims), np.int64),
            np.zeros(2, np.int64), np.zeros(2, np.int64), np.empty(claims + 1, np.int64),
            np.empty(claims + 1, np.int64), np.empty(claims + 1, np.int64),
        )  # fmt: skip
        flow = _filled(n_followed, np.int64(-2))
        for s in range(statements.shape[1]):
            if statements[HAS_OPENING, s]:
                flow[held.followed[statements[ACCOUNT_NO, s]]] = -1
        run = Run(
            _filled(n_followed, minus), _filled(n_followed, minus), _filled(n_followed, minus),
            _filled(n_followed, minus), np.zeros(n_followed, np.int64),
            np.zeros(n_followed, np.int64), np.zeros(n_followed, np.bool_),
            np.empty(n_followed, np.int64), np.zeros(3, np.int64), _filled(n, minus),
            _filled(n, minus), _filled(n, minus), _filled(n, minus), _filled(pairs, minus),
            back, run_offered, run_offers, hops, offered_hop, flow, flows,
        )  # fmt: skip
        if not settle(
            rule, run, pool, books, sums, moves, order, asked, statements, held.followed, all_
        ):
            done = False
            break
        n_offered = _tell_offers(run, pool, asked, enough, offered, n_offered)
        found = _tell_legs(rule, run, pool, n, found)
        found = _tell_books(rule, run, pool, books, sums, found)
        for account in range(n_followed):
            first_us[rule, account] = run.first_us[account]
            last_us[rule, account] = run.last_us[account]
    joining, m = np.empty((2, n_offered), np.int64), 0
    for i in range(n_offered):
        if done and offered_hop[offered[i]] + 1 <= asked.max_hops:
            joining[0, m], joining[1, m] = offered[i], offered_hop[offered[i]] + 1
            m += 1
    return Step(
        done, joining[:, :m], moves[:, :n], found.legs[:, : found.n[0]],
        found.received[:, : found.n[1]], found.here[:, : found.n[2]], first_us, last_us,
    )  # fmt: skip

"""In which order everything settles, also within one instant; compiled (section 3 of
`docs/reference/trail.md`, REQ-39).

The order is the same under every rule: it is made once and walked four times.

Some kernels are longer than thirty lines: their parts would pass a dozen arrays about.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from qalqan.trail.index.kernels import NONE, inner
from qalqan.trail.index.moves import (
    ARRIVED,
    LEFT,
    PAYEE_NO,
    PAYER_NO,
    TEXT,
    TEXT_END,
    TO,
)
from qalqan.trail.index.rows import ACCOUNTS, AMOUNT, AT, PARTNER, PAYEE, PAYER, Gathered
from qalqan.trail.index.sorting import order_by, sort_by_id

ROOT_LEAVES, ROOT_ARRIVES, ARRIVES, LEAVES = range(4)
"""Kinds of an entry: its number of a root or a move · 8 + kind · 2 + 1 if it ends what settles at
once."""

R_LEFT, R_ARRIVED, R_SUM, R_PAID, R_FROM, R_TO = range(6)
"""Fields of a root: when its payment left and reached the payee; the sum of that payment, and of
the root; payer's and payee's places among the followed, or -1."""


class Order(NamedTuple):
    """What settles when."""

    entries: Any
    roots: Any
    """(fields, roots) int64."""


@inner
def _roots(held: Gathered, n_roots: int) -> Any:
    rows, roots = held.rows, np.empty((6, n_roots), np.int64)
    for root in range(n_roots):
        row = rows[PARTNER, root]
        roots[R_LEFT, root] = roots[R_ARRIVED, root] = rows[AT, root]
        roots[R_SUM, root] = roots[R_PAID, root] = rows[AMOUNT, root]
        if row >= 0:
            other = rows[PARTNER, row]
            arrived = rows[AT, row] if other < 0 else max(rows[AT, row], rows[AT, other])
            roots[R_LEFT, root], roots[R_PAID, root] = rows[AT, row], rows[AMOUNT, row]
            roots[R_ARRIVED, root] = max(rows[AT, root], arrived)
        roots[R_FROM, root] = held.followed[rows[PAYER, root]]
        roots[R_TO, root] = held.followed[rows[PAYEE, root]]
    return roots


@inner
def _levels(moves: Any, some: Any, nodes: int, node: Any, stamp: Any, mark: int) -> Any:
    """Round of each payer of one instant (accounts by `node`): those of one cycle together, one
    round after the last of all who pay into it."""
    starts, pays = _edges(moves, some, nodes, node, stamp, mark)
    cycle, done, cycles = _cycles(nodes, starts, pays)
    level, levels = np.zeros(cycles + 1, np.int64), np.zeros(nodes, np.int64)
    for i in range(nodes - 1, -1, -1):  # payers before their payees
        u = done[i]
        for edge in range(starts[u], starts[u + 1]):
            v = pays[edge]
            if cycle[v] != cycle[u]:
                level[cycle[v]] = max(level[cycle[v]], level[cycle[u]] + 1)
    for u in range(nodes):
        levels[u] = level[cycle[u]]
    return levels


@inner
def _edges(moves: Any, some: Any, nodes: int, node: Any, stamp: Any, mark: int) -> Any:
    """Whom each payer `u` pays at once: `pays[starts[u]:starts[u + 1]]`."""
    starts = np.zeros(nodes + 1, np.int64)
    ends = np.empty((2, len(some)), np.int64)
    edges = 0
    for i in range(len(some)):
        payer, payee = moves[PAYER_NO, some[i]], moves[PAYEE_NO, some[i]]
        if payer < 0 or payee < 0 or stamp[payee] != mark:
            continue
        if moves[ARRIVED, some[i]] == moves[LEFT, some[i]]:
            ends[0, edges], ends[1, edges] = node[payer], node[payee]
            starts[node[payer] + 1] += 1
            edges += 1
    for u in range(nodes):
        starts[u + 1] += starts[u]
    pays, at = np.empty(edges, np.int64), starts[:nodes].copy()
    for edge in range(edges):
        pays[at[ends[0, edge]]] = ends[1, edge]
        at[ends[0, edge]] += 1
    return starts, pays


@inner
def _cycles(nodes: int, starts: Any, pays: Any) -> Any:  # noqa: C901
    """Tarjan's strongly connected components: the number (from 1) of each payer's, the payers with
    payees before who pays them, and how many there are."""
    at = starts[:nodes].copy()
    low, number = np.zeros(nodes, np.int64), np.zeros(nodes, np.int64)
    cycle, done = np.zeros(nodes, np.int64), np.empty(nodes, np.int64)
    open_, path = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    n_open, n_done, seen, cycles = 0, 0, 0, 0
    for start in range(nodes):
        if number[start]:
            continue
        path[0], depth = start, 1
        while depth:
            u = path[depth - 1]
            if number[u] == 0:
                seen += 1
                number[u] = low[u] = seen
                open_[n_open] = u
                n_open += 1
            if at[u] < starts[u + 1]:
                v = pays[at[u]]
                at[u] += 1
                if number[v] == 0:
                    path[depth] = v
                    depth += 1
                elif cycle[v] == 0:
                    low[u] = min(low[u], number[v])
                continue
            depth -= 1
            if depth:
                low[path[depth - 1]] = min(low[path[depth - 1]], low[u])
            if low[u] == number[u]:
                cycles += 1
                while True:
                    n_open -= 1
                    v = open_[n_open]
                    cycle[v], done[n_done] = cycles, v
                    n_done += 1
                    if v == u:
                        break
    return cycle, done, cycles


@inner
def _rounds(  # noqa: C901
    moves: Any, some: Any, ids: Any, node: Any, stamp: Any, mark: int, entries: Any, n: int
) -> int:
    """Add the moves that leave at one instant, round after round, those of a payer together and
    by their ids."""
    m, nodes, chained = len(some), NONE, False
    for i in range(m):
        payer = moves[PAYER_NO, some[i]]
        if payer >= 0 and stamp[payer] != mark:
            stamp[payer], node[payer] = mark, nodes
            nodes += 1
    for i in range(m):
        payee = moves[PAYEE_NO, some[i]]
        if payee >= 0 and stamp[payee] == mark:
            chained = True
    keys = np.empty(m, np.int64)
    level = np.zeros(nodes, np.int64)
    if chained:
        level = _levels(moves, some, nodes, node, stamp, mark)
    for i in range(m):
        payer = moves[PAYER_NO, some[i]]
        keys[i] = 0 if payer < 0 else level[node[payer]] * (nodes + 1) + node[payer] + 1
    order = order_by(keys, m)
    sorted_moves = np.empty(m, np.int64)
    for i in range(m):
        sorted_moves[i] = some[order[i]]
    first: Any = NONE
    for i in range(1, m + 1):
        if i == m or keys[order[i]] != keys[order[first]]:
            if i - first > 1 and keys[order[first]]:
                sort_by_id(sorted_moves, first, i, ids, moves[TEXT], moves[TEXT_END])
            first = i
    for i in range(m):
        here = keys[order[i]] // (nodes + 1)
        last = i + 1 == m or keys[order[i + 1]] // (nodes + 1) != here
        entries[n + i] = sorted_moves[i] << 3 | LEAVES << 1 | last
    return n + m


@inner
def order_of(held: Gathered, n_roots: int, moves: Any, n: int) -> Order:  # noqa: C901
    """Everything in order: roots, and the moves."""
    roots = _roots(held, n_roots)
    late, n_late = np.empty(n, np.int64), np.int64(0)
    for i in range(n):
        if moves[ARRIVED, i] > moves[LEFT, i] and moves[TO, i] >= 0:
            late[n_late] = i
            n_late += 1
    due = np.empty(n_late, np.int64)
    for i in range(n_late):
        due[i] = moves[ARRIVED, late[i]]
    leaving, arriving = order_by(moves[LEFT], n), order_by(due, n_late)
    r_leaving, r_arriving = order_by(roots[R_LEFT], n_roots), order_by(roots[R_ARRIVED], n_roots)
    entries, m = np.empty(n + n_late + 2 * n_roots, np.int64), np.int64(0)
    stamp = np.zeros(held.counts[ACCOUNTS], np.int64)
    node = np.empty(held.counts[ACCOUNTS], np.int64)
    a, b, c, d, mark = 0, 0, 0, 0, 0
    never = np.int64(1) << 62
    while a < n or b < n_late or c < n_roots or d < n_roots:
        now = moves[LEFT, leaving[a]] if a < n else never
        if b < n_late:
            now = min(now, due[arriving[b]])
        if c < n_roots:
            now = min(now, roots[R_LEFT, r_leaving[c]])
        if d < n_roots:
            now = min(now, roots[R_ARRIVED, r_arriving[d]])
        while c < n_roots and roots[R_LEFT, r_leaving[c]] == now:
            entries[m] = r_leaving[c] << 3 | ROOT_LEAVES << 1
            m, c = m + 1, c + 1
        before = m
        while d < n_roots and roots[R_ARRIVED, r_arriving[d]] == now:
            entries[m] = r_arriving[d] << 3 | ROOT_ARRIVES << 1
            m, d = m + 1, d + 1
        while b < n_late and due[arriving[b]] == now:
            entries[m] = late[arriving[b]] << 3 | ARRIVES << 1
            m, b = m + 1, b + 1
        if m > before:
            entries[m - 1] |= 1
        first = a
        while a < n and moves[LEFT, leaving[a]] == now:
            a += 1
        if a == first + 1:
            entries[m] = leaving[first] << 3 | LEAVES << 1 | 1
            m += 1
        elif a > first:
            mark += 1
            m = _rounds(moves, leaving[first:a], held.ids, node, stamp, mark, entries, m)
    return Order(entries[:m], roots)

"""Patterns that a payment closes in the graph of the last 30 days (REQ-39, 92).

Fans, scatter-gather, cycles of up to five payments in order of time, and runs of payments that
each pass on the one before. Like windows, a payment sees its own instant and nothing later. After
E. Altman et al., "Realistic synthetic financial transactions for anti-money laundering models"
(2023), and J. Blanuša et al., "Graph feature preprocessor" (2024).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.clock import DAY
from qalqan.learning import chains, kernel, strangers
from qalqan.learning.windows import LOOKBACK_DAYS

Array = np.ndarray[Any, Any]

COLUMNS = (*kernel.COLUMNS, *strangers.COLUMNS)
"""Columns of the result, in order."""
MOST = 256
"""Newest payments of an account that are looked at: beyond it, a hub says no more."""
THREADS = 2
_ORDER = ("at_us", "payer_account", "payee_account", "currency", "amount", "source", "id")


class Graph(NamedTuple):
    """Payments in order of time, and each account's payments out and in, in that order."""

    payer: Array
    payee: Array
    at: Array
    amount: Array
    outs: Array
    out_from: Array
    ins: Array
    in_from: Array
    fresh: Array
    """Whether nothing was paid from this payer to this payee before; bool."""


def in_order(transfers: pa.Table) -> pa.Table:
    """Rows in order of time, ties by what they hold: the order that `graph_features` needs."""
    return transfers.sort_by([(name, "ascending") for name in _ORDER])


def graph_features(transfers: pa.Table, threads: int = THREADS, since_us: int = 0) -> Array:
    """float32 [n, len(COLUMNS)] for transfers `in_order`, a row each from `since_us` on."""
    return counted(graph_of(transfers), threads, since_us)


def graph_of(transfers: pa.Table) -> Graph:
    """Transfers `in_order`, indexed; an account is one in each currency."""
    n = transfers.num_rows
    ends = [transfers[name].combine_chunks() for name in ("payer_account", "payee_account")]
    both = pa.concat_arrays([one.cast(pa.string()) for one in ends])
    codes = pc.dictionary_encode(both).indices.to_numpy().astype(np.int64)
    currency = pc.dictionary_encode(transfers["currency"].combine_chunks()).indices.to_numpy()
    if n and currency.max() > 0:
        codes = codes * (int(currency.max()) + 1) + np.tile(currency, 2)
        codes = np.unique(codes, return_inverse=True)[1]
    accounts = int(codes.max()) + 1 if n else 0
    payer, payee = codes[:n].astype(np.int32), codes[n:].astype(np.int32)
    at = transfers["at_us"].to_numpy().astype(np.int64)
    amount = transfers["amount"].to_numpy().astype(np.float64)
    ends_of = codes[:n] * max(1, accounts) + codes[n:]
    _, earliest, pair = np.unique(ends_of, return_index=True, return_inverse=True)
    fresh = at == at[earliest][pair]
    return Graph(payer, payee, at, amount, *by(payer, accounts), *by(payee, accounts), fresh)


def by(account: Array, accounts: int) -> tuple[Array, Array]:
    """Payments by account, in order of time, and where each account's begin."""
    counts = np.bincount(account, minlength=accounts)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return np.argsort(account, kind="stable").astype(np.int32), starts


def counted(graph: Graph, threads: int = THREADS, since_us: int = 0) -> Array:
    """The features of every payment from `since_us` on, by several threads, a span of time each."""
    n = graph.at.size
    begin = int(np.searchsorted(graph.at, since_us))
    window, chain = LOOKBACK_DAYS * DAY, np.zeros((n, chains.CHAIN), np.float32)
    payer, payee, at, amount, _, _, ins, in_from, _ = graph
    chains.chains(payer, payee, at, amount, ins, in_from, window, DAY, MOST, chain)
    found = np.zeros((n - begin, len(COLUMNS)), np.float32)
    bounds = _bounds(at, begin, threads)

    def count(first: int, last: int) -> None:
        part = found[first - begin : last - begin]
        kernel.patterns(*graph[:-1], chain, first, last, window, DAY, MOST, part)
        more = len(kernel.COLUMNS)
        strangers.strangers(payer, payee, at, *graph[4:], first, last, window, MOST, more, part)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(count, bounds[:-1], bounds[1:]))
    return found


def _bounds(at: Array, begin: int, threads: int) -> list[int]:
    """Where each thread begins, from `begin` on: never within an instant."""
    n = at.size
    parts = [begin + (n - begin) * k // threads for k in range(1, threads)] if n > begin else []
    return [begin, *(int(np.searchsorted(at, at[one])) for one in parts), n]

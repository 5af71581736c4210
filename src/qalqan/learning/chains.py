"""The compiled loop that follows payments passed on: each is nearly as large as the one before.

Longer than the rule of thirty lines: one pass over the payments in order of time, each looking at
those into its payer. Compiled on first use, kept in numba's cache.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

CHAIN = 5
"""Columns of `chains`, which stand in `kernel.COLUMNS` from `chain_length` on."""


@numba.njit(cache=True, nogil=True)
def chains(
    payer: Any,
    payee: Any,
    at: Any,
    amount: Any,
    ins: Any,
    in_from: Any,
    window: int,
    day: int,
    most: int,
    found: Any,
) -> None:
    """Fill `found[i]` with the longest run of payments that each pass the one before it on.

    One payment passes another on if it leaves the account that the other reached, later, within
    the window, and is 85 to 100.5 % of it (REQ-39: a drop keeps up to a tenth). Columns: payments
    in the run (itself too), payments that it could pass on, its share of the one it does (the
    longest run, the latest of them), days since that, and whether the run comes back to where
    it began.
    """
    into = in_from[:-1].copy()
    origin = payer.copy()
    done = 0
    for i in range(at.size):
        while at[done] < at[i]:
            into[payee[done]] += 1
            done += 1
        u, best, sources = payer[i], -1, 0
        for k in range(into[u] - 1, max(in_from[u], into[u] - most) - 1, -1):
            e = ins[k]
            if at[e] <= at[i] - window:
                break
            if amount[i] * 1000 <= amount[e] * 1005 and amount[i] * 100 >= amount[e] * 85:
                sources += 1
                if best < 0 or found[e, 0] > found[best, 0]:
                    best = e
        found[i, 0] = 1
        found[i, 1] = sources
        if best >= 0:
            origin[i] = origin[best]
            found[i, 0] = found[best, 0] + 1
            found[i, 2] = amount[i] / amount[best]
            found[i, 3] = (at[i] - at[best]) / day
            found[i, 4] = origin[i] == payee[i]
        else:
            found[i, 2] = np.nan
            found[i, 3] = np.nan

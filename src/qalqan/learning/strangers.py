"""The compiled loop that counts payments between accounts that had not paid each other before.

Launderers' partners change, so their payments are often first ones; a simulator's too, which is
why every column here counts as one of its artefacts (`training.ARTEFACTS`). Longer than the rule of
thirty lines: one pass for both accounts and both directions. Compiled on first use, kept in
numba's cache.
"""

from __future__ import annotations

from typing import Any

import numba

COLUMNS = ("payer_new_in_30d", "payer_new_out_30d", "payee_new_in_30d", "payee_new_out_30d")
"""Columns of the result, in order: first payments of 30 days, this one too."""


@numba.njit(cache=True, nogil=True)
def strangers(
    payer: Any,
    payee: Any,
    at: Any,
    outs: Any,
    out_from: Any,
    ins: Any,
    in_from: Any,
    fresh: Any,
    first: int,
    last: int,
    window: int,
    most: int,
    base: int,
    found: Any,
) -> None:
    """Fill `found[i - first]` from column `base` on for the payments first ≤ i < last.

    `fresh[i]` tells that nothing was paid from its payer to its payee before its instant; the
    others are as in `kernel.patterns`.
    """
    out_to, in_to = out_from[:-1].copy(), in_from[:-1].copy()
    for i in range(first):
        out_to[payer[i]] += 1
        in_to[payee[i]] += 1
    upto = first
    for i in range(first, last):
        now = at[i]
        if i == upto:
            while upto < at.size and at[upto] == now:
                out_to[payer[upto]] += 1
                in_to[payee[upto]] += 1
                upto += 1
        for side in range(4):
            a = payer[i] if side < 2 else payee[i]
            inward = side % 2 == 0
            start, stop = (in_from[a], in_to[a]) if inward else (out_from[a], out_to[a])
            count = 0
            for k in range(stop - 1, max(start, stop - most) - 1, -1):
                e = ins[k] if inward else outs[k]
                if at[e] <= now - window:
                    break
                count += fresh[e]
            found[i - first, base + side] = count

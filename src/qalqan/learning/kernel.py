"""The compiled loop behind `patterns`: what each payment closes in the graph of the last 30 days.

Longer than the rule of thirty lines: one pass shares its marks between all patterns, and with its
parts in functions of their own, even pasted in by the compiler, it took a sixth longer where
accounts pay often and two thirds where they seldom do (arrays that are passed are counted).
Compiled on first use, kept in numba's cache.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

COLUMNS = (
    "payer_fan_in_3d", "payer_fan_in_7d", "payer_fan_in_30d",
    "payer_fan_out_3d", "payer_fan_out_7d", "payer_fan_out_30d",
    "payee_fan_in_3d", "payee_fan_in_7d", "payee_fan_in_30d",
    "payee_fan_out_3d", "payee_fan_out_7d", "payee_fan_out_30d",
    "gather_sources", "gather_widest", "gather_wide", "scatter_targets", "scatter_widest",
    "scatter_wide", "origins_2", "targets_2", "cycle_2", "cycle_3", "cycle_4", "cycle_5",
    "chain_length", "chain_sources", "chain_kept", "chain_since", "chain_closes",
    "payer_alike_out", "payee_alike_in",
)  # fmt: skip
"""Columns of the result, in order."""


@numba.njit(cache=True, nogil=True)
def patterns(  # noqa: C901 — one compiled loop; see the module
    payer: Any,
    payee: Any,
    at: Any,
    amount: Any,
    outs: Any,
    out_from: Any,
    ins: Any,
    in_from: Any,
    chain: Any,
    first: int,
    last: int,
    window: int,
    day: int,
    most: int,
    found: Any,
) -> None:
    """Fill `found[i - first]` for the payments first ≤ i < last.

    `payer`, `payee` are account numbers, `at` ascending times, `outs[out_from[a]:out_from[a+1]]`
    the payments out of account `a` in order of time, `ins` those into it. `chain[i]` is what
    `chains.chains` found. Only the newest `most` payments of an account are looked at.
    """
    accounts = out_from.size - 1
    out_to, in_to = out_from[:-1].copy(), in_from[:-1].copy()
    mark = np.zeros(accounts, np.int64)
    other = np.zeros(accounts, np.int64)
    early = np.zeros(accounts, np.int64)
    early_mark = np.zeros(accounts, np.int64)
    late = np.zeros(accounts, np.int64)
    late_mark = np.zeros(accounts, np.int64)
    second = np.zeros(accounts, np.int64)
    second_mark = np.zeros(accounts, np.int64)
    third = np.zeros(accounts, np.int64)
    third_mark = np.zeros(accounts, np.int64)
    met = np.empty(accounts, np.int64)
    reached = np.empty(accounts, np.int64)
    stamp = 0
    for i in range(first):
        out_to[payer[i]] += 1
        in_to[payee[i]] += 1
    i = first
    upto = first
    while i < last:
        now = at[i]
        if i == upto:
            while upto < at.size and at[upto] == now:
                out_to[payer[upto]] += 1
                in_to[payee[upto]] += 1
                upto += 1
        u, v, row = payer[i], payee[i], i - first
        since = now - window

        # Fans: distinct counterparties of both, from the newest payment back.
        for side in range(4):
            a = u if side < 2 else v
            inward = side % 2 == 0
            start, stop = (in_from[a], in_to[a]) if inward else (out_from[a], out_to[a])
            stamp += 1
            near = middle = far = 0
            for k in range(stop - 1, max(start, stop - most) - 1, -1):
                e = ins[k] if inward else outs[k]
                t = at[e]
                if t <= since:
                    break
                b = payer[e] if inward else payee[e]
                if mark[b] != stamp:
                    mark[b] = stamp
                    far += 1
                    middle += t > now - 7 * day
                    near += t > now - 3 * day
            found[row, side * 3] = near
            found[row, side * 3 + 1] = middle
            found[row, side * 3 + 2] = far

        # Who paid the payer, when last; and from whom they had it (two payments, in order).
        stamp += 1
        back = stamp
        nmet = 0
        for k in range(in_to[u] - 1, max(in_from[u], in_to[u] - most) - 1, -1):
            e = ins[k]
            if at[e] <= since:
                break
            s = payer[e]
            if late_mark[s] != back:
                late_mark[s] = back
                late[s] = at[e]
                met[nmet] = s
                nmet += 1
        # Who pays the payee: the marks of the intermediaries that end where this payment ends.
        stamp += 1
        ends = stamp
        for k in range(in_to[v] - 1, max(in_from[v], in_to[v] - most) - 1, -1):
            e = ins[k]
            if at[e] <= since:
                break
            other[payer[e]] = ends
        origins = sources = widest = wide = 0
        for j in range(nmet):
            s = met[j]
            for k in range(in_to[s] - 1, max(in_from[s], in_to[s] - most) - 1, -1):
                e = ins[k]
                t = at[e]
                if t <= since:
                    break
                z = payer[e]
                if t <= late[s] and z != u:
                    if third_mark[z] != back:
                        third_mark[z] = back
                        third[z] = t
                        origins += 1
                    elif t > third[z]:
                        third[z] = t
            if s == v:
                continue
            stamp += 1
            width = 0
            for k in range(out_to[s] - 1, max(out_from[s], out_to[s] - most) - 1, -1):
                e = outs[k]
                if at[e] <= since:
                    break
                m = payee[e]
                if other[m] == ends and mark[m] != stamp and m != s and m != v:
                    mark[m] = stamp
                    width += 1
            sources += width >= 2
            wide += width >= 4
            widest = max(widest, width)
        found[row, 12] = sources
        found[row, 13] = widest
        found[row, 14] = wide

        # Whom the payee paid, when first; and whom they paid after that.
        stamp += 1
        ahead = stamp
        nreached = 0
        two = 0
        for k in range(max(out_from[v], out_to[v] - most), out_to[v]):
            e = outs[k]
            if at[e] <= since:
                continue
            x = payee[e]
            two += x == u
            if early_mark[x] != ahead:
                early_mark[x] = ahead
                early[x] = at[e]
                reached[nreached] = x
                nreached += 1
        stamp += 1
        begins = stamp
        for k in range(out_to[u] - 1, max(out_from[u], out_to[u] - most) - 1, -1):
            e = outs[k]
            if at[e] <= since:
                break
            other[payee[e]] = begins
        targets = goals = broadest = broad = three = four = five = 0
        for j in range(nreached):
            x = reached[j]
            three += x != u and late_mark[x] == back and early[x] <= late[x]
            for k in range(out_to[x] - 1, max(out_from[x], out_to[x] - most) - 1, -1):
                e = outs[k]
                t = at[e]
                if t <= since or t < early[x]:
                    break
                y = payee[e]
                if y != v and x != u:
                    if second_mark[y] != ahead:
                        second_mark[y] = ahead
                        second[y] = t
                        targets += 1
                        met[targets - 1] = y
                    elif t < second[y]:
                        second[y] = t
            if x == u:
                continue
            stamp += 1
            width = 0
            for k in range(in_to[x] - 1, max(in_from[x], in_to[x] - most) - 1, -1):
                e = ins[k]
                if at[e] <= since:
                    break
                m = payer[e]
                if other[m] == begins and mark[m] != stamp and m != x and m != u:
                    mark[m] = stamp
                    width += 1
            goals += width >= 2
            broad += width >= 4
            broadest = max(broadest, width)
        for j in range(targets):
            y = met[j]
            if y == u:
                continue
            four += late_mark[y] == back and second[y] <= late[y]
            five += third_mark[y] == back and second[y] <= third[y]
        found[row, 15] = goals
        found[row, 16] = broadest
        found[row, 17] = broad
        found[row, 18] = origins
        found[row, 19] = targets
        found[row, 20] = two
        found[row, 21] = three
        found[row, 22] = four
        found[row, 23] = five
        for k in range(5):
            found[row, 24 + k] = chain[i, k]

        # Sums that look alike: what structuring leaves behind.
        alike = 0
        for k in range(out_to[u] - 1, max(out_from[u], out_to[u] - most) - 1, -1):
            e = outs[k]
            if at[e] <= since:
                break
            alike += abs(amount[e] - amount[i]) * 50 <= amount[i]
        found[row, 29] = alike
        alike = 0
        for k in range(in_to[v] - 1, max(in_from[v], in_to[v] - most) - 1, -1):
            e = ins[k]
            if at[e] <= since:
                break
            alike += abs(amount[e] - amount[i]) * 50 <= amount[i]
        found[row, 30] = alike
        i += 1

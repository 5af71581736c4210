"""Which transfer each root is: the candidates, and what was found; compiled (section 2 of
`docs/reference/trail.md`, REQ-39)."""

from __future__ import annotations

from typing import Any

import numpy as np

from qalqan.trail.index.kernels import inner
from qalqan.trail.index.rows import (
    ALONE,
    FIELDS,
    PARTNER,
    PAYEE,
    PAYER,
    ROOT_SIDE,
    SECOND,
    SIDE,
    UETR,
    UETR_LOW,
    ends_of,
)


@inner
def near_roots(rows: Any, n: int, n_accounts: int) -> Any:  # noqa: C901
    """The roots and the transfers that may be one of them, as rows of their own, and the rows that
    these were. A transfer may be a root that it shares both accounts with, or one account and a
    UETR."""
    near = np.zeros(n_accounts, np.bool_)
    root, by_uetr = 0, False
    while root < n and rows[SIDE, root] == ROOT_SIDE:
        near[rows[PAYER, root]], near[rows[PAYEE, root]] = True, True
        by_uetr = by_uetr or rows[UETR, root] != 0 or rows[UETR_LOW, root] != 0
        root += 1
    were = np.empty(n, np.int64)
    m = 0
    for row in range(root):
        if rows[PAYER, row] != rows[PAYEE, row]:
            were[m] = row
            m += 1
    for row in range(root, n):
        other = rows[PARTNER, row]
        if other == SECOND:
            continue
        payer, payee = ends_of(rows, row)
        sent, got = payer >= 0 and near[payer], payee >= 0 and near[payee]
        if payer == payee or not (sent or got):
            continue
        told_by = other if other >= 0 and rows[UETR, row] == rows[UETR_LOW, row] == 0 else row
        if (sent and got) or (
            by_uetr and (rows[UETR, told_by] != 0 or rows[UETR_LOW, told_by] != 0)
        ):
            were[m] = row
            m += 1
    told = np.empty((FIELDS, m), np.int64)
    for i in range(m):
        row, other = were[i], rows[PARTNER, were[i]]
        for field in range(FIELDS):
            told[field, i] = rows[field, row]
        if rows[SIDE, row] == ROOT_SIDE:
            continue
        told[SIDE, i] = 0
        told[PAYER, i], told[PAYEE, i] = ends_of(rows, row)
        if other >= 0 and told[UETR, i] == 0 and told[UETR_LOW, i] == 0:
            told[UETR, i], told[UETR_LOW, i] = rows[UETR, other], rows[UETR_LOW, other]
    return told, were[:m]


@inner
def tell_roots(rows: Any, were: Any, mate: Any) -> None:
    """Write down which transfer each root is, as its partner."""
    for i in range(len(were)):
        if rows[SIDE, were[i]] == ROOT_SIDE:
            rows[PARTNER, were[i]] = were[mate[i]] if mate[i] >= 0 else ALONE

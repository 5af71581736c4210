"""Numbers that one dealer activates in one go, without a pause that a customer would need.

A batch goes on while less than so much time lies between two activations of the same dealer. Only
numbers of persons belong to it: a company's numbers are activated together as a matter of course.
That the numbers follow each other can't be seen: the lake holds tokens.
"""

from __future__ import annotations

import ibis
from ibis import Table, _, ifelse

READS = (
    "id", "source", "at_us", "event", "phone", "holder", "holder_kind", "dealer", "region",
    "biometric",
)  # fmt: skip
"""Columns of a registration that batches are made of."""
BATCH = ("source", "dealer", "batch_us")
KEPT = ("at_us", "phone", "holder", "region", "biometric")
"""What is told of each activation in a batch. They are gathered and spread again, so that
registrations, of which every day of years has files, are read once."""


def of(subscriptions: Table, max_pause_us: int, min_numbers: int) -> Table:
    """Activations in batches of at least so many numbers; `batch_us` is when their batch began."""
    sold = subscriptions.filter(
        _.event == "activated",
        _.holder_kind == "person",
        _.phone.notnull(),
        _.holder.notnull(),
        _.dealer.notnull(),
        _.source.notnull(),
        _.at_us.notnull(),
    )
    order = ["at_us", "phone", "id"]
    turn = ibis.window(group_by=["source", "dealer"], order_by=order)
    before = sold.mutate(pause_us=_.at_us - _.at_us.lag().over(turn))
    starts = (before.pause_us <= max_pause_us).fill_null(False)
    so_far = ibis.window(group_by=["source", "dealer"], order_by=order, rows=(None, 0))
    begun = before.mutate(began_us=ifelse(starts, ibis.null("int64"), _.at_us))
    each = begun.mutate(batch_us=_.began_us.max().over(so_far))
    row = ibis.struct({name: each[name] for name in KEPT})
    whole = each.group_by(*BATCH).agg(numbers=_.phone.nunique(), rows=row.collect())
    large = whole.filter(_.numbers >= min_numbers).mutate(row=_.rows.unnest())
    return large.select(*BATCH, **{name: large.row[name] for name in KEPT})

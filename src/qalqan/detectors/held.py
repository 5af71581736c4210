"""Who held a number when, by registrations: the holder is that of its newest event before.

A deactivation leaves a number without a holder.
"""

from __future__ import annotations

import ibis
from ibis import Table, _

SUBSCRIPTIONS = ("id", "source", "at_us", "event", "phone", "holder", "holder_kind")
"""Columns of a registration that are read here."""


def spans(subscriptions: Table, *more: str) -> Table:
    """Holders, each with a number and from when until when it was theirs (null: until now), and
    `more` columns of the event that made it theirs."""
    sound = subscriptions.filter(_.phone.notnull(), _.holder.notnull(), _.at_us.notnull())
    free = sound.event == "deactivated"
    events = ibis.window(group_by="phone", order_by=[_.at_us, ~free, _.source, _.id])
    turns = sound.mutate(until_us=_.at_us.lead().over(events), freed=free)
    kept = turns.filter(~_.freed)
    return kept.select("phone", "until_us", "holder", "holder_kind", *more, since_us="at_us")


def within(both: Table, at: str) -> Table:
    """Those rows whose moment `at` lies in the span of the holder beside it."""
    return both.filter(both[at] >= _.since_us, (both[at] < _.until_us).fill_null(True))

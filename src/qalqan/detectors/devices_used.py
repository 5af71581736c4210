"""Which cards were used in a device, in spans of days: where detectors on devices start from."""

from __future__ import annotations

from ibis import Table, _

from qalqan.detectors import calls_seen as seen

READS = ("at_us", "edge", "caller", "callee", "trunk_class", "service", "imei", "imsi", "imei_tac")
"""Columns of a call that devices are judged by."""
EVIDENCE = ("cards", "numbers", "called", "calls", "model", "callers", "first_us", "last_us")
SPAN = ("imei", "from_us")


def used(calls: Table, window_us: int) -> Table:
    """Calls and SMS from devices, each with its card and the beginning of its span."""
    told = seen.on_air(calls).filter(_.imei.notnull())
    return told.mutate(card=_.imsi.fill_null(_.caller), from_us=_.at_us - _.at_us % window_us)


def figures(some: Table, most: int) -> Table:
    """What devices did in each span."""
    return some.group_by(*SPAN).agg(
        cards=_.card.nunique(),
        numbers=_.caller.nunique(),
        called=_.callee.nunique(),
        calls=_.count(),
        model=_.imei_tac.max().fill_null("?"),
        callers=_.caller.collect(distinct=True).sort()[:most],
        first_us=_.at_us.min(),
        last_us=_.at_us.max(),
    )


def with_several_cards(some: Table) -> Table:
    """Those of devices that had more than one card in a span. Nearly all have one: a glance at the
    first and the last in order puts them aside before anything is counted."""
    ends = some.group_by(*SPAN).agg(first=_.card.min(), last=_.card.max())
    return some.semi_join(ends.filter(_.first < _.last), SPAN)

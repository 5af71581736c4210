"""Which cards were used in a device, in spans of days: where detectors on devices start from."""

from __future__ import annotations

from ibis import Table, _

from qalqan.detectors import calls_seen as seen

READS = ("at_us", "edge", "caller", "callee", "trunk_class", "service", "imei", "imsi", "imei_tac")
"""Columns of a call that devices are judged by."""
EVIDENCE = ("cards", "numbers", "called", "calls", "model", "callers", "first_us", "last_us")
SPAN = ("imei", "from_us")


def used(calls: Table, window_us: int, but: tuple[str, ...]) -> Table:
    """Calls and SMS from devices, `but` these, each with its card and the beginning of its span."""
    told = _told(calls, but)
    card, span = told.imsi.fill_null(told.caller), told.at_us - told.at_us % window_us
    return told.mutate(card=card, from_us=span)


def _told(calls: Table, but: tuple[str, ...]) -> Table:
    return seen.on_air(calls).filter(_.imei.notnull(), _.imei.notin(("", *but)))


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


def with_cards(calls: Table, window_us: int, but: tuple[str, ...], at_least: int) -> Table:
    """As `used`, of devices that had so many cards in a span."""
    told = _told(calls, but)
    each = told.group_by(imei=told.imei, from_us=told.at_us - told.at_us % window_us).agg(
        n=_.imsi.fill_null(_.caller).nunique()
    )
    return used(calls, window_us, but).semi_join(each.filter(_.n >= at_least), SPAN)

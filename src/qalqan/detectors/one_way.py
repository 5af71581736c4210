"""SIM cards that ring many numbers while nobody rings them: where the search for SIM boxes starts.

A card in a box carries strangers' calls. Whatever its owner fakes, the people whom it rings are no
acquaintances of the card: hardly anyone reaches it, except other cards of the same box. So a number
is judged by its **bonds**: those who reached it, by an answered call or by SMS, and are no such
cards themselves. Everybody else has bonds within days; a courier has family, a dispatcher has
passengers who ring back.

Months are calendar months (UTC), each judged by itself.
"""

from __future__ import annotations

import ibis
from ibis import Table, _

from qalqan.detectors import calls_seen as seen

READS = (
    "at_us", "day", "edge", "caller", "caller_country", "callee", "trunk_class", "service",
    "answered", "duration_s", "imei", "cell",
)  # fmt: skip
"""Columns of a call that cards are judged by."""
CARD = ("caller", "month")
TOLD = ("caller", "callee", "at_us", "answered", "duration_s", "imei", "cell")


def sent(calls: Table, *columns: str) -> Table:
    """These columns of calls from subscribers' own lines, with their month.

    Each question takes its own columns: DuckDB writes down whole what a query names twice.
    """
    air = seen.on_air(calls).filter(seen.is_voice(calls))
    return air.select(*columns, month=seen.month(_.day))


def heard(calls: Table, *columns: str) -> Table:
    """The same of whatever reached somebody: answered calls, and SMS."""
    reached = seen.told(calls).filter(_.answered | (_.service == "sms"))
    return reached.select(*columns, month=seen.month(_.day))


def known(calls: Table) -> Table:
    """Numbers by months: calls and SMS `made` on the air, those `taken`, the first moment
    `since_us` at which the lake heard of the number, in whatever month, and `lake_us`, of any."""
    home = (calls.caller_country == seen.HOME).fill_null(False)
    air = seen.on_air(calls.filter(home))
    made = air.select("caller", "at_us", month=seen.month(_.day), made=1, taken=0)
    taken = heard(calls, "callee", "at_us").rename(caller="callee").mutate(made=0, taken=1)
    ends = made.union(taken.select(made.columns)).group_by(*CARD)
    months = ends.agg(made=_.made.sum(), taken=_.taken.sum(), since_us=_.at_us.min())
    # Windows rather than joins: an engine that computes what is named twice twice has less to do.
    since = months.mutate(since_us=_.since_us.min().over(ibis.window(group_by="caller")))
    return since.mutate(lake_us=_.since_us.min().over(ibis.window()))


def suspects(numbers: Table, slack: int) -> Table:
    """Of `numbers` (`known`) cards that may be of a box when they ring others: hardly more reached
    them than they rang."""
    return numbers.filter(_.made > 0, _.taken <= _.made + slack)


def without_bonds(
    calls: Table, cards: Table, sisters: Table, most_permille: int, spared: int
) -> Table:
    """Those of `cards` whom hardly a number that is none of `sisters` reached; with `bonds`.

    As many may as make such a share of the calls and SMS that the card made, and `spared` more.
    """
    others = heard(calls, "callee", "caller").anti_join(sisters, CARD)
    reached = others.select("month", caller="callee", friend="caller")
    # Cards are named once: an engine that computes what is named twice twice has less to do.
    known = cards.left_join(reached, CARD).group_by(*CARD, "made", "since_us", "lake_us")
    return known.agg(bonds=_.friend.nunique()).filter(
        (_.bonds - spared) * 1000 <= _.made * most_permille
    )


def outward(calls: Table, cards: Table) -> Table:
    """Calls of `cards` (`without_bonds`) to numbers that are none of them; with what is known of
    the caller."""
    made = sent(calls, *TOLD).inner_join(cards.select(*CARD, "since_us", "bonds"), CARD)
    return made.anti_join(cards.select(callee="caller", month="month"), ["callee", "month"])


def habits(out: Table, long_s: int) -> dict[str, ibis.Value]:
    """What tells people's talks from probes and from a courier's "I am at your door"."""
    return {
        "called": out.callee.nunique(),
        "calls": out.count(),
        "answered": out.answered.sum(),
        "long": (out.answered & (out.duration_s >= long_s)).sum(),
        "lengths": out.duration_s.nunique(where=out.answered),
    }

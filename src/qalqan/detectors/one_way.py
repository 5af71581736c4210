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
    "at_us", "day", "edge", "caller", "callee", "trunk_class", "service", "answered", "duration_s",
    "imei", "imei_tac", "cell",
)  # fmt: skip
"""Columns of a call that cards are judged by."""
CARD = ("caller", "month")
TOLD = ("caller", "callee", "at_us", "answered", "duration_s", "imei", "imei_tac", "cell")


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


def suspects(calls: Table, slack: int, most_permille: int) -> Table:
    """Cards and months with calls and SMS `made` that people who are no such cards hardly answered
    by calls and SMS of their own.

    `slack`: so many more may reach a card than it rang, if it is to pass as one of a box when it
    rings others: a rough measure that spares the exact one for most people.
    """
    air = seen.on_air(calls).select("caller", month=seen.month(_.day))
    made = air.group_by(*CARD).agg(made=_.count())
    taken = heard(calls, "callee").group_by(caller="callee", month="month").agg(taken=_.count())
    may = seen.and_counts(made, taken, CARD).filter(_.taken <= _.made + slack)
    strange = heard(calls, "caller", "callee").anti_join(may, CARD)
    outside = strange.group_by(caller="callee", month="month").agg(outside=_.count())
    from_people = seen.and_counts(may, outside, CARD)
    return from_people.filter(_.outside * 1000 <= _.made * most_permille).select(*CARD, "made")


def bonds(calls: Table, cards: Table, sisters: Table) -> Table:
    """How many numbers that are no `sisters` reached each of `cards`."""
    mine = cards.select(callee="caller", month="month")
    reached = heard(calls, "callee", "caller").semi_join(mine, ["callee", "month"])
    others = reached.anti_join(sisters, CARD)
    return others.group_by(caller="callee", month="month").agg(bonds=_.caller.nunique())


def outward(calls: Table, cards: Table, sisters: Table) -> Table:
    """Calls of `cards` to numbers that are no `sisters`."""
    inside = sisters.select(callee="caller", month="month")
    made = sent(calls, *TOLD).semi_join(cards, CARD)
    return made.anti_join(inside, ["callee", "month"])


def habits(out: Table, long_s: int) -> dict[str, ibis.Value]:
    """What tells people's talks from probes and from a courier's "I am at your door"."""
    return {
        "called": out.callee.nunique(),
        "calls": out.count(),
        "answered": out.answered.sum(),
        "long": (out.answered & (out.duration_s >= long_s)).sum(),
        "lengths": out.duration_s.nunique(where=out.answered),
    }

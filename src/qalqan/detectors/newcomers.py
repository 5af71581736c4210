"""Numbers that the lake has only just begun to hear of: where they turn up, and whom they ring.

Whoever moves in brings one number or two, and is rung by those who know them. That several nobodies
begin to ring from one cell on one day is rare; how rare, each cell says itself. A cell is judged
once it has been heard of for some time: before, everybody in it is new, as with a lake that has
just begun, an operator that has just joined, a mast that has just been built.

Both pools below carry `arrived`, their newcomers; `lone`, those of them that nobody has come to
know; and `used_permille`, the share of earlier days on which such came there too.
"""

from __future__ import annotations

import ibis
from ibis import Table, _, ifelse

from qalqan.detectors import calls_seen as seen
from qalqan.detectors.one_way import CARD

POOL = ("reason", "key", "month")
SEVERAL = 2
"""So many nobodies coming to a cell on one day are not one family's: judgement."""


def place(cell: ibis.Value, at_us: ibis.Value) -> ibis.Value:
    """A cell and a UTC day, as one text."""
    return cell + " " + seen.day_us(at_us).cast("string")


def sent(calls: Table, known: Table, new_us: int, settled_us: int) -> Table:
    """Whom newcomers rang or texted, from which settled cell (`open_us`), on which day (`day_us`),
    whether they `rang`, and whether they `came` that day.

    `known`: numbers by months with `since_us` and `lake_us` (`one_way.known`).
    """
    air = seen.on_air(calls).filter(_.cell.notnull())
    rang = seen.is_voice(air)
    made = air.select("caller", "callee", "cell", "at_us", month=seen.month(_.day), rang=rang)
    cells = made.group_by("cell").agg(open_us=_.at_us.min() + settled_us)
    # No cell is older than the lake: this spares the joins all who were there when it began.
    fresh = known.filter(_.since_us >= _.lake_us + (settled_us - new_us))
    mine = made.inner_join(fresh.select(*CARD, "since_us"), CARD).filter(
        _.at_us - _.since_us <= new_us
    )
    days = mine.inner_join(cells, "cell").mutate(day_us=seen.day_us(_.at_us))
    return (
        days.filter(_.day_us >= _.open_us)
        .group_by(*CARD, "callee", "cell", "day_us")
        .agg(
            open_us=_.open_us.min(),
            rang=_.rang.any(),
            came=(_.since_us >= _.day_us).any(),
        )
    )


def places(sent: Table, lone: Table) -> Table:
    """Each cell and day as a pool of those who rang; `lone` cards are those that nobody knows."""
    days = _marked(sent.filter(_.rang), lone).group_by("cell", "day_us", "month")
    both = days.agg(
        arrived=_.caller.nunique(),
        lone=_.caller.nunique(where=_.is_lone),
        came=_.caller.nunique(where=_.is_lone & _.came),
        open_us=_.open_us.min(),
    )
    before = ibis.window(group_by="cell", order_by="day_us", rows=(None, -1))
    used = ifelse(both.came >= SEVERAL, 1, 0).sum().over(before).fill_null(0)
    so_far = (both.day_us - both.open_us) // seen.DAY_US + 1
    return both.select(
        reason=ibis.literal("place"),
        key=place(both.cell, both.day_us),
        month=both.month,
        arrived=both.arrived,
        lone=both.lone,
        used_permille=used * 1000 // so_far,
    )


def _marked(some: Table, lone: Table) -> Table:
    """The same with `is_lone`."""
    both = some.left_join(lone.select(*CARD, is_lone=True), CARD)
    return both.select(*some.columns, is_lone=both.is_lone.fill_null(False))


def circles(sent: Table) -> Table:
    """Members (`caller`) of each newcomer's circle: itself, the newcomers that it rang or texted or
    that rang or texted it, and theirs, if they all ring or text newcomers."""
    inside = _to(sent, sent)
    both = _to(inside, inside)
    ends = {"key": both.caller, "caller": both.callee}
    out = both.select("month", **ends)
    back = both.select("month", key=ends["caller"], caller=ends["key"])
    own = both.select("month", key=both.caller, caller=both.caller)
    near = ibis.union(out, back, own, distinct=True)
    next_ = near.select("month", caller="key", theirs="caller")
    far = near.inner_join(next_, CARD).select("month", "key", caller="theirs").distinct()
    return far.mutate(reason=ibis.literal("circle"))


def _to(calls: Table, callers: Table) -> Table:
    """Those of `calls` that go to any of these callers."""
    rung = callers.select(callee="caller", month="month").distinct()
    return calls.semi_join(rung, ["callee", "month"])


def counted(circles: Table, lone: Table) -> Table:
    """Each circle as a pool."""
    members = _marked(circles, lone).group_by(*POOL)
    return members.agg(
        arrived=_.count(),
        lone=_.is_lone.sum().cast("int64"),
        used_permille=ibis.literal(0, "int64"),
    )

"""Calls that one provider handed to another are told by one of them alone (REQ-48, 49).

Providers tell a leg of every call that passes between them: the giver `out`, the taker `in`, both
with one hash of the pair of numbers, without the numbers. Legs of one pair of numbers are read in
order of time; those with no gap longer than the tolerance are one stretch, and in it each leg of
one side takes one of the other's away. What is left lacks a counterpart. Not read are legs near
UTC midnight, where two clocks may be on two days and so under two keys, and legs so young that a
provider may not have sent them yet.

Who left them out can't be seen from one pair of providers. Two of them **differ** if the share of
their calls that lacks a counterpart is surely above what honest ones lose: its lower confidence
bound is (Wilson, "Probable inference, the law of succession, and statistical inference", 1927).
Whoever lacks the legs is suspected, since hiding is commoner than inventing, unless the other one
differs from several that tell anything and from a larger share of those it deals with (one more
imagined that agrees): then that other one is. Where both differ from equal shares, both are
suspected. So a provider that hides its calls is named and its honest peers are not, nor is one
against whom somebody speaks who differs from everyone; between two that deal with nobody else
both are named, and `peers` says how few speak.

The window is the UTC day. The score is the lower bound of the share over all that the provider
deals with, without what others are suspected of; it ranks and is no probability. `missing` are
calls that its peers alone tell, `alone` those that it alone tells: where both are many, a clock
that is wrong is likelier than silence. Quiet on skewed clocks within the tolerance, on single
records that were lost, and on a provider with a handful of calls.
"""

from dataclasses import dataclass

import ibis
from ibis import Table, _, greatest, ifelse

from qalqan.detectors import calls_seen as seen
from qalqan.detectors.base import detector, listed


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    tolerance_us: int = 90 * seen.SECOND_US
    """Judgement: clocks differ; a call is noted at its first ring or at its answer."""
    lost_permille: int = 2
    """Judgement: an honest provider tells 99.9 % of its legs, so of calls two in a thousand lack
    a side."""
    z: float = 3.29
    """Judgement: at most one honest pair in 2,000 a day is above its bound by chance (normal)."""
    min_unmatched: int = 5
    """Judgement: fewer are a loss of records, whatever their share."""
    wait_us: int = 6 * seen.HOUR_US
    """Judgement: records are handed in every few hours; younger than that isn't silence."""
    outside: tuple[str, ...] = listed("provider")
    """REQ-49: codes of networks abroad, which needn't tell this centre anything."""
    max_named: int = 40
    """Peers and trunks named in the evidence, at most."""


READS = ("source", "at_us", "trunk", "direction", "peer", "leg")
EVIDENCE = (
    "peers", "told", "unmatched", "missing", "alone", "share_permille", "bound_permille",
    "first_us", "last_us", "trunks",
)  # fmt: skip
PAIR = ("leg", "giver", "taker")
SIDE = ("provider", "other", "from_us")
SPAN = ("first_us", "last_us")


@detector("calls.legs_unmatched", reads={"call": READS}, params=Params(), shares=(seen,))
def legs_unmatched(calls: Table, p: Params) -> Table:
    """Provider and day with more calls that one side alone tells than honest ones have."""
    pairs = _suspected(_sides(_stretches(_legs(calls, p), p)), p)
    days = pairs.group_by("provider", "from_us").agg(
        told=_.told.sum(),
        missing=_.missing.sum(),
        alone=_.alone.sum(),
        peers=_.other.collect(where=_.missing + _.alone > 0),
        **_span(),
        trunks=_.trunks.collect(),
    )
    bound = _bound(days.missing + days.alone, days.told, p.z)
    named = days.mutate(unmatched=_.missing + _.alone, score=bound).filter(
        _.unmatched >= p.min_unmatched, _.score * 1000 > p.lost_permille
    )
    found = named.mutate(
        share_permille=_.unmatched * 1000 // _.told,
        bound_permille=(_.score * 1000).floor().cast("int64"),
        peers=_.peers.sort()[: p.max_named],
        trunks=_.trunks.flatten().unique().sort()[: p.max_named],
    )
    return seen.finding(found, "provider", "provider", seen.DAY_US, EVIDENCE)


def _legs(calls: Table, p: Params) -> Table:
    """What both sides of an interconnection tell."""
    legs = calls.filter(
        _.leg.notnull(), _.at_us.notnull(), _.source.notnull(), _.peer != _.source,
        _.direction.isin(("in", "out")), _.source.notin(p.outside), _.peer.notin(p.outside),
    )  # fmt: skip
    gives = _.direction == "out"
    return legs.select(
        "leg", "at_us", gives=gives,
        giver=ifelse(gives, _.source, _.peer), taker=ifelse(gives, _.peer, _.source),
        trunk=_.source + " " + _.trunk.fill_null("?"),
    )  # fmt: skip


def _stretches(legs: Table, p: Params) -> Table:
    """How often each side tells a pair of numbers while no gap is longer than the tolerance.

    Most pairs talk once a day: all their legs lie within the tolerance, and are not put in order.
    """
    pairs = _told(legs, PAIR)
    once = pairs.filter(_.last_us - _.first_us <= p.tolerance_us)
    often = legs.semi_join(pairs.filter(_.last_us - _.first_us > p.tolerance_us), PAIR)
    stretches = once.union(_parted(often, p).select(*once.columns))
    newest = pairs.agg(newest_us=_.last_us.max())
    dated = stretches.cross_join(newest).mutate(from_us=seen.day_us(_.first_us))
    return dated.filter(
        _.last_us <= _.newest_us - p.wait_us,
        _.first_us - _.from_us >= p.tolerance_us,
        _.last_us - _.from_us < seen.DAY_US - p.tolerance_us,
    )


def _parted(legs: Table, p: Params) -> Table:
    """The stretches of pairs that talk several times."""
    order = ibis.window(group_by=PAIR, order_by="at_us")
    begins = (_.at_us - _.at_us.lag().over(order) > p.tolerance_us).fill_null(True)
    so_far = ibis.window(group_by=PAIR, order_by="at_us", range=(None, 0))
    numbered = legs.mutate(begins=begins.cast("int64")).mutate(n=_.begins.sum().over(so_far))
    return _told(numbered, (*PAIR, "n"))


def _told(legs: Table, keys: tuple[str, ...]) -> Table:
    """How often each side tells these legs, when, and over which trunks."""
    return legs.group_by(*keys).agg(
        out=_.count(where=_.gives),
        into=_.count(where=~_.gives),
        first_us=_.at_us.min(),
        last_us=_.at_us.max(),
        given=_.trunk.max(where=_.gives),
        taken=_.trunk.max(where=~_.gives),
    )


def _sides(stretches: Table) -> Table:
    """Two providers on a day, a row as each of them sees it; `told` counts each call once."""
    left = stretches.mutate(
        told=greatest(_.out, _.into), more=greatest(_.out - _.into, 0),
        fewer=greatest(_.into - _.out, 0),
        trunk=ifelse(_.out > _.into, _.given, ifelse(_.out < _.into, _.taken, None)),
    )  # fmt: skip
    ways = left.group_by("giver", "taker", "from_us").agg(
        told=_.told.sum(),
        more=_.more.sum(),
        fewer=_.fewer.sum(),
        first_us=_.first_us.min(where=_.more + _.fewer > 0),
        last_us=_.last_us.max(where=_.more + _.fewer > 0),
        trunks=_.trunk.collect(distinct=True),
    )
    each = ways.mutate(gives=ibis.array([True, False]).unnest())
    sides = each.mutate(
        provider=ifelse(_.gives, _.giver, _.taker), other=ifelse(_.gives, _.taker, _.giver),
        missing=ifelse(_.gives, _.fewer, _.more), alone=ifelse(_.gives, _.more, _.fewer),
    )  # fmt: skip
    return sides.group_by(*SIDE).agg(
        told=_.told.sum(),
        missing=_.missing.sum(),
        alone=_.alone.sum(),
        **_span(),
        trunks=_.trunks.collect().flatten(),
    )


def _span() -> dict[str, ibis.Deferred]:
    return {"first_us": _.first_us.min(), "last_us": _.last_us.max()}


def _suspected(sides: Table, p: Params) -> Table:
    """Without the pairs that differ because of the other one."""
    bound = _bound(sides.missing + sides.alone, sides.told, p.z)
    pairs = sides.mutate(differs=bound * 1000 > p.lost_permille)
    mine = ibis.window(group_by=["provider", "from_us"])
    theirs = ibis.window(group_by=["other", "from_us"])
    tell = pairs.mutate(  # whoever tells nothing at all doesn't speak against anyone
        i_tell=(_.told - _.missing).sum().over(mine) > 0,
        it_tells=(_.told - _.alone).sum().over(theirs) > 0,
    )
    counted = tell.mutate(
        against_me=(_.differs & _.it_tells).sum().over(mine),
        against_it=(_.differs & _.i_tell).sum().over(theirs),
        deals=_.count().over(mine) + 1,
        it_deals=_.count().over(theirs) + 1,
    )
    return counted.filter(~_.differs | _mine_to_explain(counted))


def _mine_to_explain(pairs: Table) -> ibis.Value:
    """Whether the difference is rather the provider's than the other's."""
    me, it = pairs.against_me * pairs.it_deals, pairs.against_it * pairs.deals
    worse = (me > it) & (pairs.against_me > 1)
    better = (me < it) & (pairs.against_it > 1)
    return worse | (me == it) | ((pairs.missing >= pairs.alone) & ~better)


def _bound(part: ibis.Value, whole: ibis.Value, z: float) -> ibis.Value:
    """Lower confidence bound of a share (Wilson 1927), 0 to 1."""
    n, square = whole.cast("float64"), z * z
    share = part.cast("float64") / n
    half = (share * (1 - share) / n + square / (4 * n * n)).sqrt() * z
    return greatest(0.0, (share + square / (2 * n) - half) / (1 + square / n))

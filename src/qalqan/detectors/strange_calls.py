"""Long talks of people with numbers they never spoke with before, and what they did right after.

Whose telephone rang is read from registrations (`held`). Somebody is a stranger if no answered
call and no SMS went between the two numbers more than a day before, as far as the facts reach.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
from ibis import Table, _, ifelse

from qalqan.detectors import calls_seen as seen
from qalqan.detectors import held

CALLS = (
    "id", "source", "at_us", "edge", "caller", "callee", "caller_country", "caller_class",
    "trunk_class", "service", "answered", "duration_s",
)  # fmt: skip
"""Columns of a call that are read here."""
DAYS = ("person", "from_us")
"""Each finding is about a person on a day."""
ABOUT = ("calls", "abroad", "voip", "talk_span_us", "least_span_us", "call_us")
NAMED = ("callers", "facts")
"""What every such finding tells of the talks."""
TALK = ("caller", "source", "id", "phone", "call_us", "talk_s", "abroad", "voip", "person")
"""What is known of a talk."""
LONGEST_US = 4 * seen.HOUR_US
"""What happens later than this after the beginning of a call is not looked at, however long the
talk: judgement, people are kept on the line for hours."""


@dataclass(frozen=True)
class Params:
    """Thresholds that all detectors of such talks share, and where each comes from."""

    within_us: int = seen.HOUR_US
    """REQ-28, 30, 31; Judgement: later he has thought it over, or it is something else."""
    min_talk_s: int = 120
    """Judgement: nobody is talked into anything by a stranger in less than two minutes."""
    full_talk_us: int = 30 * seen.MINUTE_US
    """Judgement: nobody talks with a courier for half an hour."""
    known_after_us: int = seen.DAY_US
    """Judgement: callers ring several times on a day; from the day before on they are known."""
    max_named: int = 40
    """Calls, callers and what followed named in the evidence, at most."""


def then(calls: Table, subscriptions: Table, events: Table, p: Params) -> Table:
    """Each long talk with a stranger beside each of `events` that came at once.

    `events`: `person`, `event_us`, `fact` (how evidence names it) and columns of their own.
    """
    heard = talks(calls, subscriptions, p.min_talk_s)
    return with_strangers(followed(heard, events, p.within_us), calls, p.known_after_us)


def findings(both: Table, did: Table, evidence: tuple[str, ...], p: Params) -> Table:
    """Findings about people and days: `did` is what a person did on a day, `both` after what."""
    found = did.inner_join(about(both, p.max_named), DAYS)
    scored = found.mutate(score=score(found, p.full_talk_us))
    return seen.finding(scored, "person", "person", seen.DAY_US, evidence)


def by_currency(each: Table, sums: str, **figures: ibis.Deferred) -> Table:
    """A person's day in the currency of its largest sum: `amount` added up as `sums`."""
    days = each.group_by(*DAYS, "currency").agg(
        **{sums: each.amount.sum()}, **figures, first_us=_.event_us.min()
    )
    most = ibis.row_number().over(group_by=list(DAYS), order_by=[days[sums].desc(), _.currency])
    return days.mutate(place=most).filter(_.place == 0)


def talks(calls: Table, subscriptions: Table, least_s: int) -> Table:
    """Answered calls of at least such a length to a person's telephone."""
    long = seen.voice(calls).filter(_.answered, _.duration_s >= least_s)
    told = long.select(
        "caller",
        "source",
        "id",
        phone="callee",
        call_us="at_us",
        talk_s="duration_s",
        abroad=(_.caller_country != seen.HOME).fill_null(False),
        voip=((_.caller_class == "voip") | (_.trunk_class == "voip")).fill_null(False),
    )
    people = held.spans(subscriptions).filter(_.holder_kind == "person").rename(person="holder")
    return held.within(told.inner_join(people, "phone"), "call_us").select(*TALK)


def followed(heard: Table, events: Table, within_us: int) -> Table:
    """Each talk with each event (`person`, `event_us`, …) of the same person during it or so soon
    after it.

    Both carry the number of their span of time, so that the join is one of equals.
    """
    span = _.call_us // LONGEST_US
    either = heard.mutate(span=ibis.array([span, span + 1]).unnest())
    both = either.inner_join(events.mutate(span=_.event_us // LONGEST_US), ["person", "span"])
    near = both.filter(
        _.event_us >= _.call_us,
        _.event_us <= _.call_us + _.talk_s * seen.SECOND_US + within_us,
        _.event_us <= _.call_us + LONGEST_US,
    )
    return near.select(*TALK, *(name for name in events.columns if name != "person"))


def with_strangers(both: Table, calls: Table, known_after_us: int) -> Table:
    """Of these talks those between numbers that had not been in touch so long before."""
    pairs = both.select("phone", "caller").distinct()
    into = pairs.select(*pairs.columns, one=pairs.caller, other=pairs.phone)
    out = pairs.select(*pairs.columns, one=pairs.phone, other=pairs.caller)
    touch = seen.told(calls).filter(_.answered | (_.service == "sms"))
    spoke = touch.select(one="caller", other="callee", met_us="at_us")
    met = spoke.inner_join(into.union(out), ["one", "other"]).group_by("phone", "caller")
    new = both.inner_join(met.agg(met_us=_.met_us.min()), ["phone", "caller"])
    late = new.filter(_.call_us - _.met_us < known_after_us)
    return late.mutate(call=_.source + ":" + _.id, from_us=seen.day_us(_.event_us))


def about(both: Table, most: int) -> Table:
    """What is to be told of the talks of each person and day."""
    days = both.group_by("person", "from_us")
    return days.agg(
        calls=_.call.nunique(),
        abroad=_.call.nunique(where=_.abroad),
        voip=_.call.nunique(where=_.voip),
        call_us=_.call_us.min(),
        talk_span_us=_.talk_s.max() * seen.SECOND_US,
        least_span_us=(_.event_us - _.call_us).min(),
        callers=_.caller.collect(distinct=True).sort()[:most],
        facts=_.call.collect().concat(_.fact.collect()).unique().sort()[:most],
    )


def score(days: Table, full_talk_us: int) -> ibis.Value:
    """Half of it if the call came from abroad or over the internet, a quarter grows with the talk,
    a quarter with how soon it followed."""
    strange = ifelse((days.abroad > 0) | (days.voip > 0), 2, 1).cast("float64")
    soon = 1 - seen.of_full(days.least_span_us, LONGEST_US)
    return (strange + seen.of_full(days.talk_span_us, full_talk_us) + soon) / 4

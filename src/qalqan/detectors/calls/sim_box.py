"""A SIM card carries strangers' calls: it rings many numbers, and nobody but its like rings it
(REQ-47).

A SIM box takes calls from abroad off the internet and makes them again from local cards. Its owner
can rotate cards, move devices and cells, and let cards ring each other; he can't give a card
acquaintances. A card is suspected by its **bonds** (`one_way`), and found for any of these reasons:

- `alone`: it rang many numbers itself;
- `devices`: it went through several devices and rang some;
- `device`: several such cards took turns in one device;
- `place`: several such cards new to the network began to ring from one cell on one day;
- `circle`: several of those rang or texted each other.

The last two find a box within its first calls, before its cards have rung much; they need a lake
that reaches back some days (`newcomers`).

Quiet on

- couriers, taxi dispatchers, nurses: their talks are short, and people ring them back;
- probes: they ring the same few test lines, for set lengths;
- call centres, which call from city lines; alarms and meters, which send SMS alone;
- a firm's new numbers in its new office: by the evening most of them were rung;
- second-hand telephones, two cards in one telephone, a family's telephone: their people have bonds;
- gateways with a permit, once their numbers are on the list.

The window is the calendar month (UTC). The score grows with the numbers rung and with the reasons;
it ranks and is no probability.
"""

from dataclasses import dataclass

import ibis
from ibis import Table, _, ifelse

from qalqan.detectors import calls_seen as seen
from qalqan.detectors import newcomers, one_way
from qalqan.detectors.base import detector
from qalqan.detectors.newcomers import POOL
from qalqan.detectors.one_way import CARD


@dataclass(frozen=True)
class Pool:
    """How many cards together, and numbers rung by them all, make a reason."""

    reason: str
    cards: int
    called: int


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    min_called: int = 25
    """Judgement: numbers that a card alone must ring; after so many somebody rings anyone back."""
    min_devices: int = 4
    """Judgement: nobody goes through four telephones in a month."""
    min_called_by_devices: int = 6
    """Judgement: numbers to be rung by a card that changes devices."""
    pools: tuple[Pool, ...] = (
        Pool("device", 3, 8), Pool("place", 3, 7), Pool("place", 2, 12), Pool("place", 1, 14),
        Pool("circle", 4, 6),
    )  # fmt: skip
    """Judgement: cards and numbers rung together; a family's telephone takes two cards."""
    calls_a_cell: int = 5
    """Judgement: a courier is in another street at every second call."""
    min_called_moving: int = 80
    """Judgement: numbers to be rung alone by a card that moves: by then one has rung a courier."""
    forgiven: int = 1
    """Judgement: bonds spared a card while it may be one of a box: its like may have rung it."""
    max_bond_permille: int = 20
    """Judgement: one of fifty rings back and is answered; of a dispatcher's passengers more do."""
    slack: int = 2
    """Judgement: how many more may reach a card than it rang, while it may be one of a box."""
    min_sister_calls: int = 3
    """Judgement: who rang less, and is no newcomer, is no reason to disregard whom he reaches."""
    long_s: int = 60
    """Judgement: people abroad talk longer than a courier at the door."""
    min_long_permille: int = 200
    """Judgement: share of answered calls that must be so long."""
    few_answers: int = 4
    """Judgement: answered calls of which all may be short by chance."""
    min_called_permille: int = 333
    """Judgement: a probe rings a few lines all the time."""
    least_lengths_permille: int = 333
    """Judgement: a probe's calls have set lengths, people's hardly repeat."""
    enough_lengths: int = 20
    """Judgement: so many different lengths are people's, however many calls there are."""
    new_for_us: int = 3 * seen.DAY_US
    """Judgement: so long a number is a newcomer; by then somebody has rung it."""
    settled_us: int = 5 * seen.DAY_US
    """Judgement: by then hardly anybody whom a cell serves has never been heard of."""
    min_place_permille: int = 667
    """Judgement: of a place's newcomers those without bonds; people are rung by the evening."""
    min_circle_permille: int = 900
    """Judgement: the same of newcomers that ring each other: a firm's clients ring its people."""
    max_used_permille: int = 400
    """Judgement: a cell where several such come on two days of five has a hotel or a market."""
    min_named_called: int = 3
    """Judgement: numbers that a card must have rung there to be named beside the busiest."""
    called_for_full_score: int = 100
    """Judgement: four times what is noticed."""
    permitted: tuple[str, ...] = ()
    """REQ-47 and law: tokens of numbers in gateways that have a permit."""
    max_named: int = 40
    """Cards named in the evidence, at most."""


EVIDENCE = (
    "called", "calls", "answers", "bonds", "devices", "cells", "reasons", "sisters", "first_us",
    "last_us",
)  # fmt: skip
KEPT = ("called", "calls", "answers", "bonds", "devices", "cells", "first_us", "last_us")
"""What is told of a card itself."""


@detector(
    "calls.sim_box",
    reads={"call": one_way.READS},
    params=Params(),
    shares=(seen, one_way, newcomers),
)
def sim_box(calls: Table, p: Params) -> Table:
    """Card and month with many strangers rung and hardly a bond."""
    numbers = one_way.known(calls).filter(_.caller.notin(("", *p.permitted)))
    cards = _without_bonds(calls, numbers, p)
    out = one_way.outward(calls, cards)
    judged = out.drop("bonds").inner_join(_judged(out, p), CARD)
    new = newcomers.sent(calls, numbers, p.new_for_us, p.settled_us)
    circles = newcomers.circles(new)
    rows = _pooled(judged, p).union(_circled(judged, circles))
    arrived = newcomers.places(new, cards).union(newcomers.counted(circles, cards))
    members = _members(rows, _pools(rows, arrived, p), p)
    told = ibis.struct({name: members[name] for name in ("reason", "cards", "together")})
    found = members.group_by(*CARD).agg(
        **{name: members[name].max() for name in KEPT},
        why=_.count(),
        reasons=told.collect().sort(),
        sisters=_.numbers.max(where=_.place == 0),
    )
    return seen.monthly(_scored(found, p), "phone", "caller", EVIDENCE)


def _without_bonds(calls: Table, numbers: Table, p: Params) -> Table:
    """Cards that nobody but their like has come to know; each round asks it of fewer."""
    cards = one_way.suspects(numbers, p.slack)
    for spared in (p.forgiven, p.forgiven, 0):
        new = cards.since_us >= cards.lake_us + p.settled_us
        alike = cards.filter((cards.made >= p.min_sister_calls) | new)
        cards = one_way.without_bonds(calls, cards, alike, p.max_bond_permille, spared)
    return cards


def _scored(found: Table, p: Params) -> Table:
    """The score, and the other cards of the largest pool."""
    rung = seen.of_full(found.called, p.called_for_full_score)
    return found.mutate(
        score=1 - (1 - rung / 2) / (found.why + 1),
        sisters=found.sisters.remove(found.caller)[: p.max_named],
    )


def _judged(out: Table, p: Params) -> Table:
    """Cards, with what they did, that hardly have bonds for the numbers they rang."""
    made = out.group_by(*CARD).agg(
        **one_way.habits(out, p.long_s),
        bonds=_.bonds.max(),
        devices=_.imei.nunique(),
        cells=_.cell.nunique(),
        first_us=_.at_us.min(),
        last_us=_.at_us.max(),
    )
    few = made.filter(_.bonds * 1000 <= _.called * p.max_bond_permille)
    own = few.mutate(by_itself=_like_people(few, p))
    return own.rename(answers="answered").select(*CARD, *KEPT, "by_itself")


def _like_people(some: Table, p: Params) -> ibis.Value:
    """Whether they talk as people do: at length, each call another time, to many."""
    set_lengths = (some.lengths * 1000 < some.answered * p.least_lengths_permille) & (
        some.lengths < p.enough_lengths
    )
    return (
        (some.long * 1000 >= (some.answered - p.few_answers) * p.min_long_permille)
        & (some.called * 1000 >= some.calls * p.min_called_permille)
        & ~set_lengths
    )


def _pooled(out: Table, p: Params) -> Table:
    """Each call once for every pool that it may belong to by itself."""
    new = out.at_us - out.since_us <= p.new_for_us
    still = out.cells * p.calls_a_cell <= out.called
    least = ifelse(still, p.min_called, p.min_called_moving)
    moved = (out.devices >= p.min_devices) & (out.called >= p.min_called_by_devices)
    none = ibis.null("string")
    keys = {
        "alone": ifelse(out.by_itself & (out.called >= least), out.caller, none),
        "devices": ifelse(out.by_itself & moved, out.caller, none),
        "device": out.imei,
        "place": ifelse(new, newcomers.place(out.cell, out.at_us), none),
    }
    pools = [ibis.struct({"reason": ibis.literal(name), "key": key}) for name, key in keys.items()]
    each = out.mutate(pool=ibis.array(pools).unnest())
    named = each.mutate(reason=each.pool["reason"], key=each.pool["key"]).drop("pool")
    return named.filter(_.key.notnull())


def _circled(out: Table, circles: Table) -> Table:
    """Each call once for every circle of its card."""
    both = out.inner_join(circles, CARD)
    return both.select(*out.columns, "reason", "key")


def _pools(rows: Table, arrived: Table, p: Params) -> Table:
    """Pools with enough cards and numbers, whose calls are like people's."""
    each = rows.group_by(*POOL).agg(
        cards=_.caller.nunique(),
        numbers=_.caller.collect(distinct=True).sort()[: p.max_named + 1],
        **one_way.habits(rows, p.long_s),
    )
    both = each.left_join(arrived, POOL)
    pools = both.select(*each.columns, "arrived", "lone", "used_permille").mutate(
        cards=ibis.greatest(_.cards, _.lone.fill_null(0))
    )
    own = pools.reason.isin(("alone", "devices"))
    whole = _large(pools, p) & _like_people(pools, p) & _odd(pools, p)
    return pools.filter(own | whole).select(*POOL, "cards", "numbers", together=_.called)


def _large(pools: Table, p: Params) -> ibis.Value:
    """Whether there are as many cards and numbers as some rule for that reason says."""
    rules = [
        (pools.reason == one.reason) & (pools.cards >= one.cards) & (pools.called >= one.called)
        for one in p.pools
    ]
    return ibis.or_(*rules)


def _odd(pools: Table, p: Params) -> ibis.Value:
    """Whether its newcomers lack bonds and seldom came there before; not asked of a device."""
    share = ifelse(pools.reason == "circle", p.min_circle_permille, p.min_place_permille)
    most = pools.lone * 1000 >= pools.arrived * share
    seldom = pools.used_permille <= p.max_used_permille
    return (pools.reason == "device") | (most & seldom).fill_null(False)


def _members(rows: Table, pools: Table, p: Params) -> Table:
    """Each card's largest pool for each reason; `place` 0 is the largest of them all.

    Who just happens to be new there rings a number or two, or as couriers do.
    """
    each = rows.group_by(*POOL, "caller").agg(
        here=_.callee.nunique(),
        by_itself=_.by_itself.any(),
        **{name: rows[name].max() for name in KEPT},
    )
    order = [_.by_itself.desc(), _.here.desc(), _.caller]
    busy = ibis.row_number().over(group_by=list(POOL), order_by=order)
    joined = each.inner_join(pools, POOL).mutate(busy=busy)
    sure = _.by_itself & ((_.here >= p.min_named_called) | (_.busy == 0))
    both = joined.filter(~_.reason.isin(("place", "circle")) | sure)
    size = [_.cards.desc(), _.together.desc(), _.reason, _.key]
    best = ibis.row_number().over(group_by=[*CARD, "reason"], order_by=size)
    largest = both.mutate(best=best).filter(_.best == 0)
    return largest.mutate(place=ibis.row_number().over(group_by=list(CARD), order_by=size))

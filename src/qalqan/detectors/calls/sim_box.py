"""A SIM card carries strangers' calls: it rings many numbers, and nobody but its like rings it
(REQ-47).

A SIM box takes calls from abroad off the internet and makes them again from local cards. Its owner
can rotate cards, move devices and cells, and let cards ring each other; he can't give a card
acquaintances. A card is suspected by its **bonds** (`one_way`), and found for any of these reasons:

- `alone`: it rang many numbers itself;
- `devices`: it went through several devices and rang some;
- `device`: several such cards took turns in one device;
- `model`, `place`: several such cards rang many numbers from one cell on one day, from devices of
  one model or of any; judged only once the lake knows what was ordinary before.

Quiet on

- couriers, taxi dispatchers, nurses: their talks are short, and people ring them back;
- probes: they ring the same few test lines, for set lengths;
- call centres, which call from city lines; alarms and meters, which send SMS alone;
- second-hand telephones, two cards in one telephone, a family's telephone: their people have bonds;
- gateways with a permit, once their numbers are on the list.

The window is the calendar month (UTC). The score grows with the numbers rung and with the reasons;
it ranks and is no probability.
"""

from dataclasses import dataclass

import ibis
from ibis import Table, _, ifelse

from qalqan.detectors import calls_seen as seen
from qalqan.detectors import one_way
from qalqan.detectors.base import detector
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

    min_called: int = 10
    """Judgement: numbers that a card alone must ring; after so many somebody rings anyone back."""
    min_devices: int = 4
    """Judgement: nobody goes through four telephones in a month."""
    min_called_by_devices: int = 6
    """Judgement: numbers to be rung by a card that changes devices."""
    pools: tuple[Pool, ...] = (
        Pool("device", 3, 8), Pool("model", 3, 9), Pool("place", 5, 12),
    )  # fmt: skip
    """Judgement: cards and numbers rung together; a family's telephone takes two cards."""
    calls_a_cell: int = 5
    """Judgement: a courier is in another street at every second call."""
    moving_for_us: int = seen.DAY_US
    """Judgement: who moves is judged after a day, by when somebody has rung a courier."""
    max_bond_permille: int = 20
    """Judgement: one of fifty rings back and is answered; of a dispatcher's passengers more do."""
    max_outside_permille: int = 100
    """Judgement: the rough measure before bonds are counted; far from people's even exchange."""
    slack: int = 2
    """Judgement: how many more may reach a card than it rang, while it may be one of a box."""
    min_sister_calls: int = 3
    """Judgement: cards that rang less are no reason to disregard whom they reach."""
    long_s: int = 30
    """Judgement: people abroad talk longer than a courier at the door."""
    min_long_permille: int = 500
    """Judgement: share of answered calls that must be so long."""
    min_called_permille: int = 333
    """Judgement: a probe rings a few lines all the time."""
    least_lengths_permille: int = 333
    """Judgement: a probe's calls have set lengths, people's hardly repeat."""
    enough_lengths: int = 20
    """Judgement: so many different lengths are people's, however many calls there are."""
    known_for_us: int = 5 * seen.DAY_US
    """Judgement: how long the lake must reach back before several cards in a place are odd."""
    called_for_full_score: int = 100
    """Judgement: ten times what is noticed."""
    permitted: tuple[str, ...] = ()
    """REQ-47 and law: tokens of numbers in gateways that have a permit."""
    max_named: int = 40
    """Cards named in the evidence, at most."""


EVIDENCE = (
    "called", "calls", "answers", "bonds", "devices", "cells", "reasons", "sisters", "first_us",
    "last_us",
)  # fmt: skip
POOL = ("reason", "key", "month")
KEPT = ("called", "calls", "answers", "bonds", "devices", "cells", "first_us", "last_us")
"""What is told of a card itself."""


@detector("calls.sim_box", reads={"call": one_way.READS}, params=Params(), shares=(seen, one_way))
def sim_box(calls: Table, p: Params) -> Table:
    """Card and month with many strangers rung and hardly a bond."""
    cards = one_way.suspects(calls, p.slack, p.max_outside_permille)
    sisters = cards.filter(_.made >= p.min_sister_calls)
    out = one_way.outward(calls, cards, sisters).filter(_.caller.notin(("", *p.permitted)))
    near = _judged(out, one_way.bonds(calls, cards, sisters), p, 1)
    out = out.semi_join(near, CARD)
    mute = _judged(out, one_way.bonds(calls, near, near), p, 0)
    rows = _pooled(out.inner_join(mute, CARD), p)
    members = _members(rows, _pools(rows, p))
    told = ibis.struct({name: members[name] for name in ("reason", "cards", "together")})
    found = members.group_by(*CARD).agg(
        **{name: members[name].max() for name in KEPT},
        why=_.count(),
        reasons=told.collect().sort(),
        sisters=_.numbers.max(where=_.place == 0),
    )
    rung = seen.of_full(found.called, p.called_for_full_score)
    scored = found.mutate(
        score=1 - (1 - rung / 2) / (found.why + 1),
        sisters=found.sisters.remove(found.caller)[: p.max_named],
    )
    return seen.monthly(scored, "phone", "caller", EVIDENCE)


def _judged(out: Table, bonds: Table, p: Params, forgiven: int) -> Table:
    """Cards, with what they did, that hardly have bonds for the numbers they rang."""
    made = out.group_by(*CARD).agg(
        **one_way.habits(out, p.long_s),
        devices=_.imei.nunique(),
        cells=_.cell.nunique(),
        first_us=_.at_us.min(),
        last_us=_.at_us.max(),
    )
    known = seen.and_counts(made, bonds, CARD)
    few = known.filter((_.bonds - forgiven) * 1000 <= _.called * p.max_bond_permille)
    own = few.mutate(by_itself=_like_people(few, p))
    return own.rename(answers="answered").select(*CARD, *KEPT, "by_itself")


def _like_people(some: Table, p: Params) -> ibis.Value:
    """Whether they talk as people do: at length, each call another time, to many."""
    set_lengths = (some.lengths * 1000 < some.answered * p.least_lengths_permille) & (
        some.lengths < p.enough_lengths
    )
    return (
        (some.long * 1000 >= some.answered * p.min_long_permille)
        & (some.called * 1000 >= some.calls * p.min_called_permille)
        & ~set_lengths
    )


def _pooled(out: Table, p: Params) -> Table:
    """Each call once for every pool that it may belong to."""
    day = " " + seen.day_us(out.at_us).cast("string")
    known = out.at_us - seen.month_us(out.month) >= p.known_for_us
    place = ifelse(known, out.cell + day, ibis.null("string"))
    still = out.cells * p.calls_a_cell <= out.called
    settled = still | (out.last_us - out.first_us >= p.moving_for_us)
    alone = out.by_itself & settled & (out.called >= p.min_called)
    moved = out.by_itself & (out.devices >= p.min_devices) & (out.called >= p.min_called_by_devices)
    keys = {
        "alone": ifelse(alone, out.caller, ibis.null("string")),
        "devices": ifelse(moved, out.caller, ibis.null("string")),
        "device": out.imei,
        "model": out.imei_tac + " " + place,
        "place": place,
    }
    pools = [ibis.struct({"reason": ibis.literal(name), "key": key}) for name, key in keys.items()]
    each = out.mutate(pool=ibis.array(pools).unnest())
    named = each.mutate(reason=each.pool["reason"], key=each.pool["key"]).drop("pool")
    return named.filter(_.key.notnull())


def _pools(rows: Table, p: Params) -> Table:
    """Pools with enough cards and numbers, whose calls are like people's."""
    pools = rows.group_by(*POOL).agg(
        cards=_.caller.nunique(),
        together=_.callee.nunique(),
        numbers=_.caller.collect(distinct=True).sort()[: p.max_named + 1],
        **one_way.habits(rows, p.long_s),
    )
    large = [
        (pools.reason == one.reason) & (pools.cards >= one.cards) & (pools.together >= one.called)
        for one in p.pools
    ]
    whole = pools.filter(
        pools.reason.isin(("alone", "devices")) | (ibis.or_(*large) & _like_people(pools, p))
    )
    return whole.select(*POOL, "cards", "together", "numbers")


def _members(rows: Table, pools: Table) -> Table:
    """Each card's largest pool for each reason; `place` 0 is the largest of them all."""
    each = rows.group_by(*POOL, "caller").agg(
        here=_.callee.nunique(),
        by_itself=_.by_itself.any(),
        **{name: rows[name].max() for name in KEPT},
    )
    busiest = ibis.row_number().over(group_by=list(POOL), order_by=[_.here.desc(), _.caller])
    ranked = each.inner_join(pools, POOL).mutate(rank=busiest)
    both = ranked.filter(~_.reason.isin(("place", "model")) | (_.by_itself & (_.rank == 0)))
    size = [_.cards.desc(), _.together.desc(), _.reason, _.key]
    best = ibis.row_number().over(group_by=[*CARD, "reason"], order_by=size)
    largest = both.mutate(best=best).filter(_.best == 0)
    return largest.mutate(place=ibis.row_number().over(group_by=list(CARD), order_by=size))

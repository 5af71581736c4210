"""People calling and texting each other: a graph of contacts, used in both directions.

Contacts are neighbours, people of the region, a few far away, city lines, friends abroad; a few
of them take most of one's calls. Some calls go to strangers and shops, once. Many calls
are answered by another one minutes later.
All shares are judgements about simulated people; likeness to a real network is chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qalqan.clock import MINUTE, SECOND
from qalqan.simulate.calls.hours import PEOPLE, moments
from qalqan.simulate.calls.records import SMS, VOICE, Records, stacked
from qalqan.simulate.calls.sizes import CallSize
from qalqan.simulate.calls.subscribers import Subscribers
from qalqan.simulate.calls.talks import ended
from qalqan.simulate.identity import Ints, Mask
from qalqan.simulate.sizes import FIRST_US

CONTACTS = 5.5
"""Contacts that an average subscriber brings in; as many more come from the others."""
CLOSE, SAME_REGION = 0.45, 0.4
"""Shares of contacts among neighbours and in the same region; the rest is anywhere."""
NEIGHBOURS = 60
"""How far neighbours are apart, in subscribers."""
CITY_LINE, FRIEND_ABROAD = 0.08, 0.03
"""Shares of contacts that are city lines and people abroad."""
UNEVEN = 1.1
"""Log-normal spread of how often contacts talk."""
STRANGERS = 0.13
"""Share of calls to numbers one calls once."""
TO_CITY = 0.45
"""Share of those that go to city lines."""
POPULAR = 3.0
"""How much those go to a few lines."""
REPLIES = 0.2
"""Share of calls and SMS that the other side answers by one of its own."""
TEXTS = 0.22
"""Share of SMS between telephones."""
ANSWERED = 0.66
"""Share of calls answered."""
TALK_S, TALK_SPREAD = 62.0, 1.15
"""Median and log-normal spread of talks."""
REPLY_US = 14 * MINUTE


@dataclass(frozen=True)
class Contacts:
    """Pairs of parties, how often they talk, and how often it is the first who begins."""

    one: Ints
    other: Ints
    weight: np.ndarray
    begins: np.ndarray


def contacts(generator: np.random.Generator, people: Subscribers) -> Contacts:
    """Draw who knows whom."""
    n = people.count
    keenness = generator.lognormal(0, 0.6, n)
    own = generator.poisson(keenness / keenness.mean() * CONTACTS)
    one = np.repeat(np.arange(n), own)
    kind = generator.random(len(one))
    other = _known(generator, people, one, kind)
    kept = other != one
    one, other = one[kept], other[kept]
    busy = people.activity[one] * people.activity[np.where(other < n, other, one)]
    weight = np.sqrt(busy) * generator.lognormal(0, UNEVEN, len(one))
    eager = generator.uniform(0.15, 0.85, len(people.number))
    return Contacts(one, other, weight, eager[one] / (eager[one] + eager[other]))


def _known(
    generator: np.random.Generator, people: Subscribers, one: Ints, kind: np.ndarray
) -> Ints:
    """Whom each of `one` knows, by a number of chance."""
    n, lines = people.count, people.lines
    size = np.bincount(people.region[:n], minlength=people.region.max() + 1)
    first = np.concatenate([[0], np.cumsum(size)])
    region = people.region[one]
    step = generator.geometric(1 / NEIGHBOURS, len(one)) * generator.choice([-1, 1], len(one))
    close = np.clip(one + step, first[region], first[region + 1] - 1)
    draw = generator.random(len(one))
    same = first[region] + (draw * size[region]).astype(np.int64)
    other = np.where(
        kind < CLOSE, close, np.where(kind < CLOSE + SAME_REGION, same, (draw * n).astype(np.int64))
    )
    far = 1 - FRIEND_ABROAD
    line = (kind >= far - CITY_LINE) & (kind < far)
    starts = n + np.searchsorted(people.region[n:], np.arange(len(size) + 1))
    here = starts[region] + (draw * (starts[region + 1] - starts[region])).astype(np.int64)
    friends = n + lines + (draw * (len(people.number) - n - lines)).astype(np.int64)
    known: Ints = np.where(kind >= far, friends, np.where(line, here, other))
    return np.minimum(known, len(people.number) - 1)


def _pairs(
    generator: np.random.Generator, people: Subscribers, n: float
) -> tuple[Ints, Ints, Ints]:
    """Parties who begin calls, parties who are rung, and times; about `n` of them."""
    known = contacts(generator, people)
    times = generator.poisson(known.weight * (n * (1 - STRANGERS) / known.weight.sum()))
    pair = np.repeat(np.arange(len(times)), times)
    first = generator.random(len(pair)) < known.begins[pair]
    one, other = known.one[pair], known.other[pair]
    strange = int(n * STRANGERS)
    reached = np.cumsum(people.activity)
    asks = np.searchsorted(reached, generator.random(strange) * reached[-1])
    rank = (generator.random(strange) ** POPULAR * people.lines).astype(np.int64)
    line = people.count + rank * 7_919 % people.lines
    anybody = generator.integers(0, people.count, strange)
    asked = np.where(generator.random(strange) < TO_CITY, line, anybody)
    begins = np.concatenate([np.where(first, one, other), asks])
    rung = np.concatenate([np.where(first, other, one), asked])
    return begins, rung, np.flatnonzero(begins != rung)


def everyday(generator: np.random.Generator, people: Subscribers, size: CallSize) -> Records:
    """All calls and SMS among people."""
    n = size.subscribers * size.days * size.calls_a_day / (1 + REPLIES)
    begins, rung, good = _pairs(generator, people, n)
    begins, rung = begins[good], rung[good]
    at = moments(generator, len(begins), PEOPLE, FIRST_US, size.last_us)
    text = _texts(generator, people, begins, rung)
    made = _made(generator, people, begins, rung, at, text)
    replies = np.flatnonzero(generator.random(len(at)) < REPLIES)
    later = generator.exponential(REPLY_US, len(replies)).astype(np.int64) + 15 * SECOND
    after = at[replies] + made.duration_s[replies] * SECOND + later
    back = _made(generator, people, rung[replies], begins[replies], after, text[replies])
    whole = stacked([made, back])
    return whole.where(_alive(people, whole, [begins, rung], replies))


def _texts(generator: np.random.Generator, people: Subscribers, one: Ints, other: Ints) -> Mask:
    mobile = (one < people.count) & (other < people.count)
    return np.asarray((generator.random(len(one)) < TEXTS) & mobile)


def _made(
    generator: np.random.Generator,
    people: Subscribers,
    begins: Ints,
    rung: Ints,
    at_us: Ints,
    text: Mask,
) -> Records:
    answered = (generator.random(len(at_us)) < ANSWERED) | text
    drawn = ended(generator, answered, TALK_S, TALK_SPREAD)
    drawn["duration_s"][text] = 0
    drawn["ring_s"][text] = 0
    service = np.where(text, SMS, VOICE)
    return people.calls(begins, at_us, people.number[rung], service=service, **drawn)


def _alive(people: Subscribers, whole: Records, sides: list[Ints], replies: Ints) -> Mask:
    """Calls after both numbers were activated."""
    known = np.concatenate(
        [people.known_us, np.zeros(len(people.number) - people.count, dtype=np.int64)]
    )
    latest = np.maximum(known[sides[0]], known[sides[1]])
    return np.asarray(whole.at_us >= np.concatenate([latest, latest[replies]]))

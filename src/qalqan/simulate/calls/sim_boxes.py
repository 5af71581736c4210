"""SIM boxes: calls from abroad that reach people here as local ones (REQ-47).

A box takes calls off the internet and makes them again from cards in its radios. Its callees are
people with friends abroad: hardly any of them twice for one card, and none of them knows the
number. Cards are used for calls alone; no data goes over them. Some of the calls that it carries
are fraud. All shares and rates are judgements; the boxes are invented and likeness is chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.simulate.calls.cards import Issue
from qalqan.simulate.calls.drawing import Drawing
from qalqan.simulate.calls.hours import PEOPLE, between, moments, stay
from qalqan.simulate.calls.innocent import a_cell, some_region
from qalqan.simulate.calls.places import REGIONS
from qalqan.simulate.calls.records import HOME, NONE, SMS, VOICE, Records, records
from qalqan.simulate.calls.sales import COMPANY, PERSON
from qalqan.simulate.calls.talks import Manner, talks
from qalqan.simulate.calls.traits import GRADES, Traits
from qalqan.simulate.identity import Ints, mix

FAMILIES = (0.1, 0.6)
"""Share of subscribers whom a box's calls may go to."""
TO_CITY = 0.2
"""Greatest share of a box's calls that go to city lines."""
REGULARS = 3
"""Regular callees of one card, where callees come again."""
CALL_BACK = (0.005, 0.06)
"""Share of people rung who ring the strange number back."""
BACK_MANNER = Manner(0.12, 8, 0.7)
"""Boxes seldom answer."""
FAKE_MANNER = Manner(0.9, 35, 1.0)
FAR_DEALER = 0.75
"""Share of boxes whose cards come from dealers in other regions."""
SHELL_COMPANY = 0.2
"""Share of boxes whose cards are registered on companies rather than on straw persons."""
FRAUD_CALLS = 4
"""Most victims' moments behind one box's calls."""
SOONEST_MOMENT, LATEST_MOMENT = 2 * MINUTE, 3 * HOUR
"""When a victim pays after the call."""
PURCHASE_DAYS = (0.1, 60.0)
"""How long before its first call a box's cards were bought."""


@dataclass(frozen=True)
class Box:
    """One box while it calls."""

    traits: Traits
    cards: Issue
    cell: int
    """Where it stands, or sets off."""
    first_us: int
    last_us: int
    salt: int


def sim_boxes(drawing: Drawing) -> None:
    """Draw the boxes of every grade."""
    for grade, draw in GRADES.items():
        for _ in range(drawing.size.boxes_each):
            _box(drawing, grade, draw(drawing.generator, drawing.size.scale))


def _box(drawing: Drawing, grade: str, traits: Traits) -> None:
    generator = drawing.generator
    region = some_region(generator)
    first_us, last_us = stay(generator, drawing.size.days, traits.least_stay)
    cards = drawing.cards.deal(traits.cards, traits.pack)
    dealer = _buy(drawing, traits, cards, region, first_us)
    salt = int(generator.integers(1, 2**20))
    box = Box(traits, cards, a_cell(drawing, region), first_us, last_us, salt)
    carried, callee = _carried(drawing, box)
    fakes = [_fake(drawing, box, len(carried), service) for service in (VOICE, SMS)]
    shown = _on_air(drawing, box, [carried, *fakes])
    share = between(generator, *CALL_BACK)
    back = drawing.call_back(shown[0], callee, share, 2 * HOUR, BACK_MANNER)
    actor = drawing.act(
        f"sim_box.{grade}", shown, echo=back, guilty=True, cards=cards.card, numbers=cards.number,
        dealer=dealer,
    )  # fmt: skip
    victims = shown[0].where(np.flatnonzero(callee != NONE))
    drawing.foretell(
        actor, victims, int(generator.integers(0, FRAUD_CALLS)), SOONEST_MOMENT, LATEST_MOMENT
    )


def _buy(drawing: Drawing, traits: Traits, cards: Issue, region: int, first_us: int) -> int:
    """Register the cards on straw persons; returns the dealer who sold most of them."""
    generator, n = drawing.generator, traits.cards
    far = (region + int(generator.integers(1, len(REGIONS)))) % len(REGIONS)
    shops = np.full(traits.dealers, far if generator.random() < FAR_DEALER else region)
    dealers = drawing.sales.dealers(shops)
    dealer = np.sort(generator.choice(dealers, n))
    bought = first_us - int(between(generator, *PURCHASE_DAYS) * DAY)
    if traits.pack:
        at = bought + np.cumsum(generator.integers(15, 240, n)) * 1_000_000
        at = np.minimum(at, first_us - MINUTE)
    else:
        at = generator.integers(bought, first_us, n)
    holders, kind = drawing.sales.persons(-(-n // traits.a_holder)), PERSON
    if generator.random() < SHELL_COMPANY:
        holders, kind = drawing.sales.firms(len(holders)), COMPANY
    holder = np.repeat(holders, traits.a_holder)[:n]
    checked = float(generator.uniform(0, 0.9))
    drawing.sales.register(at, cards.number, holder, kind, dealer, checked)
    names, counts = np.unique(dealer, return_counts=True)
    return int(names[counts.argmax()])


def _carried(drawing: Drawing, box: Box) -> tuple[Records, Ints]:
    """Calls from abroad made again, by card in `card`; and the subscribers who were rung."""
    generator, traits = drawing.generator, box.traits
    days = (box.last_us - box.first_us) / DAY
    busy = traits.channels if traits.turn_hours else traits.cards
    n = max(3, int(generator.poisson(busy * traits.calls_a_day * days)))
    at = np.sort(moments(generator, n, traits.curve, box.first_us, box.last_us))
    card = _turns(generator, box, at)
    callee = _families(drawing, n)
    regulars = _families(drawing, traits.cards * REGULARS).reshape(traits.cards, REGULARS)
    again = generator.random(n) < traits.repeated
    callee = np.where(again, regulars[card, generator.integers(0, REGULARS, n)], callee)
    line = generator.random(n) < generator.uniform(0, TO_CITY)
    rung = np.where(line, generator.choice(drawing.people.fixed, n), drawing.people.number[callee])
    drawn = talks(generator, n, traits.manner)
    return records(at, box.cards.number[card], rung, card=card, **drawn), np.where(
        line, NONE, callee
    )


def _families(drawing: Drawing, n: int) -> Ints:
    """Subscribers with somebody abroad."""
    share = between(drawing.generator, *FAMILIES)
    known = drawing.anybody(max(50, min(n * 4, int(drawing.people.count * share))))
    return drawing.generator.choice(known, n)


def _turns(generator: np.random.Generator, box: Box, at_us: Ints) -> Ints:
    """Which card makes each call."""
    traits, n = box.traits, len(at_us)
    if traits.turn_hours:
        turn = (at_us - box.first_us) // int(traits.turn_hours * HOUR)
        return (turn * traits.channels + generator.integers(0, traits.channels, n)) % traits.cards
    stirred = generator.integers(0, traits.cards // 2 + 1, n)
    return (np.arange(n) + stirred) % traits.cards


def _fake(drawing: Drawing, box: Box, carried: int, service: int) -> Records:
    """Calls or SMS among the box's own cards."""
    generator, traits = drawing.generator, box.traits
    share = traits.fake_calls if service == VOICE else traits.fake_texts
    n = int(generator.poisson(carried * share))
    card = generator.integers(0, traits.cards, n)
    other = (card + generator.integers(1, traits.cards, n)) % traits.cards
    at = moments(generator, n, PEOPLE, box.first_us, box.last_us)
    told = {"answered": 1} if service == SMS else talks(generator, n, FAKE_MANNER)
    number = box.cards.number
    return records(at, number[card], number[other], card=card, service=service, **told)


def _on_air(drawing: Drawing, box: Box, parts: list[Records]) -> list[Records]:
    """The same calls with their cells and devices; a card keeps both between its two kinds of
    calls, since both depend on nothing but card and moment."""
    made = []
    for part, device in zip(parts, _devices(drawing, box, parts), strict=True):
        cell = _cells(drawing, box, part)
        card = box.cards.card[part.card]
        made.append(part.but(device=device, cell=cell, card=card, place=HOME))
    return made


def _devices(drawing: Drawing, box: Box, parts: list[Records]) -> list[Ints]:
    """The device that each call of each part shows."""
    traits, deal = box.traits, drawing.devices.phones
    if traits.devices == "channel":
        deal = drawing.devices.gateways if traits.gateway else deal
        own = deal(traits.channels)
        return [own[_channel(box, part)] for part in parts]
    if traits.devices == "card":
        own = deal(traits.cards)
        return [own[part.card] for part in parts]
    hours = int(traits.device_hours * HOUR)
    periods = (box.last_us - box.first_us) // hours + 1
    places = [part.card * periods + (part.at_us - box.first_us) // hours for part in parts]
    used, place = np.unique(np.concatenate(places), return_inverse=True)
    shown = deal(len(used))[place]
    return np.split(shown, np.cumsum([len(part) for part in parts])[:-1])


def _channel(box: Box, part: Records) -> Ints:
    """The channel that a card sits in: its own while it lasts, else another every six hours."""
    if box.traits.turn_hours:
        return part.card % box.traits.channels
    shift = (part.at_us - box.first_us) // (6 * HOUR)
    chance = mix(part.card * 4_099 + shift, box.salt) % np.uint64(box.traits.channels)
    return chance.astype(np.int64)


def _cells(drawing: Drawing, box: Box, part: Records) -> Ints:
    """The cell that each call is made in."""
    traits, n = box.traits, len(part)
    step = (part.at_us - box.first_us) // int(traits.step_minutes * MINUTE)
    if traits.route == "car":
        moves = mix(np.arange(int(step.max(initial=0)) + 1), box.salt) % np.uint64(7)
        away = np.cumsum(moves.astype(np.int64) - 3)[step]
    elif traits.route == "still":
        away = (mix(part.card, box.salt) % np.uint64(8) == 0).astype(np.int64)
    else:
        day = (part.at_us // HOUR + 5) % 24
        when = step if traits.route == "bank" else ((day >= 9) & (day < 19)).astype(np.int64)
        radio = mix(part.card * 65_537 + when, box.salt) % np.uint64(traits.places)
        away = radio.astype(np.int64) * (1 + box.salt % _most_apart(drawing, box))
    return drawing.people.places.near(np.full(n, box.cell), away)


def _most_apart(drawing: Drawing, box: Box) -> int:
    """Cells between two radios, at most, so that no two share one."""
    places = drawing.people.places
    here = int(places.region_of(np.array([box.cell]))[0])
    return max(1, int(places.count[here]) // box.traits.places)

"""Innocent look-alikes with SIM cards: couriers, taxi dispatchers, probes, alarms, gateways with
permission, companies' fleets, second-hand telephones.

Each shares something with a SIM box: callees that never repeat, a still cell, several cards in a
device, a pack of numbers activated within the hour, no incoming calls. All shares and rates
are judgements about simulated people; likeness to a real network is chance.
"""

from __future__ import annotations

import numpy as np

from qalqan.clock import DAY, HOUR, MINUTE, SECOND
from qalqan.simulate.calls.drawing import Drawing
from qalqan.simulate.calls.hours import OFFICE, STREETS, between, moments, whole
from qalqan.simulate.calls.places import REGIONS
from qalqan.simulate.calls.records import DOMESTIC, HOME, NONE, SMS, records
from qalqan.simulate.calls.talks import Manner, talks
from qalqan.simulate.identity import Ints
from qalqan.simulate.sizes import FIRST_US

COURIER_CALLS = (15.0, 90.0)
"""Customers that a courier rings a day."""
COURIER_MANNER = Manner(0.78, 24, 0.6)
COURIER_BACK = 0.04
"""Share of customers who ring a courier back."""
COURIER_STEPS = 9
"""Cells a courier moves on between two calls, at most."""
TAXI_CALLS = (120.0, 700.0)
"""Passengers that a dispatcher rings a day."""
TAXI_MANNER = Manner(0.82, 12, 0.5)
TAXI_BACK = (0.03, 0.25)
"""Share of passengers who ring back, from the least to the most."""
TAXI_HAS_LINE = 0.5
"""Share of dispatchers with a city line; the others' telephones lie on a desk."""
PROBE_MINUTES = (2.0, 30.0)
"""Minutes between a probe's calls."""
PROBE_SECONDS = (5, 10, 15, 20, 30, 60, 120)
"""Lengths that probes are set to."""
PROBE_CARDS = (3, 12)
ALARM_HOURS = (1.0, 24.0)
"""Hours between an alarm's or a meter's SMS."""
GATEWAY_CARDS = (4.0, 32.0)
GATEWAY_CALLS = (15.0, 120.0)
"""Calls of a card in a company's gateway on a working day."""
GATEWAY_KNOWN = (0.1, 0.7)
"""Share of a gateway's calls that go to clients rung before."""
GATEWAY_BACK = (0.02, 0.2)
FLEET_CARDS = (15.0, 80.0)
FLEET_CALLS = (2.0, 14.0)
"""Calls of an employee's number on a working day."""
FLEET_INSIDE = 0.4
"""Share of an employee's calls to colleagues."""
PEOPLE_BACK = Manner(0.7, 40, 0.9)
"""How it goes when people ring back."""


def innocents(drawing: Drawing) -> None:
    """Draw all of them."""
    size = drawing.size
    for who in drawing.choose(size.couriers):
        _courier(drawing, int(who))
    for _ in range(size.taxis):
        _taxi(drawing)
    for _ in range(size.probes):
        _probe(drawing)
    _alarms(drawing, size.alarms)
    for _ in range(size.gateways):
        _gateway(drawing)
    for _ in range(size.fleets):
        _fleet(drawing)
    for _ in range(size.second_hand):
        _second_hand(drawing)


def some_region(generator: np.random.Generator) -> int:
    """A region, as likely as its share of people."""
    share = np.array([one.share for one in REGIONS])
    return int(generator.choice(len(REGIONS), p=share / share.sum()))


def a_cell(drawing: Drawing, region: int) -> int:
    """A cell of the region."""
    return int(drawing.people.places.some(drawing.generator, np.array([region]))[0])


def _courier(drawing: Drawing, who: int) -> None:
    """A subscriber who rings each customer once, on the way from door to door."""
    generator, people = drawing.generator, drawing.people
    n = int(between(generator, *COURIER_CALLS) * drawing.size.days)
    first_us = max(FIRST_US, int(people.known_us[who]))
    at = np.sort(moments(generator, n, STREETS, first_us, drawing.size.last_us))
    customer = drawing.anybody(n)
    steps = np.cumsum(generator.integers(-COURIER_STEPS, COURIER_STEPS + 1, n))
    cell = people.places.near(np.full(n, people.home[who]), steps)
    drawn = talks(generator, n, COURIER_MANNER)
    calls = people.calls(np.full(n, who), at, people.number[customer], **drawn).but(cell=cell)
    back = drawing.call_back(calls, customer, COURIER_BACK, 40 * MINUTE, PEOPLE_BACK)
    drawing.act("courier", [calls], echo=back, cards=np.array([who]), numbers=calls.caller[:1])


def _taxi(drawing: Drawing) -> None:
    """A dispatcher: hundreds of short calls from one place to numbers that never repeat."""
    generator, people = drawing.generator, drawing.people
    region = some_region(generator)
    n = int(between(generator, *TAXI_CALLS) * drawing.size.days * drawing.size.scale)
    at = moments(generator, n, STREETS, FIRST_US, drawing.size.last_us)
    rider = drawing.anybody(n)
    drawn = talks(generator, n, TAXI_MANNER)
    cards = None
    if generator.random() < TAXI_HAS_LINE:
        line = drawing.office_lines(1, region)
        trunk = int(generator.choice(DOMESTIC))
        calls = records(at, line[0], people.number[rider], trunk=trunk, **drawn)
    else:
        issue = drawing.office_cards(1, region)
        cards = issue.card
        calls = records(
            at, issue.number[0], people.number[rider], card=cards[0],
            device=drawing.devices.phones(1)[0], cell=a_cell(drawing, region), place=HOME, **drawn,
        )  # fmt: skip
    share = float(generator.uniform(*TAXI_BACK))
    back = drawing.call_back(calls, rider, share, 12 * MINUTE, PEOPLE_BACK)
    drawing.act("taxi", [calls], echo=back, cards=cards, numbers=calls.caller[:1])


def _probe(drawing: Drawing) -> None:
    """A network's own test device: cards in turn, set lengths, the same few test lines."""
    generator = drawing.generator
    region = some_region(generator)
    issue = drawing.office_cards(int(generator.integers(*PROBE_CARDS)), region)
    every = between(generator, *PROBE_MINUTES) * MINUTE
    n = int(drawing.size.days * DAY / every)
    at = FIRST_US + (np.arange(n) * every).astype(np.int64) + generator.integers(0, 5 * SECOND, n)
    test_lines = drawing.office_lines(int(generator.integers(1, 20)), region)
    turn = np.arange(n) // int(generator.integers(1, 40)) % len(issue.card)
    length = int(generator.choice(PROBE_SECONDS))
    fails = generator.random(n) < generator.uniform(0.001, 0.03)
    calls = records(
        at, issue.number[turn], generator.choice(test_lines, n), card=issue.card[turn],
        device=drawing.devices.gateways(1)[0], cell=a_cell(drawing, region), place=HOME,
        duration_s=np.where(fails, 0, length), ring_s=2, answered=(~fails).astype(np.int64),
    )  # fmt: skip
    drawing.act("probe", [calls], cards=issue.card, numbers=issue.number)


def _alarms(drawing: Drawing, n: int) -> None:
    """Alarms, meters, trackers: SMS to a control number, day and night, and nothing else."""
    generator = drawing.generator
    owners = max(1, n // 40)
    packs = np.array_split(np.arange(n), owners)
    for pack in packs:
        region = some_region(generator)
        issue = drawing.office_cards(len(pack), region, checked=0.0)
        control = drawing.people.number[drawing.anybody(1)[0]]
        device = drawing.devices.gateways(len(pack))
        cell = drawing.people.places.some(generator, np.full(len(pack), region))
        every = between(generator, *ALARM_HOURS) * HOUR
        each = max(1, int(drawing.size.days * DAY / every))
        which = np.tile(np.arange(len(pack)), each)
        beat = np.repeat(np.arange(each), len(pack)) * every + generator.random(len(pack))[
            which
        ] * min(every, DAY)
        at = FIRST_US + beat.astype(np.int64) + generator.integers(0, MINUTE, len(which))
        calls = records(
            at, issue.number[which], control, card=issue.card[which], device=device[which],
            cell=cell[which], place=HOME, service=SMS, answered=1,
        )  # fmt: skip
        drawing.act("alarms", [calls], cards=issue.card, numbers=issue.number)


def _gateway(drawing: Drawing) -> None:
    """A company's exchange with cards in a GSM gateway, on the operator's white list."""
    generator, people = drawing.generator, drawing.people
    region = some_region(generator)
    scale = drawing.size.scale
    lines = max(2, int(between(generator, *GATEWAY_CARDS) * scale))
    issue = drawing.office_cards(lines, region)
    n = int(lines * between(generator, *GATEWAY_CALLS) * drawing.size.days * 5 / 7)
    at = moments(generator, n, OFFICE, FIRST_US, drawing.size.last_us)
    client = _clients(drawing, n, float(generator.uniform(*GATEWAY_KNOWN)))
    line = generator.integers(0, lines, n)
    drawn = talks(generator, n, Manner(float(generator.uniform(0.4, 0.8)), 50, 1.0))
    channels = drawing.devices.gateways(lines)
    calls = records(
        at, issue.number[line], people.number[client], card=issue.card[line],
        device=channels[line], cell=a_cell(drawing, region), place=HOME, **drawn,
    )  # fmt: skip
    share = float(generator.uniform(*GATEWAY_BACK))
    back = drawing.call_back(calls, client, share, 2 * HOUR, PEOPLE_BACK)
    drawing.act("gateway", [calls], echo=back, cards=issue.card, numbers=issue.number, allowed=True)


def _clients(drawing: Drawing, n: int, known: float) -> Ints:
    """Subscribers rung by a company: `known` of the calls go to some rung before."""
    regulars = drawing.anybody(max(1, int(n * known / 5)))
    again = drawing.generator.random(n) < known
    return np.where(again, drawing.generator.choice(regulars, n), drawing.anybody(n))


def _fleet(drawing: Drawing) -> None:
    """A company's numbers, activated in one go and used by its employees as people do."""
    generator, people = drawing.generator, drawing.people
    region = some_region(generator)
    staff = whole(generator, *FLEET_CARDS)
    issue = drawing.office_cards(staff, region)
    n = int(staff * between(generator, *FLEET_CALLS) * drawing.size.days * 5 / 7)
    at = moments(generator, n, OFFICE, FIRST_US, drawing.size.last_us)
    who = generator.integers(0, staff, n)
    colleague = issue.number[(who + generator.integers(1, staff + 1, n)) % staff]
    inside = generator.random(n) < FLEET_INSIDE
    client = _clients(drawing, n, 0.6)
    twin = people.cells(drawing.anybody(staff)[who], at)
    cell = people.places.near(np.full(n, a_cell(drawing, region)), twin % 50)
    calls = records(
        at, issue.number[who], np.where(inside, colleague, people.number[client]),
        card=issue.card[who], device=drawing.devices.phones(staff)[who], cell=cell, place=HOME,
        **talks(generator, n, PEOPLE_BACK),
    )  # fmt: skip
    rung = np.where(inside, NONE, client)
    back = drawing.call_back(calls, rung, 0.35, 3 * HOUR, PEOPLE_BACK)
    drawing.act("fleet", [calls], echo=back, cards=issue.card, numbers=issue.number)


def _second_hand(drawing: Drawing) -> None:
    """A telephone that goes from hand to hand: its IMEI is seen with several cards in turn."""
    generator, people = drawing.generator, drawing.people
    owners = drawing.choose(int(generator.integers(2, 5)))
    device = drawing.devices.phones(1)[0]
    span = drawing.size.days * DAY
    sold = np.sort(FIRST_US + generator.integers(0, span, len(owners)))
    for i, owner in enumerate(owners):
        own = people.devices[0][owner]
        begins = FIRST_US if i == 0 else sold[i - 1]
        people.devices[:, owner] = (own, device, drawing.devices.phones(1)[0])
        people.changed_us[:, owner] = (begins, sold[i])
    drawing.act("second_hand", [], cards=owners, numbers=people.number[owners])

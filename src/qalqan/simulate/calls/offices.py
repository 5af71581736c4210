"""Innocent look-alikes without SIM cards: call centres of banks and clinics, offices that trade
with other countries, foreign firms that ring their clients here.

They share with fraud call centres the campaigns in order of number, the low share of answers and
the long working day; their callees are clients, who ring back. All shares and rates are
judgements about simulated firms; likeness to a real one is chance.
"""

from __future__ import annotations

import numpy as np

from qalqan.clock import DAY, HOUR
from qalqan.simulate.calls.drawing import Drawing
from qalqan.simulate.calls.hours import OFFICE, between, moments, whole
from qalqan.simulate.calls.innocent import PEOPLE_BACK, some_region
from qalqan.simulate.calls.numbers import POST_SOVIET_AND_EUROPE, abroad
from qalqan.simulate.calls.records import DOMESTIC, INTERNATIONAL, NONE, PEERS, Records, records
from qalqan.simulate.calls.talks import Manner, talks
from qalqan.simulate.identity import Ints
from qalqan.simulate.sizes import FIRST_US

CENTRE_CALLS = (150.0, 2_000.0)
"""Calls of a call centre on a working day."""
CENTRE_LINES = (1.0, 30.0)
CENTRE_ANSWERED = (0.2, 0.6)
CENTRE_BACK = (0.01, 0.08)
SHOWS_MAIN_LINE = 0.4
"""Share of call centres that present their main number instead of the line's own."""
BY_LIST = 0.6
"""Share of campaigns that go through the clients in order of number."""
EXPORT_CALLS = (10.0, 120.0)
EXPORT_PARTNERS = (8.0, 150.0)
"""Firms abroad that an office keeps ringing."""
EXPORT_NEW = (0.05, 0.6)
"""Share of an office's calls that go to firms rung for the first time."""
EXPORT_BACK = 0.25
DESK_CALLS = (20.0, 300.0)
DESK_TO_CITY = (0.1, 0.9)
"""Share of a foreign firm's calls that go to city lines: offices rather than people."""
DESK_ANSWERED = (0.35, 0.75)
DESK_BACK = 0.03
REGULARS = 0.5
"""Share of a foreign firm's calls that go to clients rung before."""


def offices(drawing: Drawing) -> None:
    """Draw all of them."""
    for number in range(drawing.size.call_centres):
        _call_centre(drawing, ("bank", "clinic")[number % 2])
    for _ in range(drawing.size.export_offices):
        _export_office(drawing)
    for _ in range(drawing.size.foreign_desks):
        _foreign_desk(drawing)


def lines_somewhere(drawing: Drawing, least: float, most: float) -> Ints:
    """City numbers of an office in some region, from `least` to `most` of them."""
    generator = drawing.generator
    return drawing.office_lines(whole(generator, least, most), some_region(generator))


def _working(drawing: Drawing, a_day: float) -> Ints:
    """Moments of about `a_day` calls on each working day, in order."""
    n = int(a_day * drawing.size.days * 5 / 7)
    first_us, last_us = FIRST_US, drawing.size.last_us
    return np.sort(moments(drawing.generator, n, OFFICE, first_us, last_us))


def _call_centre(drawing: Drawing, owner: str) -> None:
    """Campaigns from fixed city lines to clients, many of whom don't answer."""
    generator, people = drawing.generator, drawing.people
    at = _working(drawing, between(generator, *CENTRE_CALLS) * drawing.size.scale**2)
    lines = lines_somewhere(drawing, *CENTRE_LINES)
    client = drawing.anybody(len(at))
    if generator.random() < BY_LIST:
        client = client[np.argsort(people.number[client], kind="stable")]
    manner = Manner(float(generator.uniform(*CENTRE_ANSWERED)), between(generator, 15, 90), 0.8)
    line = lines[generator.integers(0, len(lines), len(at))]
    main = lines[0] if generator.random() < SHOWS_MAIN_LINE else NONE
    calls = records(
        at, line, people.number[client], trunk=int(generator.choice(DOMESTIC)),
        presented=np.where(line == main, NONE, main), **talks(generator, len(at), manner),
    )  # fmt: skip
    share = float(generator.uniform(*CENTRE_BACK))
    back = drawing.call_back(calls, client, share, 5 * HOUR, PEOPLE_BACK)
    drawing.act(f"call_centre.{owner}", [calls], echo=back, numbers=lines)


def _export_office(drawing: Drawing) -> None:
    """Long talks with firms abroad in working hours, over city or VoIP lines (cf. REQ-34)."""
    generator = drawing.generator
    at = _working(drawing, between(generator, *EXPORT_CALLS))
    lines = lines_somewhere(drawing, 1, 4)
    countries = generator.choice(POST_SOVIET_AND_EUROPE, int(generator.integers(1, 6)), False)
    market = {str(name): 1 for name in countries}
    partners = abroad(generator, whole(generator, *EXPORT_PARTNERS), market)
    new = generator.random(len(at)) < generator.uniform(*EXPORT_NEW)
    callee = np.where(new, abroad(generator, len(at), market), generator.choice(partners, len(at)))
    line = generator.choice(lines, len(at))
    trunk = int(generator.choice(np.concatenate([DOMESTIC, PEERS])))
    manner = Manner(float(generator.uniform(0.5, 0.85)), between(generator, 60, 400), 1.1)
    calls = records(at, line, callee, trunk=trunk, **talks(generator, len(at), manner))
    known = np.flatnonzero(~new & (generator.random(len(at)) < EXPORT_BACK))
    back = _back_from_abroad(drawing, calls.where(known))
    drawing.act("export_office", [calls], echo=back, numbers=lines, trunk=trunk)


def _back_from_abroad(drawing: Drawing, calls: Records) -> Records:
    """Partners abroad who ring in turn, within two days."""
    generator = drawing.generator
    at = calls.at_us + generator.integers(HOUR, 2 * DAY, len(calls))
    trunk = int(generator.choice(INTERNATIONAL))
    drawn = talks(generator, len(at), Manner(0.8, 120, 1.0))
    return records(at, calls.callee, calls.caller, trunk=trunk, **drawn)


def _foreign_desk(drawing: Drawing) -> None:
    """A firm abroad that rings clients here: offices and people (cf. REQ-46)."""
    generator, people = drawing.generator, drawing.people
    at = _working(drawing, between(generator, *DESK_CALLS) * drawing.size.scale)
    n = len(at)
    country = str(generator.choice(["RU", "TR", "DE", "AE", "CN", "UZ"]))
    first = abroad(generator, 1, {country: 1})[0]
    lines = first + np.arange(whole(generator, 1, 8))
    office = generator.random(n) < generator.uniform(*DESK_TO_CITY)
    regular = generator.random(n) < REGULARS
    pick = np.where(regular, generator.integers(0, max(1, n // 8), n), generator.integers(0, n, n))
    client, firm = drawing.anybody(n)[pick], generator.choice(people.fixed, n)[pick]
    calls = records(
        at, generator.choice(lines, n), np.where(office, firm, people.number[client]),
        trunk=int(generator.choice(INTERNATIONAL)),
        **talks(generator, n, Manner(float(generator.uniform(*DESK_ANSWERED)), 70, 0.9)),
    )  # fmt: skip
    rung = np.where(office, NONE, client)
    back = drawing.call_back(calls, rung, DESK_BACK, 5 * HOUR, PEOPLE_BACK)
    drawing.act("foreign_desk", [calls], echo=back, numbers=lines)

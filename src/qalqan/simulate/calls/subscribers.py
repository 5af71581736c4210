"""Ordinary subscribers: their cards and telephones, where they live and go, who sold them what.

A subscriber is one mobile number; its card has the same number as the subscriber. Some people
hold two, often in one telephone with two IMEIs; families hand telephones around; people buy new
ones. Behind the mobile parties stand city lines and people abroad, numbered on.
All shares are judgements; everybody is invented and likeness to real people is chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qalqan.clock import DAY, HOUR
from qalqan.simulate.calls.cards import Cards, Devices
from qalqan.simulate.calls.numbers import CITY_IN_USE, RELATIVES, abroad, city
from qalqan.simulate.calls.places import Places, settle
from qalqan.simulate.calls.records import (
    ACCESS,
    DOMESTIC,
    HOME,
    INTERNATIONAL,
    NONE,
    Records,
    records,
)
from qalqan.simulate.calls.sales import PERSON, Sales
from qalqan.simulate.calls.sizes import CallSize
from qalqan.simulate.identity import Ints, Mask, mix
from qalqan.simulate.sizes import ALMATY_US, FIRST_US

SECOND_CARD = 0.18
"""Share of numbers that are their holder's second."""
TWO_SLOTS = 0.75
"""Share of second numbers that live in the first one's telephone."""
SHARED_HANDSET = 0.025
"""Share of numbers that take turns in the telephone of the number before: families."""
BUYS_A_PHONE = 0.004
"""Share of subscribers who change their telephone, a day."""
NEW_A_DAY = 0.0012
"""Share of numbers that are activated on any of the days."""
OLDEST_DAYS = 6 * 365
LINES = 0.15
"""City lines of homes, a mobile number."""
FRIENDS_ABROAD = 0.09
"""People abroad who know somebody here, a mobile number."""
WORKS = 0.6
"""Share of subscribers who spend working days at another place."""
ROAMS = (0.02, 0.5)
"""From the least to the most travelled: share of hours spent elsewhere in the region."""
DEALER_ELSEWHERE = 0.04
"""Share of numbers sold in another region than the holder's."""
CHECKED = 0.55
"""Share of ordinary numbers whose holder was checked by biometrics."""
AT_FAIRS, AT_A_FAIR = 0.25, 25
"""Share of new numbers sold at fairs, hostels and campuses, and how many at one of them."""
NEVER = 2**62
_TRIPS = 41


@dataclass(frozen=True)
class Subscribers:
    """Columns over subscribers; `number` goes on over city lines and people abroad."""

    places: Places
    number: Ints
    lines: int
    """City lines behind the subscribers."""
    region: Ints
    """Of subscribers and of city lines."""
    home: Ints
    work: Ints
    roams: np.ndarray
    activity: np.ndarray
    known_us: Ints
    """When the number was activated."""
    devices: Ints
    """Three telephones of each, one after another (rows)."""
    changed_us: Ints
    """When the second and the third took over (two rows)."""

    @property
    def count(self) -> int:
        return len(self.home)

    @property
    def fixed(self) -> Ints:
        """Numbers of city lines."""
        return self.number[self.count : self.count + self.lines]

    def cells(self, who: Ints, at_us: Ints) -> Ints:
        """Where subscribers are: at home, at work by day, now and then elsewhere."""
        hour = (at_us - FIRST_US) // HOUR
        of_day, rests = hour % 24, hour // 24 % 7 >= 5
        works = (of_day >= 9) & (of_day < 18) & ~rests
        cell: Ints = np.where(works, self.work[who], self.home[who])
        chance = mix(who * 100_003 + hour, 31)
        away = (chance % np.uint64(1_000)).astype(np.int64) < self.roams[who] * 1_000
        away &= of_day >= 7
        place = np.flatnonzero(away)
        trip = (chance[place] // np.uint64(1_000) % np.uint64(_TRIPS)).astype(np.int64)
        cell[place] = self.places.near(self.home[who[place]], trip - _TRIPS // 2)
        return cell

    def held(self, who: Ints, at_us: Ints) -> Ints:
        """The telephone each subscriber uses at a moment."""
        device: Ints = self.devices[0][who]
        for stage in (1, 2):
            later = np.flatnonzero(at_us >= self.changed_us[stage - 1][who])
            device[later] = self.devices[stage][who[later]]
        return device

    def calls(self, party: Ints, at_us: Ints, callee: Ints | int, **columns: Ints | int) -> Records:
        """Calls that parties begin: from a telephone, a city line or abroad."""
        mobile = party < self.count
        who = np.minimum(party, self.count - 1)
        turn = (mix(party, 32) % np.uint64(60)).astype(np.int64)
        line = DOMESTIC[turn % len(DOMESTIC)]
        foreign = INTERNATIONAL[turn % len(INTERNATIONAL)]
        told = {
            "card": np.where(mobile, party, NONE),
            "device": np.where(mobile, self.held(who, at_us), NONE),
            "cell": np.where(mobile, self.cells(who, at_us), NONE),
            "place": np.where(mobile, HOME, NONE),
            "trunk": np.where(
                mobile, ACCESS, np.where(party < self.count + self.lines, line, foreign)
            ),
        }
        return records(at_us, self.number[party], callee, **{**told, **columns})


def populate(
    generator: np.random.Generator, size: CallSize, cards: Cards, devices: Devices, sales: Sales
) -> Subscribers:
    """Draw everybody; registers the numbers, too."""
    n = size.subscribers
    places, region = settle(n)
    second = (generator.random(n) < SECOND_CARD) & (np.arange(n) > 0)
    second[1:] &= (region[1:] == region[:-1]) & ~second[:-1]
    home, work = _homes(generator, places, region, second)
    number, lines, line_region = _parties(generator, size, cards, region)
    known = _register(generator, size, sales, cards.number[0], region, second)
    held, changed = _telephones(generator, size, devices, second)
    activity = generator.lognormal(0, 0.75, n) * np.where(second, 0.4, 1.0)
    roams = np.exp(generator.uniform(np.log(ROAMS[0]), np.log(ROAMS[1]), n))
    roams[second] = roams[np.flatnonzero(second) - 1]
    return Subscribers(
        places, number, lines, np.concatenate([region, line_region]), home, work, roams,
        activity, known, held, changed,
    )  # fmt: skip


def _homes(
    generator: np.random.Generator, places: Places, region: Ints, second: Mask
) -> tuple[Ints, Ints]:
    home = places.some(generator, region)
    work = np.where(generator.random(len(home)) < WORKS, places.some(generator, region), home)
    for cell in (home, work):
        cell[second] = cell[np.flatnonzero(second) - 1]
    return home, work


def _parties(
    generator: np.random.Generator, size: CallSize, cards: Cards, region: Ints
) -> tuple[Ints, int, Ints]:
    """Numbers of everybody who can be rung, how many are city lines, and those's regions."""
    own = cards.deal(size.subscribers).number
    lines = int(size.subscribers * LINES)
    line_region = np.sort(generator.choice(region, lines))
    rank = np.arange(lines) - np.searchsorted(line_region, line_region)
    fixed = city(line_region, 200_000 + (rank / CITY_IN_USE).astype(np.int64))
    friends = abroad(generator, int(size.subscribers * FRIENDS_ABROAD), RELATIVES)
    return np.concatenate([own, fixed, friends]), lines, line_region


def _register(
    generator: np.random.Generator,
    size: CallSize,
    sales: Sales,
    number: Ints,
    region: Ints,
    second: Mask,
) -> Ints:
    """When each number was activated."""
    n = len(number)
    person = np.cumsum(~second) - 1
    holder = sales.persons(int(person[-1]) + 1)[person]
    known = FIRST_US - generator.integers(DAY, OLDEST_DAYS * DAY, n)
    new = generator.random(n) < NEW_A_DAY * size.days
    known[new] = FIRST_US + generator.integers(9 * HOUR, size.days * DAY, int(new.sum()))
    sold = np.where(generator.random(n) < DEALER_ELSEWHERE, generator.choice(region, n), region)
    known = np.where(known >= FIRST_US, _opened(known), known)
    _at_fairs(generator, np.flatnonzero(new), known, sold)
    sales.register(known, number, holder, PERSON, sales.dealers(sold), CHECKED)
    return known


def _at_fairs(generator: np.random.Generator, new: Ints, known: Ints, sold: Ints) -> None:
    """Part of the new numbers are sold by the dozen in an hour or two, each to somebody else."""
    fairs = max(1, int(len(new) * AT_FAIRS / AT_A_FAIR))
    for fair in range(fairs):
        mine = new[fair * AT_A_FAIR : (fair + 1) * AT_A_FAIR]
        if len(mine):
            known[mine] = known[mine[0]] + generator.integers(0, 2 * HOUR, len(mine))
            sold[mine] = sold[mine[0]]


def _opened(at_us: Ints) -> Ints:
    """The same days, in the hours when shops are open."""
    day = (at_us + ALMATY_US) // DAY * DAY - ALMATY_US
    opened: Ints = day + 10 * HOUR + (at_us - day) * 8 // 24
    return opened


def _telephones(
    generator: np.random.Generator, size: CallSize, devices: Devices, second: Mask
) -> tuple[Ints, Ints]:
    n = len(second)
    own = devices.phones(n)
    place = np.flatnonzero(second & (generator.random(n) < TWO_SLOTS))
    own[place] = devices.second_slots(own[place - 1])
    shared = (generator.random(n) < SHARED_HANDSET) & ~second & (np.arange(n) > 0)
    own[shared] = own[np.flatnonzero(shared) - 1]
    changed = np.full((2, n), NEVER)
    buys = np.flatnonzero(generator.random(n) < BUYS_A_PHONE * size.days)
    changed[0][buys] = FIRST_US + generator.integers(0, size.days * DAY, len(buys))
    held = np.stack([own, own, own])
    held[1:, buys] = devices.phones(len(buys))
    return held, changed

"""The country of calls while it is drawn: everybody in it, and what was drawn so far."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from qalqan.clock import DAY, HOUR, MINUTE, SECOND
from qalqan.simulate.calls.cards import Cards, Devices, Issue
from qalqan.simulate.calls.numbers import OFFICES, city
from qalqan.simulate.calls.places import REGIONS
from qalqan.simulate.calls.records import NONE, Records, stacked
from qalqan.simulate.calls.sales import COMPANY, Sales
from qalqan.simulate.calls.sizes import CallSize
from qalqan.simulate.calls.subscribers import Subscribers
from qalqan.simulate.calls.talks import Manner, talks
from qalqan.simulate.identity import Ints
from qalqan.simulate.sizes import FIRST_US

MOST_GAP = 12
"""Numbers between two offices' lines: a judgement."""
SOONEST_PURCHASE_DAYS, LONGEST_PURCHASE_DAYS = 20, 1_500
"""How long before the first day companies got their numbers: a judgement."""


@dataclass(frozen=True)
class Sketch:
    """An actor while it is drawn."""

    kind: str
    guilty: bool
    cards: Ints
    """Its SIM cards; all calls from them are its calls."""
    numbers: Ints
    """Its numbers, or those it shows."""
    allowed: bool
    forged: bool
    dealer: int
    trunk: int


@dataclass(frozen=True)
class Omen:
    """A moment while it is drawn: number of the actor and the victim, and both times."""

    actor: int
    victim: int
    call_us: int
    at_us: int


@dataclass
class Drawing:
    """Everybody, and the parts drawn so far."""

    generator: np.random.Generator
    size: CallSize
    cards: Cards
    devices: Devices
    sales: Sales
    people: Subscribers
    parts: list[Records] = field(default_factory=list)
    sketches: list[Sketch] = field(default_factory=list)
    omens: list[Omen] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chosen = self.generator.permutation(self.people.count)
        self._next = 0
        self._settled = np.flatnonzero(self.people.known_us < FIRST_US)
        self._office = np.zeros(len(REGIONS), dtype=np.int64)

    def choose(self, n: int) -> Ints:
        """`n` subscribers who are no special actors yet."""
        chosen = self._chosen[self._next : self._next + n]
        self._next += n
        return chosen

    def anybody(self, n: int) -> Ints:
        """`n` subscribers, whoever they are, that had their numbers before the first day."""
        return self.generator.choice(self._settled, n)

    def office_cards(self, n: int, region: int, checked: float = 0.3) -> Issue:
        """Cards of a company, dealt in a pack; the operator sold them itself."""
        issue = self.cards.deal(n, pack=True)
        days = int(self.generator.integers(SOONEST_PURCHASE_DAYS, LONGEST_PURCHASE_DAYS))
        at = FIRST_US - days * DAY + 10 * HOUR + np.arange(n) * 3 * MINUTE
        holder = np.full(n, self.sales.firms(1)[0])
        self.sales.register(at, issue.number, holder, COMPANY, np.full(n, NONE), checked)
        return issue

    def office_lines(self, n: int, region: int) -> Ints:
        """`n` city numbers of one office, side by side, behind those of homes."""
        first = OFFICES + int(self._office[region]) + int(self.generator.integers(1, MOST_GAP))
        self._office[region] = first + n - OFFICES
        return city(np.full(n, region), first + np.arange(n))

    def act(
        self,
        kind: str,
        parts: list[Records],
        *,
        guilty: bool = False,
        cards: Ints | None = None,
        numbers: Ints | None = None,
        allowed: bool = False,
        forged: bool = False,
        dealer: int = NONE,
        trunk: int = NONE,
        echo: Records | None = None,
    ) -> int:
        """Note an actor, its calls, and what others answer to them; returns its number."""
        nobody = np.zeros(0, dtype=np.int64)
        mine = nobody if cards is None else cards
        told = nobody if numbers is None else np.unique(numbers)
        actor = len(self.sketches)
        self.sketches.append(Sketch(kind, guilty, mine, told, allowed, forged, dealer, trunk))
        self.parts += [part.but(actor=actor) for part in parts if len(part)]
        if echo is not None and len(echo):
            self.parts.append(echo)
        return actor

    def call_back(
        self, calls: Records, callee: Ints, share: float, within_us: int, manner: Manner
    ) -> Records:
        """Some of the subscribers who were rung ring back the number they saw; `callee` tells
        who was rung, by subscriber (`NONE` for others)."""
        mine = np.flatnonzero((callee != NONE) & (self.generator.random(len(calls)) < share))
        later = self.generator.exponential(within_us / 3, len(mine)).astype(np.int64)
        at = calls.at_us[mine] + calls.duration_s[mine] * SECOND + 20 * SECOND + later
        shown = calls.presented[mine]
        back = np.where(shown == NONE, calls.caller[mine], shown)
        drawn = talks(self.generator, len(mine), manner)
        return self.people.calls(callee[mine], at, back, **drawn)

    def foretell(self, actor: int, calls: Records, n: int, soonest_us: int, latest_us: int) -> None:
        """The longest talks of an actor lead to a victim's moment, `n` of them."""
        longest = np.argsort(-calls.duration_s, kind="stable")[: min(n, len(calls))]
        for call in longest[calls.answered[longest] > 0]:
            ended = int(calls.at_us[call] + calls.duration_s[call] * SECOND)
            wait = int(self.generator.integers(soonest_us, latest_us))
            victim, call_us = int(calls.callee[call]), int(calls.at_us[call])
            self.omens.append(Omen(actor, victim, call_us, ended + wait))


def joined(parts: list[Records], last_us: int) -> Records:
    """All calls before the last moment, at whole seconds as switches write them."""
    whole = stacked(parts)
    inside = whole.where(np.flatnonzero(whole.at_us < last_us))
    return inside.but(at_us=inside.at_us // SECOND * SECOND)

"""Drawing a world: the ring's plan as in the simulated country, and everyday traffic near it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from qalqan.clock import DAY, HOUR, MINUTE, SECOND
from qalqan.simulate.plan import Out, Stage
from qalqan.simulate.replay.scenario import Scenario
from qalqan.simulate.replay.traffic import traffic
from qalqan.simulate.replay.world import (
    BANKS,
    CROWD,
    FRIEND,
    MEMBER,
    OUTSIDE,
    SELLER,
    SELLER_EXIT,
    SHOP,
    VICTIM,
    Claim,
    World,
)
from qalqan.simulate.sizes import FIRST_US

TENGE = 100
CROWD_SIZE = 40
"""Customers of the shops and sellers near one ring."""
DICE = 509


def draw(scenario: Scenario, seed: int, number: int) -> World:
    """The world of that number: the same seed and number, the same world."""
    streams = np.random.SeedSequence([seed, number]).spawn(4)
    ring, people, habits, dice = (np.random.default_rng(stream) for stream in streams)
    kinds = _kinds(scenario)
    opening = _openings(people, scenario, kinds)
    shares = np.array(scenario["banks.shares"])
    banks = people.choice(len(BANKS), size=len(kinds), p=shares / shares.sum())
    plan = _Plan(ring, scenario, kinds)
    claims = [plan.claim(victim) for victim in range(scenario["victims.a_ring"])]
    for claim in claims:
        opening[claim.payer] = claim.amount
    ordinary = traffic(habits, scenario, kinds, opening)
    drawn = dice.standard_normal(DICE)
    return World(
        number, kinds, tuple(int(b) for b in banks), tuple(opening), tuple(claims),
        tuple(plan.stages), ordinary, tuple(float(d) for d in drawn),
    )  # fmt: skip


def _kinds(scenario: Scenario) -> tuple[int, ...]:
    counts = {
        VICTIM: scenario["victims.a_ring"],
        MEMBER: scenario["ring.drops"],
        FRIEND: scenario["innocent.friends"],
        SHOP: scenario["innocent.shops"],
        SELLER: scenario["innocent.sellers"],
        CROWD: CROWD_SIZE,
        OUTSIDE: 1,
    }
    return tuple(kind for kind, n in counts.items() for _ in range(n))


def _openings(generator: np.random.Generator, s: Scenario, kinds: tuple[int, ...]) -> list[int]:
    """Own money of each account, tiyn; an even draw on a logarithmic scale."""
    of = s["innocent.balance_tenge"]
    bounds = {FRIEND: of["friend"], CROWD: of["friend"], SHOP: of["shop"], SELLER: of["seller"]}
    opening = []
    for kind in kinds:
        rich, at = generator.random() < s["ring.float_chance"], generator.random()
        if kind == MEMBER:
            least, most = s["ring.float_tenge"] if rich else s["ring.small_float_tenge"]
        else:
            least, most = bounds.get(kind, (0, 0))
        low, high = np.log(least + 1), np.log(most + 1)
        opening.append(int(np.exp(low + at * (high - low)) - 1) * TENGE)
    return opening


class _Plan:
    """What the ring means to do with each victim's money."""

    def __init__(
        self, generator: np.random.Generator, scenario: Scenario, kinds: tuple[int, ...]
    ) -> None:
        self.generator = generator
        self.s = scenario
        self.stages: list[Stage] = []
        self.members = [a for a, kind in enumerate(kinds) if kind == MEMBER]
        self.sellers = [a for a, kind in enumerate(kinds) if kind == SELLER]

    def claim(self, number: int) -> Claim:
        """One victim and the way of his money."""
        mean, sigma = np.log(self.s["victims.loss_median_tenge"]), self.s["victims.loss_sigma"]
        tenge = np.clip(self.generator.lognormal(mean, sigma), *self.s["victims.loss_tenge"])
        day = int(self.generator.integers(0, self.s["victims.over_days"]))
        at_us = FIRST_US + DAY * (1 + day) + self.between(8 * HOUR, 22 * HOUR) // SECOND * SECOND
        first = self.way(number)
        return Claim(
            number, number, int(tenge) * TENGE, at_us, first, float(self.generator.random())
        )

    def between(self, least: int, most: int) -> int:
        return int(self.generator.integers(least, most))

    def chance(self, probability: float) -> bool:
        return bool(self.generator.random() < probability)

    def way(self, claim: int) -> int:
        """All stages of a claim; the first one's number."""
        numbers = [[self.add(claim, a) for a in layer] for layer in self.layers()]
        for depth, (here, onto) in enumerate(pairwise(numbers)):
            for number in here:
                self.set_outs(number, self.onward(onto, depth))
        for number in numbers[-1]:
            self.set_outs(number, self.leaving(self.s["ring.rest_minutes_later"]))
        if len(numbers) == 1:
            self.set_outs(numbers[0][0], self.leaving(self.s["ring.rest_minutes_first"]))
        return numbers[0][0]

    def layers(self) -> list[list[int]]:
        """Accounts layer by layer: one first, then one or more of the others."""
        depth = 1 + self.drawn(self.s["ring.depth_chances"])
        firsts = self.s["ring.first_drops"]
        later = [
            self.members[firsts:][i] for i in self.generator.permutation(len(self.members) - firsts)
        ]
        layers = [[self.members[self.between(0, firsts)]]]
        for _ in range(depth - 1):
            width = min(1 + self.drawn(self.s["ring.width_chances"]), len(later))
            layers.append(later[:width])
            later = later[width:]
        return [layer for layer in layers if layer]

    def drawn(self, chances: list[float]) -> int:
        weights = np.array(chances)
        return int(self.generator.choice(len(chances), p=weights / weights.sum()))

    def add(self, claim: int, account: int) -> int:
        keep = self.between(*self.s["ring.keep_ppm"])
        number = len(self.stages)
        rest = self.chance(self.s["ring.sends_rest_chance"])
        self.stages.append(Stage(number, claim, account, keep, rest, ()))
        return number

    def set_outs(self, number: int, outs: list[Out]) -> None:
        self.stages[number] = replace(self.stages[number], outs=tuple(outs))

    def rest_us(self, median_minutes: float) -> int:
        """How long money rests at an account."""
        if self.chance(self.s["ring.long_rest_chance"]):
            least, most = self.s["ring.long_rest_hours"]
            return self.between(least * HOUR, most * HOUR)
        drawn = self.generator.lognormal(np.log(median_minutes * MINUTE), self.s["ring.rest_sigma"])
        return int(np.clip(drawn, 2 * MINUTE, 4 * HOUR)) // SECOND * SECOND

    def shares(self, n: int) -> list[int]:
        """`n` shares of a million, none of them tiny."""
        weight = self.generator.random(n) + 0.5
        whole = [int(share) for share in weight / weight.sum() * 1_000_000]
        return [whole[0] + 1_000_000 - sum(whole), *whole[1:]]

    def onward(self, onto: list[int], depth: int) -> list[Out]:
        """To every account of the next layer, and now and then some of it aside."""
        names = ("ring.rest_minutes_later", "ring.rest_minutes_first")
        wait = self.rest_us(self.s[names[depth == 0]])
        outs = [Out(n, 0, stage=to) for n, to in zip(self.shares(len(onto)), onto, strict=True)]
        if self.chance(self.s["ring.aside_chance"]):
            part = self.between(*self.s["ring.aside_ppm"])
            less = [o.share_ppm * (1_000_000 - part) // 1_000_000 for o in outs]
            outs = [replace(o, share_ppm=n) for o, n in zip(outs, less, strict=True)]
            outs.append(self.exit(1_000_000 - sum(less)))
        return self.spaced(outs, wait)

    def exit(self, share_ppm: int) -> Out:
        """One way out of what can be traced."""
        chances: dict[str, Any] = self.s["exits.chances"]
        name = list(chances)[self.drawn(list(chances.values()))]
        if name == "crypto" and self.chance(self.s["exits.seller_of_crypto_chance"]):
            seller = self.sellers[self.between(0, len(self.sellers))]
            return Out(share_ppm, 0, exit=SELLER_EXIT, account=seller)
        return Out(share_ppm, 0, exit="card" if self.chance(self.s["exits.card_chance"]) else name)

    def leaving(self, rest_minutes: float) -> list[Out]:
        """Out of the last account: one or two ways; cash goes in several withdrawals."""
        outs: list[Out] = []
        for share in self.shares(self.between(1, 3)):
            way = self.exit(share)
            pieces = self.s["exits.cash_withdrawals"] if way.exit == "cash" else 1
            each = share // pieces
            outs += [replace(way, share_ppm=each) for _ in range(pieces - 1)]
            outs.append(replace(way, share_ppm=share - each * (pieces - 1)))
        return self.spaced(outs, self.rest_us(rest_minutes))

    def spaced(self, outs: list[Out], wait_us: int) -> list[Out]:
        step = self.s["ring.step_seconds"] * SECOND
        return [replace(out, after_us=wait_us + i * step) for i, out in enumerate(outs)]

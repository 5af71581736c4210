"""What people near a ring pay every day: the money that a careless hold would catch (REQ-39)."""

from __future__ import annotations

import numpy as np

from qalqan.clock import DAY, SECOND
from qalqan.simulate.replay.scenario import Scenario
from qalqan.simulate.replay.world import (
    CROWD,
    FRIEND,
    MEMBER,
    OUTSIDE,
    SELLER,
    SHOP,
    Payment,
)
from qalqan.simulate.sizes import FIRST_US

TENGE = 100


def traffic(
    generator: np.random.Generator, s: Scenario, kinds: tuple[int, ...], opening: list[int]
) -> tuple[Payment, ...]:
    """All ordinary payments in order of time; gives the crowd the means to make its own."""
    drawing = _Traffic(generator, s, kinds)
    member, friend = drawing.of(MEMBER), drawing.of(FRIEND)
    people, shop = [*member, *friend], drawing.of(SHOP)
    outside = drawing.of(OUTSIDE)
    sums = {name: s[f"innocent.{name}_median_tenge"] for name in ("card", "transfer", "qr")}
    often = {name: s[f"innocent.{name}_a_day"] for name in ("card", "transfers", "qr")}
    drawing.add(people, outside, often["card"], sums["card"], "card")
    drawing.add(member, friend, often["transfers"], sums["transfer"], "transfer")
    drawing.add(friend, member, often["transfers"], sums["transfer"], "transfer")
    drawing.add(member, shop, often["qr"], sums["qr"], "transfer")
    trade, median = s["innocent.trade_a_day"], s["innocent.trade_median_tenge"]
    crowd = drawing.of(CROWD)
    for name, of in (("shop", shop), ("seller", drawing.of(SELLER))):
        drawing.add(of, crowd, trade[name], median[name], "transfer", back=True)
        drawing.add(of, crowd, trade[name], median[name], "transfer")
    drawing.wages(member, outside[0])
    for payment in drawing.found:
        if kinds[payment.payer] == CROWD:
            opening[payment.payer] += payment.amount
    return tuple(p._replace(number=n) for n, p in enumerate(sorted(drawing.found)))


class _Traffic:
    """Payments while they are drawn."""

    def __init__(self, generator: np.random.Generator, s: Scenario, kinds: tuple[int, ...]) -> None:
        self.generator = generator
        self.s = s
        self.kinds = kinds
        last_delay = max(s["comparison.delays_minutes"]) / 1440
        self.days = 1 + s["victims.over_days"] + last_delay + s["comparison.settle_days"]
        """A day before the first victim, until the last outcome is read."""
        self.found: list[Payment] = []

    def of(self, kind: int) -> list[int]:
        return [account for account, one in enumerate(self.kinds) if one == kind]

    def add(
        self,
        mine: list[int],
        others: list[int],
        a_day: float,
        median_tenge: float,
        instrument: str,
        back: bool = False,
    ) -> None:
        """Payments of each of mine to some of the others; `back`: they pay mine."""
        g = self.generator
        n = int(g.poisson(a_day * self.days * len(mine)))
        at = FIRST_US + (g.random(n) * self.days * DAY // SECOND).astype(np.int64) * SECOND
        drawn = g.lognormal(np.log(median_tenge), self.s["innocent.sigma"], n)
        amount = np.maximum(1, drawn.astype(np.int64)) * TENGE
        payer = np.array(mine)[g.integers(0, len(mine), n)]
        payee = np.array(others)[g.integers(0, len(others), n)]
        if back:
            payer, payee = payee, payer
        columns = (at.tolist(), payer.tolist(), payee.tolist(), amount.tolist())
        self.found += [Payment(*row, instrument, False, 0) for row in zip(*columns, strict=True)]

    def wages(self, members: list[int], outside: int) -> None:
        """Who earns a wage or a benefit is paid once."""
        least, most = self.s["innocent.wage_tenge"]
        for member in members:
            paid, at, amount = self.generator.random(3)
            if paid < self.s["innocent.wage_chance"]:
                tiyn = int(least + amount * (most - least)) * TENGE
                at_us = FIRST_US + int(at * self.days * DAY) // SECOND * SECOND
                self.found.append(Payment(at_us, outside, member, tiyn, "salary", False, 0))

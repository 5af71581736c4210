"""What people do with money on usual days: earn, buy, help their family, pay bills.

Rates a person and day, chosen so that a person makes 0.7 payments a day: no source gives
Kazakh figures that we could check, so they only have to be of the right order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qalqan.clock import DAY, HOUR
from qalqan.simulate.fees import CASH
from qalqan.simulate.flows import Flow, flow, moments, sums
from qalqan.simulate.identity import Ints, Mask
from qalqan.simulate.population import OUTSIDE_EACH, Population
from qalqan.simulate.sizes import ALL_DAYS, FIRST_US, Span

PURCHASES = 0.39
FAMILY = 0.055
FRIENDS = 0.02
OWN = 0.012
CASH_OUT = 0.022
CASH_IN = 0.006
BILLS = 0.1
ABROAD = 0.0006
CRYPTO = 0.0008
STRANGE_WALLET = 0.002
WALLET_TOP_UP = 0.05
WALLET_PURCHASES = 0.12


@dataclass(frozen=True)
class Drawing:
    """What each ordinary process draws from."""

    generator: np.random.Generator
    population: Population
    quiet: Mask
    """True for people who send others nothing and fetch no cash on their own: ring members
    spend by card, as usual, and keep their other payments few."""
    span: Span = ALL_DAYS

    def moments(self, n: int) -> Ints:
        """`n` moments spread over the days as people are awake."""
        return moments(self.generator, n, self.span)

    def people(self, rate: float, among: Ints | None = None) -> Ints:
        """Person numbers, one an event, at `rate` events a person and day."""
        everyone = np.arange(len(self.quiet)) if among is None else among
        n = self.generator.poisson(rate * len(everyone) * self.span.days)
        drawn: Ints = everyone[self.generator.integers(0, len(everyone), n)]
        return drawn

    def outside(self, which: int, n: int) -> Ints:
        """Accounts at one institution outside."""
        first = int(self.population.outside[which])
        drawn: Ints = first + self.generator.integers(0, OUTSIDE_EACH, n)
        return drawn


def ordinary(
    generator: np.random.Generator, population: Population, quiet: Mask, span: Span = ALL_DAYS
) -> list[Flow]:
    """All payments of people on these days."""
    draw = Drawing(generator, population, quiet, span)
    return [
        _salaries(draw),
        _benefits(draw),
        _purchases(draw),
        _family(draw),
        _friends(draw),
        _bills(draw),
        *_cash(draw),
        *_own(draw),
        *_outside(draw),
    ]


def _paydays(at_day: Ints) -> Ints:
    """Moments at which monthly sums of these days of the cycle fall due in the country's days."""
    return FIRST_US + at_day * DAY + 10 * HOUR


def _monthly(draw: Drawing, who: Ints, day: Ints) -> tuple[Ints, Ints]:
    """Person and moment of every monthly payment in the span: two cycles of thirty days."""
    both, days = np.concatenate([who, who]), np.concatenate([day, day + 30])
    inside = (days >= draw.span.first) & (days < draw.span.first + draw.span.days)
    jitter = draw.generator.integers(0, 4 * HOUR, int(inside.sum()))
    return both[inside], _paydays(days[inside]) + jitter


def _salaries(draw: Drawing) -> Flow:
    people, companies = draw.population.people, draw.population.companies
    who, at = _monthly(draw, *_with_day(people.worker == 1, people.employer % 3 * 10 + 3))
    pay = sums(np.random.default_rng(len(people.main)), len(people.main), 260_000, 0.5, 100)
    source = companies.account[companies.employers[people.employer[who]]]
    return flow(at, source, people.main[who], pay[who], "salary", "Айлық жалақы", "Зарплата")


def _benefits(draw: Drawing) -> Flow:
    people, companies = draw.population.people, draw.population.companies
    who, at = _monthly(draw, *_with_day(people.worker == 2, people.household % 12 + 2))
    source = companies.account[companies.funds[who % 2]]
    amount = sums(draw.generator, len(who), 120_000, 0.25, 1)
    return flow(at, source, people.main[who], amount, "benefit", "Әлеуметтік төлем")


def _with_day(chosen: Mask, day: Ints) -> tuple[Ints, Ints]:
    who = np.flatnonzero(chosen)
    return who, day[who]


def _purchases(draw: Drawing) -> Flow:
    people, companies = draw.population.people, draw.population.companies
    who = draw.people(PURCHASES)
    second = (people.second[who] >= 0) & (draw.generator.random(len(who)) < 0.12)
    payer = np.where(second, people.second[who], people.main[who])
    shop = _shops(draw, len(who))
    at, amount = draw.moments(len(who)), sums(draw.generator, len(who), 3_900, 0.95)
    return flow(at, payer, companies.account[shop], amount, "card", "Сатып алу", "Покупка")


def _shops(draw: Drawing, n: int) -> Ints:
    """Shops, the first ones the busiest."""
    shops = draw.population.companies.shops
    return shops[(draw.generator.random(n) ** 1.8 * len(shops)).astype(np.int64)]


def _family(draw: Drawing) -> Flow:
    people = draw.population.people
    who = draw.people(FAMILY)
    other = (who + draw.generator.integers(1, 3, len(who))) % len(people.main)
    same = (people.household[who] == people.household[other]) & ~draw.quiet[who]
    who, other = who[same], other[same]
    at, amount = draw.moments(len(who)), sums(draw.generator, len(who), 12_000, 0.8, 500)
    return flow(at, people.main[who], people.main[other], amount, "transfer", "Отбасына")


def _friends(draw: Drawing) -> Flow:
    people = draw.population.people
    who = draw.people(FRIENDS)
    who = who[~draw.quiet[who]]
    other = (who * 31 + draw.generator.integers(1, 6, len(who)) * 101) % len(people.main)
    at, amount = draw.moments(len(who)), sums(draw.generator, len(who), 6_000, 0.9, 100)
    return flow(
        at, people.main[who], people.main[other], amount, "transfer", "Возврат долга", "Перевод"
    )


def _bills(draw: Drawing) -> Flow:
    people, companies = draw.population.people, draw.population.companies
    who = draw.people(BILLS)
    biller = companies.billers[draw.generator.integers(0, len(companies.billers), len(who))]
    at, amount = draw.moments(len(who)), sums(draw.generator, len(who), 4_500, 0.6)
    return flow(
        at, people.main[who], companies.account[biller], amount, "card",
        "Коммуналдық қызмет", "Оплата связи",
    )  # fmt: skip


def _cash(draw: Drawing) -> list[Flow]:
    people, generator = draw.population.people, draw.generator
    taking = draw.people(CASH_OUT)
    taking = taking[~draw.quiet[taking]]
    giving = draw.people(CASH_IN)
    return [
        flow(
            draw.moments(len(taking)), people.main[taking], np.array(CASH),
            sums(generator, len(taking), 25_000, 0.7, 1_000), "cash_out",
        ),
        flow(
            draw.moments(len(giving)), np.array(CASH), people.main[giving],
            sums(generator, len(giving), 40_000, 0.8, 1_000), "cash_in", "Толықтыру",
        ),
    ]  # fmt: skip


def _own(draw: Drawing) -> list[Flow]:
    """Between one's own accounts, into the e-wallet, and what is bought from it."""
    people, companies, generator = draw.population.people, draw.population.companies, draw.generator
    loud = np.flatnonzero((people.second >= 0) & ~draw.quiet)
    owners = np.flatnonzero((people.wallet >= 0) & ~draw.quiet)
    who, top = draw.people(OWN, loud), draw.people(WALLET_TOP_UP, owners)
    buys = draw.people(WALLET_PURCHASES, owners)
    return [
        flow(
            draw.moments(len(who)), people.main[who], people.second[who],
            sums(generator, len(who), 40_000, 0.8, 1_000), "transfer", "Өз шотына",
        ),
        flow(
            draw.moments(len(top)), people.main[top], people.wallet[top],
            sums(generator, len(top), 5_000, 0.6, 500), "wallet", "Толықтыру",
        ),
        flow(
            draw.moments(len(buys)), people.wallet[buys],
            companies.account[_shops(draw, len(buys))], sums(generator, len(buys), 1_500, 0.7),
            "card", "Сатып алу",
        ),
    ]  # fmt: skip


def _outside(draw: Drawing) -> list[Flow]:
    """Innocent money abroad, into crypto and into the e-wallet that takes no part."""
    people, generator = draw.population.people, draw.generator
    kinds = ((STRANGE_WALLET, 6_000, "wallet"), (CRYPTO, 60_000, "crypto"))
    made = []
    for which, (rate, median, instrument) in enumerate(kinds):
        who = draw.people(rate)
        who = who[~draw.quiet[who]]
        made.append(
            flow(
                draw.moments(len(who)), people.main[who], draw.outside(which, len(who)),
                sums(generator, len(who), median, 0.8, 500), instrument, "Толықтыру",
            )
        )  # fmt: skip
    who = draw.people(ABROAD)
    who = who[~draw.quiet[who]]
    amount = sums(generator, len(who), 220_000, 0.6, 1_000)
    at = draw.moments(len(who))
    abroad = flow(
        at, people.main[who], draw.outside(2, len(who)), amount, "transfer", "За обучение"
    )
    return [*made, abroad]

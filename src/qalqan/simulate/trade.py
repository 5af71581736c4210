"""Companies that pass money on and mean no harm: what a careless rule takes for drops.

Shops pay their takings to wholesalers the next day, couriers bring the day's cash on delivery
to the shop, money-changers pay out minutes after they are paid (the look-alikes of REQ-39).
"""

from __future__ import annotations

import numpy as np

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.simulate.fees import TENGE
from qalqan.simulate.flows import Flow, flow, moments, sums
from qalqan.simulate.identity import Ints, Mask
from qalqan.simulate.population import Population
from qalqan.simulate.sizes import ALL_DAYS, DAYS, FIRST_US, Size, Span

CHANGES_A_DAY = 11
DELIVERIES_A_DAY = 8


def trade(
    generator: np.random.Generator, population: Population, size: Size, bought: Flow, quiet: Mask
) -> list[Flow]:
    """All payments of companies, changers and couriers; `bought` is what shops were paid."""
    loud = np.flatnonzero(~quiet)
    return [
        takings(generator, population, bought, Span(0, DAYS - 1)),
        *_changers(generator, population, loud, ALL_DAYS),
        *_couriers(generator, population, loud, couriers(generator, size, loud), ALL_DAYS),
        _wholesale(generator, population, ALL_DAYS),
        _last_sales(population, loud),
    ]


def trade_of(
    generator: np.random.Generator, population: Population, loud: Ints, bringers: Ints, span: Span
) -> list[Flow]:
    """The same on some days, without takings; the couriers are the same people every day."""
    return [
        *_changers(generator, population, loud, span),
        *_couriers(generator, population, loud, bringers, span),
        _wholesale(generator, population, span),
    ]


def _by_day(payments: Flow, key: Ints, keys: int, span: Span) -> Ints:
    """Sum paid of each key on each day of the span, tiyn: [keys, days]; others fall out."""
    day = (payments.at_us - span.first_us) // DAY
    inside = (day >= 0) & (day < span.days)
    whole = np.bincount(
        (key * span.days + day)[inside],
        weights=payments.amount[inside],
        minlength=keys * span.days,
    )
    return whole.astype(np.int64).reshape(keys, span.days)


def takings(
    generator: np.random.Generator, population: Population, bought: Flow, span: Span
) -> Flow:
    """Each shop pays most of a day's takings on, next morning; a third of them nearly all."""
    companies = population.companies
    shops = companies.account[companies.shops]
    mine = bought.where((bought.payee >= shops[0]) & (bought.payee <= shops[-1]))
    taken = _by_day(mine, mine.payee - shops[0], len(shops), span)
    passed_ppm = np.where(np.arange(len(shops)) % 3 == 0, 955_000, 780_000)
    whole_tenge = taken * passed_ppm[:, None] // 1_000_000 // TENGE * TENGE
    shop, day = np.nonzero(whole_tenge > 2_000_000)
    at = span.first_us + (day + 1) * DAY + 9 * HOUR + generator.integers(0, 3 * HOUR, len(day))
    supplier = companies.account[companies.wholesalers[shop % len(companies.wholesalers)]]
    return flow(
        at,
        shops[shop],
        supplier,
        whole_tenge[shop, day],
        "transfer",
        "Тауар үшін төлем",
        "За товар",
    )


def _changers(
    generator: np.random.Generator, population: Population, loud: Ints, span: Span
) -> tuple[Flow, Flow]:
    """Paid in, and a hundredth less paid out to another person within minutes."""
    companies, people = population.companies, population.people
    n = len(companies.changers) * CHANGES_A_DAY * span.days
    changer = companies.account[companies.changers[np.arange(n) % len(companies.changers)]]
    giver, taker = (loud[generator.integers(0, len(loud), n)] for _ in range(2))
    at, amount = moments(generator, n, span), sums(generator, n, 70_000, 0.8, 1_000)
    later = at + generator.integers(2 * MINUTE, 25 * MINUTE, n)
    paid = amount * generator.integers(982, 996, n) // 1_000 // TENGE * TENGE
    return (
        flow(at, people.main[giver], changer, amount, "transfer", "Валюта айырбастау"),
        flow(later, changer, people.main[taker], paid, "transfer", "Валюта айырбастау"),
    )


def couriers(generator: np.random.Generator, size: Size, loud: Ints) -> Ints:
    """Who brings goods against cash: person numbers."""
    drawn: Ints = loud[generator.permutation(len(loud))[: size.couriers]]
    return drawn


def _couriers(
    generator: np.random.Generator, population: Population, loud: Ints, bringers: Ints, span: Span
) -> tuple[Flow, Flow]:
    """Customers pay the courier; in the evening the day's sum, less his pay, goes to the shop."""
    companies, people = population.companies, population.people
    count = len(bringers)
    n = count * DELIVERIES_A_DAY * span.days
    which = np.arange(n) % count
    customer = loud[generator.integers(0, len(loud), n)]
    at, amount = moments(generator, n, span), sums(generator, n, 9_000, 0.6, 100)
    day = (at - FIRST_US) // DAY
    at = np.minimum(at, FIRST_US + day * DAY + 21 * HOUR)
    paid = flow(
        at, people.main[customer], people.main[bringers[which]], amount, "transfer",
        "Жеткізу қызметі",
    )  # fmt: skip
    number = np.full(len(population.accounts.bank), -1)
    number[people.main[bringers]] = np.arange(count)
    day_sum = _by_day(paid, number[paid.payee], count, span) * 93 // 100 // TENGE * TENGE
    courier, day = np.nonzero(day_sum)
    evening = span.first_us + day * DAY + 22 * HOUR + generator.integers(0, HOUR, len(day))
    shop = companies.account[companies.shops[courier % len(companies.shops)]]
    brought = flow(
        evening, people.main[bringers[courier]], shop, day_sum[courier, day], "transfer", "За товар"
    )
    return paid, brought


def _wholesale(generator: np.random.Generator, population: Population, span: Span) -> Flow:
    """Wholesalers pay one another and abroad a few times a day."""
    companies = population.companies
    n = len(companies.wholesalers) * span.days
    payer = companies.wholesalers[np.arange(n) % len(companies.wholesalers)]
    other = companies.wholesalers[generator.integers(0, len(companies.wholesalers), n)]
    abroad = generator.random(n) < 0.1
    payee = np.where(abroad, population.outside[2] + payer % 40, companies.account[other])
    at = moments(generator, n, span)
    return flow(
        at, companies.account[payer], payee, sums(generator, n, 400_000, 0.5),
        "transfer", "Тауар үшін төлем",
    )  # fmt: skip


def _last_sales(population: Population, loud: Ints) -> Flow:
    """The last customers of the cabinets that their owners then leave unused (REQ-65)."""
    cabinets = population.companies.account[population.companies.cabinets]
    n = 3 * len(cabinets)
    which = np.arange(n)
    at = FIRST_US + (10 + which % 30) * HOUR
    payer = population.people.main[loud[which * 37 % len(loud)]]
    amount = (3_500 + which % 7 * 900) * TENGE
    return flow(at, payer, cabinets[which % len(cabinets)], amount, "card", "Сатып алу")

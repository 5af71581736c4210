"""A country too large for memory: its payments are drawn, and written, one day after the other.

The same people, companies, rings and habits as in the smaller sizes; what differs is the order
of the dice, so that each day is a function of seed and day alone. It is drawn twice: once for
what touches the rings and their victims, whose script is played over it, and once as facts.
Banks can't be started in it (the world of `founding` would not fit). Simulated throughout.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.clock import DAY
from qalqan.simulate.banks import BANKS
from qalqan.simulate.country import Drawn, as_flow, play, quiet_of
from qalqan.simulate.flows import Flow, fees, joined, stacked
from qalqan.simulate.identity import Ints, Mask
from qalqan.simulate.ordinary import ordinary
from qalqan.simulate.plan import Plan
from qalqan.simulate.population import Population, populate
from qalqan.simulate.rings import make_plan
from qalqan.simulate.sizes import DAYS, FIRST_US, HISTORY_DAYS, Size, Span
from qalqan.simulate.tables import past_statement, payment_lines
from qalqan.simulate.trade import couriers, takings, trade_of
from qalqan.simulate.victims import loans

Day = TypeVar("Day")


@dataclass(frozen=True)
class Days:
    """Usual payments of each day, in order of time; asked again, the same ones come."""

    seed: int
    population: Population
    plan: Plan
    size: Size

    def __iter__(self) -> Iterator[Flow]:
        quiet = quiet_of(self.population, self.plan)
        bringers = couriers(
            np.random.default_rng([self.seed, 4]), self.size, np.flatnonzero(~quiet)
        )
        bought = late = as_flow(())
        spans = [Span(day, 1) for day in range(DAYS)]
        of_people = ahead(
            stacked(ordinary(self._dice(3, span.first), self.population, quiet, span))
            for span in spans
        )
        for span, people in zip(spans, of_people, strict=True):
            new = stacked([people, *self._trade(span, quiet, bringers, bought), self._loans(span)])
            whole = joined([late, new, fees(new, self.population.accounts)])
            over = whole.at_us >= span.first_us + DAY
            yield whole.where(~over)
            late, bought = whole.where(over), people

    def _dice(self, what: int, day: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, what, day])

    def _trade(self, span: Span, quiet: Mask, bringers: Ints, bought: Flow) -> list[Flow]:
        dice, loud = self._dice(4, span.first), np.flatnonzero(~quiet)
        yesterday = Span(span.first - 1, 1)
        return [
            takings(dice, self.population, bought, yesterday),
            *trade_of(dice, self.population, loud, bringers, span),
        ]

    def _loans(self, span: Span) -> Flow:
        day = (self._all_loans.at_us - FIRST_US) // DAY
        return self._all_loans.where(day == span.first)

    @cached_property
    def _all_loans(self) -> Flow:
        return loans(self.plan.claims, self.population)


@dataclass(frozen=True, kw_only=True)
class CountryByDay(Drawn):
    """A country of which only people, plan and the rings' payments are in memory."""

    days: Days
    declined: tuple[Ints, ...]
    """For each day the places of usual payments that did not go."""

    def history(self) -> Iterator[tuple[str, str, pa.Table]]:
        from qalqan.simulate.traces import past_traces

        lines = dict.fromkeys((i for i, bank in enumerate(BANKS) if bank.feed), 0)
        for tables in ahead(self._past()):
            for bank, table in tables.items():
                lines[bank] += table.num_rows
                yield "payment", BANKS[bank].partner, table
        for bank, count in lines.items():
            yield "statement", BANKS[bank].partner, past_statement(self, bank, count)
        yield from past_traces(self)

    def _past(self) -> Iterator[dict[int, pa.Table]]:
        """Day after day the lines of each bank that streams; their numbers count through."""
        made = as_flow(self.made)
        day_of = (made.at_us - FIRST_US) // DAY
        number = 1
        for day, usual in zip(range(HISTORY_DAYS), self.days, strict=False):
            went = np.ones(len(usual), dtype=bool)
            went[self.declined[day]] = False
            whole = joined([usual.where(went), made.where(day_of == day)])
            yield self._lines(whole, number)
            number += len(whole)

    def _lines(self, payments: Flow, first: int) -> dict[int, pa.Table]:
        bank_of = self.population.accounts.bank
        payer_bank, payee_bank = bank_of[payments.payer], bank_of[payments.payee]
        tables = {}
        for bank, one in enumerate(BANKS):
            if one.feed:
                index = np.flatnonzero((payer_bank == bank) | (payee_bank == bank))
                lines = payment_lines(self.population, payments.where(index), first + index, bank)
                tables[bank] = lines.filter(pc.less_equal(lines["at_us"], self.start_us))
        return tables


def ahead(days: Iterator[Day]) -> Iterator[Day]:
    """The same, each made by a thread of its own while the one before is worked on."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, days, None)
        while (day := coming.result()) is not None:
            coming = pool.submit(next, days, None)
            yield day


def make(of: Size, seed: int) -> CountryByDay:
    """Draw the country of that size and seed."""
    population = populate(np.random.default_rng([seed, 1]), of)
    plan = make_plan(np.random.default_rng([seed, 2]), population, of)
    days = Days(seed, population, plan, of)
    places, touching = _touching(days, population, plan)
    book, made, declined = play(seed, population, plan, joined(touching))
    return CountryByDay(
        size=of, seed=seed, population=population, plan=plan, made=made, book=book, days=days,
        declined=_by_day(places, np.array(declined, dtype=np.int64)),
    )  # fmt: skip


def _touching(days: Days, population: Population, plan: Plan) -> tuple[list[Ints], list[Flow]]:
    """Of each day the payments that touch anybody whom the script involves, and their places."""
    involved = np.zeros(len(population.accounts.bank), dtype=bool)
    involved[list(plan.involved)] = True
    places, flows = [], []
    for usual in days:
        places.append(np.flatnonzero(involved[usual.payer] | involved[usual.payee]))
        flows.append(usual.where(places[-1]))
    return places, flows


def _by_day(places: list[Ints], chosen: Ints) -> tuple[Ints, ...]:
    """Indices into all days' places, sorted out into each day's own."""
    ends = np.cumsum([len(here) for here in places])
    day = np.searchsorted(ends, chosen, side="right")
    first = np.r_[0, ends[:-1]]
    return tuple(here[chosen[day == d] - first[d]] for d, here in enumerate(places))

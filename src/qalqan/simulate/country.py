"""A small country, the same for the same seed: people, money, rings, victims, and the truth.

`make` draws it; the history up to `start_us` is done, the rest is a script that `world` plays
while the centre works (REQ-16, 27 to 33, 38, 39, 65). Simulated throughout: every name, code
and number is invented, and nothing here is a fact about anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa

from qalqan.errors import InputRejected
from qalqan.simulate.banks import BANKS, OFFICERS, Officer, Partner, free_ports, partners
from qalqan.simulate.book import Book, Made
from qalqan.simulate.fees import TENGE
from qalqan.simulate.flows import (
    NUMBER_OF,
    PURPOSE_OF,
    Flow,
    fees,
    joined,
    lowest,
    stacked,
)
from qalqan.simulate.identity import Ints, Mask
from qalqan.simulate.moves import Usual, settle
from qalqan.simulate.ordinary import ordinary
from qalqan.simulate.plan import Plan
from qalqan.simulate.population import Population, populate
from qalqan.simulate.rings import make_plan
from qalqan.simulate.sizes import END_US, FIRST_US, PLAYED, START_US, Size, size_of
from qalqan.simulate.trade import trade
from qalqan.simulate.victims import loans

ROWS_A_TABLE = 500_000


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What every size of country has: who lives there, what the rings mean to do and did."""

    size: Size
    seed: int
    population: Population
    plan: Plan
    made: tuple[Made, ...]
    """The rings' payments in the past, by intent."""
    book: Book = field(repr=False)
    """The rings' state at `start_us`."""
    start_us: int = START_US
    end_us: int = END_US

    def history(self) -> Iterator[tuple[str, str, pa.Table]]:
        """(kind, source, raw table) of everything that partners had told by `start_us`; of one
        source in order of time."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Country(Drawn):
    """Who lives there, what has happened up to `start_us`, and what is going to happen."""

    usual: Flow
    """All usual payments of all days, in order of time."""
    declined: tuple[int, ...]
    """Indices of usual payments of the past that did not go."""

    @cached_property
    def first_port(self) -> int:
        """Loopback port of the first bank's process; the others follow it."""
        return free_ports()

    @property
    def partners(self) -> tuple[Partner, ...]:
        return partners(self.first_port)

    @property
    def officers(self) -> tuple[Officer, ...]:
        return OFFICERS

    @cached_property
    def _past(self) -> tuple[Flow, Ints]:
        done = self.usual.at_us <= self.start_us
        done[list(self.declined)] = False
        both = stacked([self.usual.where(done), as_flow(self.made)])
        order = np.argsort(both.at_us, kind="stable")
        return both.where(order), np.argsort(order)[len(both) - len(self.made) :] + 1

    @property
    def past(self) -> Flow:
        """All payments up to `start_us`, the rings' included; number = index + 1."""
        return self._past[0]

    @property
    def made_numbers(self) -> Ints:
        """Numbers of the rings' payments among the past ones."""
        return self._past[1]

    @cached_property
    def future(self) -> Flow:
        """Usual payments after it; their numbers go on from the past's."""
        return self.usual.where(self.usual.at_us > self.start_us)

    @cached_property
    def opening(self) -> Ints:
        """Balance of every account at the first moment, tiyn: enough for all usual payments."""
        return _opening(self.seed, self.population, self.plan, self.usual)

    def facts(self, kind: str) -> pa.Table:
        """All facts of one kind up to `start_us`, raw columns and their `source`."""
        tables = [
            table.append_column("source", pa.array([source] * table.num_rows, pa.string()))
            for what, source, table in self.history()
            if what == kind
        ]
        return pa.concat_tables(tables)

    def history(self) -> Iterator[tuple[str, str, pa.Table]]:
        from qalqan.simulate.tables import past_payments, past_statement
        from qalqan.simulate.traces import past_traces

        for index, bank in enumerate(BANKS):
            if bank.feed:
                whole = past_payments(self, index)
                for at in range(0, whole.num_rows, ROWS_A_TABLE):
                    yield "payment", bank.partner, whole.slice(at, ROWS_A_TABLE)
                yield "statement", bank.partner, past_statement(self, index, whole.num_rows)
        yield from past_traces(self)


def make(size: str, seed: int) -> Country:
    """Draw the country of that size (`town`, `region`) and seed; `InputRejected` for one that
    is too large to be played: it is drawn by `by_day`."""
    of = size_of(size)
    if of.by_day:
        raise InputRejected("size", size, "one_of", choices=", ".join(PLAYED))
    population = populate(np.random.default_rng([seed, 1]), of)
    plan = make_plan(np.random.default_rng([seed, 2]), population, of)
    usual = _usual(seed, population, plan, of)
    book, made, declined = play(seed, population, plan, usual)
    return Country(
        size=of, seed=seed, population=population, plan=plan, made=made, book=book, usual=usual,
        declined=declined,
    )  # fmt: skip


def play(
    seed: int, population: Population, plan: Plan, usual: Flow
) -> tuple[Book, tuple[Made, ...], tuple[int, ...]]:
    """Play the rings' script up to the start beside usual payments, of which only those that
    touch anybody involved matter: the book, what the rings paid, which usual ones did not go."""
    book, number = _watch(seed, population, plan, usual)
    settle(book, _until(usual, number, START_US), START_US)
    made, declined = tuple(book.made), tuple(book.declined)
    book.made, book.declined = [], []
    return book, made, declined


def quiet_of(population: Population, plan: Plan) -> Mask:
    """Ring members: they send others nothing and fetch no cash on usual days."""
    members = list(plan.members)
    quiet: Mask = np.isin(population.people.main, members)
    quiet |= np.isin(population.people.wallet, members)
    return quiet


def _usual(seed: int, population: Population, plan: Plan, size: Size) -> Flow:
    quiet = quiet_of(population, plan)
    people = ordinary(np.random.default_rng([seed, 3]), population, quiet)
    bought = joined(people)
    companies = trade(np.random.default_rng([seed, 4]), population, size, bought, quiet)
    whole = joined([bought, *companies, loans(plan.claims, population)])
    charged = fees(whole, population.accounts)
    whole = joined([whole, charged])
    return whole.where(whole.at_us < END_US)


def _opening(seed: int, population: Population, plan: Plan, usual: Flow) -> Ints:
    """Opening balances of the accounts whose payments are all in `usual`."""
    accounts = len(population.accounts.bank)
    generator = np.random.default_rng([seed, 5])
    small = generator.integers(1_000, 6_000, accounts) * TENGE
    usual_rest = generator.integers(3_000, 90_000, accounts) * TENGE
    floats = generator.integers(100_000, 1_500_000, accounts) * TENGE
    cushion = np.where(population.accounts.home, usual_rest, 0)
    for ring in plan.rings:
        members = np.array([*ring.drops, ring.organiser])
        cushion[members] = small[members]
        rich = np.array(sorted(ring.with_float))
        cushion[rich] = floats[rich]
    for claim in plan.claims:
        cushion[claim.payer] += claim.amount
    return cushion - np.where(population.accounts.home, lowest(usual, accounts), 0)


def _watch(seed: int, population: Population, plan: Plan, usual: Flow) -> tuple[Book, Ints]:
    """The ledger of those whom the script involves, and which usual payments touch them."""
    involved = np.zeros(len(population.accounts.bank), dtype=bool)
    involved[list(plan.involved)] = True
    touches = involved[usual.payer] | involved[usual.payee]
    opening = _opening(seed, population, plan, usual.where(touches))
    book = Book(
        plan,
        {int(i): int(population.accounts.bank[i]) for i in np.flatnonzero(involved)},
        {int(i): int(opening[i]) for i in np.flatnonzero(involved)},
        settled_us=FIRST_US,
    )
    for claim in plan.claims:
        book.schedule(claim.at_us, claim.first_stage, -1, claim.amount)
    return book, np.flatnonzero(touches)


def _until(usual: Flow, number: Ints, until_us: int) -> Iterator[Usual]:
    for i in number:
        if usual.at_us[i] > until_us:
            return
        yield (
            int(usual.at_us[i]),
            int(i),
            int(usual.payer[i]),
            int(usual.payee[i]),
            int(usual.amount[i]),
        )


def as_flow(made: tuple[Made, ...]) -> Flow:
    """The rings' payments as columns."""
    return Flow(
        np.array([m.at_us for m in made], dtype=np.int64),
        np.array([m.payer for m in made], dtype=np.int64),
        np.array([m.payee for m in made], dtype=np.int64),
        np.array([m.amount for m in made], dtype=np.int64),
        np.array([NUMBER_OF[m.instrument] for m in made], dtype=np.int64),
        np.array([PURPOSE_OF[m.purpose] for m in made], dtype=np.int64),
    )

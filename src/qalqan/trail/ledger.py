"""What the lake tells of the accounts that were asked for, kept between questions (REQ-39, 44).

Accounts travel to the engine as tables of the caller, and days are always bounded. Statements
are few (the centre asked for each) and are read at once. A ledger that is kept reads only what
was sealed since it was asked last, so the second question costs a fraction of the first.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from qalqan.clock import DAY, SECOND
from qalqan.trail.around import Newest
from qalqan.trail.following import Known
from qalqan.trail.semantics import Coverage, Fact

if TYPE_CHECKING:
    import ibis

    from qalqan.lake.engine import Engine

MOST_FACTS = 1_000_000
"""A ledger that holds more has become a copy of the lake: start a new one."""


EARLIER_US = 30 * DAY
"""How much further back than asked a kept ledger begins: later reports tell of earlier crimes."""


class Ledger:
    """Payments and statements of one currency from `floor_us` on, up to one seal."""

    def __init__(
        self, engine: Engine, currency: str, floor_us: int, last_us: int | None = None
    ) -> None:
        self.currency = currency
        self.floor_us = floor_us
        self.seal: int | None = 0
        """Up to which position of the log it has read; None: to the end, once and for all."""
        self._engine = engine
        self._last_day = None if last_us is None else day_of(last_us)
        self._facts: dict[str, tuple[Fact, int]] = {}
        self._balances: dict[str, int] = {}
        """Payment → the balance told beside it."""
        self._coverages: dict[str, tuple[Coverage, int]] = {}
        self._asked: set[str] = set()
        self._payments: ibis.Table | None = None

    @property
    def full(self) -> bool:
        """It holds so much that a new one is better."""
        return len(self._facts) > MOST_FACTS

    def advance(self, up_to_seal: int | None) -> None:
        """Take in what was sealed since the last time, up to this position (None: all)."""
        if self.seal is None or (up_to_seal is not None and up_to_seal <= self.seal):
            return
        if self._engine.has_after("statement", self.seal):
            statements = self._table("statement", up_to_seal, self.seal)
            self._take_statements(statements.filter(statements.complete).select(*_STATEMENT))
        if self._asked and self._engine.has_after("payment", self.seal):
            fresh = self._table("payment", up_to_seal, self.seal)
            self._take_payments(fresh, self._asked)
        self._payments = self._table("payment", up_to_seal, 0) if up_to_seal is None else None
        self.seal = up_to_seal

    def read(self, accounts: Iterable[str]) -> None:
        """Bring in all payments of the accounts not asked for before."""
        new = set(accounts) - self._asked
        if not new:
            return
        self._asked |= new
        if self._payments is None:
            self._payments = self._table("payment", self.seal, 0)
        self._take_payments(self._payments, new)

    def known(self, accounts: Container[str], floor_us: int, first_us: int, as_of_us: int) -> Known:
        """What names one of the accounts, and the notices of whole banks: payments from
        `floor_us`, statements that end no earlier than `first_us`, nothing after `as_of_us`."""
        return Known(
            [
                fact
                for fact, _ in self._facts.values()
                if floor_us <= fact.at_us <= as_of_us and _names(fact, accounts)
            ],
            [
                told
                for told, _ in self._coverages.values()
                if first_us <= told.to_us <= as_of_us
                and (told.account is None or told.account in accounts)
            ],
        )

    def newest_balances(self, known: Known) -> Newest:
        """The newest balances among what is known."""
        newest = Newest()
        for fact in known.facts:
            if fact.id in self._balances:
                newest.beside(fact, self._balances[fact.id])
        newest.closing(known.coverages)
        return newest

    def newest_seal(self, known: Known) -> int:
        """The newest position of the log among what is known."""
        facts = (self._facts[fact.id][1] for fact in known.facts)
        return max([*facts, *(self._coverages[told.id][1] for told in known.coverages)], default=0)

    def _table(self, kind: str, up_to_seal: int | None, after_seal: int) -> ibis.Table:
        found = self._engine.table(
            kind, day_of(self.floor_us), self._last_day, up_to_seal, after_seal
        )
        return found.filter(found.currency == self.currency)

    def _take_payments(self, payments: ibis.Table, accounts: Iterable[str]) -> None:
        names = pa.array(sorted(accounts), pa.string())
        keys = self._engine.memtable(pa.table({"account": names}))
        naming = payments.payer_account.isin(keys.account)
        naming |= payments.payee_account.isin(keys.account)
        rows = self._engine.run(payments.filter(naming).select(*PAYMENT_COLUMNS, "balance"))
        for id, source, seal, *told, balance in rows_of(rows):
            name = f"{source}:{id}"
            self._facts[name] = Fact._make((name, *told, self.currency)), seal or 0
            if balance is not None:
                self._balances[name] = balance

    def _take_statements(self, statements: ibis.Table) -> None:
        for id, source, seal, *told in rows_of(self._engine.run(statements)):
            coverage = Coverage._make((*told, f"{source}:{id}", self.currency))
            self._coverages[coverage.id] = coverage, seal or 0


class Ledgers:
    """A ledger for each currency, kept by one worker between its questions."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._kept: dict[str, Ledger] = {}

    def at(self, currency: str, floor_us: int, up_to_seal: int) -> Ledger:
        """The currency's ledger, which begins at `floor_us` or earlier, at this seal."""
        ledger = self._kept.get(currency)
        if ledger is None or ledger.floor_us > floor_us or ledger.full:
            ledger = self._kept[currency] = Ledger(self.engine, currency, floor_us - EARLIER_US)
        ledger.advance(up_to_seal)
        return ledger


def _names(fact: Fact, accounts: Container[str]) -> bool:
    return fact.payer in accounts or fact.payee in accounts


PAYMENT_COLUMNS = (
    "id", "source", "seal", "at_us", "side", "payer_account", "payer_bank", "payee_account",
    "payee_bank", "amount", "instrument", "uetr", "end_to_end_id", "payee_country",
)  # fmt: skip
"""Columns of `payment` in the order of `Fact`, after those that name it."""

_STATEMENT = ("id", "source", "seal", "account", "bank", "from_us", "to_us", "opening", "closing")
"""Columns of `statement` in the order of `Coverage`, after those that name it."""


def rows_of(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    """The rows of a table as Python values."""
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


def day_of(at_us: int) -> date:
    """The UTC day, by which the lake is partitioned, of a moment."""
    return datetime.fromtimestamp(at_us // SECOND, UTC).date()

"""The trail over the lake, hop by hop, on DuckDB or Spark (REQ-39, REQ-44).

Each hop asks the engine once, for all payments that name an account reached in the hop before on
either side; accounts travel as tables of the caller, and days are always bounded. Statements
are few (the centre asked for each) and are read at once. Money is counted in Python: engines
divide by way of doubles, and a unit must never be lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from qalqan.clock import SECOND
from qalqan.trail.body import Trail
from qalqan.trail.coverage import Covered
from qalqan.trail.following import Known, banks_of, joining, step
from qalqan.trail.reach import arrivals_of, reached
from qalqan.trail.semantics import Coverage, Fact, Root, TrailPolicy

if TYPE_CHECKING:
    from qalqan.lake.engine import Engine

NO_BANKS: frozenset[str] = frozenset()


def follow(
    engine: Engine,
    roots: Sequence[Root],
    policy: TrailPolicy,
    as_of_us: int,
    up_to_seal: int | None = None,
    home_banks: frozenset[str] = NO_BANKS,
) -> Trail:
    """Follow the money of all roots together, as known at `as_of_us` and `up_to_seal`.

    `home_banks` are the codes of banks and e-wallets that take part. One frozen lake is read
    from the first hop to the last.

    Raises:
        ValueError: no roots, or roots of several currencies: each is a question of its own.
    """
    ledger = Ledger(engine, roots, policy, as_of_us, up_to_seal)
    hops = {root.payee: 1 for root in roots}
    while True:
        ledger.read(hops)
        told = step(ledger.known(), roots, policy, hops, home_banks)
        further = joining(told.rules, hops, roots, policy)
        if not further:
            break
        hops |= further
    seal = ledger.newest_seal if up_to_seal is None else up_to_seal
    return Trail(
        policy, seal, as_of_us, ledger.currency, tuple(roots), hops,
        banks_of(hops, roots, told.payments.values()), told.payments,
        Covered(ledger.coverages), told.rules,
    )  # fmt: skip


def reach(
    engine: Engine,
    roots: Sequence[Root],
    policy: TrailPolicy,
    as_of_us: int,
    up_to_seal: int | None = None,
    home_banks: frozenset[str] = NO_BANKS,
) -> dict[str, int]:
    """Hop by id of every transfer that stolen money could have gone through, whatever its sum.

    Raises:
        ValueError: no roots, or roots of several currencies.
    """
    ledger = Ledger(engine, roots, policy, as_of_us, up_to_seal)
    touched = {root.payee for root in roots}
    while True:
        ledger.read(touched)
        hops, arrivals = reached(ledger.facts.values(), roots, policy, home_banks)
        further = arrivals_of(arrivals, policy.max_hops) - touched
        if not further:
            return hops
        touched |= further


class Ledger:
    """What the lake knows of the accounts asked for so far."""

    def __init__(
        self,
        engine: Engine,
        roots: Sequence[Root],
        policy: TrailPolicy,
        as_of_us: int,
        up_to_seal: int | None,
    ) -> None:
        currencies = {root.currency for root in roots}
        if len(currencies) != 1:
            raise ValueError(f"roots of one currency are needed, not of {sorted(currencies)}")
        (self.currency,) = currencies
        self.engine = engine
        self.facts: dict[str, Fact] = {}
        self.coverages: list[Coverage] = []
        self.newest_seal = 0
        self._asked: set[str] = set()
        first_us = min(root.at_us for root in roots)
        floor_us, last = first_us - policy.lookback_us, day_of(as_of_us)
        payments = engine.table("payment", day_of(floor_us), last, up_to_seal)
        self._payments = payments.filter(
            payments.currency == self.currency, payments.at_us.between(floor_us, as_of_us)
        ).select(*PAYMENT_COLUMNS)
        told = engine.table("statement", day_of(first_us), last, up_to_seal)
        bounds = (told.currency == self.currency, told.to_us.between(first_us, as_of_us))
        self._statements = engine.run(told.filter(*bounds, told.complete).select(*_STATEMENT))
        self._take_statements(pc.is_null(self._statements["account"]))

    def known(self) -> Known:
        return Known(self.facts.values(), self.coverages)

    def read(self, accounts: Iterable[str]) -> None:
        """Bring in all payments and statements of the accounts not asked for before."""
        new = sorted(set(accounts) - self._asked)
        if not new:
            return
        self._asked.update(new)
        names = pa.array(new, pa.string())
        keys = self.engine.memtable(pa.table({"account": names}))
        naming = self._payments.payer_account.isin(keys.account)
        naming |= self._payments.payee_account.isin(keys.account)
        self._take_payments(self.engine.run(self._payments.filter(naming)))
        self._take_statements(pc.is_in(self._statements["account"], names))

    def _take_payments(self, rows: pa.Table) -> None:
        for id, source, seal, *told in rows_of(rows):
            name = f"{source}:{id}"
            self.facts[name] = Fact._make((name, *told, self.currency))
            self.newest_seal = max(self.newest_seal, seal or 0)

    def _take_statements(self, which: pa.ChunkedArray) -> None:
        for id, source, seal, *told in rows_of(self._statements.filter(which)):
            self.coverages.append(Coverage._make((*told, f"{source}:{id}", self.currency)))
            self.newest_seal = max(self.newest_seal, seal or 0)


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

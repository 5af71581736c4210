"""What the lake tells of accounts where stolen money lies: payments, whatever they carried, and
the newest balances; kept between questions (REQ-44).

A trail keeps only payments that carried stolen units. What bounds a hold, and who else pays a
drop, stands in the others. A bank tells a balance beside a payment of its own books, and at the
end of a statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

from qalqan.trail.ledger import PAYMENT_COLUMNS, day_of, rows_of
from qalqan.trail.semantics import Fact, Transfer
from qalqan.trail.standing import Told
from qalqan.trail.transfers import joined

if TYPE_CHECKING:
    import ibis

    from qalqan.lake.engine import Engine

MOST_FACTS = 500_000
"""More are not kept: all is read anew."""
_STATEMENT = ("account", "to_us", "closing")


class Balances:
    """Payments and balances of some accounts; not shared between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._told: dict[tuple[str, str], Told] = {}
        """(account, currency) → newest balance."""
        self._facts: defaultdict[str, dict[str, Fact]] = defaultdict(dict)
        """Currency → `source:id` → payment."""
        self._asked: defaultdict[str, set[str]] = defaultdict(set)
        self._read_to: dict[str, tuple[int, int]] = {}
        """Currency → (from when, up to which seal)."""

    def read(
        self, accounts: Collection[str], currency: str, floor_us: int, up_to_seal: int
    ) -> None:
        """Bring in what is told of these accounts from `floor_us` on, up to this seal."""
        floor_before, seal_before = self._read_to.get(currency, (floor_us, 0))
        if floor_us < floor_before or len(self._facts[currency]) > MOST_FACTS:
            self._forget(currency)
            floor_before, seal_before = floor_us, 0
        asked = self._asked[currency]
        if asked and up_to_seal > seal_before:
            self._take(asked, currency, (floor_before, up_to_seal, seal_before))
        if new := set(accounts) - asked:
            self._take(new, currency, (floor_before, up_to_seal, 0))
            asked |= new
        self._read_to[currency] = (floor_before, max(up_to_seal, seal_before))

    def of(self, accounts: Collection[str], currency: str) -> dict[str, Told]:
        """Account → its newest balance, of those that were read."""
        return {a: told for a in accounts if (told := self._told.get((a, currency))) is not None}

    def transfers(
        self, accounts: Collection[str], currency: str, match_window_us: int
    ) -> list[Transfer]:
        """All payments that name one of these accounts, both sides joined."""
        named = set(accounts)
        facts = self._facts[currency].values()
        return joined([f for f in facts if f.payer in named or f.payee in named], match_window_us)

    def _forget(self, currency: str) -> None:
        self._facts[currency].clear()
        self._asked[currency].clear()
        self._told = {key: told for key, told in self._told.items() if key[1] != currency}

    def _take(self, accounts: Iterable[str], currency: str, bounds: tuple[int, int, int]) -> None:
        keys = self._engine.memtable(pa.table({"account": pa.array(sorted(accounts))}))
        floor_us, up_to_seal, after_seal = bounds

        def told(kind: str) -> ibis.Table:
            facts = self._engine.table(kind, day_of(floor_us), None, up_to_seal, after_seal)
            return facts.filter(facts.currency == currency)

        if self._engine.has_after("payment", after_seal):
            self._take_payments(told("payment"), keys, currency)
        if self._engine.has_after("statement", after_seal):
            statements = told("statement")
            ends = statements.filter(
                statements.closing.notnull(), statements.account.isin(keys.account)
            )
            for account, at_us, closing in rows_of(self._engine.run(ends.select(*_STATEMENT))):
                self._keep((account, currency), Told(at_us, closing))

    def _take_payments(self, payments: ibis.Table, keys: ibis.Table, currency: str) -> None:
        naming = payments.payer_account.isin(keys.account)
        naming |= payments.payee_account.isin(keys.account)
        wanted = payments.filter(naming).select(*PAYMENT_COLUMNS, "balance")
        for id, source, _, *told, balance in rows_of(self._engine.run(wanted)):
            fact = Fact._make((f"{source}:{id}", *told, currency))
            self._facts[currency][fact.id] = fact
            account = {"payer": fact.payer, "payee": fact.payee}.get(fact.side)
            if balance is not None and account is not None:  # whose it is where both are told?
                self._keep((account, currency), Told(fact.at_us, balance, fact.id))

    def _keep(self, key: tuple[str, str], told: Told) -> None:
        """Of two balances of one moment the smaller is safe."""
        before = self._told.get(key)
        if before is None or (told.at_us, -told.balance) > (before.at_us, -before.balance):
            self._told[key] = told

"""The newest balances that banks have told, read from the lake and kept between questions (REQ-44).

A bank tells a balance beside a payment of its own books, and at the end of a statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from qalqan.trail.ledger import day_of, rows_of
from qalqan.trail.standing import Told

if TYPE_CHECKING:
    from qalqan.lake.engine import Engine


class Balances:
    """Newest balances, kept between questions; not shared between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._told: dict[tuple[str, str], Told] = {}
        """(account, currency) → balance."""
        self._asked: defaultdict[str, set[str]] = defaultdict(set)
        self._seal: dict[str, int] = {}

    def of(
        self, accounts: Collection[str], currency: str, floor_us: int, up_to_seal: int
    ) -> dict[str, Told]:
        """Account → its newest balance in facts from `floor_us` on, up to this seal of the log."""
        asked, before = self._asked[currency], self._seal.get(currency, 0)
        new = set(accounts) - asked
        if asked and up_to_seal > before:
            self._read(asked, currency, floor_us, up_to_seal, before)
        if new:
            self._read(new, currency, floor_us, up_to_seal, 0)
        asked |= new
        self._seal[currency] = max(before, up_to_seal)
        return {a: told for a in accounts if (told := self._told.get((a, currency))) is not None}

    def _read(
        self, accounts: Iterable[str], currency: str, floor_us: int, seal: int, after: int
    ) -> None:
        keys = self._engine.memtable(pa.table({"account": pa.array(sorted(accounts))}))
        for kind, question in (("payment", _beside_payments), ("statement", _of_statements)):
            if not self._engine.has_after(kind, after):
                continue
            facts = self._engine.table(kind, day_of(floor_us), None, seal, after)
            rows = self._engine.run(question(facts.filter(facts.currency == currency), keys))
            for account, at_us, balance, fact in rows_of(rows):
                self._keep((account, currency), Told(at_us, balance, fact or ""))

    def _keep(self, key: tuple[str, str], told: Told) -> None:
        """Of two balances of one moment the smaller is safe."""
        before = self._told.get(key)
        if before is None or (told.at_us, -told.balance) > (before.at_us, -before.balance):
            self._told[key] = told


def _beside_payments(payments: ibis.Table, keys: ibis.Table) -> ibis.Table:
    told = payments.filter(payments.balance.notnull(), payments.side != "both")
    account = ibis.ifelse(told.side == "payer", told.payer_account, told.payee_account)
    told = told.select(
        account=account, at_us=told.at_us, balance=told.balance,
        fact=told.source + ":" + told.id,
    )  # fmt: skip
    return _newest(told.filter(told.account.isin(keys.account)))


def _of_statements(statements: ibis.Table, keys: ibis.Table) -> ibis.Table:
    told = statements.filter(statements.closing.notnull())
    told = told.select(
        account=told.account, at_us=told.to_us, balance=told.closing, fact=ibis.literal("")
    )
    return _newest(told.filter(told.account.isin(keys.account)))


def _newest(told: ibis.Table) -> ibis.Table:
    order = [told.at_us.desc(), told.balance, told.fact]
    place = ibis.row_number().over(group_by=told.account, order_by=order)
    ranked = told.mutate(place=place)
    return ranked.filter(ranked.place == 0).drop("place")

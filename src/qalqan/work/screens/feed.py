"""Facts into the state of the screens: what was sealed since the last look (`seal > last`).

Weeks of facts are summed up by the engine and come as a row a payer and payee, so that a nation's
months are learnt in a minute; the last hours come row by row. A fact is learnt once: the state
says up to which seal it knows, and a snapshot is taken together with that seal.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from qalqan.clock import HOUR, SECOND
from qalqan.lake.engine import Engine
from qalqan.screening.memory import Ints, key_of, keys_of, pair_of, pairs_of
from qalqan.screening.remembered import MEMORY_US, Part
from qalqan.screening.state import State

_FROM_PAYER = ("payer", "both")
"""Sides whose books tell a payment once; the payee's side tells it again."""
_FEW = 20_000
"""Up to so many rows are folded in one by one, more all at once."""


def learn(state: State, engine: Engine, after: int, up_to: int, now_us: int) -> None:
    """Teach the state all facts with `after < seal <= up_to`. One thread at a time."""
    _remember_payments(state, engine, after, up_to, now_us)
    _remember_devices(state, engine, after, up_to, now_us)
    recall(state, engine, after, up_to, now_us)


def recall(state: State, engine: Engine, after: int, up_to: int, now_us: int) -> None:
    """Only the windows of hours: after a restart they are filled from the lake anew."""
    since_us = now_us - max(state.recent.lengths_us())
    rows = _Rows(engine, after, up_to, since_us)
    _recall_payments(state, rows, now_us)
    _recall_sessions(state, rows, now_us)
    _recall_calls(state, rows, now_us)
    _recall_loans(state, rows, now_us)


class _Rows:
    """Facts within seals and since a time, as plain tuples."""

    def __init__(self, engine: Engine, after: int, up_to: int, since_us: int) -> None:
        self.engine, self.after, self.up_to, self.since_us = engine, after, up_to, since_us

    def table(self, kind: str) -> ibis.Table | None:
        """Facts of a kind; None where the log has none."""
        if not self.engine.has_after(kind, self.after):
            return None
        first = datetime.fromtimestamp(self.since_us // SECOND, UTC).date()
        found = self.engine.table(kind, first, up_to_seal=self.up_to, after_seal=self.after)
        return found.filter(found.at_us >= self.since_us)

    def of(self, kind: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """The columns of each fact, in no promised order."""
        table = self.table(kind)
        if table is not None:
            found = self.engine.run(table.select(*columns))
            yield from zip(*(found[name].to_pylist() for name in columns), strict=True)


def _remember_payments(state: State, engine: Engine, after: int, up_to: int, now_us: int) -> None:
    table = _Rows(engine, after, up_to, now_us - MEMORY_US).table("payment")
    if table is None:
        return
    told = table.filter(table.payer_account.notnull())
    between = told.filter(told.payee_account.notnull())
    pairs = between.group_by("payer_account", "payee_account").agg(
        first_us=_.at_us.min(), last_us=_.at_us.max()
    )
    _add_pairs(state, engine.run(pairs))
    once = told.filter(told.side.isin(_FROM_PAYER))
    habits = once.group_by("payer_account", "currency").agg(
        n=_.count(), ln=_.amount.cast("float64").ln().sum(), last_us=_.at_us.max()
    )
    _add_habits(state, engine.run(habits))
    for end in ("payer", "payee"):
        _remember_holders(state, engine, table, end)


def _remember_holders(state: State, engine: Engine, table: ibis.Table, end: str) -> None:
    account, holder = f"{end}_account", f"{end}_holder"
    known = table.filter(table[account].notnull() & table[holder].notnull())
    rows = engine.run(
        known.group_by(account).agg(holder=known[holder].max(), last_us=_.at_us.max())
    )
    _add(state, "holders", keys_of(rows[account]), keys_of(rows["holder"]), _hours(rows["last_us"]))


def _remember_devices(state: State, engine: Engine, after: int, up_to: int, now_us: int) -> None:
    """Devices of persons, of accounts, of applicants."""
    for kind, owner in (("session", "holder"), ("session", "account"), ("loan", "applicant")):
        table = _Rows(engine, after, up_to, now_us - MEMORY_US).table(kind)
        if table is None:
            continue
        known = table.filter(table[owner].notnull() & table.device.notnull())
        if kind == "session":
            known = known.filter(known.outcome == "signed_in")
        seen = known.group_by(owner, "device").agg(first_us=_.at_us.min(), last_us=_.at_us.max())
        rows = engine.run(seen)
        owners, marks = keys_of(rows[owner]), keys_of(rows["device"])
        first, last = _hours(rows["first_us"]), _hours(rows["last_us"])
        _add(state, "devices", pairs_of(owners, marks), first, last)
        _add(state, "owners", owners, first, last)


def _add_pairs(state: State, rows: pa.Table) -> None:
    payers, payees = keys_of(rows["payer_account"]), keys_of(rows["payee_account"])
    keys = pairs_of(payers, payees)
    last = _hours(rows["last_us"])
    fresh = (
        np.fromiter((state.remembered.pairs.get(int(key)) is None for key in keys), bool, len(keys))
        if len(state.remembered.pairs)
        else np.ones(len(keys), bool)
    )
    _add(state, "pairs", keys, _hours(rows["first_us"]), last)
    _add(state, "payees", payees[fresh], np.ones(int(fresh.sum()), np.int32), last[fresh])


def _add_habits(state: State, rows: pa.Table) -> None:
    currencies = keys_of(rows["currency"])
    keys = pairs_of(keys_of(rows["payer_account"]), currencies)
    n, ln = rows["n"].to_numpy().astype(np.int32), rows["ln"].to_numpy()
    _add(state, "payers", keys, n, ln, _hours(rows["last_us"]))


def _add(state: State, name: str, keys: Ints, *columns: Any) -> None:
    memory = state.remembered.tables()[name]
    if len(keys) > _FEW:
        memory.add_all(keys, columns)
        return
    for key, *values in zip(keys.tolist(), *(column.tolist() for column in columns), strict=True):
        memory.add(key, values)


def _hours(times: pa.ChunkedArray) -> Any:
    return pc.floor(pc.divide(times.cast(pa.float64()), HOUR)).to_numpy().astype(np.int32)


def _recall_payments(state: State, rows: _Rows, now_us: int) -> None:
    columns = (
        "source", "id", "at_us", "side", "payer_account", "payee_account", "amount", "currency",
        "instrument", "payee_holder",
    )  # fmt: skip
    recent = state.recent
    for source, id_, at_us, side, payer, payee, amount, currency, instrument, holder in rows.of(
        "payment", *columns
    ):
        if payee is None:
            continue
        to = key_of(payee)
        if instrument == "loan":
            for whose in (payee, holder):
                if whose is not None:
                    recent.loans.put(key_of(whose), pair_of(to, amount), at_us, amount, now_us)
        if payer is None:
            continue
        by = key_of(payer)
        recent.payers.put(to, by, at_us, None, now_us)
        if side in _FROM_PAYER:
            entry = pair_of(key_of(source), key_of(id_))
            recent.parts.put(by, entry, at_us, Part(amount, currency, to), now_us)


def _recall_sessions(state: State, rows: _Rows, now_us: int) -> None:
    found = rows.of("session", "id", "at_us", "holder", "account", "remote_access")
    for id_, at_us, holder, account, remote in found:
        for whose in (holder, account) if remote else ():
            if whose is not None:
                state.recent.remote.put(key_of(whose), key_of(id_), at_us, None, now_us)


def _recall_calls(state: State, rows: _Rows, now_us: int) -> None:
    for at_us, caller, callee, answered in rows.of("call", "at_us", "caller", "callee", "answered"):
        if answered:
            state.recent.calls.put(key_of(callee), key_of(caller), at_us, caller, now_us)


def _recall_loans(state: State, rows: _Rows, now_us: int) -> None:
    columns = ("source", "at_us", "applicant", "amount", "payout_account", "decision")
    for source, at_us, applicant, amount, account, decision in rows.of("loan", *columns):
        lender, person = key_of(source), key_of(applicant)
        entry = pair_of(lender, amount)
        state.recent.applications.put(person, entry, at_us, lender, now_us)
        if decision == "granted":
            keys = [person, *([key_of(account)] if account is not None else [])]
            for whose in keys:
                state.recent.loans.put(whose, entry, at_us, amount, now_us)

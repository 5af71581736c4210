"""Facts into the state of the screens: what was sealed since the last look (`seal > last`).

Weeks of facts come summed up, a row a payer and payee, so that a nation's months are learnt in a
minute; the last hours come row by row. A fact is learnt once: the state
says up to which seal it knows, and a snapshot is taken together with that seal.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.clock import HOUR
from qalqan.screening.memory import Ints, key_of, keys_of, pair_of, pairs_of
from qalqan.screening.remembered import MEMORY_US, Part, Share
from qalqan.screening.state import State
from qalqan.work.screens.stretch import Groups, Stretch

_FROM_PAYER = ("payer", "both")
"""Sides whose books tell a payment once; the payee's side tells it again."""
_FEW = 20_000
"""Up to so many rows are folded in one by one, more all at once."""


def learn(state: State, log: Stretch) -> None:
    """Teach the state a stretch of the log. One thread at a time."""
    _remember(state, log)
    recall(state, log)


def recall(state: State, log: Stretch) -> None:
    """Only the windows of hours: after a restart they are filled from the lake anew."""
    since_us = log.now_us - max(state.recent.lengths_us())
    _recall_payments(state, log, since_us)
    _recall_lent(state, log, since_us)
    _recall_sessions(state, log, since_us)
    _recall_calls(state, log, since_us)
    _recall_loans(state, log, since_us)


_PAIRS = Groups("payment", ("payer_account", "payee_account"))
_HABITS = Groups("payment", ("payer_account", "currency"), among=("side", _FROM_PAYER))
_HOLDERS = tuple(
    Groups("payment", (f"{end}_account",), greatest=f"{end}_holder") for end in ("payer", "payee")
)
_DEVICES = (
    *(Groups("session", (owner, "device"), among=("outcome", ("signed_in",)))
      for owner in ("holder", "account")),
    Groups("loan", ("applicant", "device")),
)  # fmt: skip
"""Devices of persons, of accounts, of applicants."""


def _remember(state: State, log: Stretch) -> None:
    since_us = log.now_us - MEMORY_US
    if (pairs := log.groups(since_us, _PAIRS)) is not None:
        _add_pairs(state, pairs)
    if (habits := log.groups(since_us, _HABITS)) is not None:
        _add_habits(state, habits)
    for asked in _HOLDERS:
        if (rows := log.groups(since_us, asked)) is not None:
            _add_holders(state, asked, rows)
    for asked in _DEVICES:
        if (rows := log.groups(since_us, asked)) is not None:
            _add_devices(state, rows[asked.by[0]], rows)


def _add_holders(state: State, asked: Groups, rows: pa.Table) -> None:
    account, holder = asked.by[0], str(asked.greatest)
    _add(state, "holders", keys_of(rows[account]), keys_of(rows[holder]), _hours(rows["last_us"]))


def _add_devices(state: State, whose: pa.ChunkedArray, rows: pa.Table) -> None:
    owners, marks = keys_of(whose), keys_of(rows["device"])
    first, last = _hours(rows["first_us"]), _hours(rows["last_us"])
    _add(state, "devices", pairs_of(owners, marks), first, last)
    _add(state, "owners", owners, first, last)


def _add_pairs(state: State, rows: pa.Table) -> None:
    """Who has paid whom, and of each payee how many have. A pair is kept by the owners of both
    its ends: the payer's asks for it, the payee's counts it once."""
    share = state.share
    payers, payees = keys_of(rows["payer_account"]), keys_of(rows["payee_account"])
    keys = pairs_of(payers, payees)
    first, last = _hours(rows["first_us"]), _hours(rows["last_us"])
    counts = _mine(share, payees) & ~state.remembered.pairs.has(keys)
    ours = _mine(share, payers) | _mine(share, payees)
    _add(state, "pairs", keys[ours], first[ours], last[ours])
    ones = np.ones(int(counts.sum()), np.int32)
    _add(state, "payees", payees[counts], ones, last[counts])


def _add_habits(state: State, rows: pa.Table) -> None:
    payers, currencies = keys_of(rows["payer_account"]), keys_of(rows["currency"])
    ours = _mine(state.share, payers)
    n, ln = rows["n"].to_numpy().astype(np.int32), rows["ln"].to_numpy()
    last = _hours(rows["last_us"])
    keys = pairs_of(payers, currencies)
    _add(state, "payers", keys[ours], n[ours], ln[ours], last[ours])


def _mine(share: Share, keys: Ints) -> Any:
    return keys % share.of == share.number


def _add(state: State, name: str, keys: Ints, *columns: Any) -> None:
    memory = state.remembered.tables()[name]
    if len(keys) > _FEW:
        memory.add_all(keys, columns)
        return
    for key, *values in zip(keys.tolist(), *(column.tolist() for column in columns), strict=True):
        memory.add(key, values)


def _hours(times: pa.ChunkedArray) -> Any:
    return pc.floor(pc.divide(times.cast(pa.float64()), HOUR)).to_numpy().astype(np.int32)


def _recall_payments(state: State, log: Stretch, since_us: int) -> None:
    columns = (
        "source", "id", "at_us", "side", "payer_account", "payee_account", "amount", "currency",
    )  # fmt: skip
    for source, id_, at_us, side, payer, payee, amount, currency in log.rows(
        since_us, "payment", *columns
    ):
        if payer is None or payee is None:
            continue
        by, to = key_of(payer), key_of(payee)
        if state.share.has(to):
            state.recent.payers.put(to, by, at_us, None, log.now_us)
        if side in _FROM_PAYER and state.share.has(by):
            entry = pair_of(key_of(source), key_of(id_))
            state.recent.parts.put(by, entry, at_us, Part(amount, currency, to), log.now_us)


def _recall_lent(state: State, log: Stretch, since_us: int) -> None:
    """Loans as they are paid out, whoever tells it."""
    columns = ("at_us", "payee_account", "payee_holder", "amount", "instrument")
    for at_us, account, holder, amount, instrument in log.rows(since_us, "payment", *columns):
        for whose in (account, holder) if instrument == "loan" else ():
            if whose is not None:
                state.recent.loans.put(key_of(whose), amount, at_us, amount, log.now_us)


def _recall_sessions(state: State, log: Stretch, since_us: int) -> None:
    found = log.rows(since_us, "session", "id", "at_us", "holder", "account", "remote_access")
    for id_, at_us, holder, account, remote in found:
        for whose in (holder, account) if remote else ():
            if whose is not None:
                state.recent.remote.put(key_of(whose), key_of(id_), at_us, None, log.now_us)


def _recall_calls(state: State, log: Stretch, since_us: int) -> None:
    for at_us, caller, callee, answered in log.rows(
        since_us, "call", "at_us", "caller", "callee", "answered"
    ):
        if answered:
            state.recent.calls.put(key_of(callee), key_of(caller), at_us, caller, log.now_us)


def _recall_loans(state: State, log: Stretch, since_us: int) -> None:
    columns = ("source", "at_us", "applicant", "amount", "payout_account", "decision")
    for source, at_us, applicant, amount, account, decision in log.rows(since_us, "loan", *columns):
        lender, person = key_of(source), key_of(applicant)
        entry = pair_of(lender, amount)
        state.recent.applications.put(person, entry, at_us, lender, log.now_us)
        if decision == "granted":
            keys = [person, *([key_of(account)] if account is not None else [])]
            for whose in keys:
                state.recent.loans.put(whose, amount, at_us, amount, log.now_us)

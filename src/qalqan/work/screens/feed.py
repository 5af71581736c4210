"""Facts into the state of the screens: what was sealed since the last look (`seal > last`).

Weeks of facts come summed up, a row a payer and payee, so that a nation's months are learnt in a
minute; the last hours come row by row. A fact is learnt once: the owner says up to which seal its
state knows, and a snapshot is taken together with that seal.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.clock import HOUR
from qalqan.screening.memory import Ints, keys_of, pairs_of
from qalqan.screening.remembered import MEMORY_US, Share
from qalqan.screening.state import State
from qalqan.work.screens import notes
from qalqan.work.screens.stretch import Groups, Stretch

_FEW = 20_000
"""Up to so many rows are folded in one by one, more all at once."""


def learn(state: State, log: Stretch) -> None:
    """Teach the state a stretch of the log. One thread at a time."""
    remember(state, log)
    recall(state, log)


def recall(state: State, log: Stretch) -> None:
    """Only the windows of hours: after a restart they are filled from the lake anew."""
    since_us = log.now_us - max(state.recent.lengths_us())
    for kind, columns in notes.COLUMNS.items():
        for row in log.rows(since_us, kind, *columns):
            notes.note(state, kind, log.now_us, row)


_PAIRS = Groups("payment", ("payer_account", "payee_account"))
_HABITS = Groups("payment", ("payer_account", "currency"), among=("side", notes.FROM_PAYER))
_HOLDERS = tuple(
    Groups("payment", (f"{end}_account",), greatest=f"{end}_holder") for end in ("payer", "payee")
)
_DEVICES = (
    *(Groups("session", (owner, "device"), among=("outcome", ("signed_in",)))
      for owner in ("holder", "account")),
    Groups("loan", ("applicant", "device")),
)  # fmt: skip
"""Devices of persons, of accounts, of applicants."""


def remember(state: State, log: Stretch) -> None:
    """Only the memory of weeks. One thread at a time."""
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

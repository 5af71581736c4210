"""Facts as the index holds them: four words a fact, sorted by payer and time, and what is read
only of the facts that were picked (REQ-39).

The four words (32 bytes, so two facts a cache line) are time, sum, payer << 32 | payee, and

    payer's bank + 1 (22 bits) · payee's bank + 1 (22) · country + 1 (10) · instrument (8)
    · side (2)

where numbers of banks and countries are those of the currency's lists and 0 is "not told".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.errors import ContractBroken
from qalqan.trail.index.facts import HOME_COUNTRY, INSTRUMENTS, NO_REFERENCE, SIDES
from qalqan.trail.index.hashes import NONE, Hashes, Numbers, hashes_of, references_of
from qalqan.trail.index.runfile import Array

MOST_BANKS = (1 << 22) - 2
MOST_COUNTRIES = (1 << 10) - 2
NO_BALANCE = -(1 << 63)


class Columns(NamedTuple):
    """Facts in one order; references and balances are empty arrays where no fact has one."""

    words: Array
    """(n, 4) int64."""
    seal: Array
    uetr: Hashes
    end_to_end: Hashes
    ids: pa.LargeStringArray
    """`source:id`."""
    balance: Array
    """What the account of the books that tell it holds after; `NO_BALANCE` where none is told."""

    @property
    def payer(self) -> Array:
        """Its number, `NONE` if not told."""
        return (self.words[:, 2].view(np.uint64) >> np.uint64(32)).astype(np.uint32)

    @property
    def payee(self) -> Array:
        """Its number, `NONE` if not told."""
        return self.words[:, 2].astype(np.uint32)

    def taken(self, order: Array) -> Columns:
        """The same facts in another order."""
        return Columns(
            self.words[order],
            self.seal[order],
            self.uetr[order] if len(self.uetr) else self.uetr,
            self.end_to_end[order] if len(self.end_to_end) else self.end_to_end,
            self.ids.take(pa.array(order)),
            self.balance[order] if len(self.balance) else self.balance,
        )

    def sorted(self) -> Columns:
        """By payer, then time; those that came first stay before those of the same time."""
        return self.taken(np.lexsort((self.words[:, 0], self.payer)))


def joined(parts: Sequence[Columns]) -> Columns:
    """Facts of several parts, one after the other."""
    return Columns(
        np.concatenate([part.words for part in parts]),
        np.concatenate([part.seal for part in parts]),
        _hashes([(part.uetr, len(part.seal)) for part in parts]),
        _hashes([(part.end_to_end, len(part.seal)) for part in parts]),
        pa.concat_arrays([part.ids for part in parts]),
        _balances([(part.balance, len(part.seal)) for part in parts]),
    )


def _balances(parts: list[tuple[Array, int]]) -> Array:
    if not any(len(told) for told, _ in parts):
        return np.zeros(0, np.int64)
    return np.concatenate(
        [told if len(told) else np.full(n, NO_BALANCE, np.int64) for told, n in parts]
    )


def _hashes(parts: list[tuple[Hashes, int]]) -> Hashes:
    if not any(len(hashes) for hashes, _ in parts):
        return np.zeros((0, 2), np.uint64)
    return np.concatenate(
        [hashes if len(hashes) else np.zeros((n, 2), np.uint64) for hashes, n in parts]
    )


@dataclass
class Encoder:
    """What one currency's facts are called by: the writer's lists, which only grow."""

    banks: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=lambda: [HOME_COUNTRY])
    accounts: Numbers = field(default_factory=Numbers)

    def columns(self, rows: pa.Table) -> tuple[Columns, pa.LargeStringArray]:
        """Rows of the lake's payments (`ROWS`), and the tokens of accounts not met before in the
        order of their numbers."""
        first = self.accounts.count
        told = {name: rows[name].combine_chunks() for name in rows.column_names}
        payer = self.accounts.of(hashes_of(told["payer_account"]))
        payee = self.accounts.of(hashes_of(told["payee_account"]))
        words = np.empty((len(rows), 4), np.int64)
        words[:, 0] = told["at_us"].to_numpy()
        words[:, 1] = told["amount"].to_numpy()
        words[:, 2] = (payer.astype(np.uint64) << np.uint64(32) | payee).view(np.int64)
        words[:, 3] = self._fourth(told)
        found = Columns(
            words,
            pc.fill_null(told["seal"], 0).to_numpy().astype(np.int64),
            _some(references_of(told["uetr"])),
            _some(hashes_of(_references(told["end_to_end_id"]))),
            _large(pc.binary_join_element_wise(told["source"], told["id"], ":")),
            _told(told.get("balance"), len(rows)),
        )
        return found, self._tokens(told, payer, payee, first)

    def _fourth(self, told: dict[str, pa.Array]) -> Array:
        payer_bank = _numbers(told["payer_bank"], self.banks, MOST_BANKS)
        payee_bank = _numbers(told["payee_bank"], self.banks, MOST_BANKS)
        country = _numbers(told["payee_country"], self.countries, MOST_COUNTRIES)
        instrument = _numbers(told["instrument"], list(INSTRUMENTS), len(INSTRUMENTS)) - 1
        side = _numbers(told["side"], list(SIDES), len(SIDES)) - 1
        found: Array = payer_bank << 42 | payee_bank << 20 | country << 10 | instrument << 2 | side
        return found

    def _tokens(
        self, told: dict[str, pa.Array], payer: Array, payee: Array, first: int
    ) -> pa.LargeStringArray:
        """Tokens of the numbers from `first` on."""
        numbers = np.concatenate((payer, payee))
        new = np.flatnonzero((numbers >= first) & (numbers != NONE))
        _, at = np.unique(numbers[new], return_index=True)
        both = pa.concat_arrays([_large(told["payer_account"]), _large(told["payee_account"])])
        return both.take(pa.array(new[at]))


ROWS = (
    "id", "source", "seal", "at_us", "side", "payer_account", "payer_bank", "payee_account",
    "payee_bank", "amount", "instrument", "uetr", "end_to_end_id", "payee_country", "currency",
)  # fmt: skip
"""Columns of `payment` that an index is made of …"""

KEPT = (*ROWS, "balance")
"""… and the one that it may do without."""


def _large(texts: pa.Array) -> pa.LargeStringArray:
    return texts.cast(pa.large_string())


def _told(balances: pa.Array | None, rows: int) -> Array:
    if balances is None or balances.null_count == rows:
        return np.zeros(0, np.int64)
    found: Array = pc.fill_null(balances, NO_BALANCE).to_numpy().astype(np.int64)
    return found


def _some(hashes: Hashes) -> Hashes:
    return hashes if hashes.any() else np.zeros((0, 2), np.uint64)


def _references(texts: pa.Array) -> pa.Array:
    """EndToEndIds without those that say there is none."""
    none = pc.equal(pc.utf8_upper(texts), NO_REFERENCE)
    return pc.if_else(pc.fill_null(none, False), pa.scalar(None, texts.type), texts)


def _numbers(texts: pa.Array, names: list[str], most: int) -> Array:
    """The place of each text in `names` + 1, 0 for none; texts not met before are added.

    Raises:
        ContractBroken: there are more than the index has room for.
    """
    encoded = texts.dictionary_encode()
    known = {name: number for number, name in enumerate(names, 1)}
    places = []
    for name in encoded.dictionary.to_pylist():
        if name not in known:
            if len(names) >= most:
                raise ContractBroken(f"an index has no room for another {name!r}")
            names.append(name)
            known[name] = len(names)
        places.append(known[name])
    table = np.array([*places, 0], np.int64)
    found: Array = table[pc.fill_null(encoded.indices, len(places)).to_numpy()]
    return found

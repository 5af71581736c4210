"""Facts as columns of numbers: what compiled loops read instead of objects (REQ-39).

One row a fact, every name replaced by a small code. The index keeps these columns on disk; the
plain encoder here makes them of a list, for tests and for little that is at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from qalqan.trail.semantics import Coverage, Fact

SIDES = ("payer", "payee", "both")
"""By their codes: whose books tell it."""

INSTRUMENTS = (
    "transfer", "card", "cash_out", "cash_in", "fee", "crypto", "wallet", "loan", "salary",
    "benefit", "refund", "return", "gap",
)  # fmt: skip
"""By their codes; `gap` is no fact but a line that a statement lacks. New ones only at the end."""

NOBODY = -1
"""No account, bank or country told."""

HOME_COUNTRY = "KZ"
"""Always country 0."""

NO_REFERENCE = "NOTPROVIDED"
"""What ISO 20022 has banks write when the payer gave no EndToEndId."""


class Facts(NamedTuple):
    """n facts of one currency, in any order."""

    at_us: NDArray[np.int64]
    side: NDArray[np.uint8]
    """Position in `SIDES`."""
    payer: NDArray[np.int64]
    """Account code; `NOBODY` if none is told."""
    payee: NDArray[np.int64]
    payer_bank: NDArray[np.int32]
    """Bank code, or `NOBODY`."""
    payee_bank: NDArray[np.int32]
    amount: NDArray[np.int64]
    """Minor units, 1 to 10^15."""
    instrument: NDArray[np.uint8]
    """Position in `INSTRUMENTS`."""
    uetr: NDArray[np.uint64]
    """(n, 2), `reference_key` of the UETR; (0, 0) if there is none."""
    end_to_end: NDArray[np.uint64]
    """(n, 2), `end_to_end_key` of the EndToEndId; (0, 0) if there is none."""
    country: NDArray[np.int16]
    """Of the payee's bank: 0 is KZ, `NOBODY` if none is told."""
    seal: NDArray[np.int64]
    id_from: NDArray[np.int64]
    """Where `source:id` begins in `ids`."""
    id_to: NDArray[np.int64]
    ids: NDArray[np.uint8]
    """UTF-8, whose order of bytes is the order of Python's strings."""


class Source(Protocol):
    """Where the walk over one question finds facts, and the names behind their codes."""

    def gather(self, accounts: NDArray[np.int64]) -> Facts:
        """All facts of the question's currency and time that name one of these accounts on
        either side, each once."""

    def statements(self, accounts: Sequence[str]) -> Sequence[Coverage]:
        """Complete statements of these accounts in the question's currency."""

    def notices(self) -> Sequence[Coverage]:
        """Notices of banks that their feeds tell every payment of a period."""

    def account_codes(self, names: Sequence[str]) -> Sequence[int]:
        """Code of each account; `NOBODY` for one that no fact names."""

    def bank_codes(self, names: Sequence[str]) -> Sequence[int]:
        """Code of each bank; `NOBODY` for one that no fact names."""

    def account_names(self, codes: Sequence[int]) -> Sequence[str]:
        """The account of each code."""

    def bank_names(self, codes: Sequence[int]) -> Sequence[str]:
        """The bank of each code."""

    def country_names(self, codes: Sequence[int]) -> Sequence[str]:
        """The country of each code."""


def reference_key(text: str | None) -> tuple[int, int]:
    """128 bits for a UETR as two halves; (0, 0) for none."""
    return _hashed(text) if text else (0, 0)


def end_to_end_key(text: str | None) -> tuple[int, int]:
    """128 bits for an EndToEndId; (0, 0) for none and for `NO_REFERENCE` in any case."""
    return (0, 0) if not text or text.upper() == NO_REFERENCE else _hashed(text)


def _hashed(text: str) -> tuple[int, int]:
    key = blake2b(text.encode(), digest_size=16).digest()
    return int.from_bytes(key[:8]), int.from_bytes(key[8:])


@dataclass
class Listed:
    """Facts of a list as a `Source`: the plain encoder, whose codes count names as they come."""

    facts: Facts
    accounts: list[str] = field(default_factory=list)
    banks: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    coverages: Sequence[Coverage] = ()

    def gather(self, accounts: NDArray[np.int64]) -> Facts:
        named = np.isin(self.facts.payer, accounts) | np.isin(self.facts.payee, accounts)
        rows = np.flatnonzero(named)
        return Facts._make([*(column[rows] for column in self.facts[:-1]), self.facts.ids])

    def statements(self, accounts: Sequence[str]) -> list[Coverage]:
        asked = set(accounts)
        return [told for told in self.coverages if told.account in asked]

    def notices(self) -> list[Coverage]:
        return [told for told in self.coverages if told.account is None]

    def account_codes(self, names: Sequence[str]) -> list[int]:
        return _codes(self.accounts, names)

    def bank_codes(self, names: Sequence[str]) -> list[int]:
        return _codes(self.banks, names)

    def account_names(self, codes: Sequence[int]) -> list[str]:
        return [self.accounts[code] for code in codes]

    def bank_names(self, codes: Sequence[int]) -> list[str]:
        return [self.banks[code] for code in codes]

    def country_names(self, codes: Sequence[int]) -> list[str]:
        return [self.countries[code] for code in codes]


def _codes(known: Sequence[str], names: Iterable[str]) -> list[int]:
    by_name = {name: code for code, name in enumerate(known)}
    return [by_name.get(name, NOBODY) for name in names]


def listed(
    facts: Sequence[Fact],
    coverages: Sequence[Coverage] = (),
    seals: Mapping[str, int] | None = None,
) -> Listed:
    """Facts of one currency as columns, beside what covers accounts; `seals` by id where they
    matter."""
    accounts: dict[str, int] = {}
    banks: dict[str, int] = {}
    countries: dict[str, int] = {HOME_COUNTRY: 0}
    ids = [fact.id.encode() for fact in facts]
    ends = np.cumsum([len(id) for id in ids], dtype=np.int64)
    columns = Facts(
        at_us=np.array([f.at_us for f in facts], np.int64),
        side=np.array([SIDES.index(f.side) for f in facts], np.uint8),
        payer=np.array([_numbered(accounts, f.payer) for f in facts], np.int64),
        payee=np.array([_numbered(accounts, f.payee) for f in facts], np.int64),
        payer_bank=np.array([_numbered(banks, f.payer_bank) for f in facts], np.int32),
        payee_bank=np.array([_numbered(banks, f.payee_bank) for f in facts], np.int32),
        amount=np.array([f.amount for f in facts], np.int64),
        instrument=np.array([INSTRUMENTS.index(f.instrument) for f in facts], np.uint8),
        uetr=_keys(facts, lambda fact: reference_key(fact.uetr)),
        end_to_end=_keys(facts, lambda fact: end_to_end_key(fact.end_to_end_id)),
        country=np.array([_numbered(countries, f.payee_country) for f in facts], np.int16),
        seal=np.array([(seals or {}).get(f.id, 0) for f in facts], np.int64),
        id_from=ends - np.array([len(id) for id in ids], np.int64),
        id_to=ends,
        ids=np.frombuffer(b"".join(ids), np.uint8),
    )
    return Listed(columns, list(accounts), list(banks), list(countries), coverages)


def _numbered(codes: dict[str, int], name: str | None) -> int:
    return NOBODY if not name else codes.setdefault(name, len(codes))


def _keys(facts: Sequence[Fact], key_of: Callable[[Fact], tuple[int, int]]) -> NDArray[np.uint64]:
    return np.array([key_of(fact) for fact in facts], np.uint64).reshape(-1, 2)

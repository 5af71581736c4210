"""One currency's facts as they lie in the index at one moment, and a question's view of them
(REQ-39, REQ-44). Not shared between threads.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from qalqan.trail.index.facts import NOBODY, Facts
from qalqan.trail.index.gather import Marks, facts_at, numbers_of, places_of
from qalqan.trail.index.hashes import hashed
from qalqan.trail.index.reading import ONE_SIDED, UNNAMED, table_of
from qalqan.trail.index.runfile import Array, Mapped
from qalqan.trail.semantics import Coverage

MOST_NAMES = 100_000
"""So many accounts' numbers are kept, for a question asks for the same ones twice."""

Told = tuple[Coverage, int]
"""A statement and its seal."""


@dataclass
class Statements:
    """Complete statements by account, and the notices of whole banks."""

    of_account: dict[str, list[Told]] = field(default_factory=dict)
    of_banks: list[Told] = field(default_factory=list)

    def add(self, told: Iterable[Told]) -> None:
        """Take in more of them."""
        for one in told:
            account = one[0].account
            of = self.of_banks if account is None else self.of_account.setdefault(account, [])
            of.append(one)

    def known(self, accounts: Iterable[str], as_of_us: int, up_to_seal: int) -> list[Coverage]:
        """Those of the accounts that end no later and were known then."""
        found = [one for account in accounts for one in self.of_account.get(account, ())]
        return _known(found, as_of_us, up_to_seal)

    def notices(self, as_of_us: int, up_to_seal: int) -> list[Coverage]:
        """Those of whole banks."""
        return _known(self.of_banks, as_of_us, up_to_seal)


def _known(told: Iterable[Told], as_of_us: int, up_to_seal: int) -> list[Coverage]:
    return [c for c, seal in told if c.to_us <= as_of_us and seal <= up_to_seal]


class Pool:
    """A currency's runs, oldest first, and the names behind their numbers."""

    def __init__(
        self, currency: str, runs: Sequence[Mapped], lists: tuple[list[str], list[str]],
        statements: Statements,
    ) -> None:  # fmt: skip
        self.currency = currency
        self.runs = runs
        self.table = table_of(runs)
        self.one_sided = bool(self.table[:, ONE_SIDED].any())
        """Some facts are told by one side only, and may have another half."""
        self.unnamed = bool(self.table[:, UNNAMED].any())
        """Some payers' banks told no payer."""
        self.accounts = runs[-1].told["accounts"] if runs else 0
        self.banks, self.countries = lists
        self.statements = statements
        self._firsts = [run.told["first"] for run in runs]
        self._codes: dict[str, int] = {}
        self._bank_codes: dict[str, int] | None = None
        self._homes: tuple[frozenset[str], Array] | None = None

    def account_codes(self, names: Sequence[str]) -> list[int]:
        """Number of each account; `NOBODY` for one that no fact names."""
        if not all(name in self._codes for name in names):
            if len(self._codes) >= MOST_NAMES:
                self._codes.clear()
            self._codes.update(zip(names, self._looked_up(names), strict=True))
        return [self._codes[name] for name in names]

    def _looked_up(self, names: Sequence[str]) -> list[int]:
        octets = [name.encode() for name in names]
        ends = np.zeros(len(names) + 1, np.int64)
        np.cumsum([len(text) for text in octets], out=ends[1:])
        text = np.frombuffer(b"".join(octets) or b"\0", np.uint8)
        hashes = hashed(ends, text, np.ones(len(names), np.bool_))
        codes: list[int] = numbers_of(self.table, hashes).tolist()
        return codes

    def account_names(self, codes: Iterable[int]) -> list[str]:
        """The account of each number."""
        return [self._account(int(code)) for code in codes]

    def _account(self, code: int) -> str:
        run = self.runs[bisect_right(self._firsts, code) - 1]
        at = code - run.told["first"]
        first, last = run["token_at"][at], run["token_at"][at + 1]
        return run["tokens"][first:last].tobytes().decode()

    def bank_codes(self, names: Sequence[str]) -> list[int]:
        """Number of each bank; `NOBODY` for one that no fact names."""
        if self._bank_codes is None:
            self._bank_codes = {bank: code for code, bank in enumerate(self.banks)}
        return [self._bank_codes.get(name, NOBODY) for name in names]

    def bank_names(self, codes: Sequence[int]) -> list[str]:
        """The bank of each number."""
        return [self.banks[code] for code in codes]

    def homes(self, home_banks: frozenset[str]) -> Array:
        """Whether a bank takes part, by its number + 1."""
        if self._homes is None or self._homes[0] != home_banks:
            flags = np.array([False, *(bank in home_banks for bank in self.banks)])
            self._homes = home_banks, flags
        return self._homes[1]

    def country_names(self, codes: Sequence[int]) -> list[str]:
        """The country of each number."""
        return [self.countries[code] for code in codes]

    def ids(self, places: Array) -> list[str]:
        """`source:id` of the facts at these places."""
        return [self._id(place >> 40, place & 0xFFFFFFFFFF) for place in places.tolist()]

    def _id(self, run: int, row: int) -> str:
        ends, octets = self.runs[run]["id_at"], self.runs[run]["ids"]
        return octets[ends[row] : ends[row + 1]].tobytes().decode()


class View:
    """What one question may see of a pool; the walk's `Source`."""

    def __init__(
        self, pool: Pool, marks: Marks, floor_us: int, as_of_us: int, up_to_seal: int
    ) -> None:
        self.pool = pool
        self.bounds = floor_us, as_of_us, up_to_seal
        self.account_codes = pool.account_codes
        self.account_names = pool.account_names
        self.bank_codes = pool.bank_codes
        self.bank_names = pool.bank_names
        self.country_names = pool.country_names
        self._marks = marks
        self._first = marks.begin(pool.accounts)

    def statements(self, accounts: Sequence[str]) -> list[Coverage]:
        """Complete statements of these accounts that end within the question's time."""
        _, as_of_us, up_to_seal = self.bounds
        return self.pool.statements.known(accounts, as_of_us, up_to_seal)

    def notices(self) -> list[Coverage]:
        """Notices of banks that their feeds tell every payment of a period."""
        _, as_of_us, up_to_seal = self.bounds
        return self.pool.statements.notices(as_of_us, up_to_seal)

    def gather(self, accounts: Array) -> Facts:
        """All facts that name one of these accounts on either side, each once."""
        self._first = self._marks.begin(self.pool.accounts)
        return self.more(accounts)

    def more(self, accounts: Array) -> Facts:
        """The same, without those that name an account asked for before (since `gather`)."""
        return Facts(*facts_at(self.pool.table, self.places(accounts)))

    def places(self, accounts: Array) -> Array:
        """Where the facts lie that `more` tells."""
        known = accounts[(accounts >= 0) & (accounts < self.pool.accounts)].astype(np.int64)
        found: Array = places_of(
            self.pool.table, known, self._marks.stamps, self._first, self._marks.next(),
            *self.bounds,
        )  # fmt: skip
        return found

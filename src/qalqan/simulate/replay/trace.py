"""The software's own trail over what a centre would know of a world (REQ-39, 44).

The facts are those that banks tell; following and attribution are `qalqan.trail`'s, compiled, and
so are the sums to hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qalqan.simulate.replay.world import BANKS, Payment, World
from qalqan.trail.coverage import Covered
from qalqan.trail.index import facts as columns
from qalqan.trail.index.facts import HOME_COUNTRY, INSTRUMENTS, NOBODY, SIDES
from qalqan.trail.index.walk import Walked, walk
from qalqan.trail.policy import default
from qalqan.trail.semantics import RULES, Coverage, Root

HOME = frozenset(BANKS)
ABROAD = "AE"
_BANKS = (*BANKS, "other")
_COUNTRIES = (HOME_COUNTRY, ABROAD)
_NO_ACCOUNT = frozenset({"cash_out"})
_ID_LENGTH = 13
"""Of every fact's id: which side's books, and the payment's number."""


class Place(NamedTuple):
    """An account where stolen money sits, as far as is known."""

    account: int
    hop: int
    claims: dict[str, int]
    """Claim → units, kept ones included: what a hold may take at most, tiyn."""
    first_us: int
    last_us: int
    covered_us: int | None
    """Until when its bank has told everything since the first arrival."""

    @property
    def units(self) -> int:
        """Of all claims."""
        return sum(self.claims.values())


def name_of(account: int) -> str:
    """The token of an account."""
    return f"{account:03d}"


def root_of(world: World, number: int) -> Root:
    """A victim's payment as his bank has confirmed it."""
    claim = world.claims[number]
    payee = world.stages[claim.stage].account
    return Root(
        id=f"root:{number}", claim=f"R{number}", payer=name_of(claim.payer), payee=name_of(payee),
        payee_bank=BANKS[world.banks[payee]], amount=claim.amount, currency="KZT",
        at_us=claim.at_us, payer_bank=BANKS[world.banks[claim.payer]],
    )  # fmt: skip


class Facts:
    """What is known of one world, as the columns that a compiled walk reads (`columns.Source`).

    An account's code is its number."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.coverages: list[Coverage] = []
        self.policy = default()
        self._known: set[tuple[int, str]] = set()
        self._of: defaultdict[int, list[int]] = defaultdict(list)
        """Account → rows of the facts that name it."""
        self._rows = np.empty((256, 9), np.int64)
        self._ids = np.empty((256, _ID_LENGTH), np.uint8)
        self._n = 0

    def take(self, payment: Payment, side: str) -> None:
        """Learn one payment from one side (`both`: from a feed); a second time it is nothing
        new."""
        if (payment.number, side) in self._known:
            return
        self._known.add((payment.number, side))
        if self._n == len(self._rows):
            self._rows = np.concatenate((self._rows, np.empty_like(self._rows)))
            self._ids = np.concatenate((self._ids, np.empty_like(self._ids)))
        row, world, outside = self._n, self.world, self.world.outside
        payee = NOBODY if payment.instrument in _NO_ACCOUNT else payment.payee
        self._rows[row] = (
            payment.at_us, SIDES.index(side), payment.payer, payee,
            len(BANKS) if payment.payer == outside else world.banks[payment.payer],
            len(BANKS) if payment.payee == outside else world.banks[payment.payee],
            payment.amount, INSTRUMENTS.index(payment.instrument),
            _COUNTRIES.index(ABROAD) if payment.abroad else NOBODY,
        )  # fmt: skip
        self._ids[row] = np.frombuffer(f"{side:>5}:{payment.number:07d}".encode(), np.uint8)
        self._n += 1
        for account in {payment.payer, payee} - {NOBODY}:
            self._of[account].append(row)

    def cover(self, account: int, period: tuple[int, int], opening: int, closing: int) -> None:
        """Learn that all payments of the period are told, and both balances."""
        bank, number = BANKS[self.world.banks[account]], len(self.coverages)
        of = Coverage(name_of(account), bank, *period, opening, closing, f"s:{number:06d}")
        self.coverages.append(of)

    def gather(self, accounts: NDArray[np.int64]) -> columns.Facts:
        """All facts that name one of the accounts, once each."""
        found = sorted({row for account in accounts.tolist() for row in self._of[account]})
        rows = np.array(found, np.int64)
        at, side, payer, payee, payer_bank, payee_bank, amount, instrument, country = self._rows[
            rows
        ].T.copy()
        n = len(rows)
        begin = np.arange(n, dtype=np.int64) * _ID_LENGTH
        uetr = np.ones((n, 2), np.uint64)
        uetr[:, 0] = self._numbers(rows)
        return columns.Facts(
            at, side.astype(np.uint8), payer, payee, payer_bank.astype(np.int32),
            payee_bank.astype(np.int32), amount, instrument.astype(np.uint8), uetr,
            np.zeros((n, 2), np.uint64), country.astype(np.int16), np.zeros(n, np.int64), begin,
            begin + _ID_LENGTH, self._ids[rows].ravel(),
        )  # fmt: skip

    def _numbers(self, rows: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Payments' numbers, which stand for their UETRs."""
        digits = self._ids[rows, -7:].astype(np.uint64) - np.uint64(ord("0"))
        return digits @ np.array([10**i for i in range(6, -1, -1)], np.uint64)

    def statements(self, accounts: Sequence[str]) -> list[Coverage]:
        """Complete statements of these accounts."""
        asked = set(accounts)
        return [told for told in self.coverages if told.account in asked]

    def notices(self) -> list[Coverage]:
        """None: what a feed tells, it tells at once."""
        return []

    def account_codes(self, names: Sequence[str]) -> list[int]:
        """The accounts' numbers."""
        return [int(name) for name in names]

    def account_names(self, codes: Sequence[int]) -> list[str]:
        """The numbers' accounts."""
        return [name_of(code) for code in codes]

    def bank_codes(self, names: Sequence[str]) -> list[int]:
        """Places among the banks."""
        return [_BANKS.index(name) for name in names]

    def bank_names(self, codes: Sequence[int]) -> list[str]:
        """The banks at these places."""
        return [_BANKS[code] for code in codes]

    def country_names(self, codes: Sequence[int]) -> list[str]:
        """The countries at these places."""
        return [_COUNTRIES[code] for code in codes]


class Trail:
    """The trail of one world, walked again and again while more becomes known."""

    def __init__(self, world: World, rule: str) -> None:
        self.facts = Facts(world)
        self.rule = RULES.index(rule)
        self.roots: list[Root] = []

    def confirm(self, root: Root) -> None:
        """One more victim's payment is confirmed."""
        self.roots.append(root)

    def places(self, at_us: int) -> tuple[Place, ...]:
        """Where the money of all roots together is thought to be, by all that is known."""
        found = walk(self.facts, self.roots, self.facts.policy, at_us, HOME)
        here: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for _, number, claim, units in found.found.here[
            :, found.found.here[0] == self.rule
        ].T.tolist():
            here[number][found.claims[claim]] = units
        places = [self._place(found, number, claims) for number, claims in here.items()]
        return tuple(sorted(places))

    def _place(self, found: Walked, number: int, claims: dict[str, int]) -> Place:
        account = int(found.codes[number])
        first_us: Any = found.found.first_us[self.rule, number]
        bank = BANKS[self.facts.world.banks[account]]
        until = Covered(self.facts.coverages).to_us(name_of(account), bank, int(first_us))
        last_us = int(found.found.last_us[self.rule, number])
        return Place(account, int(found.hops[number]), claims, int(first_us), last_us, until)

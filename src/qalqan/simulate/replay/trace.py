"""The software's own trail over what a centre would know of a world (REQ-39, 44).

The facts are those that banks tell; following and attribution are `qalqan.trail`'s, compiled, and
so are the sums to hold. A hold that a bank has answered is a fact, too: what it took can't be paid
on, so it enters as a payment to a stand-in of the account, which pays nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qalqan.simulate.replay.world import BANKS, Payment, World
from qalqan.trail.coverage import Covered
from qalqan.trail.index import facts as columns
from qalqan.trail.index.facts import HOME_COUNTRY, INSTRUMENTS, NOBODY, SIDES
from qalqan.trail.index.moves import PAYEE_NO
from qalqan.trail.index.walk import Walked, walk
from qalqan.trail.policy import default
from qalqan.trail.semantics import RULES, Coverage, Root

HOME = frozenset(BANKS)
ABROAD = "AE"
_BANKS = (*BANKS, "other")
_COUNTRIES = (HOME_COUNTRY, ABROAD)
_NO_ACCOUNT = frozenset({"cash_out"})
HOLDS_FROM = 2_000_000
"""Numbers of the payments that stand for holds."""
LEAST = "least"
"""As a rule: the least that any rule of the trail finds."""
_ID_LENGTH = 13
"""Of every fact's id: which side's books, and the payment's number."""


class Place(NamedTuple):
    """An account where stolen money sits, as far as is known; tiyn."""

    account: int
    hop: int
    units: int
    """Of all claims, by the policy's rule, kept and held ones included: what holds may take."""
    loose: int
    """Of these the ones that no hold of ours took: what may still be paid on."""
    first_us: int
    last_us: int
    covered_us: int | None
    """Until when its bank has told everything since the first arrival."""


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

    An account's code is its number; that of its stand-in is as many higher as there are
    accounts. `feed`: an account's payments that are told by now, asked for when it is followed."""

    def __init__(
        self, world: World, feed: Callable[[int], Iterable[Payment]] | None = None
    ) -> None:
        self.world = world
        self.feed = feed
        self.coverages: list[Coverage] = []
        self.policy = default()
        self.hubs: set[int] = set()
        """Accounts that nothing is followed through: what they pay is not walked."""
        self.n_accounts = len(world.kinds)
        self._holds: defaultdict[int, list[int]] = defaultdict(list)
        """Account → rows of its holds, the latest last."""
        self._n_holds = 0
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
        row = self._n
        payee = NOBODY if payment.instrument in _NO_ACCOUNT else payment.payee
        self._rows[row] = (
            payment.at_us, SIDES.index(side), payment.payer, payee,
            self._bank(payment.payer), self._bank(payment.payee), payment.amount,
            INSTRUMENTS.index(payment.instrument),
            _COUNTRIES.index(ABROAD) if payment.abroad else NOBODY,
        )  # fmt: skip
        self._ids[row] = np.frombuffer(f"{side:>5}:{payment.number:07d}".encode(), np.uint8)
        self._n += 1
        for account in {payment.payer, payee} - {NOBODY}:
            self._of[account].append(row)

    def _bank(self, account: int) -> int:
        account %= self.n_accounts
        return len(BANKS) if account == self.world.outside else self.world.banks[account]

    def hold(self, at_us: int, account: int, amount: int) -> None:
        """Learn that a bank holds so much: the payee's side tells it, as no payment of the
        account's own books."""
        if amount <= 0:
            return
        number, aside = HOLDS_FROM + self._n_holds, account + self.n_accounts
        self._n_holds += 1
        self._holds[account].append(self._n)
        self.take(Payment(at_us, account, aside, amount, "crypto", False, number), "payee")

    def unhold(self, account: int, amount: int) -> None:
        """So much of the holds was let go, of the latest first: it was never stolen."""
        for row in reversed(self._holds[account]):
            less = min(amount, int(self._rows[row, 6]) - 1)
            self._rows[row, 6] -= less
            amount -= less

    def cover(self, account: int, period: tuple[int, int], opening: int, closing: int) -> None:
        """Learn that all payments of the period are told, and both balances."""
        bank, number = BANKS[self.world.banks[account]], len(self.coverages)
        of = Coverage(name_of(account), bank, *period, opening, closing, f"s:{number:06d}")
        self.coverages.append(of)

    def gather(self, accounts: NDArray[np.int64]) -> columns.Facts:
        """All facts that name one of the accounts, once each."""
        if self.feed is not None:
            for account in accounts.tolist():
                for payment in self.feed(account):
                    self.take(payment, "both")
        found = sorted({row for account in accounts.tolist() for row in self._of[account]})
        rows = np.array(found, np.int64)
        if self.hubs:
            rows = rows[~np.isin(self._rows[rows, 2], list(self.hubs))]
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

    def __init__(self, facts: Facts, rule: str, min_share_ppm: int | None = None) -> None:
        self.facts = facts
        self.rules = slice(None) if rule == LEAST else [RULES.index(rule)]
        if min_share_ppm is not None:
            facts.policy = replace(facts.policy, min_share_ppm=min_share_ppm)
        self.roots: list[Root] = []
        self.hops: dict[int, int] = {}
        """Followed account → how many transfers from a victim."""

    def confirm(self, root: Root) -> None:
        """One more victim's payment is confirmed."""
        self.roots.append(root)

    def places(self, at_us: int) -> tuple[Place, ...]:
        """Where the money of all roots together is thought to be, by all that is known."""
        walked = walk(self.facts, self.roots, self.facts.policy, at_us, HOME)
        self.hops = dict(zip(walked.codes.tolist(), walked.hops.tolist(), strict=True))
        loose, held = self._units(walked)
        units = (loose + held)[self.rules].min(axis=0)
        own = loose[self.rules].min(axis=0)
        covered = Covered(self.facts.coverages)
        places = [
            self._place(walked, covered, number, int(units[number]), int(own[number]))
            for number in np.flatnonzero(units).tolist()
        ]
        return tuple(sorted(places))

    def _units(self, walked: Walked) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(rules, followed) units that may be paid on, and those that holds took."""
        found, n = walked.found, len(walked.codes)
        loose, held = np.zeros((len(RULES), n), np.int64), np.zeros((len(RULES), n), np.int64)
        rule, number, _, units = found.here
        np.add.at(loose, (rule, number), units)
        rule, move, _, _, units = found.legs
        payees = found.moves[PAYEE_NO][move]
        aside = walked.held.codes[payees] - self.facts.n_accounts
        ours = (payees >= 0) & (aside >= 0)
        number_of = np.full(self.facts.n_accounts, -1, np.int64)
        number_of[walked.codes] = np.arange(n)
        np.add.at(held, (rule[ours], number_of[aside[ours]]), units[ours])
        return loose, held

    def _place(self, found: Walked, covered: Covered, number: int, units: int, loose: int) -> Place:
        account = int(found.codes[number])
        times = found.found.first_us[self.rules, number], found.found.last_us[self.rules, number]
        first_us, last_us = int(times[0].min()), int(times[1].max())
        bank = BANKS[self.facts.world.banks[account]]
        until = covered.to_us(name_of(account), bank, first_us)
        return Place(account, int(found.hops[number]), units, loose, first_us, last_us, until)

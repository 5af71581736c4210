"""People, companies and their accounts: who holds what where.

Accounts are numbered through: 0 is cash, then the institutions' own own accounts, people's main
accounts, second accounts, e-wallets, companies', and accounts outside the country's partners.
All is drawn from the seed, whole columns at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.simulate.banks import (
    BANKS,
    EXCHANGE,
    FOREIGN_BIC,
    FOREIGN_COUNTRY,
    STRANGE_WALLET,
    WALLET,
)
from qalqan.simulate.fees import CASH, fee_account
from qalqan.simulate.identity import Ints, Mask, bins, foreign_iban, ibans, iins, padded, phones
from qalqan.simulate.sizes import Size

FEES = np.array([fee_account(bank) for bank in range(len(BANKS))])
"""Own account of each institution: it takes fees and pays loans out."""
OUTSIDE_EACH = 40
"""Accounts at each institution outside."""
BANK_CODES = np.array([*(bank.code for bank in BANKS), STRANGE_WALLET, EXCHANGE, FOREIGN_BIC])
STRANGE, EXCHANGED, ABROAD = len(BANKS), len(BANKS) + 1, len(BANKS) + 2
NO_BANK = -1


@dataclass(frozen=True)
class People:
    """One entry a person; the person's number is the index."""

    iin: pa.Array
    phone: pa.Array
    household: Ints
    """People of one household stand side by side."""
    worker: Ints
    """1 works for an employer, 2 draws a benefit, 0 neither."""
    employer: Ints
    """Company number of the employer; -1 without one."""
    main: Ints
    second: Ints
    """Account numbers; -1 where there is none."""
    wallet: Ints


@dataclass(frozen=True)
class Companies:
    """Employers, funds, shops, wholesalers, billers, money-changers, cabinets, in this order.

    A cabinet is a sole trader's account that its owner does not use (REQ-65).
    """

    bin: pa.Array
    account: Ints
    employers: Ints
    funds: Ints
    shops: Ints
    wholesalers: Ints
    billers: Ints
    changers: Ints
    cabinets: Ints


@dataclass(frozen=True)
class Accounts:
    """One entry an account."""

    text: pa.Array
    """IBAN or BANK:NUMBER; null for cash."""
    bank: Ints
    """Index in `BANK_CODES`; -1 for cash."""
    holder: pa.Array
    """IIN or BIN; null where nobody in the country holds it."""

    @property
    def home(self) -> Mask:
        """True for accounts at institutions that take part."""
        return (self.bank >= 0) & (self.bank < len(BANKS))


@dataclass(frozen=True)
class Population:
    """Everybody and everything that can pay or be paid."""

    people: People
    companies: Companies
    accounts: Accounts
    outside: Ints
    """First account number at each institution outside: strange wallet, exchange, abroad."""


def _companies(generator: np.random.Generator, size: Size, first: int) -> Companies:
    counts = (size.employers, 2, size.shops, size.wholesalers, size.billers, size.changers,
              size.rings)  # fmt: skip
    total = sum(counts)
    month, serial = generator.integers(0, 250, total), generator.permutation(100_000)[:total]
    kinds = np.repeat([4, 4, 4, 4, 4, 6, 6], counts)
    bin_number = np.where(kinds == 4, bins(month, 4, serial), bins(month, 6, serial))
    parts = np.split(np.arange(total), np.cumsum(counts)[:-1])
    return Companies(padded(bin_number, 12), np.arange(first, first + total), *parts)


def _some(generator: np.random.Generator, chance: float, first: int, n: int) -> Ints:
    """Number accounts for the people who happen to have one, from `first` on."""
    has = generator.random(n) < chance
    return np.where(has, first + np.cumsum(has) - 1, -1)


def _people(generator: np.random.Generator, size: Size, first: int) -> People:
    n = size.people
    born, female = generator.integers(0, 57 * 365, n), generator.integers(0, 2, n)
    number = iins(born, female, _serials(born * 2 + female))
    main = np.arange(first, first + n)
    second = _some(generator, 0.35, first + n, n)
    wallet_first = int(max(second.max() + 1, first + n))
    wallet = _some(generator, 0.3, wallet_first, n)
    age = (76 * 365 - born) // 365
    works = np.where(age >= 63, 2, np.where(generator.random(n) < 0.62, 1, 0))
    employer = np.where(works == 1, (generator.random(n) ** 1.6 * size.employers).astype(int), -1)
    return People(
        padded(number, 12),
        phones(generator, n),
        np.sort(generator.integers(0, max(1, int(n / 2.6)), n)),
        works,
        employer,
        main,
        second,
        wallet,
    )


def _serials(twins: Ints) -> Ints:
    """Serials far enough apart among people of one birthday and sex that no IIN comes twice."""
    order = np.argsort(twins, kind="stable")
    first = np.searchsorted(twins[order], twins[order], side="left")
    rank = np.empty(len(twins), dtype=np.int64)
    rank[order] = np.arange(len(twins)) - first
    return (twins * 37 % 5_000 + rank * 13) % 10_000


def _main_banks(generator: np.random.Generator, n: int) -> Ints:
    shares = np.array([bank.share for bank in BANKS])
    return generator.choice(len(BANKS), n, p=shares / shares.sum())


def _outside_texts() -> list[str]:
    strange = [f"{STRANGE_WALLET}:N{70_000 + i * 37}" for i in range(OUTSIDE_EACH)]
    exchange = [f"{EXCHANGE}:X{4_000 + i * 91}" for i in range(OUTSIDE_EACH)]
    abroad = [
        foreign_iban(FOREIGN_COUNTRY, f"999{10_000_000_000_000 + i * 7_654_321:016d}")
        for i in range(OUTSIDE_EACH)
    ]
    return strange + exchange + abroad


def _accounts(
    generator: np.random.Generator, people: People, companies: Companies, outside: int
) -> Accounts:
    total = outside + 3 * OUTSIDE_EACH
    bank = np.full(total, NO_BANK, dtype=np.int64)
    holder = np.full(total, -1, dtype=np.int64)
    bank[FEES] = np.arange(len(BANKS))
    n = len(people.main)
    bank[people.main] = _main_banks(generator, n)
    holder[people.main] = np.arange(n)
    for column, banks in ((people.second, None), (people.wallet, WALLET)):
        has = column >= 0
        drawn = _main_banks(generator, int(has.sum())) if banks is None else banks
        bank[column[has]] = drawn
        holder[column[has]] = np.flatnonzero(has)
    bank[companies.account] = _main_banks(generator, len(companies.account))
    holder[companies.account] = n + np.arange(len(companies.account))
    bank[outside:] = np.repeat([STRANGE, EXCHANGED, ABROAD], OUTSIDE_EACH)
    number = 10_000_000 + generator.permutation(total).astype(np.int64) * 97
    home = ibans(np.array([int(b.code) for b in BANKS])[np.clip(bank, 0, WALLET)], number)
    wallets = pc.binary_join_element_wise(BANKS[WALLET].code, padded(number, 10), ":W")
    texts = pc.if_else(pa.array(bank == WALLET), wallets, home)
    inside = pc.if_else(pa.array(np.arange(total) == CASH), pa.scalar(None, pa.string()), texts)
    text = pa.concat_arrays([inside.slice(0, outside), pa.array(_outside_texts())])
    holders = pa.concat_arrays([people.iin, companies.bin])
    return Accounts(text, bank, holders.take(pa.array(holder, mask=holder < 0)))


def populate(generator: np.random.Generator, size: Size) -> Population:
    """Draw everybody."""
    first = len(BANKS) + 1
    people = _people(generator, size, first)
    after_people = int(max(people.main.max(), people.second.max(), people.wallet.max())) + 1
    companies = _companies(generator, size, after_people)
    outside = after_people + len(companies.account)
    accounts = _accounts(generator, people, companies, outside)
    return Population(people, companies, accounts, outside + OUTSIDE_EACH * np.arange(3))

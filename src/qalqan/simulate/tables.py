"""Payments as facts: what each bank's books say, in the raw columns of the fact `payment`.

A payment inside one bank is one line with side `both`; between banks each bank has a line of
its own, the payee's booked some seconds later. A line never changes: a stream and any number
of statements give the same one, so that it counts once. `lines` gives the same lines one by
one to bank processes; a test compares the two.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.simulate.banks import BANKS, FOREIGN_COUNTRY
from qalqan.simulate.fees import CASH
from qalqan.simulate.flows import INSTRUMENTS, PURPOSES, Flow, in_order
from qalqan.simulate.identity import Ints, Mask, mix, padded, uetrs
from qalqan.simulate.lines import LATER_S, UETR_SALT
from qalqan.simulate.population import ABROAD, BANK_CODES, FEES, Accounts, Population
from qalqan.simulate.sizes import FIRST_US

if TYPE_CHECKING:
    from qalqan.simulate.country import Country, Drawn

SECOND_US = 1_000_000


def booked_later(number: Ints, crosses: Mask) -> Ints:
    """Microseconds after which the payee's bank books a payment between banks."""
    later = (mix(number, 11) % np.uint64(LATER_S)).astype(np.int64) + 1
    return np.where(crosses, later * SECOND_US, 0)


def payment_lines(population: Population, payments: Flow, number: Ints, bank: int) -> pa.Table:
    """The lines of institution `bank` (an index) over payments that all touch it."""
    accounts, code = population.accounts, BANKS[bank].code
    payments, number, side, crosses = _booked(accounts, payments, number, bank)
    payer_bank, payee_bank = accounts.bank[payments.payer], accounts.bank[payments.payee]
    nobody = (payments.payee == CASH) | np.isin(payments.payee, FEES)
    columns = {
        "id": pc.binary_join_element_wise(code, padded(number, 9), "-"),
        "at_us": pa.array(payments.at_us),
        "side": _named(side, ("payer", "payee", "both")),
        "payer_account": accounts.text.take(pa.array(payments.payer)),
        "payer_bank": _named(np.where(payer_bank < 0, bank, payer_bank), tuple(BANK_CODES)),
        "payee_account": _where(~nobody, accounts.text.take(pa.array(payments.payee))),
        "payee_bank": _where(~nobody, _named(np.maximum(payee_bank, 0), tuple(BANK_CODES))),
        "amount": pa.array(payments.amount),
        "currency": _named(np.zeros(len(payments), dtype=np.int64), ("KZT",)),
        "instrument": _named(payments.instrument, INSTRUMENTS),
        "uetr": _uetrs(number, crosses & _gives_uetr(number, bank)),
        "payee_country": _named((payee_bank == ABROAD).astype(np.int64), (None, FOREIGN_COUNTRY)),
        "payer_holder": accounts.holder.take(pa.array(payments.payer)),
        "payee_holder": _where(~nobody, accounts.holder.take(pa.array(payments.payee))),
        "purpose": _named(payments.purpose, PURPOSES),
    }
    return pa.table(columns)


def _booked(
    accounts: Accounts, payments: Flow, number: Ints, bank: int
) -> tuple[Flow, Ints, Ints, Mask]:
    """Payments at the moments at which this bank books them, in their order; their numbers,
    sides (0 payer, 1 payee, 2 both), and whether they go from one institution to another."""
    payer_bank, payee_bank = accounts.bank[payments.payer], accounts.bank[payments.payee]
    crosses = (payer_bank != payee_bank) & (payer_bank >= 0) & (payee_bank >= 0)
    nobody = (payments.payee == CASH) | np.isin(payments.payee, FEES)
    side = np.where(payer_bank != bank, 1, np.where((payee_bank == bank) & ~nobody, 2, 0))
    later = np.where(side == 1, booked_later(number, crosses), 0)
    booked = replace(payments, at_us=payments.at_us + later)
    order = in_order(booked.at_us)
    return booked.where(order), number[order], side[order], crosses[order]


def _named(code: Ints, names: tuple[str | None, ...]) -> pa.Array:
    return pa.array(names, pa.string()).take(pa.array(code))


def _where(mask: Mask, values: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(mask), values, pa.scalar(None, pa.string()))


def _uetrs(number: Ints, given: Mask) -> pa.Array:
    """UETRs of the payments that carry one; null elsewhere."""
    place = np.where(given, np.cumsum(given) - 1, 0)
    return uetrs(number[given], UETR_SALT).take(pa.array(place, mask=~given))


def _gives_uetr(number: Ints, bank: int) -> Mask:
    share = int(BANKS[bank].uetr_share * 1_000)
    return (mix(number, 100 + bank) % np.uint64(1_000)).astype(np.int64) < share


def past_payments(country: Country, bank: int) -> pa.Table:
    """All lines of one institution booked up to the start."""
    past, accounts = country.past, country.population.accounts
    touches = (accounts.bank[past.payer] == bank) | (accounts.bank[past.payee] == bank)
    index = np.flatnonzero(touches)
    whole = payment_lines(country.population, past.where(index), index + 1, bank)
    return whole.filter(pc.less_equal(whole["at_us"], country.start_us))


def past_statement(country: Drawn, bank: int, lines: int) -> pa.Table:
    """The notice that these lines are everything the institution booked up to the start."""
    return pa.table(
        {
            "id": [f"{BANKS[bank].code}-feed-{country.start_us}"],
            "at_us": [country.start_us],
            "bank": [BANKS[bank].code],
            "account": pa.array([None], pa.string()),
            "from_us": [FIRST_US],
            "to_us": [country.start_us],
            "opening": pa.array([None], pa.int64()),
            "closing": pa.array([None], pa.int64()),
            "currency": ["KZT"],
            "complete": [True],
            "lines": [lines],
        }
    )

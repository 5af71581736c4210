"""A drawn country becomes a world that banks can turn."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np

from qalqan.simulate.banks import BANKS
from qalqan.simulate.country import Country
from qalqan.simulate.flows import INSTRUMENTS, PURPOSES, Flow
from qalqan.simulate.identity import Ints
from qalqan.simulate.plan_file import plan_text
from qalqan.simulate.population import BANK_CODES
from qalqan.simulate.world import World, save_state


def found_world(path: Path, country: Country) -> None:
    """Write the world of a country as it stands at `country.start_us`."""
    sql = World.create(path)
    sql.execute("BEGIN")
    accounts = country.population.accounts
    codes = [None if bank < 0 else str(BANK_CODES[bank]) for bank in accounts.bank]
    sql.executemany(
        "INSERT INTO accounts VALUES (?, ?, ?, ?, ?)",
        zip(
            range(len(codes)), accounts.text.to_pylist(), codes, accounts.holder.to_pylist(),
            country.opening.tolist(), strict=True,
        ),
    )  # fmt: skip
    past, future = country.past, country.future
    first = len(past) + 1
    _insert(sql, past, np.arange(1, first))
    _insert(sql, future, np.arange(first, first + len(future)))
    _mark_scripted(sql, country)
    sql.executemany(
        "INSERT INTO meta VALUES (?, ?)",
        [
            ("plan", plan_text(country.plan)),
            ("banks", " ".join(BANK_CODES)),
            ("start_us", country.start_us),
            ("seed", country.seed),
            ("next_payment", first + len(future)),
        ],
    )
    sql.executemany(
        "INSERT INTO streams VALUES (?, ?)", [(bank.code, country.start_us) for bank in BANKS]
    )
    save_state(sql, country.book)
    sql.execute("COMMIT")
    sql.close()


def _insert(sql: sqlite3.Connection, payments: Flow, number: Ints) -> None:
    sql.executemany(
        "INSERT INTO payments (number, at_us, payer, payee, amount, instrument, purpose)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        zip(
            number.tolist(), payments.at_us.tolist(), payments.payer.tolist(),
            payments.payee.tolist(), payments.amount.tolist(),
            (INSTRUMENTS[i] for i in payments.instrument),
            (PURPOSES[i] for i in payments.purpose), strict=True,
        ),
    )  # fmt: skip


def _mark_scripted(sql: sqlite3.Connection, country: Country) -> None:
    """What stolen units each past payment of the rings carried."""
    places = country.made_numbers.tolist()
    sql.executemany("UPDATE payments SET scripted = 1 WHERE number = ?", [(n,) for n in places])
    sql.executemany(
        "INSERT INTO carried VALUES (?, ?, ?)",
        [
            (number, claim, units)
            for number, made in zip(places, country.made, strict=True)
            for claim, units in made.carried.items()
        ],
    )

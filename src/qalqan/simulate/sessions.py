"""Who signs in to which cabinet from which device (REQ-31, 65).

On purpose there: remote access to victims' devices; a ring's own device, from which it works
the cabinets that were rented to it and the accounts of every second drop. And what looks like it:
a household with one telephone, a bookkeeper with the cabinets of several shops.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.simulate.banks import BANKS
from qalqan.simulate.flows import moments
from qalqan.simulate.plan import Plan
from qalqan.simulate.sizes import FIRST_US

if TYPE_CHECKING:
    from qalqan.simulate.country import Drawn

Row = dict[str, Any]
HOUSEHOLDS_SHARING = 12
"""One household of so many has one telephone for all."""
SHOPS_A_BOOKKEEPER = 4


def device_of(country: Drawn, person: int) -> str:
    """The device of a person, or of the household."""
    people = country.population.people
    home = int(people.household[person])
    if home % HOUSEHOLDS_SHARING == 0:
        return f"h{home:08d}"
    return f"d{int(people.main[person]) * 7919 % 10**8:08d}"


def sessions(generator: np.random.Generator, country: Drawn) -> Iterator[tuple[str, list[Row]]]:
    """(partner, rows) of the banks that stream, in their order."""
    for index, bank in enumerate(BANKS):
        people, accounts = country.population.people, country.population.accounts
        who = np.flatnonzero(accounts.bank[people.main] == index)[:20_000]
        if not bank.feed or len(who) == 0:
            continue
        at = moments(generator, len(who))
        rows = [
            _row(country, int(people.main[person]), int(at[i]), device_of(country, int(person)), i)
            for i, person in enumerate(who)
        ]
        rows += [_earlier(row, i) for i, row in enumerate(rows)]
        rows += _remote(country, index)
        rows += [row for account, row in _others(country) if accounts.bank[account] == index]
        yield bank.partner, rows


def _row(country: Drawn, account: int, at_us: int, device: str, number: int) -> Row:
    accounts = country.population.accounts
    return {
        "at_us": at_us, "holder": accounts.holder[account].as_py(),
        "account": accounts.text[account].as_py(), "device": device,
        "ip": f"10.{account % 200}.{number % 250}.{1 + number % 200}",
        "remote_access": False, "outcome": "failed" if number % 37 == 0 else "signed_in",
    }  # fmt: skip


def _earlier(row: Row, number: int) -> Row:
    """The same person on the same device in the first weeks."""
    at_us = FIRST_US + (2 + number % 20) * DAY + (8 + number % 13) * HOUR
    return {**row, "at_us": at_us, "outcome": "signed_in"}


def _remote(country: Drawn, index: int) -> list[Row]:
    """Remote access to the devices of victims who are led through it."""
    accounts, rows = country.population.accounts, []
    for claim in country.plan.claims:
        if "31" in claim.methods and accounts.bank[claim.payer] == index:
            row = _row(country, claim.payer, claim.at_us - 30 * MINUTE, "", 1)
            row["device"] = device_of(country, claim.person)
            rows.append({**row, "ip": f"203.0.113.{1 + claim.number % 250}", "remote_access": True})
    return rows


def _others(country: Drawn) -> Iterator[tuple[int, Row]]:
    """(account, row) of owners, bookkeepers and rings."""
    companies = country.population.companies
    cabinets = [int(companies.account[number]) for number in companies.cabinets]
    for i, account in enumerate(cabinets):
        for day in (1, 2):
            at = FIRST_US + day * DAY + (10 + i % 8) * HOUR
            yield account, _row(country, account, at, f"o{account:08d}", 1 + i)
    for i, shop in enumerate(companies.shops):
        account = int(companies.account[shop])
        for week in range(1, 6):
            at = FIRST_US + week * 7 * DAY + (9 + i % 9) * HOUR
            yield account, _row(country, account, at, f"b{i // SHOPS_A_BOOKKEEPER:08d}", 1)
    for ring, account, at_us in _works(country.plan):
        if account % 2 == 0 or account in cabinets:
            row = _row(country, account, at_us + 2 * MINUTE, f"r{ring:04d}", 1)
            yield account, {**row, "ip": f"203.0.113.{1 + ring % 250}"}


def _works(plan: Plan) -> Iterator[tuple[int, int, int]]:
    """(ring, account, moment) of every stay that was planned."""
    for claim in plan.claims:
        waiting = [(claim.first_stage, claim.at_us)]
        while waiting:
            number, at_us = waiting.pop()
            stage = plan.stages[number]
            yield claim.ring, stage.account, at_us
            waiting += [
                (out.stage, at_us + out.after_us) for out in stage.outs if out.stage is not None
            ]

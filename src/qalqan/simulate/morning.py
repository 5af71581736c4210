"""The morning after the story: thefts of the last hour, whose money is still on its way.

The story ends when all is settled, and its figures are taken then. A console that stays up opens
on work: new payments enter the banks' books, their victims report, the centre asks and holds, and
banks answer by their own pace for as long as the console is up. Nobody decides what waits for an
officer: that is for whoever signs in. All of it is invented, like the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qalqan.clock import MINUTE, SharedClock
from qalqan.simulate.agenda import Agenda
from qalqan.simulate.banks import BANKS, CHANNEL
from qalqan.simulate.country import Country
from qalqan.simulate.outside import Outside, start_banks
from qalqan.simulate.reports import told_by
from qalqan.simulate.world import World

LAST_US = 65 * MINUTE
"""How long the morning is played before anybody looks."""
REAL_LIMIT_S = 90.0
"""Seconds in which it must be played."""
_DAYS_S = 30 * 24 * 3600.0
"""A console may stay up for so long."""


@dataclass(frozen=True)
class Theft:
    """One loss: minutes of the morning, sums in tenge, banks by code."""

    paid: int
    reported: int
    amount: int
    bank: str
    """The victim's."""
    path: tuple[tuple[str, int, int], ...]
    """The drops' banks one after another, minutes until each passes on, and tenge it keeps."""
    method: str
    region: str
    language: str


THEFTS: Sequence[Theft] = (
    Theft(8, 31, 4_850_000, "211", (("237", 9, 85_000), ("259", 0, 0)), "28", "KZ-35", "kk"),
    Theft(12, 49, 1_200_000, "223", (("259", 0, 0),), "27", "KZ-79", "ru"),
    Theft(19, 40, 7_900_000, "211", (("223", 6, 90_000), ("237", 0, 0)), "28", "KZ-75", "kk"),
    Theft(27, 52, 2_400_000, "237", (("211", 11, 40_000), ("259", 0, 0)), "29", "KZ-55", "ru"),
    Theft(33, 58, 980_000, "211", (("271", 0, 0),), "32", "KZ-11", "kk"),
    Theft(41, 55, 3_100_000, "223", (("237", 0, 0),), "31", "KZ-71", "ru"),
    Theft(46, 61, 1_650_000, "259", (("223", 7, 30_000), ("259", 0, 0)), "28", "KZ-10", "kk"),
)
"""The fifth lies at the bank that has a clerk and no program: his page opens on orders."""


class Morning:
    """A country that goes on; to be used by one thread."""

    def __init__(
        self, country: Country, world: World, clock: SharedClock, outside: Outside
    ) -> None:
        self._world = world
        self._clock = clock
        self.outside = outside
        self._began_us = clock.now_us()
        self._agenda = Agenda(world, self._began_us)
        self._reports = self._enter(country)

    def play(self) -> None:
        """The hour before anybody looks: the clock goes from stop to stop."""
        end_us = self._began_us + LAST_US
        while True:
            due = self._reports[0][0] if self._reports else None
            stop_us = min(self._agenda.next_stop(self.outside.work(), due), end_us)
            self._clock.set(stop_us)
            self._stop(stop_us)
            self.outside.wait_idle()
            if stop_us >= end_us:
                return

    def go_on(self) -> None:
        """What has fallen due since, by the clock that goes by itself now."""
        self._stop(self._clock.now_us())

    def _stop(self, now_us: int) -> None:
        while self._reports and self._reports[0][0] <= now_us:
            at_us, body = self._reports.pop(0)
            self.outside.post(CHANNEL, "/v1/reports", body, f"morning-{at_us}")
        for bank in self._agenda.banks_due(now_us):
            self.outside.tick(bank)
        for bank in self._agenda.feeds_due(now_us):
            self.outside.stream(bank)

    def _enter(self, country: Country) -> list[tuple[int, dict[str, Any]]]:
        """Enter the payments into the banks' books; the reports that will tell of them."""
        taken = _accounts(country)
        reports = []
        for theft in THEFTS:
            payer = taken[theft.bank].pop()
            drops = [taken[bank].pop() for bank, *_ in theft.path]
            at_us, amount, giver = self._began_us + theft.paid * MINUTE, theft.amount, payer
            for drop, (_, minutes, kept) in zip(drops, theft.path, strict=True):
                self._pay(at_us, giver, drop, amount * 100)
                at_us, amount, giver = at_us + minutes * MINUTE, amount - kept, drop
            reports.append(self._report(theft, payer, drops[0]))
        return sorted(reports, key=lambda report: report[0])

    def _pay(self, at_us: int, payer: int, payee: int, tiyn: int) -> None:
        """As if a ring had moved it, so that feeds tell of it soon."""
        sql = self._world.sql.execute
        (number,) = sql("SELECT value FROM meta WHERE key = 'next_payment'").fetchone()
        sql(
            "INSERT INTO payments VALUES (?, ?, ?, ?, ?, 'transfer', 'Аударым', 1, 0)",
            (int(number), at_us, payer, payee, tiyn),
        )
        sql("UPDATE meta SET value = ? WHERE key = 'next_payment'", (int(number) + 1,))

    def _report(self, theft: Theft, payer: int, payee: int) -> tuple[int, dict[str, Any]]:
        crime_us = self._began_us + theft.paid * MINUTE
        reported_us = self._began_us + theft.reported * MINUTE
        body = told_by(self._world, payer, [theft.method], theft.language) | {
            "region": theft.region,
            "payee_account": self._world.text_of(payee),
            "amount": theft.amount * 100,
            "crime_us": crime_us,
            "discovered_us": (crime_us + reported_us) // 2,
            "reported_us": reported_us,
        }
        return reported_us, body


def _accounts(country: Country) -> dict[str, list[int]]:
    """Bank code → people's main accounts there, no two of one household."""
    people, bank_of = country.population.people, country.population.accounts.bank
    found: dict[str, list[int]] = {bank.code: [] for bank in BANKS}
    households: set[int] = set()
    for household, number in zip(people.household.tolist(), people.main.tolist(), strict=True):
        if number >= 0 and household not in households and 0 <= bank_of[number] < len(BANKS):
            households.add(household)
            found[BANKS[bank_of[number]].code].append(number)
    return found


def begin(
    running: ExitStack, country: Country, folder: Path, address: str, tokens: Mapping[str, str],
    clock: SharedClock,
) -> Morning:  # fmt: skip
    """Play the morning in the world that the story left in `folder`; its banks live as long as
    `running` does.

    Raises:
        Unavailable: a bank or the centre does not rest in time.
    """
    path = folder / "world.db"
    world = World(path)
    running.callback(world.close)
    hour = running.enter_context(Outside(address, country.first_port, tokens, REAL_LIMIT_S))
    start_banks(running, path, country.first_port, address, tokens, hour)
    morning = Morning(country, world, clock, hour)
    morning.play()
    morning.outside = running.enter_context(Outside(address, country.first_port, tokens, _DAYS_S))
    return morning

"""The clock of a simulated run: wait until nobody has anything to do, then jump (REQ-16, 44).

At every stop: the clock is set, the channel posts the reports that fall due, banks whose answers
are due answer them, feeds stream; then the centre works until it is idle, and officers decide
what waits for them. The next stop is the earliest of: a bank's answer, a feed's news, the
clerk's hour, a report, the centre's own next due moment. Nothing ever sleeps through simulated
time; real time is bounded, and the error names who hangs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qalqan.clock import DAY, MINUTE, SECOND, SharedClock
from qalqan.errors import Unavailable
from qalqan.simulate.agenda import Agenda
from qalqan.simulate.banks import BANKS, CHANNEL
from qalqan.simulate.country import Country
from qalqan.simulate.founding import found_world
from qalqan.simulate.officers import OnDuty, decide, sign_in
from qalqan.simulate.outside import Outside, start_banks
from qalqan.simulate.plan import Claim
from qalqan.simulate.reports import false_report, report_body
from qalqan.simulate.traces import traces_between
from qalqan.simulate.truth import truth_now
from qalqan.simulate.world import World

HORIZON_US = 14 * DAY
"""A run ends at the latest this long after its start."""
QUIET_US = 4 * DAY
"""It ends earlier when nothing has happened for this long after the last report."""
REAL_LIMIT_S = 1800.0
STILL_MOST = 100
"""Stops less than a second apart, one after another, before a run is given up."""
Progress = Callable[[int, int], None]


def run(
    country: Country,
    folder: Path,
    address: str,
    secrets: Mapping[str, Mapping[str, str]],
    progress: Progress,
    real_limit_s: float = REAL_LIMIT_S,
) -> dict[str, Any]:
    """Play the country's days against the centre at `address`; returns the truth at the end.

    `folder` takes the world's file; `secrets` holds `partners` and `officers` by code and login.
    `QALQAN_CLOCK` names the clock this process owns.

    Raises:
        Unavailable: a bank or the centre does not rest in `real_limit_s`, or the clock stands.
    """
    path = folder / "world.db"
    found_world(path, country)
    with ExitStack() as stack:
        world = World(path)
        stack.callback(world.close)
        outside = stack.enter_context(
            Outside(address, country.first_port, secrets["partners"], real_limit_s)
        )
        start_banks(stack, path, country.first_port, address, secrets["partners"], outside)
        officers = sign_in(address, country.officers, secrets["officers"], 60.0)
        clock = SharedClock(Path(os.environ["QALQAN_CLOCK"]))
        drive = Drive(country, world, clock, outside, officers, progress)
        drive.play()
        return {**truth_now(world, clock.now_us()).as_dict(), **drive.told()}


@dataclass
class Drive:
    """One run under way."""

    country: Country
    world: World
    clock: SharedClock
    outside: Outside
    officers: list[OnDuty]
    progress: Progress
    stops: int = 0
    reported: int = 0
    decided: int = 0
    traced_us: int = 0
    still: int = 0

    def play(self) -> None:
        """Stop after stop, until all is settled or the horizon is reached."""
        self.traced_us = self.country.start_us
        agenda = Agenda(self.world, self.country.start_us)
        end_us = self.country.start_us + HORIZON_US
        self._rest()
        while (stop_us := agenda.next_stop(self.outside.work(), self._next_report())) < end_us:
            self._watch(stop_us)
            self._stop(agenda, stop_us)
            if agenda.quiet_since(stop_us, QUIET_US) and self._next_report() is None:
                break
            self.progress(stop_us - self.country.start_us, HORIZON_US)
        self.progress(HORIZON_US, HORIZON_US)

    def _watch(self, stop_us: int) -> None:
        """Stop a run whose clock no longer moves: something is always due and never done."""
        self.still = self.still + 1 if stop_us - self.clock.now_us() < SECOND else 0
        if self.still > STILL_MOST:
            raise Unavailable(f"the clock stands at {stop_us}: {self.outside.work()}")

    def _stop(self, agenda: Agenda, now_us: int) -> None:
        self.clock.set(now_us)
        self.stops += 1
        self._report(now_us)
        answered = sum(self.outside.tick(bank) for bank in agenda.banks_due(now_us))
        for bank in agenda.feeds_due(now_us):
            self.outside.stream(bank)
        agenda.saw(now_us, answered)
        self._rest()

    def _rest(self) -> None:
        """Until the centre is idle and nobody waits for an officer."""
        self.outside.wait_idle()
        while decided := decide(self.officers):
            self.decided += decided
            self.outside.wait_idle()

    def _reports(self) -> list[tuple[int, Claim, bool]]:
        claims = sorted(self.country.plan.claims, key=lambda c: (c.reported_us, c.number))
        honest = [(claim.reported_us, claim, True) for claim in claims]
        middle = claims[len(claims) // 2]
        return sorted(
            [*honest, (middle.reported_us + 90 * MINUTE, middle, False)], key=lambda due: due[0]
        )

    def _next_report(self) -> int | None:
        due = self._reports()
        return due[self.reported][0] if self.reported < len(due) else None

    def _report(self, now_us: int) -> None:
        for due_us, claim, honest in self._reports()[self.reported :]:
            if due_us > now_us:
                break
            if honest:
                body = report_body(self.world, claim)
            else:
                body = false_report(self.world, claim, due_us)
            self.outside.post(
                CHANNEL, "/v1/reports", body, f"{self.country.seed}-report-{self.reported}"
            )
            self.reported += 1
            self._traces(now_us)

    def _traces(self, now_us: int) -> None:
        """Once a day, what other partners saw since yesterday."""
        if now_us - self.traced_us < DAY:
            return
        for kind, source, table in traces_between(self.country, self.traced_us, now_us):
            facts = [
                {name: value for name, value in row.items() if value is not None}
                for row in table.to_pylist()
            ]
            self.outside.post(
                source, f"/v1/facts/{kind}", {"facts": facts}, f"{source}-{kind}-{now_us}"
            )
        self.traced_us = now_us

    def told(self) -> dict[str, int]:
        """Counts of the run, beside the truth."""
        return {"stops": self.stops, "decided": self.decided, "banks": len(BANKS)}

"""What the queue's page shows: rows, tabs, horizon, figures, and the drawer of one case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from qalqan.cases import hazards, queue, queue_figures, urgency
from qalqan.cases.queue import Asked, Counted, Listed
from qalqan.cases.queue_figures import Today
from qalqan.cases.urgency import Spot, queue_rule
from qalqan.clock import HOUR, MINUTE
from qalqan.register import orm
from qalqan.register.people import SignedIn
from qalqan.trail.hazard import MILLION
from qalqan.trail.policy import default
from qalqan.web.console.clocks import Clock, clock_at
from qalqan.web.console.horizon import Disc, Due, discs
from qalqan.web.console.reader import Reader
from qalqan.web.console.sums import SumBar, kept_bars

KEYS = {
    "appeal": "E", "prolong": "E", "return": "E", "decide": "E", "approve": "H", "remind": "R",
    "take": "A",
}  # fmt: skip
"""Step → its key in the queue (design/README.md, Keys)."""


@dataclass(frozen=True)
class Strip:
    """A part of a row's bar: per cent of what was stolen."""

    state: str
    start: str
    wide: str


@dataclass(frozen=True)
class Row:
    """One case of a list."""

    row: orm.CaseStanding
    title: str
    clock: Clock | None
    clock_ends: str
    digits: str
    stake: int
    """Tiyn: what moves; where nothing does, what is held."""
    strips: tuple[Strip, ...]
    banks: tuple[tuple[str, int], ...]
    step: str
    key: str
    """Empty: nothing is to be done by this officer."""
    mine: bool

    @property
    def told(self) -> tuple[tuple[str, int], ...]:
        """(currency, minor units) that its reports tell of."""
        return tuple(sorted(self.row.told.items()))


@dataclass(frozen=True)
class Place:
    """One account where money moves."""

    spot: Spot
    last: str
    share: int
    """Chance that it leaves within the hour, ppm, at the moment when the case's place in the queue
    was reckoned: both are told side by side."""
    silent_us: int
    """For how long nothing has been told of it."""


@dataclass(frozen=True)
class Drawer:
    """One case beside the list."""

    row: Row
    sums: tuple[SumBar, ...]
    places: tuple[Place, ...]
    share: int
    """Chance that what moves leaves within the hour, ppm of its sum."""


@dataclass(frozen=True)
class QueuePage:
    """All that refreshes by itself."""

    asked: Asked
    list: Listed
    rows: tuple[Row, ...]
    counted: Counted
    today: Today
    discs: tuple[Disc, ...]
    mark: str


def queue_page(session: Session, reader: Reader, officer: SignedIn, asked: Asked) -> QueuePage:
    """The queue as it was asked for."""
    now = reader.now_us
    mark = queue.mark(session)
    found = queue.listed(session, officer, asked, now)
    ahead = queue.horizon(session, officer, now)
    due = [Due(r.case_id, r.clock_us - now, _stake(r), not r.moving and r.held > 0) for r in ahead]
    return QueuePage(
        asked=asked,
        list=found,
        rows=rows(reader, officer, found.rows),
        counted=queue.counted(session, officer, asked, now),
        today=queue_figures.today(session, now),
        discs=discs(due, lambda minor: _millions(minor, reader.language)),
        mark=mark,
    )


def _stake(row: orm.CaseStanding) -> int:
    return row.moving or row.held


def _millions(minor: int, language: str) -> str:
    tenths = round(minor / 10_000_000)
    return f"{tenths // 10}{'.' if language == 'en' else ','}{tenths % 10}" if tenths else ""


def rows(reader: Reader, officer: SignedIn, found: Sequence[orm.CaseStanding]) -> tuple[Row, ...]:
    """Standings as rows of a list."""
    return tuple(_row(reader, officer, row) for row in found)


def _row(reader: Reader, officer: SignedIn, row: orm.CaseStanding) -> Row:
    mine = row.owner == officer.login
    clock = None
    if queue.has_clock(row):
        clock = clock_at(row.clock_kind, row.clock_from_us, row.clock_us, reader.now_us)
    return Row(
        row=row,
        title=title(reader, row),
        clock=clock,
        clock_ends=reader.say(f"queue.clock.{row.clock_kind or 'none'}"),
        digits=digits(reader, clock) if clock else "",
        stake=_stake(row),
        strips=_strips(row),
        banks=tuple((reader.bank(bank), moving or held) for bank, moving, held in row.banks),
        step=reader.say(f"queue.step.{row.step}", n=row.step_n),
        key=KEYS.get(row.step, ""),
        mine=mine,
    )


def title(reader: Reader, row: orm.CaseStanding) -> str:
    """How a case is called: by its method, one without reports by what opened it."""
    if not row.reports:
        return reader.say("console.case.campaign")
    if row.method:
        return reader.method(row.method, row.methods_version)
    return reader.say("console.case.untitled")


def digits(reader: Reader, clock: Clock) -> str:
    """How long is left, as a clock shows it: minutes and seconds in the last quarter."""
    left = clock.left_us
    if left >= HOUR or left <= 0:
        return reader.duration(abs(left))
    minutes, seconds = divmod(left // 1_000_000, 60)
    told = f"{minutes}:{seconds:02d}" if left < 15 * MINUTE else str(minutes)
    return f"{told}\u00a0{reader.say('queue.clock.minutes')}"


def _strips(row: orm.CaseStanding) -> tuple[Strip, ...]:
    """Held, moving, gone; what was returned or kept by drops counts as the rest."""
    strips, start, whole = [], 0, max(1, row.stolen)
    gone = max(0, row.stolen - row.returned - row.held - row.moving)
    sums = (("returned", row.returned), ("held", row.held), ("moving", row.moving), ("gone", gone))
    for state, units in sums:
        if units:
            strips.append(
                Strip(state, f"{100 * start / whole:.2f}%", f"{100 * units / whole:.2f}%")
            )
            start += units
    return tuple(strips)


def drawer(session: Session, reader: Reader, officer: SignedIn, case_id: str) -> Drawer | None:
    """One case in the drawer; None if nothing is kept of it. Whether it is in view has been
    asked."""
    found = queue.of_cases(session, [case_id])
    if not found:
        return None
    row, hazard, rule = found[0], hazards.current(session), queue_rule()
    places = []
    for told in sorted(row.places, key=lambda each: -each[3]):
        spot = Spot(*told)
        share = urgency.leaving(spot, hazard, row.computed_us, rule.within_us)
        silent = reader.now_us - max(spot.seen_us or 0, spot.arrived_us)
        last = spot.account[-4:]
        places.append(Place(spot, last, share, silent))
    risk = max(0, row.at_risk - row.lapsing)
    return Drawer(
        row=_row(reader, officer, row),
        sums=kept_bars(row.sums, default().rule),
        places=tuple(places),
        share=MILLION * risk // row.moving if row.moving else 0,
    )


def kinds_of(listed: Mapping[str, int]) -> list[str]:
    """Tabs that are shown: those always there, and appeals where there are any."""
    return [tab for tab in queue.TABS if tab != "appeals" or listed.get(tab)]

"""Whom methods hit: victims counted by traits, so that warnings find those they are for (REQ-71).

A trait is a code that the register holds in clear: region, band of age, main method, hour of the
day, language, bank. Sex, work and income are not known to it, and nobody opens the vault to guess.
A person counts once in a period, where he lost most, however often he reported. No person leaves
this module: `victims` drops the token as it counts, everything after works on traits and sums.
Losses are in tenge, and shown to two places, so that one large loss is not told beside small ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import combinations
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.bulletin.figures.hiding import LEAST, OTHERS, Cell, Shown, shown
from qalqan.cases import codes
from qalqan.clock import SECOND
from qalqan.errors import InputRejected
from qalqan.model.period import Period
from qalqan.register.orm import Report
from qalqan.text.show import ALMATY

TRAITS = ("region", "age", "method", "hour", "language", "bank")
HOURS = ("night", "morning", "afternoon", "evening")
"""Quarters of the day in Almaty, from midnight, of the crime."""
UNKNOWN = "?"
"""The register does not know this trait of him."""
Order = Literal["loss", "growth", "people"]
ORDERS: tuple[Order, ...] = ("loss", "growth", "people")
_PLACES = 2


@dataclass(frozen=True)
class Victim:
    """One person of a period, without a name: his traits where he lost most, and all he lost."""

    traits: Mapping[str, str]
    loss: int
    """tiyn"""


@dataclass(frozen=True)
class Segment:
    """A group of at least five people."""

    traits: Mapping[str, str]
    people: int
    loss: int
    """tiyn, to two places."""
    share: Fraction
    """Of all victims of the period."""
    before: int | None
    """People in the period before; None: none is shown."""

    @property
    def growth(self) -> Fraction | None:
        """How many times as many as before, less one."""
        return None if not self.before else Fraction(self.people, self.before) - 1


@dataclass(frozen=True)
class Table:
    """Victims by two traits, small cells hidden."""

    traits: tuple[str, str]
    counts: Shown
    losses: Mapping[Cell, int]
    """Of the cells that are shown and not empty; tiyn, to two places."""


def check_period(period: Period, now_us: int) -> Period:
    """The period if segments are told of it: a month that is over. Tables of periods that overlap,
    of a year and its months or of a month today and tomorrow, would tell by their difference of
    groups that each of them hides.

    Raises:
        InputRejected: another one.
    """
    if period.kind != "month" or period.to_us > now_us:
        raise InputRejected("period", period.code, "outreach.period")
    return period


def victims(session: Session, period: Period) -> list[Victim]:
    """Everybody who reported in the period, once each."""
    table = Report
    asked = select(
        table.victim, table.region, table.age, table.methods, table.methods_version,
        table.crime_us, table.language, table.payer_bank, table.amount, table.currency,
    ).where(table.reported_us >= period.from_us, table.reported_us < period.to_us)  # fmt: skip
    most: dict[str, tuple[int, Mapping[str, str]]] = {}
    losses: defaultdict[str, int] = defaultdict(int)
    for row in session.execute(asked.order_by(table.id)):
        loss = row.amount if row.currency == "KZT" else 0
        losses[row.victim] += loss
        if row.victim not in most or loss > most[row.victim][0]:
            method, _ = codes.first_method([(row.methods, row.methods_version)])
            most[row.victim] = (
                loss,
                {
                    "region": row.region,
                    "age": row.age or UNKNOWN,
                    "method": method or UNKNOWN,
                    "hour": HOURS[_hour(row.crime_us) // 6],
                    "language": row.language,
                    "bank": row.payer_bank,
                },
            )
    return [Victim(traits, losses[token]) for token, (_, traits) in most.items()]


def _hour(us: int) -> int:
    return datetime.fromtimestamp(us // SECOND, ALMATY).hour


def table(people: Iterable[Victim], first: str, second: str) -> Table | None:
    """Victims by two traits; None: too few for any table.

    Raises:
        InputRejected: no such trait, or one twice.
    """
    check_traits((first, second))
    counts: defaultdict[Cell, int] = defaultdict(int)
    losses: defaultdict[Cell, int] = defaultdict(int)
    for each in people:
        place = each.traits[first], each.traits[second]
        counts[place] += 1
        losses[place] += each.loss
    found = shown(counts)
    if found is None:
        return None
    told: defaultdict[Cell, int] = defaultdict(int)
    for (row, column), loss in losses.items():
        place = (
            row if row in found.rows else OTHERS,
            column if column in found.columns else OTHERS,
        )
        told[place] += loss
    visible = {place: rounded(told[place]) for place, n in found.cells.items() if n}
    return Table((first, second), found, visible)


def check_traits(names: Sequence[str]) -> None:
    """Raise `InputRejected` for a trait that there is not, or one twice."""
    for name in names:
        if name not in TRAITS or names.count(name) > 1:
            raise InputRejected("trait", name, "one_of", choices=", ".join(TRAITS))


def rounded(loss: int) -> int:
    """A sum to two places."""
    size: int = 10 ** max(0, len(str(loss)) - _PLACES)
    return (loss + size // 2) // size * size


def ranked(
    now: Sequence[Victim], before: Sequence[Victim], traits: Sequence[str], by: Order = "loss"
) -> list[Segment]:
    """Groups by one trait or two, the heaviest first. What a table of the two would hide is left
    out here, too."""
    check_traits(traits)
    seen, earlier = _cells(now, traits), _cells(before, traits)
    losses: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for each in now:
        losses[tuple(each.traits[name] for name in traits)] += each.loss
    found = [
        Segment(
            dict(zip(traits, values, strict=True)), n, rounded(losses[values]),
            Fraction(n, len(now)), earlier.get(values),
        )
        for values, n in seen.items()
    ]  # fmt: skip
    return sorted(found, key=lambda each: (_weight(each, by), each.people), reverse=True)


def _weight(segment: Segment, by: Order) -> Fraction:
    if by == "growth":
        return segment.growth if segment.growth is not None else Fraction(-2)
    return Fraction(segment.loss if by == "loss" else segment.people)


def _cells(people: Sequence[Victim], traits: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Groups that may be told of."""
    if len(traits) == 1:
        counts: defaultdict[str, int] = defaultdict(int)
        for each in people:
            counts[each.traits[traits[0]]] += 1
        merged = shown({(name, OTHERS): n for name, n in counts.items()})
        totals = merged.row_totals if merged else {}
        return {(name,): n for name, n in totals.items() if name != OTHERS and n >= LEAST}
    found = table(people, traits[0], traits[1])
    if found is None:
        return {}
    cells = found.counts.cells.items()
    return {place: n for place, n in cells if n >= LEAST and OTHERS not in place}


def pairs() -> list[tuple[str, str]]:
    """Two traits each."""
    return list(combinations(TRAITS, 2))

"""How many calls were blocked and passed, and by what: the one place that such figures come from,
for the console, the API and the bulletin (REQ-45, 46).

A figure counts *attempts*: calls as edges saw them begin. One person who is called five times is
five attempts, and a caller who dials again after a refusal is another. A call that two edges see
counts at both. What a rule in shadow would have done passed, and is counted apart; what an edge
decided and could not write down is counted as lost, by nobody's rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.orm import Session

from qalqan.clock import HOUR, SECOND
from qalqan.register import dialect, orm
from qalqan.text.show import ALMATY

ANSWERS = ("refuse", "withhold", "label", "pass")
"""What became of a call, the strictest first."""
OTHERS = ("undecided", "lost", "shadow", "complaint")
"""Passed since there were no tables; decided but not written down; a rule in shadow would hold;
let through, and refused by the callee as unwanted (607, RFC 8197)."""


_COUNTS = cast(Table, orm.CallCount.__table__)


class Count(NamedTuple):
    """Attempts of one kind."""

    day: date
    """In Almaty."""
    partner: str
    edge: str
    trunk: str
    answer: str
    rule: str
    n: int


@dataclass(frozen=True)
class Figures:
    """Counts of a period, added up."""

    answers: Counter[str] = field(default_factory=Counter)
    """Answer → attempts; `pass` holds the undecided, too."""
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(answer, deciding rule) → attempts."""
    shadow: Counter[str] = field(default_factory=Counter)
    """Rule in shadow → attempts that passed it and would not have."""
    undecided: int = 0
    lost: int = 0
    complaints: int = 0

    @property
    def calls(self) -> int:
        """All attempts of which the answer is known."""
        return sum(self.answers.values())


def add(
    session: Session, partner: str, edge: str, counts: Iterable[tuple[int, str, str, str, int]]
) -> None:
    """Add attempts: hour, trunk, answer, rule, how many."""
    table = _COUNTS
    for hour_us, trunk, answer, rule, n in sorted(counts):
        new = dialect.insert(session, table).values(
            hour_us=hour_us, partner=partner, edge=edge, trunk=trunk, answer=answer, rule=rule, n=n
        )
        more = {"n": table.c.n + new.excluded.n}
        session.execute(new.on_conflict_do_update(index_elements=[*table.primary_key], set_=more))


def period_us(first: date, last: date) -> tuple[int, int]:
    """Whole days in Almaty as microseconds: from, and before when."""
    begin = datetime(first.year, first.month, first.day, tzinfo=ALMATY)
    end = datetime(last.year, last.month, last.day, tzinfo=ALMATY) + timedelta(days=1)
    return int(begin.timestamp()) * SECOND, int(end.timestamp()) * SECOND


def day_of(at_us: int) -> date:
    """The day in Almaty."""
    return datetime.fromtimestamp(at_us // SECOND, UTC).astimezone(ALMATY).date()


def figures(session: Session, first: date, last: date, partner: str | None = None) -> Figures:
    """All that was counted in these days, of one partner's edges or of all."""
    table, found = orm.CallCount, Figures()
    rows = select(table.answer, table.rule, func.sum(table.n)).where(*_in(first, last, partner))
    sums = Counter[str]()
    for answer, rule, told in session.execute(rows.group_by(table.answer, table.rule)):
        n = int(told)
        if answer in ANSWERS:
            found.answers[answer] += n
            found.rules[answer, rule] += n
        elif answer == "shadow":
            found.shadow[rule] += n
        else:
            sums[answer] += n
    found.answers["pass"] += sums["undecided"]
    return Figures(
        found.answers, found.rules, found.shadow,
        sums["undecided"], sums["lost"], sums["complaint"],
    )  # fmt: skip


def _in(first: date, last: date, partner: str | None) -> list[ColumnElement[bool]]:
    begin_us, end_us = period_us(first, last)
    table = orm.CallCount
    bounds = [table.hour_us >= begin_us, table.hour_us < end_us]
    return bounds if partner is None else [*bounds, table.partner == partner]


def by_day(session: Session, first: date, last: date, partner: str | None = None) -> list[Count]:
    """The same by day, edge, trunk, answer and rule, in that order."""
    table, found = orm.CallCount, Counter[tuple[date, str, str, str, str, str]]()
    columns = (table.partner, table.edge, table.trunk, table.answer, table.rule)
    rows = select(table.hour_us, *columns, func.sum(table.n)).where(*_in(first, last, partner))
    for hour_us, *of, n in session.execute(rows.group_by(table.hour_us, *columns)):
        partner_, edge, trunk, answer, rule = of
        found[day_of(hour_us), partner_, edge, trunk, answer, rule] += int(n)
    return [Count(*key, n) for key, n in sorted(found.items())]


def by_hour(session: Session, day: date) -> Sequence[Counter[str]]:
    """Answer → attempts, an hour of a day after the other."""
    table = orm.CallCount
    begin_us, end_us = period_us(day, day)
    hours = [Counter[str]() for _ in range((end_us - begin_us) // HOUR)]
    rows = select(table.hour_us, table.answer, func.sum(table.n)).where(*_in(day, day, None))
    for hour_us, answer, n in session.execute(rows.group_by(table.hour_us, table.answer)):
        hours[(hour_us - begin_us) // HOUR]["pass" if answer == "undecided" else answer] += int(n)
    return hours


def lost_of(session: Session, since_us: int) -> dict[tuple[str, str], int]:
    """(partner, edge) → verdicts that were lost since then."""
    table = orm.CallCount
    rows = (
        select(table.partner, table.edge, func.sum(table.n))
        .where(table.answer == "lost", table.hour_us >= since_us)
        .group_by(table.partner, table.edge)
    )
    return {(partner, edge): int(n) for partner, edge, n in session.execute(rows)}

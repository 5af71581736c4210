"""Refused calls grouped into campaigns: one trunk, one rule, one caller pattern, without a pause
(REQ-45, 49).

Pure. A campaign and not a call is what gets a case: one refused call is a mistake somewhere, a
row of them over one trunk is somebody's work, and the trunk's provider knows whose. The pattern is
the block of the callers' numbers (all but the last four digits: one number again and again, or
numbers in sequence, share it); where callers change blocks at each call, or tell no number, the
trunk and the rule that they break are all that they have in common, and more of them are wanted.

- A call belongs to the campaign that is under way for its pattern, else to the one of many blocks
  over its trunk, else it is kept with those of its pattern that came near it.
- With `least_calls` of one pattern a campaign is open. If the calls of all patterns together are
  `least_spread` and none has enough by itself, they are one campaign of many blocks.
- A pause longer than `gap_us` ends a campaign; calls that come late to us count by their own time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

MANY = "*"
"""Pattern of a campaign whose callers change blocks."""
MOST_PATTERN = 16


class Way(NamedTuple):
    """Where calls came from and what they broke."""

    source: str
    trunk: str
    rule: str


class Call(NamedTuple):
    """One refused call."""

    way: Way
    pattern: str
    """Block of the caller's number, empty if it told none."""
    at_us: int
    callee: str | None
    """Its token."""


class Limits(NamedTuple):
    """What the policy says of campaigns."""

    least_calls: int
    least_spread: int
    gap_us: int


@dataclass
class Group:
    """Calls of one way and pattern without a pause; with enough of them, a campaign."""

    way: Way
    pattern: str
    first_us: int
    last_us: int
    calls: int
    sample_us: int
    sample: str | None
    is_opened: bool = False
    row: int | None = None
    """Its number in the register; None: it is new."""

    def is_near(self, other: Group, gap_us: int) -> bool:
        """No pause lies between them."""
        return other.first_us <= self.last_us + gap_us and self.first_us <= other.last_us + gap_us

    def take(self, other: Group) -> None:
        """Have the other's calls, too; the sample is the earliest call whose callee is known."""
        if other.sample is not None and (self.sample is None or other.sample_us < self.sample_us):
            self.sample, self.sample_us = other.sample, other.sample_us
        self.first_us = min(self.first_us, other.first_us)
        self.last_us = max(self.last_us, other.last_us)
        self.calls += other.calls


def spells(calls: Iterable[Call], gap_us: int) -> list[Group]:
    """The calls by way and pattern, cut where there is a pause, the earliest first."""
    ordered = sorted(calls, key=lambda call: (call.way, call.pattern, call.at_us))
    found: list[Group] = []
    for (way, pattern), some in groupby(ordered, key=lambda call: (call.way, call.pattern)):
        for call in some:
            one = Group(way, pattern, call.at_us, call.at_us, 1, call.at_us, call.callee)
            last = found[-1] if found else None
            if last and (last.way, last.pattern) == (way, pattern) and last.is_near(one, gap_us):
                last.take(one)
            else:
                found.append(one)
    return sorted(found, key=lambda group: (group.first_us, group.way, group.pattern))


class Settled(NamedTuple):
    """What became of the groups of one way."""

    groups: list[Group]
    """All that stand now, opened or gathering."""
    absorbed: list[Group]
    """Those that were known and are part of another one now."""


def settle(known: Sequence[Group], new: Iterable[Group], limits: Limits) -> Settled:
    """Groups of one way after more calls of it; `known` are changed where they grow."""
    groups = list(known)
    for spell in new:
        home = next(_homes(groups, spell, limits.gap_us), None)
        if home is None:
            groups.append(spell)
        else:
            home.take(spell)
    for group in groups:
        group.is_opened |= group.calls >= limits.least_calls
    return _spread(groups, limits)


def _homes(groups: Sequence[Group], spell: Group, gap_us: int) -> Iterator[Group]:
    """Where a spell belongs: the campaign of its pattern, of many blocks, its own kind."""
    near = [group for group in groups if group.is_near(spell, gap_us)]
    yield from (each for each in near if each.is_opened and each.pattern == spell.pattern)
    yield from (each for each in near if each.is_opened and each.pattern == MANY)
    yield from (each for each in near if not each.is_opened and each.pattern == spell.pattern)


def _spread(groups: list[Group], limits: Limits) -> Settled:
    """Join those that have too few by themselves where they are enough together."""
    gathering = sorted((g for g in groups if not g.is_opened), key=lambda g: g.first_us)
    absorbed: list[Group] = []
    for run in _runs(gathering, limits.gap_us):
        if sum(group.calls for group in run) < limits.least_spread:
            continue
        whole = Group(run[0].way, MANY, run[0].first_us, run[0].last_us, 0, run[0].sample_us,
                      run[0].sample, is_opened=True)  # fmt: skip
        for group in run:
            whole.take(group)
        groups.append(whole)
        absorbed += run
    gone = {id(group) for group in absorbed}
    return Settled([group for group in groups if id(group) not in gone],
                   [group for group in absorbed if group.row is not None])  # fmt: skip


def _runs(ordered: Sequence[Group], gap_us: int) -> Iterator[list[Group]]:
    """Groups without a pause between them."""
    run: list[Group] = []
    until_us = 0
    for group in ordered:
        if run and group.first_us > until_us + gap_us:
            yield run
            run = []
        until_us = max(until_us, group.last_us) if run else group.last_us
        run.append(group)
    if run:
        yield run

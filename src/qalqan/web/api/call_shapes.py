"""What the API answers about calls, as models: they describe, nothing is read through them."""

from __future__ import annotations

from typing import Any, Literal

from qalqan.web.api.shapes import Refusal, Shape


class CallVerdict(Shape):
    """What becomes of a call."""

    id: str
    verdict: Literal["pass", "label", "refuse"]
    no_state: bool = False
    """There are no tables: nothing could be looked at."""
    rule: str
    say: str
    number_withheld: bool
    """It passes, and its number is not shown."""
    inputs: dict[str, Any]
    shadow: list[str]
    policy: int | None
    tables: int | None
    """Version of the tables."""
    place_told_s_ago: int | None = None
    contract: str | None = None


class CallAppealTaken(Shape):
    """An appeal of a refused caller; `rule` is everybody's, and tells nothing of the number."""

    appeal: str
    due_us: int
    rule: Literal["fixed", "mobile", "network", "short", "nobodys", "foreign", "home", "unknown"]
    say: str


class JournalPlace(Shape):
    """How far a file of a journal has been taken."""

    file: str | None
    end: int
    """Bytes."""
    mark: str
    """Hash of the last line taken; empty if none was."""


class RuleCount(Shape):
    """Attempts that one rule decided."""

    answer: str
    rule: str
    n: int


class CallCount(Shape):
    """Attempts at one of your own edges on one day."""

    day: str
    partner: str
    edge: str
    trunk: str
    answer: str
    """refuse, withhold, label, pass; undecided, lost, shadow."""
    rule: str
    n: int


class CallStats(Shape):
    """Calls counted over whole days of Almaty."""

    since: str
    until: str
    counts: str
    """What the figures count, in words."""
    answers: dict[str, int]
    """refuse, withhold, label, pass: attempts in the whole country."""
    undecided: int
    """Of those that passed: unchecked, for want of tables."""
    lost: int
    """Decided, but not written down."""
    rules: list[RuleCount]
    shadow: dict[str, int]
    """Rule in shadow: attempts in which it would have held; they passed."""
    own: list[CallCount]


class PlacesTaken(Shape):
    """What became of places or ported numbers: read = taken + refused."""

    read: int
    taken: int
    refused: int
    complete_us: int | None
    """The moment as of which all places are told now; null: not said, or something was lacking."""
    refusals: list[Refusal]
    """The first hundred."""

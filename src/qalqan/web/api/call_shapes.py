"""What the API answers about calls, as models: they describe, nothing is read through them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from qalqan.web.api.shapes import Refusal


class _Shape(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class JournalPlace(_Shape):
    """How far a file of a journal has been taken."""

    file: str | None
    end: int
    """Bytes."""
    mark: str
    """Hash of the last line taken; empty if none was."""


class RuleCount(_Shape):
    """Attempts that one rule decided."""

    answer: str
    rule: str
    n: int


class CallCount(_Shape):
    """Attempts at one of your own edges on one day."""

    day: str
    partner: str
    edge: str
    trunk: str
    answer: str
    """refuse, withhold, label, pass; undecided, lost, shadow."""
    rule: str
    n: int


class CallStats(_Shape):
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


class PlacesTaken(_Shape):
    """What became of places or ported numbers: read = taken + refused."""

    read: int
    taken: int
    refused: int
    complete_us: int | None
    """The moment as of which all places are told now; null: not said, or something was lacking."""
    refusals: list[Refusal]
    """The first hundred."""

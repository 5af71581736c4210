"""What the screens answer a lender or a bank, as models: they describe."""

from __future__ import annotations

from typing import Any, Literal

from qalqan.web.api.shapes import Shape


class Rule(Shape):
    """A rule that decided: for the clerk, and for the customer in three languages."""

    code: str
    say: str
    customer: dict[str, str]


class Ground(Shape):
    """A legal ground."""

    code: str
    name: str
    confirmed: bool


class Verdict(Shape):
    """A screen's answer."""

    id: str
    verdict: Literal["pass", "label", "challenge", "hold", "refuse"]
    no_state: bool = False
    """Nothing could be looked at."""
    say: str
    rules: list[Rule]
    grounds: list[Ground]
    inputs: dict[str, Any]
    shadow: list[Any]
    policy: int | None
    at_us: int
    until_us: int
    challenge: str | None = None
    refusal_note: dict[str, str] | None = None

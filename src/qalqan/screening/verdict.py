"""A screen's decision table and its answer, the *verdict*.

A rule looks at one row of plain values, all that is known about the question at its moment, and
holds or does not. The strongest answer of the rules that hold is the verdict; the values that
those rules looked at are kept with it. So a verdict is a function of (values, policy version) and
replays to the same answer from what was kept (DESIGN section 2).

Kinds of rule differ (DESIGN section 4): a *legal* rule follows a decision that people took, and
names its ground; a *statistical* one alone never stops money, and can't be made to: a table with
such a rule does not load.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Generic, NamedTuple, TypeVar

Row = TypeVar("Row", bound=NamedTuple)
Params = TypeVar("Params")


class Answer(IntEnum):
    """What the asker should do, from the mildest to the strongest."""

    PASS = 0
    LABEL = 1
    """Let it go, and tell the customer what was seen."""
    CHALLENGE = 2
    """Ask for more: a biometric check of the person (REQ-66), a call back."""
    HOLD = 3
    """Keep this one sum until the verdict runs out or a person decides; never the account."""
    REFUSE = 4

    @property
    def word(self) -> str:
        """As it stands in the API."""
        return self.name.lower()


NEVER_ALONE = Answer.HOLD
"""From here on an answer stops money or credit: legal rules only."""


@dataclass(frozen=True)
class Rule(Generic[Row, Params]):
    """One line of a decision table."""

    code: str
    """What was seen; the catalogue has `screen.<code>` for the clerk and for the customer."""
    answer: Answer
    when: Callable[[Row, Params], bool]
    inputs: tuple[str, ...]
    """The values that `when` looks at, and that explain it."""
    ground: str | None = None
    """Of a legal rule: the value in the row that names the legal ground."""

    def __post_init__(self) -> None:
        if self.answer >= NEVER_ALONE and self.ground is None:
            raise ValueError(f"{self.code}: without a legal ground no rule stops anything")


class Verdict(NamedTuple):
    """A screen's answer."""

    answer: Answer
    rules: tuple[str, ...]
    """Codes that decided, the strongest first, then in the table's order."""
    shadow: tuple[str, ...]
    """Codes that hold too, and count for nothing yet."""
    grounds: tuple[str, ...]
    inputs: Mapping[str, Any]
    """What those rules looked at, shadow ones included."""
    policy: int
    at_us: int
    until_us: int
    """After this the question must be asked again."""


@dataclass(frozen=True)
class Table(Generic[Row, Params]):
    """A decision table: the rules of one question."""

    rules: tuple[Rule[Row, Params], ...]
    codes: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        codes = [rule.code for rule in self.rules]
        if len(set(codes)) < len(codes):
            raise ValueError("a code stands twice in a table")
        object.__setattr__(self, "codes", frozenset(codes))


@dataclass(frozen=True)
class Policy(Generic[Params]):
    """One version of a screen's policy: thresholds, and which rules count."""

    version: int
    """0: none that two people approved; every rule is in shadow then."""
    params: Params
    live: frozenset[str]
    """Codes that count; the others are in shadow (DESIGN section 5)."""
    until_us: Mapping[Answer, int]
    """How long a verdict of each kind is good for, microseconds."""


def decide(table: Table[Row, Params], row: Row, policy: Policy[Params], at_us: int) -> Verdict:
    """The verdict on one row at `at_us` (UTC microseconds)."""
    params, live = policy.params, policy.live
    fired = [rule for rule in table.rules if rule.when(row, params)]
    counted = sorted((rule for rule in fired if rule.code in live), key=lambda rule: -rule.answer)
    answer = counted[0].answer if counted else Answer.PASS
    looked: Any = row  # names in `inputs` are fields of the row; a test holds every table to it
    return Verdict(
        answer,
        tuple(rule.code for rule in counted),
        tuple(rule.code for rule in fired if rule.code not in live),
        tuple(dict.fromkeys(getattr(looked, rule.ground) for rule in counted if rule.ground)),
        {name: getattr(looked, name) for rule in fired for name in rule.inputs},
        policy.version,
        at_us,
        at_us + policy.until_us[answer],
    )

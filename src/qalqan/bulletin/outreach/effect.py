"""What the arms of an experiment say: who stopped, and who was defrauded all the same (REQ-77).

People were drawn by lot, so the two shares may be compared; Newcombe's interval says how sure the
difference is (`effects.holdout`). Without both arms nothing is said at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from qalqan.bulletin.effects import holdout
from qalqan.bulletin.effects.results import Effect, Verdict
from qalqan.bulletin.effects.words import level
from qalqan.bulletin.outreach.holdout import Arm
from qalqan.bulletin.outreach.outcomes import ArmCount, is_measured
from qalqan.bulletin.shown import signed
from qalqan.text.catalogue import say

What = Literal["heeded", "harmed"]
WHAT: tuple[What, ...] = ("harmed", "heeded")


def compare(arms: Mapping[Arm, ArmCount], what: What) -> Effect:
    """People of whom this came true among those shown a text less those held out, as shares."""
    shown, held = arms["show"], arms["hold"]
    return holdout.newcombe(
        holdout.Arm("show", shown.people, getattr(shown, what)),
        holdout.Arm("hold", held.people, getattr(held, what)),
    )


def said(arms: Mapping[Arm, ArmCount], language: str) -> list[str]:
    """A sentence for each thing that was counted; none where one arm is missing."""
    if not is_measured(arms):
        return []
    return [_sentence(compare(arms, what), what, language) for what in WHAT]


def _sentence(effect: Effect, what: What, language: str) -> str:
    name = say(f"outreach.{what}", language)
    if effect.verdict is Verdict.UNKNOWN:
        because = say(f"effects.because.{effect.because}", language)
        return say("outreach.effect.unknown", language, what=name, because=because)
    low, point, high = (
        _per_thousand(value, language) for value in (effect.low, effect.point, effect.high)
    )
    return say(
        f"outreach.effect.{effect.verdict}", language, what=name, low=low, point=point, high=high,
        level=level(effect, language),
    )  # fmt: skip


def _per_thousand(share: float | None, language: str) -> str:
    """A difference of shares in people of a thousand, signed, to a tenth."""
    assert share is not None  # a verdict has its bounds
    return signed(Fraction(share) * 1000, 1, language)

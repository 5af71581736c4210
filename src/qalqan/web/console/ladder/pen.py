"""The pen of the drawing: it knows the scene, the currency and the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from qalqan.text.catalogue import say
from qalqan.text.show import money, when
from qalqan.trust.tokens import last_four
from qalqan.web.console.ladder.bars import Bar
from qalqan.web.console.ladder.flow import FOLDED, Lane, Scene
from qalqan.web.console.ladder.letters import width


@dataclass(frozen=True)
class Pen:
    """What every part of the drawing needs to speak: scene, currency, language."""

    scene: Scene
    currency: str
    language: str
    one_day: bool = True
    """Everything happens on one day of Almaty: clock times say enough."""

    def say(self, key: str, **values: object) -> str:
        return say(f"ladder.{key}", self.language, **values)

    def money(self, units: int) -> str:
        return money(units, self.currency, self.language)

    def clock(self, us: int) -> str:
        return when(us, self.language, "clock")

    def moment(self, us: int) -> str:
        return when(us, self.language, "clock" if self.one_day else "short")

    def bank(self, lane: Lane) -> str:
        return self.scene.banks.get(lane.bank, lane.bank)


def lane_name(lane: Lane, pen: Pen) -> str:
    """The last four of an account ("…4471"), or how many accounts stand behind one lane."""
    if lane.folded:
        key = "more_accounts" if lane.id == FOLDED else "more_victims"
        return pen.say(key, n=lane.accounts)
    if lane.victim:
        return pen.say("victim")
    return "…" + last_four(lane.id)


def label_px(bar: Bar, lane: Lane, pen: Pen) -> float:
    """How much room the label of a bar takes."""
    if lane.victim:
        return max(width(lane_name(lane, pen), 12.5, True), width(pen.money(bar.units), 12.5)) - 20
    name = width(lane_name(lane, pen), 12.5) + 8 + width(pen.money(bar.units), 12.5)
    return max(name, width(pen.bank(lane), 12.5))


def number(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def text(x: float, y: float, words: str, classes: str, anchor: str = "start") -> str:
    """A line of words, escaped."""
    at = f'x="{number(x)}" y="{number(y)}" class={quoteattr(classes)} text-anchor="{anchor}"'
    return f"<text {at}>{escape(words)}</text>"

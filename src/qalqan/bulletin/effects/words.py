"""What is said of an effect, in Kazakh, Russian and English: a verdict of the closed list, its
interval, and "no comparison group" wherever there is none."""

from __future__ import annotations

from fractions import Fraction

from qalqan.bulletin.effects.evaluation import Evaluation
from qalqan.bulletin.effects.results import Effect, Verdict
from qalqan.bulletin.shown import DASH, decimal, signed
from qalqan.text.catalogue import say
from qalqan.text.show import NBSP, money

MOST_PERCENT = 9_999


def percent(change: float | None, language: str) -> str:
    """A share of 1 as a signed change in percent with one decimal: "−31.1%"; a dash for none."""
    if change is None:
        return DASH
    if abs(change) * 100 > MOST_PERCENT:
        return f">{NBSP}+{MOST_PERCENT}{_sign(language)}"
    return signed(Fraction(change) * 100, 1, language) + _sign(language)


def shown(effect: Effect, value: float | None, language: str) -> str:
    """A point or bound of an effect as a person reads it: a ratio as its change."""
    if value is None:
        return DASH
    if effect.scale == "sum":
        return money(round(value), "KZT", language)
    return percent(value - 1 if effect.scale == "ratio" else value, language)


def level(effect: Effect, language: str) -> str:
    """The level of its interval: "95 %", "99.2%" where it is looked at several times."""
    told = decimal(Fraction(effect.level) * 100, 1, language)
    return told.removesuffix(".0").removesuffix(",0") + _sign(language)


def said(effect: Effect, language: str) -> str:
    """One estimate as a sentence."""
    if effect.verdict is Verdict.UNKNOWN:
        because = say(f"effects.because.{effect.because or 'too_few'}", language)
        return say("effects.says.unknown", language, because=because)
    return say(
        f"effects.says.{effect.verdict}", language, point=shown(effect, effect.point, language),
        low=shown(effect, effect.low, language), high=shown(effect, effect.high, language),
        level=level(effect, language), n=effect.n,
    )  # fmt: skip


def concluded(found: Evaluation, language: str) -> str:
    """What may be said of a measure as a whole."""
    if found.because == "displaced":
        moved = found.overriding
        return say(
            "effects.says.displaced", language,
            target=shown(moved.target, moved.target.point, language),
            others=shown(moved.others, moved.others.point, language),
            net=shown(moved.net, moved.net.point, language),
            low=shown(moved.net, moved.net.low, language),
            high=shown(moved.net, moved.net.high, language), level=level(moved.net, language),
        )  # fmt: skip
    if found.because == "no_group":
        return say("effects.says.no_group", language, seen=said(found.main, language))
    if found.verdict is Verdict.UNKNOWN:
        because = say(f"effects.because.{found.because or 'too_few'}", language)
        return say("effects.says.unknown", language, because=because)
    return said(found.main, language)


def notes(found: Evaluation, is_late: bool, language: str) -> list[str]:
    """What belongs beside it: the group or that there is none, a horizon that is not over, a design
    written down late, simulated data, how crimes are counted, and what the main estimate assumes.
    """
    group = f"effects.group.{found.design.against}" if found.main.compared else "effects.no_group"
    keys = [group, *(f"effects.assumption.{code}" for code in found.main.assumptions)]
    keys += ["effects.design_late"] if is_late else []
    keys += ["effects.simulated"] if found.simulated else []
    keys += ["effects.counting"]
    return [*not_over(found, language), *(say(key, language) for key in keys)]


def not_over(found: Evaluation, language: str) -> list[str]:
    """That its horizon is not over, and how far the estimates count; nothing once it is."""
    if found.complete:
        return []
    done = sum(1 for *_, late in found.months if late)
    after = found.design.months_after
    return [say("effects.not_over", language, n=after, done=done, looked=found.looked)]


def _sign(language: str) -> str:
    return "%" if language == "en" else f"{NBSP}%"

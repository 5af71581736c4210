"""The sentence of a finding, made from its evidence in the reader's language.

The name of an evidence field says how it is shown: `…_minor` as money in the evidence's
`currency`, `…_us` as a moment, `…_span_us` as a duration; a list as its length; anything else
as it is. The sentence lives beside the detector, under `detectors.<code>.sentence`. `reasons` are
those of a model, each with a sentence of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qalqan.text.catalogue import say
from qalqan.text.show import duration, money, when


def title(code: str, language: str) -> str:
    """What the detector of this code looks for."""
    return say(f"detectors.{code}.title", language)


def sentence(code: str, evidence: Mapping[str, object], language: str) -> str:
    """What was seen; raises `ContractBroken` if the catalogue or the evidence lacks a part."""
    currency = str(evidence.get("currency"))
    shown = {name: _shown(name, value, currency, language) for name, value in evidence.items()}
    if "reasons" in evidence:
        shown["reasons"] = " ".join(_reasons(code, evidence, language))
    return say(f"detectors.{code}.sentence", language, **shown)


def _reasons(code: str, evidence: Mapping[str, object], language: str) -> Iterator[str]:
    """What a model's finding rests on, a sentence each; their figures are shown like evidence."""
    currency, told = str(evidence.get("currency")), evidence["reasons"]
    for one in told if isinstance(told, list) else []:
        shown = {name: _shown(name, value, currency, language) for name, value in one.items()}
        yield say(f"detectors.{code}.reasons.{one['reason']}", language, **shown)


def _shown(name: str, value: object, currency: str, language: str) -> object:
    if isinstance(value, list):
        return len(value)
    if not isinstance(value, int):
        return value
    if name.endswith("_minor"):
        return money(value, currency, language)
    if name.endswith("_span_us"):
        return duration(value, language)
    return when(value, language) if name.endswith("_us") else value

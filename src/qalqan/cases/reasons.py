"""Why an order was given: kept as a code and raw values, said in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qalqan.text import show
from qalqan.text.catalogue import LANGUAGES, say

ON_APPEAL = "orders.reason.appeal"
"""Code of the reason of a release that an appeal led to."""


def reason(code: str, **values: object) -> dict[str, Any]:
    """A reason to keep: `amount=money(…)`, `at=when(…)`, other values as they are."""
    return {"code": f"orders.reason.{code}", "values": values}


def money(minor: int, currency: str) -> dict[str, object]:
    """A sum inside a reason."""
    return {"minor": minor, "currency": currency}


def when(at_us: int) -> dict[str, object]:
    """A time inside a reason, UTC microseconds."""
    return {"at_us": at_us}


def sentence(kept: Mapping[str, Any], language: str) -> str:
    """The sentence of a kept reason; empty if none was kept."""
    if not kept:
        return ""
    return say(kept["code"], language, **shown(kept["values"], language))


def shown(values: Mapping[str, Any], language: str) -> dict[str, object]:
    """Sums and times among the values as a person reads them."""
    return {name: _shown(value, language) for name, value in values.items()}


def sentences(kept: Mapping[str, Any]) -> dict[str, str]:
    """The sentence in Kazakh, Russian and English."""
    return {language: sentence(kept, language) for language in LANGUAGES} if kept else {}


def _shown(value: object, language: str) -> object:
    if isinstance(value, Mapping) and "minor" in value:
        return show.money(int(value["minor"]), str(value["currency"]), language)
    if isinstance(value, Mapping) and "at_us" in value:
        return show.when(int(value["at_us"]), language)
    return value

"""A refused value in the reader's words: "field: value — expected …", the value masked."""

from __future__ import annotations

from collections.abc import Mapping

from qalqan.errors import InputRejected
from qalqan.text.catalogue import say
from qalqan.text.mask import mask_value


def refusal(error: InputRejected, language: str) -> str:
    """The sentence for one refused value in `language`; safe to show and to log."""
    expected = expectation(error.expected, language, error.params)
    return f"{error.field}: {mask_value(error.value)} — {expected}"


def expectation(expected: str, language: str, params: Mapping[str, object]) -> str:
    """What was expected, by its code, in `language`."""
    return say("expected." + expected, language, **params)

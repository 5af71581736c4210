"""One refused record as a partner's program reads it, its sentence in the reader's language."""

from __future__ import annotations

from typing import Any

from qalqan.lake.receipt import Refusal
from qalqan.text.refusal import expectation


def told(refusal: Refusal, language: str) -> dict[str, Any]:
    """Place, field, masked value, the code of what was expected, and all of it as a sentence."""
    expected = expectation(refusal.expected, language, refusal.params)
    return {
        "place": refusal.place,
        "field": refusal.field,
        "value": refusal.value_masked,
        "expected": refusal.expected,
        "message": f"{refusal.field}: {refusal.value_masked} — {expected}",
    }

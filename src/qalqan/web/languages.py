"""Which language a browser or program asks for (RFC 9110, 12.5.4)."""

from __future__ import annotations

from qalqan.text.catalogue import LANGUAGES


def first_of_ours(asked: str) -> str | None:
    """The language of ours with the largest weight in an Accept-Language header."""
    weighed = []
    for place, part in enumerate(asked[:400].split(",")):
        tag, _, rest = part.strip().partition(";")
        language = tag.strip().lower().split("-")[0]
        weight = _weight(rest)
        if language in LANGUAGES and weight > 0:
            weighed.append((-weight, place, language))
    return min(weighed)[2] if weighed else None


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0

"""Officers as the rules of access see them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Officer:
    """Whoever asks; an investigator of the whole country unless told otherwise."""

    login: str = "asel"
    role: str = "investigator"
    region: str = "KZ"
    partner: str | None = None

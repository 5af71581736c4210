"""One look of `qalqan doctor`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """What one look saw; `remedy` is said where it is not `ok`."""

    ok: bool
    seen: str
    remedy: str = ""

"""Which part of the economy a method works in (REQ-17): judgement; the code book names none."""

from __future__ import annotations

from collections.abc import Mapping

SECTORS = ("trade", "banking", "investment", "other")
_OF: Mapping[str, str] = {
    "27": "trade", "32": "trade", "28": "banking", "30": "banking", "31": "banking",
    "29": "investment",
}  # fmt: skip


def sector_of(method: str) -> str:
    """Sector of a method's code; what names none is other."""
    return _OF.get(method, "other")

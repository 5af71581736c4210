"""What a report's codes say of it: method, means, and which part of the economy the method works in
(REQ-17), which is judgement: the code book names none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from qalqan.cases import codes

SECTORS = ("trade", "banking", "investment", "other")
_OF: Mapping[str, str] = {
    "27": "trade", "32": "trade", "28": "banking", "30": "banking", "31": "banking",
    "29": "investment",
}  # fmt: skip


def sector_of(method: str) -> str:
    """Sector of a method's code; what names none is other."""
    return _OF.get(method, "other")


def with_methods(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each report once, by the first of its codes that says how the victim was deceived; `means`
    is the first that says by what."""
    found = []
    for row in rows:
        told = row.pop("methods")
        book = codes.code_book_of(row.pop("methods_version")).methods
        method = next((code for code in told if book[code]["part"] == codes.METHOD), "")
        means = next((code for code in told if book[code]["part"] != codes.METHOD), "")
        sector = sector_of(method)
        found.append({**row, "method": method, "means": means, "sector": sector})
    return found

"""Identifiers: free text → one canonical value, or a refusal that says what was expected.

Each module has `canonical(text, *, field) -> value` with `.text`, `.country`, `.kind` and
`.folded` (look-alike letters that were replaced); `column(kind, values)` reads whole columns.
"""

from qalqan.model.identifiers.columns import KINDS, Column, Identifier, column

__all__ = ["KINDS", "Column", "Identifier", "column"]

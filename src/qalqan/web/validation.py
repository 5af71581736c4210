"""What pydantic found wrong, as our own refusal: field, value, what was expected (REQ-18)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails

from qalqan.errors import InputRejected
from qalqan.exchange.given import encodable
from qalqan.text.mask import mask

_PLAIN = {
    "missing": "fact.missing",
    "extra_forbidden": "api.unknown_field",
    "string_type": "fact.text",
    "string_unicode": "text.characters",
    "string_too_short": "text.empty",
    "bool_type": "fact.flag",
    "int_type": "number.whole",
    "int_from_float": "number.whole",
    "int_parsing": "number.whole",
    "int_parsing_size": "number.whole",
    "list_type": "api.list",
    "dict_type": "api.object",
    "model_type": "api.object",
    "model_attributes_type": "api.object",
    "json_invalid": "api.json",
}
"""Kind of pydantic's finding → our code, where the sentence needs nothing more."""

_LONGEST_NAME = 100
_Told = Callable[[Mapping[str, Any]], dict[str, object]]
_WITH_BOUNDS: dict[str, tuple[str, _Told]] = {
    "string_too_long": ("text.too_long", lambda ctx: {"most": ctx["max_length"]}),
    "string_pattern_mismatch": ("api.pattern", lambda ctx: {"pattern": ctx["pattern"]}),
    "greater_than": ("api.greater", lambda ctx: {"bound": ctx["gt"]}),
    "greater_than_equal": ("api.least", lambda ctx: {"bound": ctx["ge"]}),
    "less_than": ("api.less", lambda ctx: {"bound": ctx["lt"]}),
    "less_than_equal": ("api.most", lambda ctx: {"bound": ctx["le"]}),
    "too_long": ("api.most_items", lambda ctx: {"most": ctx["max_length"]}),
    "too_short": ("api.least_items", lambda ctx: {"least": ctx["min_length"]}),
    "enum": ("one_of", lambda ctx: {"choices": _quoted(ctx["expected"])}),
    "literal_error": ("one_of", lambda ctx: {"choices": _quoted(ctx["expected"])}),
}


def refusal_of(findings: Sequence[ErrorDetails], *, secret: bool = False) -> InputRejected:
    """The first finding as a refusal; with `secret` the value given is told to nobody."""
    first = findings[0]
    kind, field = first["type"], named(".".join(str(part) for part in first["loc"]) or "body")
    hidden = secret or kind in ("missing", "json_invalid")
    value = None if hidden else _shown(first["input"])
    if kind in _WITH_BOUNDS:
        code, told = _WITH_BOUNDS[kind]
        return InputRejected(field, value, code, **told(first["ctx"]))
    return InputRejected(field, value, _PLAIN.get(kind, "api.value"))


def named(field: str) -> str:
    """A field's name as the sender wrote it, safe to repeat."""
    return mask(encodable(field))[:_LONGEST_NAME]


def _shown(value: object) -> object:
    """Lists and objects are shown as such: their contents are long, and others' business."""
    return "[ ]" if isinstance(value, list) else "{ }" if isinstance(value, dict) else value


def _quoted(expected: str) -> str:
    return ", ".join(re.findall(r"'([^']*)'", expected))

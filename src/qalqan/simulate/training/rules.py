"""The rules of exercises as data, each number with its source."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _body() -> dict[str, Any]:
    text = (files("qalqan.simulate.training") / "rules.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def edition() -> str:
    """Of these rules."""
    return str(_body()["edition"])


def rule(name: str) -> Any:
    """A number by its dotted name, such as `follow.steps`.

    Raises:
        KeyError: there is none.
    """
    part, _, key = name.partition(".")
    return _body()[part][key]["value"]

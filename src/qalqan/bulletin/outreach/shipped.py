"""Texts that come with the software: version 1 of each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from qalqan.errors import NotFound

ANY = "any"
"""A moment's text for methods that have none of their own."""
_OF_A_MOMENT = ("kinds", "acute")


@dataclass(frozen=True)
class Moment:
    """When a text is shown, by whom, and whether anybody may be held out."""

    code: str
    kinds: tuple[str, ...]
    """Kinds of partner that show it."""
    acute: bool
    texts: Mapping[str, Mapping[str, str]]
    """Method code or `any` → language → text."""


def _read(name: str) -> dict[str, Any]:
    path = files("qalqan.bulletin.outreach") / "data" / name
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def messages() -> Mapping[str, Mapping[str, str]]:
    """Method code → language → text."""
    return _read("messages_1.toml")


@cache
def moments() -> Mapping[str, Moment]:
    """All moments by their codes."""
    return {
        code: Moment(
            code, tuple(body["kinds"]), body["acute"],
            {name: texts for name, texts in body.items() if name not in _OF_A_MOMENT},
        )
        for code, body in _read("moments_1.toml").items()
    }  # fmt: skip


def moment(code: str) -> Moment:
    """The moment of this code. `NotFound`."""
    found = moments().get(code)
    if found is None:
        raise NotFound("moment", code)
    return found

"""A model's card: from what it learnt, how it did on what it never saw, and what it is not for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import resources
from typing import Any

from qalqan.text.catalogue import say

CODE = ("windows.py", "patterns.py", "kernel.py", "chains.py", "strangers.py")
"""What computes features: a model fits only the columns of its own code."""
NAMING = ("named.py", "reasons.py")
"""What names accounts by a model's scores and tells why."""
SAID = ("data", "split", "figures", "without_artefacts", "threshold", "limits", "not_for_blocking")
"""Sentences of the page, in order."""


def features_hash() -> str:
    """Hash of the code that computes features."""
    return _hash(CODE)


def naming_hash() -> str:
    """Hash of the code that makes findings of scores."""
    return _hash(NAMING)


def _hash(files: tuple[str, ...]) -> str:
    here = resources.files("qalqan.learning")
    code = b"\0".join((here / name).read_bytes() for name in files)
    return hashlib.sha256(code).hexdigest()[:32]


def page(card: Mapping[str, Any], version: str, language: str) -> str:
    """The card in Markdown, in whole sentences."""
    told = _told(card)
    body = [say(f"card.{name}", language, **told) for name in SAID]
    title = say("card.title", language, version=version)
    return "\n\n".join([f"# {title}", *body]) + "\n"


def _told(card: Mapping[str, Any]) -> dict[str, object]:
    data, without = card["data"], card["without_artefacts"]["figures"]
    return {
        "transfers": data["transfers"],
        "labelled": data["labelled"],
        "first": _day(data["first_us"]),
        "last": _day(data["last_us"]),
        **{name: card["split"][name] for name in ("fit", "choose", "test")},
        **{name: f"{value:.3f}" for name, value in card["figures"].items()},
        **{f"{name}_without": f"{value:.3f}" for name, value in without.items()},
        "names": ", ".join(card["without_artefacts"]["left_out"]),
        "threshold": f"{card['threshold']:.4f}",
    }


def _day(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC).date().isoformat()

"""How held money is shared among its victims, and each part of a claim as a range (REQ-44).

Pure functions over a trail's document; section 8 of `docs/reference/trail.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qalqan.model.money import apportion
from qalqan.trail.semantics import PARTS


def share_return(held: int, claims: Mapping[str, int]) -> dict[str, int]:
    """Held minor units shared by the units that each claim has there; never more than those.

    Raises:
        ValueError: a negative sum.
    """
    order = sorted(claims)
    weights = [claims[claim] for claim in order]
    parts = apportion(min(held, sum(weights)), weights)
    return dict(zip(order, parts, strict=True))


def ranges(document: Mapping[str, Any], claim: str) -> dict[str, tuple[int, int]]:
    """Each part of a claim as (least, most) over the rules, minor units."""
    by_rule = [of[claim] for of in document["parts"].values()]
    return {
        part: (min(of[part] for of in by_rule), max(of[part] for of in by_rule)) for part in PARTS
    }

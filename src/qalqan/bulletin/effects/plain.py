"""An evaluation as programs read it, by API and command line; counts under five are null."""

from __future__ import annotations

from typing import Any

from qalqan.bulletin.effects.displacement import Displacement
from qalqan.bulletin.effects.evaluation import Evaluation
from qalqan.bulletin.effects.results import FEWEST, Effect


def evaluation(found: Evaluation) -> dict[str, Any]:
    """All of it; `compared` is false wherever there is no comparison group."""
    return {
        "verdict": found.verdict,
        "because": found.because,
        "compared": found.main.compared,
        "complete": found.complete,
        "simulated": found.simulated,
        "design": found.design.as_dict(),
        "alone": effect(found.alone),
        "main": effect(found.main),
        "parallel": None if found.parallel is None else effect(found.parallel),
        "displaced": _displacement(found.displaced),
        "moved": _displacement(found.moved),
        "quotient": found.quotient,
        "missing": [month.code for month in found.missing],
        "months": [
            {"month": mine.month.code, "aimed": _count(mine.count), "beside": _count(its.count),
             "after": late}
            for mine, its, late in found.months
        ],
    }  # fmt: skip


def effect(of: Effect) -> dict[str, Any]:
    """One estimate."""
    told = (
        "code", "method", "scale", "point", "low", "high", "n", "compared", "p", "level", "because",
        "verdict",
    )  # fmt: skip
    return {
        **{name: getattr(of, name) for name in told},
        "assumptions": list(of.assumptions),
        "counts": {name: _count(count) for name, count in of.counts.items()},
    }


def _displacement(of: Displacement | None) -> dict[str, Any] | None:
    if of is None:
        return None
    parts = {name: effect(getattr(of, name)) for name in ("target", "others", "net")}
    return {"shown": of.is_shown, **parts}


def _count(count: int) -> int | None:
    return None if 0 < count < FEWEST else count

"""Our own parameters in a replay: by which rule, and within which bounds, is held (REQ-44)."""

from __future__ import annotations

from typing import NamedTuple

from qalqan.simulate.replay.scenario import Scenario


class Own(NamedTuple):
    """Our parameters."""

    rule: str
    """A rule of the trail, or `least`: of all rules the one that finds least at an account."""
    least_tenge: int
    """Smaller sums are not ordered."""
    min_share_ppm: int | None = None
    """Share of a claim from which an account is followed; None: the trail's own policy."""
    busy_payers: int | None = None
    """At an account of hop 2 or more that more *others* than this paid within the trail's window
    nothing is held, and nothing is followed through it; others are neither followed nor victims."""
    ask_first_minutes: int | None = None
    """Where the last stolen units came longer ago than this, a statement is asked for first."""
    held_stays: bool = False
    """Tell the trail what banks hold: held units are not followed on (docs/reference/trail.md,
    section 11). Else a later payment of the account takes them along, and the hold moves on."""


def own(s: Scenario) -> Own:
    """As the scenario has it."""
    at = "policies.ours."
    return Own(
        s[at + "rule"], s[at + "least_tenge"], s.get(at + "min_share_ppm"),
        s.get(at + "busy_payers"), s.get(at + "ask_first_minutes"), bool(s.get(at + "held_stays")),
    )  # fmt: skip

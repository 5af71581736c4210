"""Many SIM cards are used in one device within a week, and ring many numbers (REQ-47, 50).

A channel of a SIM box goes through cards; a telephone goes through hands slowly. Quiet on

- a second-hand telephone: its owners are few, and weeks lie between them;
- two cards in one telephone: each slot has an IMEI of its own;
- a family's telephone, a shop where telephones are tried: few numbers are rung from it;
- probes: many cards, but the same few test lines.

The window is a week (seven days, counted from 1970). The score grows with the cards; it ranks
and is no probability.
"""

from dataclasses import dataclass

from ibis import Table, _

from qalqan.detectors import calls_seen as seen
from qalqan.detectors import devices_used
from qalqan.detectors.base import detector
from qalqan.detectors.devices_used import EVIDENCE


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    min_cards: int = 5
    """Judgement: four owners in a week are a quickly resold telephone, five are none. One alone is
    never found."""
    min_called: int = 20
    """Judgement: a shop tries cards with a call or two, a probe rings a handful of lines."""
    cards_for_full_score: int = 20
    """Judgement: four times what is noticed."""
    window_us: int = 7 * seen.DAY_US
    """Judgement: a week; cards of a box last hours to days."""
    permitted: tuple[str, ...] = ()
    """REQ-47 and law: tokens of IMEIs of gateways that have a permit."""
    max_named: int = 40
    """Numbers named in the evidence, at most."""


@detector(
    "subscriptions.many_sims_one_device",
    reads={"call": devices_used.READS},
    params=Params(),
    shares=(seen, devices_used),
)
def many_sims_one_device(calls: Table, p: Params) -> Table:
    """Device and week with many cards that rang many numbers."""
    used = devices_used.used(calls, p.window_us).filter(_.imei.notin(("", *p.permitted)))
    many = devices_used.figures(devices_used.with_several_cards(used), p.max_named).filter(
        _.cards >= p.min_cards, _.called >= p.min_called
    )
    scored = many.mutate(score=seen.of_full(_.cards, p.cards_for_full_score))
    return seen.finding(scored, "device", "imei", p.window_us, EVIDENCE)

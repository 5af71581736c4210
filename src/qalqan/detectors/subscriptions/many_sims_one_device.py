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
    """Judgement: four owners in a week are a quickly resold telephone, five are none."""
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
    several = devices_used.with_cards(calls, p.window_us, p.permitted, p.min_cards)
    many = devices_used.figures(several, p.max_named).filter(_.called >= p.min_called)
    scored = many.mutate(score=seen.of_full(_.cards, p.cards_for_full_score))
    return seen.finding(scored, "device", "imei", p.window_us, EVIDENCE)

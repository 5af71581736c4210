"""A device whose type code is a gateway's takes SIM cards and rings numbers (REQ-47, 50).

Type codes (TAC, the first eight digits of an IMEI) of gateways are for the centre to fill in, from
its seizures and from the registry of imports: none is built in, and without them nothing is found.
Quiet on

- telephones and modems of other types;
- gateways with a permit: the centre lists their IMEIs, and the registry's white list spares them;
- a gateway that was tried once or twice.

A type code can be forged: a box that shows a telephone's is not found here. The window is a week
(seven days, counted from 1970). The score grows with the numbers rung; it ranks and is no
probability.
"""

from dataclasses import dataclass

from ibis import Table, _

from qalqan.detectors import calls_seen as seen
from qalqan.detectors import devices_used
from qalqan.detectors.base import detector, listed
from qalqan.detectors.devices_used import EVIDENCE


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    types: tuple[str, ...] = listed("tac")
    """REQ-47 and law: type codes of gateways, which may be imported only by licensed operators."""
    min_called: int = 3
    """Judgement: whoever tries a gateway rings himself and a friend."""
    called_for_full_score: int = 100
    """Judgement: what one channel rings in a day."""
    window_us: int = 7 * seen.DAY_US
    """Judgement: a week, as with other devices."""
    permitted: tuple[str, ...] = ()
    """REQ-47 and law: tokens of IMEIs of gateways that have a permit."""
    max_named: int = 40
    """Numbers named in the evidence, at most."""


@detector(
    "subscriptions.gateway_device",
    reads={"call": devices_used.READS},
    params=Params(),
    shares=(seen, devices_used),
)
def gateway_device(calls: Table, p: Params) -> Table:
    """Device and week with calls from a device of a gateway's type."""
    listed_ones = calls.filter(_.imei_tac.isin(p.types))
    used = devices_used.used(listed_ones, p.window_us, p.permitted)
    found = devices_used.figures(used, p.max_named).filter(_.called >= p.min_called)
    scored = found.mutate(score=seen.of_full(_.called, p.called_for_full_score))
    return seen.finding(scored, "device", "imei", p.window_us, EVIDENCE)

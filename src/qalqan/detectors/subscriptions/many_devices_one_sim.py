"""One number is used in many devices within a week (REQ-47, 50).

The owner of a SIM box lets a card show another IMEI every few hours, or moves it from channel to
channel. Quiet on

- someone who buys a telephone, or tries a few on;
- two telephones used in turn;
- numbers whose operator tells no device.

The window is a week (seven days, counted from 1970). The score grows with the devices; it ranks
and is no probability.
"""

from dataclasses import dataclass

from ibis import Table, _

from qalqan.detectors import calls_seen as seen
from qalqan.detectors.base import detector


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    min_devices: int = 4
    """Judgement: nobody goes through four telephones in a week."""
    devices_for_full_score: int = 16
    """Judgement: four times what is noticed."""
    window_us: int = 7 * seen.DAY_US
    """Judgement: a week; cards of a box last hours to days."""
    permitted: tuple[str, ...] = ()
    """REQ-47 and law: tokens of numbers in gateways that have a permit."""


READS = ("at_us", "edge", "caller", "callee", "trunk_class", "imei", "imei_tac")
EVIDENCE = ("devices", "models", "called", "calls", "first_us", "last_us")
WEEKS = ("caller", "from_us")


@detector(
    "subscriptions.many_devices_one_sim", reads={"call": READS}, params=Params(), shares=(seen,)
)
def many_devices_one_sim(calls: Table, p: Params) -> Table:
    """Number and week with many devices."""
    used = seen.on_air(calls).filter(_.imei.notnull(), _.caller.notin(("", *p.permitted)))
    week = used.at_us - used.at_us % p.window_us
    each = used.group_by(caller=used.caller, from_us=week).agg(n=_.imei.nunique())
    changing = used.mutate(from_us=week).semi_join(each.filter(_.n >= p.min_devices), WEEKS)
    found = changing.group_by(*WEEKS).agg(
        devices=_.imei.nunique(),
        models=_.imei_tac.nunique(),
        called=_.callee.nunique(),
        calls=_.count(),
        first_us=_.at_us.min(),
        last_us=_.at_us.max(),
    )
    scored = found.mutate(score=seen.of_full(_.devices, p.devices_for_full_score))
    return seen.finding(scored, "phone", "caller", p.window_us, EVIDENCE)

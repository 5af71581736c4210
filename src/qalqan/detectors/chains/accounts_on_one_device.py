"""Accounts of several people, worked from one device, pass strangers' money on (REQ-38, 39, 65).

A ring collects cards and access codes and works many people's accounts itself. Quiet on

- households with one telephone: family money comes from no stranger;
- bookkeepers with the cabinets of several firms: takings and suppliers are no strangers' money;
- a bank's terminal or a branch's tablet: more people than any ring has.

Banks mark devices each in their own way, so accounts are compared within one bank. The window is
the 30 days (counted from 1970) of the sessions. Each account that passes money on gives a finding,
if another one on the same device does so too. The score grows with the number of such accounts.
"""

from dataclasses import dataclass

import ibis
from ibis import Table, _, least

from qalqan.detectors import legs
from qalqan.detectors.base import detector

MONTH_US = 30 * legs.DAY_US


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    received_by: tuple[str, ...] = ("transfer", "wallet", "crypto")
    """Instruments of a stranger's money; REQ-39: the victim transfers."""
    passed_by: tuple[str, ...] = ("transfer", "cash_out", "wallet", "crypto")
    """Ways out; REQ-39: cash, or transfer to banks, e-wallets, abroad, crypto."""
    min_holders: int = 2
    """Judgement: two people's accounts that both pass strangers' money on from one device."""
    max_holders: int = 30
    """Judgement: more people on one device make a terminal."""
    full_passing: int = 4
    """Judgement: a full score; no family has four such accounts."""
    min_received_minor: int = 2_000_000
    """Judgement: 20 000 ₸, below which no officer's look is worth while."""
    min_passed_permille: int = 700
    """Judgement: most of the month's; REQ-39: a drop keeps a tenth, and some waits or is spent."""
    max_passed_permille: int = 1_200
    """Judgement: beyond it the account's other money is leaving too, as a shop's does."""
    known_after_us: int = 7 * legs.DAY_US
    """Judgement: a counterparty of a week ago is no stranger; rings change drops sooner."""
    max_named: int = 20
    """Accounts named in the evidence, at most."""


SESSIONS = ("source", "at_us", "holder", "account", "device", "outcome")
EVIDENCE = (
    "currency", "holders", "accounts", "passing", "received_minor", "passed_minor", "device",
    "first_us", "last_us",
)  # fmt: skip
DEVICE = ("source", "device", "from_us")


@detector(
    "chains.accounts_on_one_device",
    reads={"session": SESSIONS, "payment": legs.READS},
    params=Params(),
    shares=(legs,),
)
def accounts_on_one_device(sessions: Table, payments: Table, p: Params) -> Table:
    """Account and month that passed money on beside others on its device."""
    used = _used(sessions, p)
    moves = legs.of(payments, p.received_by, p.passed_by, used.select("account").distinct())
    passing = _passing(legs.strangers(moves, p.known_after_us), p)
    both = used.inner_join(passing, ["account", "from_us"])
    devices = (
        both.group_by(*DEVICE)
        .agg(passing=_.account.nunique(), who=_.holder.nunique())
        .filter(_.who >= p.min_holders, _.passing >= 2)
    )
    found = both.inner_join(devices, DEVICE).mutate(
        score=least(1.0, _.passing.cast("float64") / p.full_passing)
    )
    place = ibis.row_number().over(
        group_by=["account", "from_us"],
        order_by=[_.passing.desc(), _.received_minor.desc(), _.currency, _.source, _.device,
                  _.holder],
    )  # fmt: skip
    return legs.finding(found.mutate(place=place).filter(_.place == 0), MONTH_US, EVIDENCE)


def _used(sessions: Table, p: Params) -> Table:
    """Device, month, account and who entered it, of devices with several people."""
    entered = sessions.filter(
        _.outcome == "signed_in", _.device.notnull(), _.account.notnull(), _.holder.notnull()
    ).mutate(from_us=_.at_us - _.at_us % MONTH_US)
    devices = entered.group_by(*DEVICE).agg(
        holders=_.holder.nunique(),
        accounts=_.account.collect(distinct=True).sort()[: p.max_named],
    )
    shared = devices.filter(_.holders >= p.min_holders, _.holders <= p.max_holders)
    each = entered.group_by(*DEVICE, "account", "holder").agg(
        first_us=_.at_us.min(), last_us=_.at_us.max()
    )
    return each.inner_join(shared, DEVICE)


def _passing(moves: Table, p: Params) -> Table:
    """Account and month whose strangers' money went on."""
    months = moves.group_by("account", "currency", from_us=_.at_us - _.at_us % MONTH_US).agg(
        received_minor=_.amount.sum(where=_.inward).fill_null(0),
        passed_minor=_.amount.sum(where=~_.inward).fill_null(0),
    )
    return months.filter(
        _.received_minor >= p.min_received_minor,
        legs.at_least(_.passed_minor, _.received_minor, p.min_passed_permille),
        ~legs.at_least(_.passed_minor, _.received_minor, p.max_passed_permille + 1),
    )

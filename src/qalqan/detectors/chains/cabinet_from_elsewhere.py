"""An entrepreneur's cabinet is entered from a device that is not its owner's, and strangers' money
passes through it (REQ-65, 66).

Owners rent unused cabinets out; the tenant works from a device of his own. Who is an entrepreneur
is known from SIM registrations, which tell the kind of their holder. Quiet on

- the owner's new telephone: customers' and suppliers' money goes on as before;
- a bookkeeper: takings by card and known suppliers are no strangers' money;
- cabinets first seen now: nobody knows what their owner's device is.

The window is the UTC day of the first entry from that device and the two days after. The score is
the share passed on, a half of it if no other holder's cabinet was entered from the device.
"""

from dataclasses import dataclass

import ibis
from ibis import Table, _, ifelse

from qalqan.detectors import legs
from qalqan.detectors.base import detector


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    holder_kinds: tuple[str, ...] = ("sole_trader", "company")
    """REQ-65, 91: entrepreneurs' cabinets, accounts of legal entities and sole traders."""
    received_by: tuple[str, ...] = ("transfer", "wallet", "crypto")
    """Instruments of a stranger's money; REQ-39: the victim transfers."""
    passed_by: tuple[str, ...] = ("transfer", "cash_out", "wallet", "crypto")
    """Ways out; REQ-39: cash, or transfer to banks, e-wallets, abroad, crypto."""
    owner_since_us: int = 7 * legs.DAY_US
    """Judgement: the device that was there a week before is the owner's."""
    active_days: int = 3
    """Judgement: a tenant pays by the day and uses the cabinet at once."""
    min_received_minor: int = 2_000_000
    """Judgement: 20 000 ₸, below which no officer's look is worth while."""
    min_passed_permille: int = 500
    """Judgement: half; REQ-39: a drop keeps a tenth, and what waits has not left yet."""
    known_after_us: int = 7 * legs.DAY_US
    """Judgement: a counterparty of a week ago is no stranger; rings change drops sooner."""


SESSIONS = ("source", "at_us", "holder", "account", "device", "ip", "outcome")
SUBSCRIPTIONS = ("holder", "holder_kind")
EVIDENCE = (
    "currency", "received_minor", "passed_minor", "payers", "other_holders", "device", "ip",
    "entered_us", "last_us",
)  # fmt: skip


@detector(
    "chains.cabinet_from_elsewhere",
    reads={"session": SESSIONS, "payment": legs.READS, "subscription": SUBSCRIPTIONS},
    params=Params(),
    shares=(legs,),
)
def cabinet_from_elsewhere(
    sessions: Table, payments: Table, subscriptions: Table, p: Params
) -> Table:
    """Cabinet and day of the first entry from a strange device, with what passed then."""
    entered = sessions.filter(
        _.outcome == "signed_in", _.device.notnull(), _.account.notnull(), _.holder.notnull()
    )
    firms = subscriptions.filter(_.holder_kind.isin(p.holder_kinds)).select("holder").distinct()
    strange = _strange(entered.semi_join(firms, "holder"), entered, p)
    moves = legs.of(payments, p.received_by, p.passed_by, strange.select("account").distinct())
    found = _passing(legs.strangers(moves, p.known_after_us), strange, p)
    return legs.finding(
        legs.best(found, "account", "from_us"), p.active_days * legs.DAY_US, EVIDENCE
    )


def _strange(cabinets: Table, entered: Table, p: Params) -> Table:
    """Cabinet and first entry from each device that was new to it."""
    devices = cabinets.group_by("source", "account", "device").agg(
        entered_us=_.at_us.min(), ip=_.ip.min().fill_null("")
    )
    earliest = _.entered_us.min().over(group_by=["source", "account"])
    new = devices.mutate(since_us=earliest).filter(_.entered_us - _.since_us >= p.owner_since_us)
    others = entered.group_by("source", "device").agg(holders=_.holder.nunique())
    known = new.inner_join(others, ["source", "device"])
    days = known.mutate(
        from_us=_.entered_us - _.entered_us % legs.DAY_US, other_holders=_.holders - 1
    )
    place = ibis.row_number().over(
        group_by=["account", "from_us"],
        order_by=[_.other_holders.desc(), _.entered_us, _.source, _.device],
    )
    return days.mutate(place=place).filter(_.place == 0).drop("place", "source", "since_us")


def _passing(moves: Table, strange: Table, p: Params) -> Table:
    """What strangers brought and what went on from the day of the entry."""
    joined = moves.inner_join(strange, "account").filter(
        _.day_us >= _.from_us, _.day_us < _.from_us + p.active_days * legs.DAY_US
    )
    keys = ("account", "currency", "from_us", "device", "ip", "other_holders", "entered_us")
    days = joined.group_by(*keys).agg(
        received_minor=_.amount.sum(where=_.inward).fill_null(0),
        passed_minor=_.amount.sum(where=~_.inward).fill_null(0),
        payers=_.other.nunique(where=_.inward),
        last_us=_.at_us.max(),
    )
    return days.filter(
        _.received_minor >= p.min_received_minor,
        legs.at_least(_.passed_minor, _.received_minor, p.min_passed_permille),
    ).mutate(
        score=legs.share(_.passed_minor, _.received_minor) * ifelse(_.other_holders > 0, 1.0, 0.5)
    )

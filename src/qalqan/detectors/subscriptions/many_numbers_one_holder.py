"""One holder has more telephone numbers than the law lets one person have (REQ-50).

Numbers in bulk on a dealer's or a stranger's name hide who really uses them. The count is of
numbers held at the end of a day (UTC): each belongs to the holder of its latest event, and a
deactivation frees it. A day counts if a number was activated on it, so that numbers held from
before a limit came into force, and merely kept, are not held against anyone. Persons, sole
traders and companies are counted apart: a company has its staff's numbers, and the law's limit
is for people.

The window is the calendar month (UTC) of the activations; the evidence tells the highest count
of the month. Which number is a holder's limit on a date is data (`LIMITS`).
"""

from dataclasses import dataclass
from datetime import datetime

import ibis
from ibis import Table, _, ifelse, least

from qalqan.detectors.base import detector

DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Limit:
    """At most `numbers` for one holder from a date on; none where no number is known."""

    holder_kind: str
    valid_from: str
    """Midnight in Almaty of this ISO date."""
    numbers: int | None
    basis: str
    """law, or judgement."""
    source: str

    @property
    def valid_from_us(self) -> int:
        """UTC microseconds; the country keeps UTC+5 since March 2024."""
        return int(datetime.fromisoformat(f"{self.valid_from}T00:00+05:00").timestamp()) * 1_000_000


LIMITS = (
    Limit("person", "2018-05-23", None, "law", "order 226 of 23.05.2018; no number known here"),
    Limit("person", "2025-11-18", 10, "law", "ten numbers a person, press; a lawyer must confirm"),
    Limit("sole_trader", "2018-05-23", 50, "judgement", "no number known"),
    Limit("company", "2018-05-23", 1_000, "judgement", "no number known"),
)
"""Effective-dated: a later row of the same kind of holder replaces an earlier one. Before 18
November 2025 no number for persons is known to us, so nothing is said about them."""


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    limits: tuple[Limit, ...] = LIMITS
    """REQ-50, by date and kind of holder; each row names its source."""
    times_limit_for_full_score: int = 5
    """Judgement: five times the limit is a SIM-box, not a large family."""
    max_named: int = 40
    """Numbers and dealers named in the evidence, at most."""


READS = (
    "id", "source", "at_us", "day", "event", "phone", "holder", "holder_kind", "dealer",
    "biometric",
)  # fmt: skip


@detector("subscriptions.many_numbers_one_holder", reads={"subscription": READS}, params=Params())
def many_numbers_one_holder(subscriptions: Table, p: Params) -> Table:
    """Holder and month with more numbers at the end of a day than the limit of that day."""
    changes = _changes(_owners(subscriptions))
    months = _over(_held(changes), p)
    found = months.inner_join(_activations(changes, months, p), ["holder", "holder_kind", "month"])
    full = found.allowed * (p.times_limit_for_full_score - 1)
    return found.select(
        subject_kind=found.holder_kind,
        subject=found.holder,
        score=least(1.0, (found.held - found.allowed) / full),
        window_from_us=_microseconds(found.month),
        window_to_us=_microseconds((found.month + ibis.interval(days=31)).truncate("M")),
        evidence=ibis.struct({name: found[name] for name in EVIDENCE}),
    )


EVIDENCE = (
    "held", "allowed", "basis", "activated", "without_biometrics", "last_us", "dealers", "phones",
)  # fmt: skip


def _microseconds(day: ibis.expr.types.DateValue) -> ibis.expr.types.IntegerValue:
    return day.cast("date").epoch_days().cast("int64") * DAY_US


def _owners(subscriptions: Table) -> Table:
    """Each event with who holds the number after it, and who held it before."""
    sound = subscriptions.filter(_.phone.notnull(), _.holder.notnull(), _.at_us.notnull())
    frees = _.event == "deactivated"
    after = sound.mutate(
        owner=ifelse(frees, "", _.holder), owner_kind=ifelse(frees, "", _.holder_kind)
    )
    events = ibis.window(group_by="phone", order_by=["at_us", _.owner != "", "source", "id"])
    return after.mutate(
        before=_.owner.lag().over(events).fill_null(""),
        before_kind=_.owner_kind.lag().over(events).fill_null(""),
    ).filter((_.owner != _.before) | (_.owner_kind != _.before_kind))


def _changes(owners: Table) -> Table:
    """One row for each number gained and each number lost."""
    kept = {name: owners[name] for name in ("phone", "dealer", "biometric", "at_us", "day")}
    gained = owners.select(
        **kept, holder=_.owner, holder_kind=_.owner_kind, numbers=ibis.literal(1, "int64")
    )
    lost = owners.select(
        **kept, holder=_.before, holder_kind=_.before_kind, numbers=ibis.literal(-1, "int64")
    )
    return gained.union(lost).filter(_.holder != "").mutate(month=_.day.truncate("M").cast("date"))


def _held(changes: Table) -> Table:
    """Numbers held at the end of each day on which the holder's count could change."""
    days = changes.group_by("holder", "holder_kind", "month", "day").agg(
        net=_.numbers.sum(), gained_us=_.at_us.max(where=_.numbers > 0)
    )
    so_far = ibis.window(group_by=["holder", "holder_kind"], order_by="day", rows=(None, 0))
    return days.mutate(held=_.net.sum().over(so_far)).filter(_.gained_us.notnull())


def _over(days: Table, p: Params) -> Table:
    """Months with a day over the limit that held on it."""
    newest = sorted(p.limits, key=lambda row: row.valid_from_us, reverse=True)
    holds = [
        ((_.holder_kind == row.holder_kind) & (_.gained_us >= row.valid_from_us), row)
        for row in newest
    ]
    limited = days.mutate(
        allowed=ibis.cases(*((when, ibis.literal(row.numbers, "int64")) for when, row in holds)),
        basis=ibis.cases(*((when, row.basis) for when, row in holds)),
    ).filter(_.held > _.allowed)
    return limited.group_by("holder", "holder_kind", "month").agg(
        held=_.held.max(), allowed=_.allowed.max(), basis=_.basis.max()
    )


def _activations(changes: Table, months: Table, p: Params) -> Table:
    """What the holder gained in those months, by whom and how."""
    gained = changes.filter(_.numbers > 0).semi_join(months, ["holder", "holder_kind", "month"])
    return gained.group_by("holder", "holder_kind", "month").agg(
        activated=_.phone.nunique(),
        without_biometrics=(~_.biometric).sum().fill_null(0),
        last_us=_.at_us.max(),
        dealers=_.dealer.collect(distinct=True).sort()[: p.max_named],
        phones=_.phone.collect(distinct=True).sort()[: p.max_named],
    )

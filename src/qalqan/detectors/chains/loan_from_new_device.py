"""A loan is asked for from a device that the borrower has not been seen with (REQ-30).

Whoever applies in a victim's name seldom holds the victim's own telephone. The rule and its
thresholds are those of the screen of loans (`loans.new_device`). Quiet on

- devices of the person's earlier sessions and applications;
- persons of whom nothing is known yet, and applications that name no device;
- a new telephone that has been used for a while before the loan.

Banks mark devices each in their own way: a person's devices are compared within one source, and
only where that source has told of the person before. The window is the UTC day of the
application. A weak sign by itself: the score is a quarter, more the longer the person was known
and the more people's loans came from the device.
"""

from dataclasses import dataclass

import ibis
from ibis import Table, _, least

from qalqan.detectors.base import detector
from qalqan.screening import loans

DAY_US = 86_400_000_000
SCREEN = loans.LoanParams()


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    device_memory_us: int = SCREEN.device_memory_us
    """Judgement: the screen's; a device not seen with the person for so long is new again."""
    settled_us: int = DAY_US
    """Judgement: a telephone used for a day before the loan is the person's by then."""
    full_others: int = 2
    """Judgement: loans of two other people from the same device leave no innocent reading."""
    max_facts: int = 40
    """Applications named in the evidence, at most."""


LOANS = ("id", "source", "at_us", "applicant", "amount", "currency", "device", "decision")
SESSIONS = ("source", "at_us", "holder", "device", "outcome")
EVIDENCE = ("currency", "asked_minor", "applications", "granted", "known_devices",
            "other_applicants", "first_us", "facts")  # fmt: skip
PERSON = ("source", "person")


@detector(
    "chains.loan_from_new_device",
    reads={"loan": LOANS, "session": SESSIONS},
    params=Params(),
    shares=(loans,),
)
def loan_from_new_device(applications: Table, sessions: Table, p: Params) -> Table:
    """Person and day with an application from a device new to the person."""
    asked = applications.mutate(person=_.applicant).filter(_.device.notnull(), _.at_us.notnull())
    asked = asked.filter(_.person.notnull(), _.source.notnull(), _.currency.notnull())
    new = _new(asked, _seen(asked, sessions), p)
    days = new.group_by("person", "currency", from_us=_.at_us - _.at_us % DAY_US).agg(
        asked_minor=_.amount.sum().fill_null(0),
        applications=_.id.count(),
        granted=(_.decision == "granted").sum().fill_null(0),
        known_devices=_.known_devices.max(),
        other_applicants=_.other_applicants.max(),
        first_us=_.at_us.min(),
        facts=(_.source + ":" + _.id).collect().sort()[: p.max_facts],
    )
    place = ibis.row_number().over(
        group_by=["person", "from_us"], order_by=[_.asked_minor.desc(), _.currency]
    )
    top = days.mutate(place=place).filter(_.place == 0)
    return top.select(
        subject_kind=ibis.literal("person"),
        subject=_.person,
        score=0.25 + 0.75 * least(1.0, _.other_applicants.cast("float64") / p.full_others),
        window_from_us=_.from_us,
        window_to_us=_.from_us + DAY_US,
        evidence=ibis.struct({name: top[name] for name in EVIDENCE}),
    )


def _seen(asked: Table, sessions: Table) -> Table:
    """When each person was seen with each device at one source."""
    entered = sessions.filter(
        _.outcome == "signed_in", _.device.notnull(), _.holder.notnull(), _.at_us.notnull()
    ).select("source", "at_us", "device", person="holder")
    return entered.union(asked.select("source", "at_us", "device", "person"))


def _new(asked: Table, seen: Table, p: Params) -> Table:
    """Applications whose device was new to a person whom the source knew by then."""
    earlier = (
        asked.select("id", "source", "person", "at_us", "device")
        .inner_join(seen.select("source", "person", was_us="at_us", had="device"), PERSON)
        .filter(_.was_us < _.at_us, _.at_us - _.was_us <= p.device_memory_us)
    )
    known = earlier.group_by("source", "id").agg(
        known_devices=_.had.nunique(where=_.had != _.device),
        same_us=_.was_us.min(where=_.had == _.device),
    )
    owners = seen.group_by("source", "device").agg(people=_.person.nunique())
    joined = asked.inner_join(known, ["source", "id"]).inner_join(owners, ["source", "device"])
    fresh = _.same_us.isnull() | (_.at_us - _.same_us < p.settled_us)
    return joined.filter(_.known_devices > 0, fresh).mutate(other_applicants=_.people - 1)

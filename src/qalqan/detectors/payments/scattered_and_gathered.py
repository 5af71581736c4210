"""One account's money goes out over several others and comes together again (REQ-39, 42).

Splitting a sum over drops who each pass it on to the same place hides where it goes from every
bank that sees one of them; who gathers it stands above them. An intermediary counts if he
was new to both sides and paid on within days of being paid. Quiet on

- wages and takings: neither is a transfer between strangers;
- friends who pay a common bill: their payments answer no receipts from one account;
- tills and money-changers with many payments a day, and sums that don't belong together.

The subject is the account that gathers; the window the 30 days (counted from 1970) of the last
arrival. The score grows with the number of intermediaries and with how many of
them passed the sum on as it came, less what a drop keeps; it ranks and is no probability.
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

    instruments: tuple[str, ...] = ("transfer", "wallet")
    """REQ-39: transfers to banks and electronic accounts."""
    within_us: int = 10 * legs.DAY_US
    """Judgement: in the schemes of the AMLSim set the money is on its way for up to eleven days."""
    min_between: int = 3
    """Judgement: two ways may be chance; three are a plan."""
    full_between: int = 6
    """Judgement: a full score; more make no difference to an officer."""
    min_passed_permille: int = 600
    """Judgement: of all that was scattered; they may keep some back or spend it."""
    max_passed_permille: int = 1_500
    """Judgement: beyond it the gathered money is mostly other money."""
    min_like_permille: int = 850
    """REQ-39: a drop keeps up to 10 %; judgement: up to 5 % more goes on fees and rounding. Who
    passes such a sum on raises the score."""
    known_after_us: int = 7 * legs.DAY_US
    """Judgement: a counterparty of a week ago is no stranger; rings change drops sooner."""
    max_a_day: int = 20
    """Judgement: more payments of strangers a day make a till or a money-changer."""
    max_named: int = 20
    """Intermediaries named in the evidence, at most."""


EVIDENCE = (
    "currency", "scattering", "between", "like", "intermediaries", "scattered_minor",
    "gathered_minor", "longest_span_us", "first_us", "last_us",
)  # fmt: skip


@detector(
    "payments.scattered_and_gathered",
    reads={"payment": legs.READS},
    params=Params(),
    shares=(legs,),
)
def scattered_and_gathered(payments: Table, p: Params) -> Table:
    """Account and month that gathered what another had scattered."""
    moves = legs.strangers(legs.of(payments, p.instruments, p.instruments), p.known_after_us)
    calm = legs.calm(moves.filter(_.other.notnull()), p.max_a_day)
    relays = legs.relays(calm, p.within_us).filter(_.scattering != _.gathering)
    relays = relays.mutate(from_us=_.left_us - _.left_us % MONTH_US)
    like = legs.at_least(_.amount, _.came, p.min_like_permille) & (_.amount <= _.came)
    ways = relays.group_by("scattering", "gathering", "currency", "from_us").agg(
        between=_.account.nunique(),
        like=_.account.nunique(where=like),
        intermediaries=_.account.collect(distinct=True).sort()[: p.max_named],
        scattered_minor=_.came.sum(),
        gathered_minor=_.amount.sum(),
        longest_span_us=(_.left_us - _.came_us).max(),
        first_us=_.came_us.min(),
        last_us=_.left_us.max(),
    )
    many = ways.filter(
        _.between >= p.min_between,
        legs.at_least(_.gathered_minor, _.scattered_minor, p.min_passed_permille),
        ~legs.at_least(_.gathered_minor, _.scattered_minor, p.max_passed_permille + 1),
    )
    crowd = least(1.0, _.between.cast("float64") / p.full_between)
    scored = many.mutate(
        account=_.gathering, score=crowd * (0.5 + 0.5 * legs.share(_.like, _.between))
    )
    place = ibis.row_number().over(
        group_by=["account", "from_us"],
        order_by=[_.between.desc(), _.gathered_minor.desc(), _.currency, _.scattering],
    )
    top = scored.mutate(place=place).filter(_.place == 0)
    return legs.finding(top, MONTH_US, EVIDENCE)

"""A loan is to be paid out to an account that is not the borrower's (REQ-30).

Who holds an account is read from payments that name its holder and from sessions in its cabinet.
The rule is that of the screen of loans (`loans.payout_to_other`). Quiet on

- the borrower's own accounts, also where others have used them too;
- accounts whose holder nobody has named;
- sellers paid by the lender itself: an account to which loans of many borrowers go is a shop's.

The window is the UTC day of the application. The score is a half, one if the loan was granted.
"""

from dataclasses import dataclass

import ibis
from ibis import Table, _, ifelse

from qalqan.detectors.base import detector
from qalqan.screening import loans

DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    max_borrowers: int = 10
    """Judgement: purchases on credit go to the seller's account; a drop takes a few loans."""
    max_facts: int = 40
    """Applications named in the evidence, at most."""


LOANS = ("id", "source", "at_us", "applicant", "amount", "currency", "payout_account", "decision")
SESSIONS = ("holder", "account", "outcome")
PAYMENTS = ("payer_account", "payee_account", "payer_holder", "payee_holder")
EVIDENCE = ("currency", "asked_minor", "applications", "granted", "borrowers", "accounts",
            "first_us", "facts")  # fmt: skip


@detector(
    "chains.loan_paid_to_another",
    reads={"loan": LOANS, "session": SESSIONS, "payment": PAYMENTS},
    params=Params(),
    shares=(loans,),
)
def loan_paid_to_another(applications: Table, sessions: Table, payments: Table, p: Params) -> Table:
    """Person and day with an application whose money goes to another's account."""
    asked = applications.filter(
        _.payout_account.notnull(), _.applicant.notnull(), _.at_us.notnull(), _.currency.notnull()
    )
    others = _to_another(asked, _holders(asked, sessions, payments), p)
    days = others.group_by("applicant", "currency", from_us=_.at_us - _.at_us % DAY_US).agg(
        asked_minor=_.amount.sum().fill_null(0),
        applications=_.id.count(),
        granted=(_.decision == "granted").sum().fill_null(0),
        borrowers=_.borrowers.max(),
        accounts=_.payout_account.collect(distinct=True).sort()[: p.max_facts],
        first_us=_.at_us.min(),
        facts=(_.source + ":" + _.id).collect().sort()[: p.max_facts],
    )
    place = ibis.row_number().over(
        group_by=["applicant", "from_us"], order_by=[_.asked_minor.desc(), _.currency]
    )
    top = days.mutate(place=place).filter(_.place == 0)
    return top.select(
        subject_kind=ibis.literal("person"),
        subject=_.applicant,
        score=ifelse(_.granted > 0, 1.0, 0.5),
        window_from_us=_.from_us,
        window_to_us=_.from_us + DAY_US,
        evidence=ibis.struct({name: top[name] for name in EVIDENCE}),
    )


def _holders(asked: Table, sessions: Table, payments: Table) -> Table:
    """Account and holder, of accounts that a loan is to go to, by anybody's word."""
    told = ibis.union(
        payments.select(account="payer_account", holder="payer_holder"),
        payments.select(account="payee_account", holder="payee_holder"),
        sessions.filter(_.outcome == "signed_in").select("account", "holder"),
    )
    wanted = asked.select(account="payout_account").distinct()
    named = told.filter(_.account.notnull(), _.holder.notnull()).semi_join(wanted, "account")
    return named.distinct()


def _to_another(asked: Table, holders: Table, p: Params) -> Table:
    """Applications whose payout account has holders, and the borrower is none of them."""
    borrowers = asked.group_by("payout_account").agg(borrowers=_.applicant.nunique())
    few = asked.inner_join(borrowers.filter(_.borrowers <= p.max_borrowers), "payout_account")
    named = holders.select(payout_account="account", applicant="holder")
    held = few.semi_join(named.select("payout_account"), "payout_account")
    return held.anti_join(named, ["payout_account", "applicant"])

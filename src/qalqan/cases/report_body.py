"""What a reporting channel sends, checked: every value in its one form (REQ-16, 17, 33, 88)."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from qalqan.cases import ages, codes, entities
from qalqan.cases.entities import IdentifierIn
from qalqan.errors import InputRejected
from qalqan.model.identifiers import account as accounts
from qalqan.model.identifiers import iin
from qalqan.model.money import MAX_MINOR, MINOR_DIGITS


class ReportIn(BaseModel):
    """What a reporting channel sends; sums in minor units, times UTC microseconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    methods: list[str] = Field(min_length=1, max_length=10)
    region: str
    cause: str | None = None
    language: str = Field(pattern="^(kk|ru|en)$")
    victim_iin: str = Field(max_length=40)
    words: str | None = Field(default=None, max_length=20_000)
    payer_account: str = Field(max_length=100)
    payee_account: str | None = Field(default=None, max_length=100)
    amount: StrictInt
    currency: str = "KZT"
    crime_us: StrictInt
    discovered_us: StrictInt
    reported_us: StrictInt
    victim_name: str | None = Field(default=None, max_length=200)
    identifiers: list[IdentifierIn] = Field(default_factory=list, max_length=30)
    """What else the victim can name: callers' numbers, links, cards, handles."""


@dataclass(frozen=True)
class Checked:
    """The values of a report in their canonical forms."""

    methods: tuple[str, ...]
    victim: str
    payer_account: str
    payer_bank: str
    payee_account: str | None
    age: str | None
    """Band of the victim's age at the crime (REQ-71)."""


def check(body: ReportIn, now: int) -> Checked:
    """Canonical values, or `InputRejected`."""
    check_times(body.crime_us, body.discovered_us, body.reported_us, now)
    codes.check_region(body.region)
    codes.check_cause(body.cause, now)
    for place, each in enumerate(body.identifiers):
        entities.canonical(each.kind, each.value, f"identifiers[{place}].value")
    if not 0 < body.amount <= MAX_MINOR:
        raise InputRejected("amount", body.amount, "report.positive")
    if body.currency not in MINOR_DIGITS:
        raise InputRejected("currency", body.currency, "report.currency")
    payer = accounts.canonical(body.payer_account, field="payer_account")
    payee = body.payee_account
    if not payer.bank_code:
        raise InputRejected("payer_account", body.payer_account, "report.own_bank")
    if payee is not None:
        payee = accounts.canonical(payee, field="payee_account").text
    if payee == payer.text:
        raise InputRejected("payee_account", body.payee_account, "order.other_account")
    victim = iin.canonical(body.victim_iin, field="victim_iin")
    return Checked(
        methods=codes.check_methods(body.methods, now),
        victim=victim.text,
        payer_account=payer.text,
        payer_bank=payer.bank_code,
        payee_account=payee,
        age=ages.band(victim.born, body.crime_us),
    )


def check_times(crime_us: int, discovered_us: int, reported_us: int, now: int) -> None:
    """Crime, then its discovery, then the report, none of them in the future (REQ-16).

    Raises:
        InputRejected: another order, or a crime before the year 2000.
    """
    if crime_us < codes.FIRST_US:
        raise InputRejected("crime_us", crime_us, "report.year")
    if discovered_us < crime_us:
        raise InputRejected("discovered_us", discovered_us, "report.discovered_after_crime")
    if reported_us < discovered_us:
        raise InputRejected("reported_us", reported_us, "report.reported_after_discovery")
    if reported_us > now:
        raise InputRejected("reported_us", reported_us, "report.not_in_future")

"""What somebody needs in whose name a loan was taken: a letter to the lender, and what to do
next, voluntary refusal of credit among it (REQ-30, 31).

The letter asks; it claims no right that the law might not give. Names stay blank, to be written
by hand: the centre need not learn them for this. Sources are named on the letter's second page:
the financial regulator's public instruction of 29 September 2025, the law of 19 June 2024
№ 97-VIII, articles 71 and 200 of the Code of Criminal Procedure. No lawyer has confirmed it.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints

from qalqan.errors import InputRejected
from qalqan.exchange.letter import Letter, Part
from qalqan.model.money import MAX_MINOR, MINOR_DIGITS
from qalqan.text import show
from qalqan.text.catalogue import say

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
HOW = ("remote", "deceived", "unknown")
"""Somebody steered the device; the borrower was deceived; he knew nothing of it."""
ASKED = ("number", "stop", "records", "keep", "history", "write_off")
ADVICE = ("lender", "police", "paper", "refuse", "history", "regulator")


class LoanDispute(BaseModel):
    """What the letter says; nothing of it is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Literal["kk", "ru", "en"]
    lender: Annotated[Line, Field(min_length=1)]
    reference: Line = ""
    """Of the contract or application, if the writer knows it."""
    day: date
    amount: StrictInt | None = None
    """Minor units, if known."""
    currency: str = "KZT"
    how: Literal["remote", "deceived", "unknown"]
    case: Line = ""
    """Number that the police or the centre gave."""


def letter(told: LoanDispute, today: date) -> Letter:
    """The letter in its writer's language.

    Raises:
        InputRejected: a sum that can't be, or a day that has not come.
    """
    _check(told, today)
    language = told.language

    def words(key: str, **values: object) -> str:
        return say(f"letter.loan.{key}", language, **values)

    facts = [words("taken", day=show.day(told.day, language), sum=_sum(told))]
    if told.reference:
        facts.append(words("reference", reference=told.reference))
    facts.append(words(f"how.{told.how}"))
    facts.append(words("case", case=told.case) if told.case else words("no_case"))
    return Letter(
        language=language,
        to=words("to", lender=told.lender),
        by=[words(f"by.{name}") for name in ("name", "iin", "phone")],
        title=words("title"),
        body=[
            Part(" ".join(facts)),
            Part(words("ask"), [words(f"asked.{name}") for name in ASKED]),
            Part(words("annex")),
        ],
        sign=[words("date"), words("signature")],
        advice_title=words("next"),
        advice=[Part(words("hurry"), [words(f"advice.{name}") for name in ADVICE])],
        source=words("source"),
    )


def _check(told: LoanDispute, today: date) -> None:
    if told.currency not in MINOR_DIGITS:
        raise InputRejected("currency", told.currency, "report.currency")
    if told.amount is not None and not 0 < told.amount <= MAX_MINOR:
        raise InputRejected("amount", told.amount, "report.positive")
    if told.day > today:
        raise InputRejected("day", told.day.isoformat(), "report.not_in_future")
    if told.day.year < 2000:
        raise InputRejected("day", told.day.isoformat(), "report.year")


def _sum(told: LoanDispute) -> str:
    if told.amount is None:
        return say("letter.loan.unknown_sum", told.language)
    return show.money(told.amount, told.currency, told.language)

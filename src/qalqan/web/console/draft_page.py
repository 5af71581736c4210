"""An order drafted by an officer: the kind first, then a short form, then whom it may harm
(REQ-19, 44). Three plain pages; nothing is kept before the last button."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from qalqan import clock
from qalqan.cases import choices, drafting, harm
from qalqan.cases.choices import Act, Choice
from qalqan.cases.drafting import MOST_WORDS, Wish
from qalqan.cases.opening import Sealed, sealed
from qalqan.cases.policy import current
from qalqan.cases.reasons import shown
from qalqan.cases.subjects import SUBJECTS
from qalqan.clock import HOUR
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.exchange.sums import exact
from qalqan.model.money import MINOR_DIGITS
from qalqan.model.order import Asked
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.refusal import expectation
from qalqan.web.access import (
    FormOfficer,
    ThePageOfficer,
    database_of,
    keys_of,
    language_of,
)
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.errors import problem_of

router = APIRouter(include_in_schema=False)

FIELDS = (
    "target", "partner", "ground", "words", "subject_kind", "subject", "amount", "term", "key",
)  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """A choice as the form shows it."""

    choice: Choice
    account: Sealed | None


@router.get("/cases/{case_id}/orders/new")
def ask(
    request: Request, officer: ThePageOfficer, case_id: str, act: str = "", target: str = ""
) -> HTMLResponse:
    """Ask for the kind, then for what it needs."""
    if act not in set(Act):
        return _kinds(request, officer, case_id)
    given = dict.fromkeys(FIELDS, "") | {"target": target, "key": secrets.token_urlsafe(16)}
    return _form(request, officer, case_id, Act(act), given, ())


def _kinds(request: Request, officer: SignedIn, case_id: str) -> HTMLResponse:
    with database_of(request).session() as session:
        rights.check_case(session, officer, Right.DRAFT, case_id)
        acts = [act for act in Act if act in drafting.acts_of(officer)]
        found = choices.all_offered(session, case_id, acts, clock.now_us())
        ready = {act: act in SUBJECTS or len(found.get(act, ())) for act in acts}
    return page(request, "draft_kind.html", officer, case_id=case_id, ready=ready)


def filled(
    target: Field = "",
    partner: Field = "",
    ground: Field = "",
    words: Annotated[str, Form(max_length=4000)] = "",
    subject_kind: Field = "",
    subject: Annotated[str, Form(max_length=5000)] = "",
    amount: Field = "",
    term: Field = "",
    key: Field = "",
) -> dict[str, str]:
    """What the form says, as it was written."""
    return {
        "target": target, "partner": partner, "ground": ground, "words": words, "key": key,
        "subject_kind": subject_kind, "subject": subject, "amount": amount, "term": term,
    }  # fmt: skip


@router.post("/cases/{case_id}/orders/new")
def draft(
    request: Request,
    officer: FormOfficer,
    case_id: str,
    given: Annotated[dict[str, str], Depends(filled)],
    act: Field,
    step: Field = "check",
    asked: Annotated[list[str], Form(max_length=20)] = [],  # noqa: B006
) -> Response:
    """Check what was filled in, show whom it may harm, and draft it with the last button."""
    if act not in set(Act):
        return _kinds(request, officer, case_id)
    if step == "back":
        return _form(request, officer, case_id, Act(act), given, asked)
    try:
        wish = _wish(Act(act), given, asked, _currency(request, case_id, Act(act), given["target"]))
        if step == "draft":
            return _drafted(request, officer, case_id, wish, given["key"])
        return _checked(request, officer, case_id, wish, given)
    except InputRejected as error:
        problem = (error.field, expectation(error.expected, language_of(request), error.params))
        return _form(request, officer, case_id, Act(act), given, asked, 422, problem)
    except Conflict as error:
        told = problem_of(error, language_of(request))
        problem = ("", str(told.error["message"]))
        return _form(request, officer, case_id, Act(act), given, asked, told.status, problem)


def _currency(request: Request, case_id: str, act: Act, target: str) -> str | None:
    with database_of(request).session() as session:
        found = choices.offered(session, case_id, act, clock.now_us())
    return next((each.currency for each in found if each.key == target), None)


def _wish(act: Act, given: Mapping[str, str], asked: list[str], currency: str | None) -> Wish:
    """What the form asks for.

    Raises:
        InputRejected: a sum or a number of hours that is none.
    """
    return Wish(
        act=act,
        ground=given["ground"],
        words=given["words"],
        target=given["target"],
        partner=given["partner"],
        subject=given["subject"].strip(),
        subject_kind=given["subject_kind"],
        amount=amount_of(given["amount"].strip(), currency),
        term_us=_term(given["term"].strip()),
        asked=tuple(asked),
    )


def amount_of(text: str, currency: str | None = None) -> int | None:
    """Minor units of a currency, else of tenge; None: all that may be.

    Raises:
        InputRejected: no sum, or finer than the currency is.
    """
    if not text:
        return None
    minor = exact(text, MINOR_DIGITS[currency or "KZT"], "," if "," in text else ".")
    if minor is None:
        raise InputRejected("amount", text, "asked.amount")
    return minor


def _term(text: str) -> int | None:
    if not text:
        return None
    if not (text.isdecimal() and len(text) < 6):
        raise InputRejected("term", text, "number.whole")
    return int(text) * HOUR


def _drafted(
    request: Request, officer: SignedIn, case_id: str, wish: Wish, key: str
) -> RedirectResponse:
    made = drafting.draft(database_of(request), keys_of(request), officer, case_id, wish, key)
    return RedirectResponse(f"/orders/{made.id}?done=draft", 303)


def _checked(
    request: Request, officer: SignedIn, case_id: str, wish: Wish, given: Mapping[str, str]
) -> HTMLResponse:
    seen = harm.preview(database_of(request), keys_of(request), officer, case_id, wish)
    language = language_of(request)
    checks = [(each, shown(each.values, language)) for each in seen.checks]
    account = sealed(seen.order.account) if seen.order.account else None
    return page(
        request, "draft_check.html", officer, case_id=case_id, act=wish.act, order=seen.order,
        need=seen.need, checks=checks, given=given, wish=wish, account=account,
        hours=_hours(seen.order.expires_us, seen.order.created_us),
    )  # fmt: skip


def _hours(until_us: int | None, from_us: int) -> int:
    return 0 if until_us is None else (until_us - from_us) // HOUR


def _form(
    request: Request,
    officer: SignedIn,
    case_id: str,
    act: Act,
    given: Mapping[str, str],
    asked: Any,
    status: int = 200,
    problem: tuple[str, str] = ("", ""),
) -> HTMLResponse:
    now = clock.now_us()
    with database_of(request).session() as session:
        rights.check_case(session, officer, Right.DRAFT, case_id)
        if act not in drafting.acts_of(officer):
            raise NotAllowed(f"draft {act}", "role")
        found = choices.offered(session, case_id, act, now)
        partners = [row.code for row in drafting.addressees(session, act)]
        term = drafting.term(act, current(session, now))
    offers = [Offer(each, sealed(each.account) if each.account else None) for each in found]
    return page(
        request, "draft_order.html", officer, status, case_id=case_id, act=act, given=given,
        asked=tuple(asked), offers=offers, partners=partners, wrong=problem[0],
        problem=problem[1], grounds=drafting.grounds_of(act, now), data=tuple(Asked),
        subjects=SUBJECTS.get(act, ()), longest=MOST_WORDS,
        hours=term and [each // HOUR for each in term],
    )  # fmt: skip

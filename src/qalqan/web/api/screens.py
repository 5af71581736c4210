"""`POST /v1/screen/payments` and `/v1/screen/loans`: may it go out now? (REQ-30, 31, 44, 66, 90)

The answer is a verdict with the rules that decided, their legal grounds, the values they looked
at and the policy's version. The question's `id` is its idempotency key: the same question gets
the same answer again; `Idempotency-Key` takes its place where a bank numbers otherwise.

When the owner of the state is away the answer is `pass` with `"no_state": true` (DESIGN section
7: fails open where something must go through): a fraud centre that is down must not stop a
country's payments. It says so, it is good for no time at all, and it is no verdict on record.
"""

from __future__ import annotations

from collections.abc import Awaitable

from fastapi import Request
from pydantic_core import to_json
from starlette.responses import Response
from starlette.routing import Route

from qalqan import clock
from qalqan.errors import Overfull, Unavailable
from qalqan.metrics import counts
from qalqan.screening.asked import Asked, PaymentAsked
from qalqan.screening.verdict import Answer, Verdict
from qalqan.web.access import callers_of, keys_of, language_of
from qalqan.web.api import screen_bodies
from qalqan.web.api.bodies import idempotency_key, json_bytes, parsed
from qalqan.web.api.screen_bodies import LoanQuestion, PaymentQuestion
from qalqan.web.api.screen_told import told, told_without_state
from qalqan.work.screens.client import Owners


async def payments(request: Request) -> Response:
    """May this payment go out now?"""
    asked = await payment_in(request)
    return await _screened("payments", asked, owners_of(request).payment(asked), request)


async def loans(request: Request) -> Response:
    """May this loan be granted now?"""
    caller = await callers_of(request).of(request, "/v1/screen/loans")
    screen_bodies.check_may_ask(caller)
    given = parsed(LoanQuestion, await json_bytes(request))
    asked = screen_bodies.loan_asked(given, caller, keys_of(request))
    asked = asked._replace(id=_key(request) or asked.id)
    return await _screened("loans", asked, owners_of(request).loan(asked), request)


async def payment_in(request: Request) -> PaymentAsked:
    """The question of a request, from a partner who may ask it."""
    caller = await callers_of(request).of(request, "/v1/screen/payments")
    screen_bodies.check_may_ask(caller)
    given = parsed(PaymentQuestion, await json_bytes(request))
    asked = screen_bodies.payment_asked(given, caller, keys_of(request))
    return asked._replace(id=_key(request) or asked.id)


ROUTES = (
    Route("/v1/screen/payments", payments, methods=["POST"]),
    Route("/v1/screen/loans", loans, methods=["POST"]),
)
"""Plain routes before all others, as the facts' is: they are asked thousands of times a second."""


def owners_of(request: Request) -> Owners:
    """The way to the owners."""
    owners: Owners = request.app.state.owners
    return owners


def _key(request: Request) -> str | None:
    return idempotency_key(request.headers.get("idempotency-key"))


async def _screened(
    screen: str, asked: Asked, deciding: Awaitable[Verdict], request: Request
) -> Response:
    """The owner's verdict; `pass` without state while there is no owner, but 429 while it has too
    much to do: a bank then asks again, and is not told that nobody knows anything.

    Raises:
        Overfull: the owner has too much to do.
    """
    language = language_of(request)
    try:
        verdict = await deciding
    except Overfull:
        raise
    except Unavailable:
        counts().verdicts.labels(screen, "no_state").inc()
        body = told_without_state(Answer.PASS, clock.now_us(), language)
    else:
        counts().verdicts.labels(screen, verdict.answer.word).inc()
        body = told(screen, verdict, asked.currency, language)
    return Response(to_json({"id": asked.id, **body}), media_type="application/json")

"""A refused caller writes to the centre: the page that the signed card names, and the card itself
(RFC 8688; REQ-45).

It works without scripts and without a session. Every letter is answered after the same time,
whatever is known of the number: see `cases.call_appeals` and docs/decisions/0016.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from qalqan import clock
from qalqan.cases import call_appeals
from qalqan.cases.appeals import LEAST_WORDS, MOST_WORDS
from qalqan.cases.call_appeals import MOST_CONTACT, MOST_NETWORK, PLACES, Told
from qalqan.clock import SECOND
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.text.catalogue import say
from qalqan.text.refusal import expectation
from qalqan.text.show import ALMATY
from qalqan.web.access import check_origin, database_of, keys_of, language_of, settings_of
from qalqan.web.console.pages import page
from qalqan.web.proof import caller_of
from qalqan.work.call_tables import card_path

router = APIRouter(include_in_schema=False)

PATH = "/calls/refused"
JOSE = "application/jose"
"""Type of a JWS (RFC 7515, 9.2.1), as RFC 8688 serves the card."""
_EVEN_S = 0.25
"""A letter is answered after so long, which is longer than it takes to keep one."""
_MINUTE = "%Y-%m-%dT%H:%M"
Field = Annotated[str, Form(max_length=400)]
Words = Annotated[str, Form(max_length=MOST_WORDS)]


@router.get("/calls/card")
def card(request: Request) -> Response:
    """The card that Call-Info names, as `qalqan calls card` signed it."""
    try:
        body = card_path(settings_of(request)).read_bytes()
    except FileNotFoundError:
        raise NotFound("card", "calls") from None
    return Response(body, media_type=JOSE, headers={"Cache-Control": "public, max-age=3600"})


@router.get(PATH)
def ask(request: Request) -> HTMLResponse:
    """Ask what call was refused."""
    now = datetime.fromtimestamp(clock.now_us() / SECOND, UTC).astimezone(ALMATY)
    given = {"place": PLACES[0], "about": now.strftime(_MINUTE), "key": secrets.token_urlsafe(16)}
    return _form(request, given)


@router.post(PATH)
async def write(
    request: Request,
    number: Field = "",
    called: Field = "",
    about: Field = "",
    place: Field = "",
    network: Field = "",
    words: Words = "",
    contact: Field = "",
    key: Field = "",
) -> Response:
    """Take the letter, and answer after the same time whatever became of it."""
    since_s = monotonic()
    check_origin(request)
    given = {"number": number, "called": called, "about": about, "place": place,
             "network": network, "words": words, "contact": contact, "key": key}  # fmt: skip
    answer = await run_in_threadpool(_taken, request, given)
    await asyncio.sleep(max(0.0, _EVEN_S - (monotonic() - since_s)))
    return answer


def _taken(request: Request, given: Mapping[str, str]) -> Response:
    language = language_of(request)
    try:
        if any("\x00" in text for text in given.values()):
            raise InputRejected("words", "", "refused.length", least=LEAST_WORDS, most=MOST_WORDS)
        told = Told(
            given["number"], _moment(given["about"]), given["place"], given["words"],
            given["contact"], language, given["called"], given["network"],
        )  # fmt: skip
        made = call_appeals.hand_in(
            database_of(request), keys_of(request), told, call_appeals.PAGE, given["key"],
            caller_of(request).network,
        )  # fmt: skip
    except InputRejected as error:
        problem = expectation(error.expected, language, error.params)
        return _form(request, given, 422, error.field, problem)
    except (Conflict, NotAllowed) as error:
        code, status = ("again", 409) if isinstance(error, Conflict) else ("busy", 429)
        return _form(request, given, status, "form", say(f"refused.{code}", language))
    return page(request, "refused_taken.html", status=201, made=made)


def _moment(text: str) -> int:
    try:
        local = datetime.fromisoformat(text.strip())
        aware = local if local.tzinfo else local.replace(tzinfo=ALMATY)
        return int(aware.timestamp()) * SECOND
    except (ValueError, OverflowError):
        raise InputRejected("about", text, "asked.moment") from None


def _form(
    request: Request, given: Mapping[str, str], status: int = 200, wrong: str = "",
    problem: str = "",
) -> HTMLResponse:  # fmt: skip
    return page(
        request, "refused.html", status=status, given=given, wrong=wrong, problem=problem,
        places=PLACES, longest=MOST_WORDS, longest_contact=MOST_CONTACT,
        longest_network=MOST_NETWORK,
    )  # fmt: skip

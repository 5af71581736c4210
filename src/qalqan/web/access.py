"""Who calls, and in which language: shared by the API and the console (REQ-18, 19).

Programs show a bearer token with each request; a browser shows a cookie, so its POSTs must
prove that they come from our own pages. What a handler needs of the centre hangs on the app.
"""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Form, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from qalqan.errors import NotAllowed, NotFound, QalqanError, Unavailable
from qalqan.register import partner_keys, people
from qalqan.register.database import Database
from qalqan.register.orm import Partner
from qalqan.register.partner_keys import Known
from qalqan.register.people import SignedIn
from qalqan.settings import Settings
from qalqan.text.catalogue import LANGUAGES
from qalqan.trust.keys import Keys
from qalqan.web import cookies
from qalqan.web.forms import check_csrf as check_csrf
from qalqan.web.forms import check_origin as check_origin
from qalqan.web.languages import first_of_ours
from qalqan.web.scopes import check_key
from qalqan.web.watch import acts, route_of

if TYPE_CHECKING:
    from qalqan.web.callers import Callers
    from qalqan.web.desk import Desk

_NUMBER = re.compile(r"[A-Z0-9-]{1,20}")
_FORWARDED = (
    "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via",
)  # fmt: skip


class SignInNeeded(QalqanError):
    """A page was asked for without a session: the browser is sent to `/sign-in`."""


class StepNeeded(NotAllowed):
    """A session has to prove more first: `factor`, `password`, `enrol`, or a fresh `proof`. A
    browser is sent to that step's page."""

    def __init__(self, step: str) -> None:
        super().__init__("step", step)


def settings_of(request: Request) -> Settings:
    """The settings this app was made with."""
    return cast(Settings, request.app.state.settings)


def database_of(request: Request) -> Database:
    """The register."""
    return cast(Database, request.app.state.database)


def keys_of(request: Request) -> Keys:
    """The centre's keys."""
    return cast(Keys, request.app.state.keys)


def partner(request: Request) -> Partner:
    """The partner whose key the request bears, if the key opens what is asked for.

    Raises:
        NotAllowed: no key, nobody's, one without the scope, or without its certificate.
    """
    found = _known(request)
    check_key(request, found.scopes, found.thumbprint, route_of(request.scope))
    return found.partner


def _known(request: Request) -> Known:
    database = database_of(request)
    with database.session() as session:
        found = partner_keys.known(session, bearer_of_partner(request))
    seen_once(database, found.key)
    acts(request, found.partner.code)
    return found


def seen_once(database: Database, key: int) -> None:
    """Note that a key is in use; a register that is busy need not hear of it now."""
    with suppress(Unavailable):
        partner_keys.seen(database, key)


def bearer_of_partner(request: Request) -> str:
    """The token that a partner's request bears, as given.

    Raises:
        NotAllowed: none was given.
    """
    return _bearer(request, "partner", "token")


def callers_of(request: Request) -> Callers:
    """Partners known a moment ago."""
    return cast("Callers", request.app.state.callers)


def desk_of(request: Request) -> Desk:
    """Where facts are left."""
    return cast("Desk", request.app.state.desk)


def officer(request: Request) -> SignedIn:
    """The officer whose session token the request bears.

    Raises:
        NotAllowed: no token, or its session ended, or has to prove more first.
    """
    return passed(pending_officer(request))


def pending_officer(request: Request) -> SignedIn:
    """The same while something is still wanted of the session; for those steps alone.

    Raises:
        NotAllowed: no token, or its session ended.
    """
    found = people.signed_in(database_of(request), session_token(request))
    acts(request, found.login, found)
    return found


def passed(found: SignedIn, *steps: str) -> SignedIn:
    """Whoever has proved enough: nothing is wanted any more, or one of these steps.

    Raises:
        StepNeeded: something else is wanted first.
    """
    if found.stage is not None and found.stage not in steps:
        raise StepNeeded(found.stage)
    return found


def check_fresh(found: SignedIn) -> None:
    """Raise `StepNeeded` unless a password or factor was shown within ten minutes; while a step is
    wanted it just was."""
    if found.stage is None and not found.is_fresh:
        raise StepNeeded("proof")


def session_token(request: Request) -> str:
    """The bearer token of an officer's session, as given.

    Raises:
        NotAllowed: none was given.
    """
    return _bearer(request, "session", "sign_in")


def page_officer(request: Request) -> SignedIn:
    """The officer behind the session cookie of a browser.

    Raises:
        SignInNeeded: no cookie, or its session ended. StepNeeded: it has to prove more first.
    """
    return passed(pending_page_officer(request))


def pending_page_officer(request: Request) -> SignedIn:
    """The same while something is still wanted of the session; for those steps alone.

    Raises:
        SignInNeeded: no cookie, or its session ended.
    """
    secret = cookies.read(request, cookies.SESSION)
    if not secret:
        raise SignInNeeded
    try:
        found = people.signed_in(database_of(request), secret)
    except NotAllowed:
        raise SignInNeeded from None
    acts(request, found.login, found)
    return found


def order_id(order: str) -> str:
    """The order that a path names.

    Raises:
        NotFound: it can't be the number of one.
    """
    if not _NUMBER.fullmatch(order):
        raise NotFound("order", order)
    return order


OrderId = Annotated[str, Depends(order_id)]
ThePartner = Annotated[Partner, Depends(partner)]
TheOfficer = Annotated[SignedIn, Depends(officer)]
ThePageOfficer = Annotated[SignedIn, Depends(page_officer)]
PendingOfficer = Annotated[SignedIn, Depends(pending_officer)]
PendingPageOfficer = Annotated[SignedIn, Depends(pending_page_officer)]
"""While something is wanted still: whoever takes these says which steps may pass (`passed`)."""
_Secret = Annotated[str, Form(alias="csrf", max_length=400)]


async def whole_form(request: Request) -> FormData:
    """All of a form, which is read once."""
    return await request.form()


_Whole = Annotated[FormData, Depends(whole_form)]


def form_officer(
    request: Request, officer: ThePageOfficer, form: _Whole, secret: _Secret = ""
) -> SignedIn:
    """The officer who sent a form from a page of ours; every handler that changes anything for a
    browser takes him so.

    Raises:
        SignInNeeded, StepNeeded: as `page_officer`. NotAllowed: another site's form.
    """
    check_csrf(request, officer, {**form, "csrf": secret})
    return officer


def pending_form_officer(
    request: Request, officer: PendingPageOfficer, form: _Whole, secret: _Secret = ""
) -> SignedIn:
    """The same while something is still wanted of the session."""
    check_csrf(request, officer, {**form, "csrf": secret})
    return officer


FormOfficer = Annotated[SignedIn, Depends(form_officer)]
PendingFormOfficer = Annotated[SignedIn, Depends(pending_form_officer)]


def insider(request: Request) -> None:
    """Let pass who calls from this machine, any partner and any officer.

    Raises:
        NotAllowed: anybody else.
    """
    if is_from_here(request):
        return
    try:
        _known(request)
    except NotAllowed:
        officer(request)


def keep_session(request: Request, response: Response, secret: str) -> None:
    """Give the browser a new session; the cookie ends with the browser or the shift."""
    cookies.keep(request, response, cookies.SESSION, secret, people.SHIFT_US // 1_000_000)


def forget_session(request: Request, response: Response) -> None:
    """Take the session from the browser, and what it kept of our pages (ASVS 5.0, 14.3.1)."""
    cookies.forget(request, response, cookies.SESSION)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def keep_language(request: Request, response: Response, language: str) -> None:
    """Remember the language that a reader chose; any but ours is left unsaid."""
    if language in LANGUAGES:
        cookies.keep(request, response, cookies.LANGUAGE, language)


def language_of(request: Request) -> str:
    """kk, ru or en: what the reader chose, else what the browser or program asks for."""
    chosen = cookies.read(request, cookies.LANGUAGE)
    if chosen in LANGUAGES:
        return chosen
    asked = request.headers.get("accept-language", "")
    return first_of_ours(asked) or settings_of(request).language


def _bearer(request: Request, action: str, missing: str) -> str:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotAllowed(action, missing)
    return secret.strip()


def is_from_here(request: Request) -> bool:
    """Whether a program of this machine calls, for itself: a proxy on it calls for others, and
    says so in a header."""
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False

"""Templates made into pages, each in its reader's language and with nothing from elsewhere."""

from __future__ import annotations

import re
from functools import partial

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import approvals, queue, warned
from qalqan.register import orm, purposes, rights
from qalqan.register.break_glass import LONGEST
from qalqan.register.people import SignedIn
from qalqan.register.purposes import Stated
from qalqan.register.rights import Right
from qalqan.settings import MARK as MARK
from qalqan.text.catalogue import shown_value
from qalqan.text.show import share
from qalqan.web import cookies
from qalqan.web.access import database_of, language_of, settings_of
from qalqan.web.assets import asset
from qalqan.web.console.navigation import in_menu, sections
from qalqan.web.console.offers import glass_offer
from qalqan.web.console.reader import Reader, reader_of

ENDONYMS = {"kk": ("Қаз", "Қазақша"), "ru": ("Рус", "Русский"), "en": ("Eng", "English")}
"""What each language calls itself, short and in full."""

_templates = Environment(
    loader=PackageLoader("qalqan.web", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals |= {
    "asset": asset,
    "languages": ENDONYMS,
    "Right": Right,
    "grouped": shown_value,
}


def is_simulated(request: Request) -> bool:
    """Whether this centre's home was made by a demo."""
    return settings_of(request).is_simulated


def page(
    request: Request,
    template: str,
    officer: SignedIn | None = None,
    status: int = 200,
    reader: Reader | None = None,
    **values: object,
) -> HTMLResponse:
    """A page for a signed-in officer, or for somebody who is about to sign in."""
    whole = not template.startswith("_")  # a part of a page has no head
    if reader is None or (officer and whole):
        with database_of(request).session() as session:
            reader = reader or reader_of(session, language_of(request))
            tally = _tally(session, officer) if officer and whole else {}
    else:
        tally = {}
    entries = sections(request.app, officer)
    html = _templates.get_template(template).render(
        reader=reader,
        t=reader.say,
        share=partial(share, language=reader.language),
        officer=officer,
        may=(lambda right: officer is not None and rights.has(officer, right)),
        may_open=officer is not None and rights.may_open_some(officer),
        tally=tally,
        sections=entries,
        in_menu=in_menu(tally, entries),
        may_search=officer is not None and rights.has(officer, Right.SEARCH),
        initials=_initials(officer.login) if officer else "",
        keys_on=cookies.read(request, cookies.KEYS) != "off",
        simulated=is_simulated(request),
        here=_here(request),
        purpose_in=partial(_purpose_in, request, officer),
        **values,
    )
    return HTMLResponse(html, status)


def _purpose_in(request: Request, officer: SignedIn | None, case_id: str) -> Stated | None:
    """What this session has said that it needs the case's sealed values for."""
    if officer is None:
        return None
    with database_of(request).session() as session:
        return purposes.of(session, officer.token_hash, case_id)


def error_page(request: Request, status: int, message: str, code: str = "") -> HTMLResponse:
    """What went wrong, in words, and the way back; needs no register. Where a case is out of view,
    whoever may break the glass is offered the form."""
    reader = Reader(language_of(request), clock.now_us(), {}, {})
    html = _templates.get_template("error.html").render(
        reader=reader,
        t=reader.say,
        officer=None,
        may_search=False,
        keys_on=False,
        simulated=is_simulated(request),
        here=_here(request),
        status=status,
        message=message,
        offer=glass_offer(request) if code == "out_of_view" else None,
        longest=LONGEST,
    )
    return HTMLResponse(html, status)


def _tally(session: Session, officer: SignedIn) -> dict[str, int]:
    """What the sections count for this officer."""
    told = {
        "mine": len(approvals.waiting_ids(session, officer)),
        "queue": queue.mine(session, officer),
    }
    if rights.has(officer, Right.QUEUES):
        told["given_up"] = _given_up(session)
    if rights.has(officer, Right.WARN):
        told["to_warn"] = warned.waiting(session)
    return told


def _initials(login: str) -> str:
    """Two letters of a login: "a.nurlanova" is AN."""
    parts = [part for part in re.split(r"[._-]", login) if part]
    return "".join(part[0] for part in parts[:2]).upper() if len(parts) > 1 else login[:2].upper()


def _given_up(session: Session) -> int:
    parked = select(func.count()).where(orm.Job.state == "parked")
    return session.scalar(parked) or 0


def _here(request: Request) -> str:
    """Where a reader comes back to after choosing a language: a page that can be asked for."""
    if request.method == "GET":
        return request.url.path + (f"?{request.url.query}" if request.url.query else "")
    for section in ("partner", "work", "queue", "keys"):
        if request.url.path.startswith(f"/{section}/"):
            return f"/{section}"
    return "/cases" if request.url.path.startswith("/orders/") else request.url.path

"""Templates made into pages, each in its reader's language and with nothing from elsewhere."""

from __future__ import annotations

from functools import partial

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import approvals, warned
from qalqan.register import orm, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.show import share
from qalqan.web.access import database_of, language_of, settings_of
from qalqan.web.assets import asset
from qalqan.web.console.reader import Reader, reader_of

MARK = "simulated.json"
"""A demo leaves this file in its home: every page says then that all of it is invented."""

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
}


def is_simulated(request: Request) -> bool:
    """Whether this centre's home was made by a demo."""
    return (settings_of(request).home / MARK).exists()


def page(
    request: Request,
    template: str,
    officer: SignedIn | None = None,
    status: int = 200,
    reader: Reader | None = None,
    **values: object,
) -> HTMLResponse:
    """A page for a signed-in officer, or for somebody who is about to sign in."""
    with database_of(request).session() as session:
        reader = reader or reader_of(session, language_of(request))
        mine = len(approvals.waiting_orders(session, officer)) if officer else 0
        given_up = _given_up(session) if officer and rights.has(officer, Right.QUEUES) else 0
        to_warn = warned.waiting(session) if officer and rights.has(officer, Right.WARN) else 0
    html = _templates.get_template(template).render(
        reader=reader,
        t=reader.say,
        share=partial(share, language=reader.language),
        officer=officer,
        may=(lambda right: officer is not None and rights.has(officer, right)),
        may_open=officer is not None and rights.may_open_some(officer),
        mine=mine,
        given_up=given_up,
        to_warn=to_warn,
        simulated=is_simulated(request),
        here=_here(request),
        **values,
    )
    return HTMLResponse(html, status)


def error_page(request: Request, status: int, message: str) -> HTMLResponse:
    """What went wrong, in words, and the way back; needs no register."""
    reader = Reader(language_of(request), clock.now_us(), {}, {})
    html = _templates.get_template("error.html").render(
        reader=reader,
        t=reader.say,
        officer=None,
        mine=0,
        simulated=is_simulated(request),
        here=_here(request),
        status=status,
        message=message,
    )
    return HTMLResponse(html, status)


def _given_up(session: Session) -> int:
    parked = select(func.count()).where(orm.Job.state == "parked")
    return session.scalar(parked) or 0


def _here(request: Request) -> str:
    """Where a reader comes back to after choosing a language: a page that can be asked for."""
    if request.method == "GET":
        return request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.url.path.startswith("/work/"):
        return "/work"
    return "/cases" if request.url.path.startswith("/orders/") else request.url.path

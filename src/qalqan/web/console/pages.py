"""Templates made into pages, each in its reader's language and with nothing from elsewhere."""

from __future__ import annotations

from functools import partial

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import order_book, warned
from qalqan.cases.consent import waits_for
from qalqan.cases.warned import MAY_SEE
from qalqan.model.order import State
from qalqan.register import orm
from qalqan.register.people import SignedIn
from qalqan.register.queues import MAY_LOOK
from qalqan.text.show import share
from qalqan.web.access import database_of, language_of, settings_of
from qalqan.web.assets import asset
from qalqan.web.console.disclosure import MAY_OPEN
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
    "may_look": MAY_LOOK,
    "may_warn": MAY_SEE,
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
        mine = _waiting(session, officer) if officer else 0
        given_up = _given_up(session) if officer and officer.role in MAY_LOOK else 0
        to_warn = warned.waiting(session) if officer and officer.role in MAY_SEE else 0
    html = _templates.get_template(template).render(
        reader=reader,
        t=reader.say,
        share=partial(share, language=reader.language),
        officer=officer,
        may_open=officer is not None and officer.role in MAY_OPEN,
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


def _waiting(session: Session, officer: SignedIn) -> int:
    drafted = order_book.find(session, orm.Order.state == State.DRAFTED)
    return sum(waits_for(order, officer.login, officer.role) for order in drafted)


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

"""The queue: an officer's first page, its list that refreshes by itself, its drawer (issue 5,
Build 4). Everything works as plain pages and forms; HTMX only spares the reload."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from qalqan.cases import codes, owners, queue, saved_views
from qalqan.cases.queue import SORTS, TABS, Asked
from qalqan.cases.urgency import queue_rule
from qalqan.clock import HOUR
from qalqan.errors import NotAllowed, NotFound
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.show import share, short_money
from qalqan.web.access import ThePageOfficer, database_of, language_of
from qalqan.web.console import horizon, queue_view
from qalqan.web.console.entrance import onlooker
from qalqan.web.console.pages import page
from qalqan.web.console.reader import Reader, reader_of
from qalqan.web.looks import shows

router = APIRouter(include_in_schema=False)

Onlooker = Annotated[SignedIn, Depends(onlooker)]
Did = Annotated[str, Query(max_length=12)]
DONE = ("take", "give", "undo")


def asked(
    tab: str = "all", sort: str = "risk", region: str = "", method: str = "", owner: str = "",
    days: int = 0, page: int = 1,
) -> Asked:  # fmt: skip
    """What an address asks for; nonsense asks for what is usual."""
    return Asked(
        tab=tab if tab in TABS else "all",
        sort=sort if sort in SORTS else "risk",
        region=region if region in codes.regions() else "",
        method=method[:12],
        owner=owner[:40],
        days=days if days in (1, 7, 30) else 0,
        page=max(1, min(page, 100_000)),
    )


TheAsked = Annotated[Asked, Depends(asked)]


@router.get("/queue")
def show_queue(
    request: Request, officer: ThePageOfficer, asked: TheAsked, case: str = "", did: Did = ""
) -> Response:
    """The queue, and one of its cases beside it; a clerk has his institution's orders instead, and
    who sees no case has the statistics."""
    if rights.has(officer, Right.OWN_ORDERS):
        return RedirectResponse("/partner", 303)
    if rights.has(officer, Right.FIGURES) and not rights.has(officer, Right.CASES):
        return RedirectResponse("/statistics", 303)
    return queue_response(request, officer, asked, case=case, did=did)


def queue_response(
    request: Request,
    officer: SignedIn,
    asked: Asked,
    status: int = 200,
    case: str = "",
    did: str = "",
    problem: str = "",
) -> HTMLResponse:
    """The whole page; `problem` says what did not go."""
    rights.check(officer, Right.CASES)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        view = queue_view.queue_page(session, reader, officer, asked)
        chosen = case or (view.rows[0].row.case_id if view.rows else "")
        opened = None
        if chosen and _in_view(session, officer, chosen):
            opened = queue_view.drawer(session, reader, officer, chosen)
            shows(request, [chosen])
        views = saved_views.of(session, officer)
        able = owners.able(session, officer.region) if rights.has(officer, Right.ASSIGN) else []
    return page(
        request, "queue.html", officer, status, reader=reader, view=view, opened=opened,
        chosen=chosen, did=did if did in DONE else "", done_case=case, problem=problem,
        views=views, able=able, longest_name=saved_views.LONGEST_NAME, **_shared(reader),
    )  # fmt: skip


def _in_view(session: object, officer: SignedIn, case_id: str) -> bool:
    try:
        rights.check_case(session, officer, Right.CASES, case_id)  # type: ignore[arg-type]
    except (NotAllowed, NotFound):
        return False
    return True


def _shared(reader: Reader) -> dict[str, Any]:
    return {
        "tabs": queue_view.kinds_of,
        "sorts": SORTS,
        "short": lambda minor: short_money(minor, reader.language),
        "ppm": lambda part: share(part, 1_000_000, reader.language),
        "horizon": horizon,
        "regions": sorted(codes.regions(), key=reader.region),
        "rule": queue_rule().version,
        "hour": HOUR,
    }


@router.get("/queue/live")
def refresh(
    request: Request, officer: Onlooker, asked: TheAsked, mark: str = "", case: str = ""
) -> Response:
    """What changes by itself; 204 when nothing has changed."""
    rights.check(officer, Right.CASES)
    with database_of(request).session() as session:
        if queue.mark(session) == mark:
            return Response(status_code=204)
        reader = reader_of(session, language_of(request))
        view = queue_view.queue_page(session, reader, officer, asked)
    return page(
        request, "_queue.html", officer, reader=reader, view=view, chosen=case, live=True,
        **_shared(reader),
    )  # fmt: skip


@router.get("/queue/drawer/{case_id}")
def show_drawer(
    request: Request, officer: ThePageOfficer, case_id: str, asked: TheAsked
) -> Response:
    """One case beside the list."""
    with database_of(request).session() as session:
        rights.check_case(session, officer, Right.CASES, case_id)
        reader = reader_of(session, language_of(request))
        opened = queue_view.drawer(session, reader, officer, case_id)
    return page(
        request, "_drawer.html", officer, reader=reader, opened=opened, back=asked.address(),
        **_shared(reader),
    )  # fmt: skip

"""What else a clerk sees: customers to warn, facts that were handed in and refused, events, and
whether what is pushed arrives (REQ-19, 90)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from qalqan.cases import warned
from qalqan.lake import own_batches, own_quarantine
from qalqan.register import partner_events
from qalqan.web.access import database_of, language_of
from qalqan.web.api.refusals import told
from qalqan.web.console.clerks import FormClerk, TheClerk
from qalqan.web.console.pages import page

router = APIRouter(include_in_schema=False)

WarningId = Annotated[int, Path(ge=1, lt=2**62)]
After = Annotated[int, Query(ge=0, lt=2**62)]
Cursor = Annotated[str, Query(max_length=60)]
Batch = Annotated[str, Query(max_length=40)]
A_PAGE = 50


@router.get("/partner/warnings")
def warnings(request: Request, clerk: TheClerk, after: After = 0) -> HTMLResponse:
    """Customers of this bank to be warned; that they were looked at stands in the record."""
    found = warned.fetch(database_of(request), clerk.code, str(after))
    return page(
        request, "partner_warnings.html", clerk.officer, clerk=clerk, warnings=found.warnings,
        next=found.next if len(found.warnings) == warned.A_PAGE else None,
    )  # fmt: skip


@router.post("/partner/warnings/{warning}/warned")
def mark(request: Request, clerk: FormClerk, warning: WarningId) -> Response:
    """Somebody at the bank has warned this customer."""
    actor = f"partner:{clerk.code}"
    login = clerk.officer.login
    warned.mark(database_of(request), warning, actor, bank=clerk.code, by=login)
    return RedirectResponse("/partner/warnings", 303)


@router.get("/partner/facts")
def facts(
    request: Request, clerk: TheClerk, handed: Cursor = "", after: After = 0, batch: Batch = ""
) -> HTMLResponse:
    """Batches that were handed in, the newest first from the cursor `handed` on; records that were
    refused, all or those of one batch, oldest first."""
    with database_of(request).session() as session:
        batches = own_batches.page(session, clerk.code, after=handed, most=A_PAGE)
        found = own_quarantine.page(
            session, clerk.code, after=after, most=A_PAGE, batch=batch or None
        )
    language = language_of(request)
    return page(
        request, "partner_facts.html", clerk.officer, clerk=clerk, batches=batches, handed=handed,
        rows=[(one, told(one.refusal, language)) for one in found], batch=batch, after=after,
        next=found[-1].id if len(found) == A_PAGE else None,
    )  # fmt: skip


@router.get("/partner/events")
def events(request: Request, clerk: TheClerk, after: After = 0) -> HTMLResponse:
    """What was told, and whether it arrives."""
    database = database_of(request)
    partner_events.place(database, clerk.code)
    with database.session() as session:
        found = partner_events.newest(session, clerk.code, after or 2**62, A_PAGE)
    return page(
        request, "partner_events.html", clerk.officer, clerk=clerk, events=found,
        next=found[-1].place if len(found) == A_PAGE else None,
    )  # fmt: skip

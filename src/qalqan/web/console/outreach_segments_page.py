"""Segments: whom a method hits, in counts alone; and the file for advertising (REQ-71, 78)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from qalqan.bulletin.outreach import segment_files, segments
from qalqan.bulletin.outreach.segments import Order
from qalqan.errors import InputRejected
from qalqan.model.period import Period, day_in_almaty, month_of, parse
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console import outreach_view as view
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import is_simulated, page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.wrong import said

router = APIRouter(include_in_schema=False)

Asked = Annotated[str, Query(max_length=40)]
Kind = Annotated[Literal["csv", "json"], Form()]
MOST = 20
LATEST = 12
_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@router.get("/outreach/segments")
def show(
    request: Request, officer: ThePageOfficer, period: Asked = "", rows: Asked = "region",
    columns: Asked = "age", by: Order = "loss",
) -> Response:  # fmt: skip
    """Groups by their weight, and a table of two traits."""
    rights.check(officer, Right.CAMPAIGNS)
    return _segments(request, officer, period, rows, columns, by)


@router.post("/outreach/segments")
def take(
    request: Request, officer: FormOfficer, kind: Kind, period: Field = "", rows: Field = "",
    columns: Field = "",
) -> Response:  # fmt: skip
    """The segments as a file."""
    rights.check(officer, Right.CAMPAIGNS)
    try:
        of = parse(period)
        with database_of(request).write() as session:
            body = segment_files.given_out(
                session, officer, of, (rows, columns), kind, is_simulated(request)
            )
    except InputRejected as error:
        told = said(request, error).sentence
        return _segments(request, officer, "", "region", "age", "loss", told)
    headers = {"Content-Disposition": f'attachment; filename="segments-{of.code}.{kind}"'}
    return Response(body, media_type=_TYPES[kind], headers=headers)


def _segments(
    request: Request, officer: SignedIn, asked: str, rows: str, columns: str, by: Order,
    problem: str = "",
) -> Response:  # fmt: skip
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        last_month = month_of(day_in_almaty(reader.now_us)).before()
        try:
            period = segments.check_period(parse(asked), reader.now_us) if asked else last_month
            segments.check_traits((rows, columns))
        except InputRejected as error:
            problem = said(request, error).sentence
            period, rows, columns = last_month, "region", "age"
        now = segments.victims(session, period)
        before = segments.victims(session, period.before())
    found = segments.ranked(now, before, (rows, columns), by)
    return page(
        request, "outreach_segments.html", officer, 422 if problem else 200, reader=reader,
        tab="segments", problem=problem, period=period, rows=rows, columns=columns, by=by,
        found=found[:MOST], table=segments.table(now, rows, columns), traits=segments.TRAITS,
        orders=segments.ORDERS, named=view.named, latest=_latest(last_month),
    )  # fmt: skip


def _latest(month: Period) -> list[str]:
    """Months to choose from, the newest first."""
    found = [month]
    while len(found) < LATEST:
        found.append(found[-1].before())
    return [each.code for each in found]

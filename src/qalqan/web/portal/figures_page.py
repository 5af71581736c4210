"""The public dashboard: what was lost, held and returned, each figure with its definition (REQ-17).

Nobody signs in. The page shows what the worker counted last and kept, so that the whole country may
open it; it works without scripts. Small cells are hidden.
"""

from __future__ import annotations

import csv
import io
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from qalqan.bulletin import dashboard
from qalqan.bulletin.figures import kept
from qalqan.bulletin.figures.definitions import definition, definitions
from qalqan.errors import InputRejected, NotFound
from qalqan.model.period import parse
from qalqan.web.access import database_of, language_of
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.portal import figure_view, figures_view

router = APIRouter(include_in_schema=False)

Code = Annotated[str, Path(max_length=60, pattern=r"^[a-z_.]+$")]
Part = Annotated[str, Query(max_length=200)]
Told = Annotated[str, Query(max_length=24)]
_SHORT = {"Cache-Control": "public, max-age=60"}
CSV = "text/csv; charset=utf-8"


@router.get("/figures")
def show(request: Request) -> HTMLResponse:
    """The dashboard."""
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        view = figures_view.view(session, reader)
    answer = page(request, "figures.html", reader=reader, view=view)
    answer.headers.update(_SHORT)
    return answer


@router.get("/figures.csv")
def data(request: Request) -> Response:
    """What the dashboard shows, as data: exact values; what is hidden there is hidden here."""
    with database_of(request).session() as session:
        shown = dashboard.show(session)
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["code", "period", "part", "value", "unit", "base", "n", "revision", "simulated"])
    for group in shown.groups():
        rows.writerows(_line(k, shown.is_hidden(k)) for k in group)
    headers = {"Content-Disposition": 'attachment; filename="qalqan-figures.csv"', **_SHORT}
    return Response("\ufeff" + out.getvalue(), media_type=CSV, headers=headers)


@router.get("/figures/method")
def method(request: Request) -> HTMLResponse:
    """What is counted, and how: all public definitions."""
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
    told = [d for d in definitions().values() if d.public]
    return page(request, "figures_method.html", reader=reader, definitions=told)


@router.get("/figures/{code}")
def explain(request: Request, code: Code, period: Told = "", part: Part = "") -> HTMLResponse:
    """One figure: its value, what it counts, by which query, and every value that was shown.

    404: no such figure, or none that is public.
    """
    of = definition(code)
    if not of.public:
        raise NotFound("figure", code)
    if period:
        parse(period)
    if not set(columns_of(part)) <= set(of.columns):
        raise InputRejected("part", part, "figure.part", choices=", ".join(of.columns))
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        view = figure_view.view(session, reader, of, period, part)
    return page(request, "figure.html", reader=reader, view=view)


def columns_of(part: str) -> list[str]:
    """Columns of a part as an address writes it. Raises `InputRejected`."""
    try:
        return list(kept.by_of(part))
    except ValueError:
        raise InputRejected("part", part, "figure.part", choices="") from None


def _line(of: kept.Kept, is_hidden: bool) -> list[object]:
    figure = of.figure
    value, base, n = (
        ("hidden", "", "hidden") if is_hidden else (figure.value, figure.base, figure.n)
    )
    period = figure.period.code if figure.period else ""
    return [figure.code, period, kept.part_of(figure.by), value, figure.unit, base, n, of.revision,
            figure.simulated]  # fmt: skip

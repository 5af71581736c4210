"""The register of prevention materials, and its counts by month (REQ-72 to 75)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.bulletin.outreach import campaigns, materials
from qalqan.bulletin.outreach.materials import Material
from qalqan.errors import InputRejected
from qalqan.model.period import of_day
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import COUNTRY, Right
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console import outreach_view as view
from qalqan.web.console.entrance import Field
from qalqan.web.console.outreach_page import Methods
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.wrong import said

router = APIRouter(include_in_schema=False)

Languages = Annotated[list[str], Form(alias="languages", max_length=5)]
MaterialId = Annotated[int, Path(ge=1, lt=2**63)]
MONTHS = 6


@router.get("/outreach/materials")
def show(
    request: Request, officer: ThePageOfficer, kind: Annotated[str, Query(max_length=16)] = ""
) -> Response:
    """What was published."""
    return _list(request, officer, kind)


@router.post("/outreach/materials")
def enter(
    request: Request, officer: FormOfficer, languages: Languages = [],  # noqa: B006
    methods: Methods = [],  # noqa: B006
    kind: Field = "", title: Field = "", place: Field = "", link: Field = "", region: Field = "",
    published: Field = "", publications: Field = "1", reach: Field = "", campaign: Field = "",
) -> Response:  # fmt: skip
    """Put one on the register."""
    rights.check(officer, Right.CAMPAIGNS)
    try:
        told = Material(
            kind=kind, title=title, languages=tuple(languages), methods=tuple(methods),
            place=place, published_us=of_day(view.day(published, "published")).from_us,
            publications=view.whole(publications, "publications", "outreach.reach"),
            reach=view.whole(reach, "reach", "outreach.reach") if reach.strip() else None,
            link=link, region=region or COUNTRY, campaign=campaign or None,
        )  # fmt: skip
        with database_of(request).write() as session:
            materials.enter(session, officer, told)
    except InputRejected as error:
        return _list(request, officer, problem=said(request, error).sentence)
    return RedirectResponse("/outreach/materials", 303)


@router.post("/outreach/materials/{material}/withdraw")
def withdraw(request: Request, officer: FormOfficer, material: MaterialId) -> Response:
    """Take back what was entered by mistake."""
    rights.check(officer, Right.CAMPAIGNS)
    with database_of(request).write() as session:
        materials.withdraw(session, officer, material)
    return RedirectResponse("/outreach/materials", 303)


def _list(request: Request, officer: SignedIn, kind: str = "", problem: str = "") -> Response:
    rights.check(officer, Right.CAMPAIGNS)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        found = materials.listed(session, kind if kind in materials.KINDS else "")
        months = materials.by_month(session, MONTHS)
        open_ones = [each for each in campaigns.listed(session) if each.state != "cancelled"]
        offered = view.choices(session, reader)
    totals = materials.totals(months)
    return page(
        request, "outreach_materials.html", officer, 422 if problem else 200, reader=reader,
        tab="materials", problem=problem, found=found, months=months, totals=totals,
        used=[each for each in materials.KINDS if totals[each]], kinds=materials.KINDS,
        campaigns=open_ones, **offered,
    )  # fmt: skip

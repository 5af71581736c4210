"""The internal dashboard: conversion, orders' clocks, units; official figures entered by hand
(REQ-1, 17, 87)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from qalqan.bulletin import inside, shown
from qalqan.bulletin.figures import entering, official
from qalqan.bulletin.figures.definitions import definitions
from qalqan.bulletin.figures.entering import EXACTNESS, Stated
from qalqan.bulletin.figures.kept import Kept
from qalqan.cases import measure_list
from qalqan.errors import QalqanError
from qalqan.model.period import Period, day_in_almaty, month_of
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.show import share
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import Reader, reader_of
from qalqan.web.console.wrong import said

router = APIRouter(include_in_schema=False)

Back = Annotated[int, Query(ge=0, le=2)]
Words = Annotated[str, Form(max_length=400)]
OfficialId = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/statistics")
def show(request: Request, officer: ThePageOfficer, back: Back = 0) -> Response:
    """The month that runs, or one of the two before it."""
    return _page(request, officer, back)


@router.post("/statistics/official")
def enter(
    request: Request, officer: FormOfficer, code: Field = "", period: Field = "", part: Field = "",
    value: Field = "", exactness: Field = "exact", source: Words = "", stated: Field = "",
    place: Words = "", key: Field = "",
) -> Response:  # fmt: skip
    """Enter what somebody else stated."""
    told = Stated(code, period, part, value, exactness, source, stated, place)
    try:
        with database_of(request).write() as session:
            entering.enter(session, officer, told, key)
    except QalqanError as error:
        problem = said(request, error).sentence
        return _page(request, officer, 0, told, problem)
    return RedirectResponse("/statistics#official", 303)


@router.post("/statistics/official/{number}/approval")
def approve(request: Request, officer: FormOfficer, number: OfficialId) -> Response:
    """Agree that the source says so: then it is public."""
    return _done(request, officer, lambda s: entering.approve(s, officer, number))


@router.post("/statistics/official/{number}/withdrawal")
def take_back(
    request: Request, officer: FormOfficer, number: OfficialId, why: Words = ""
) -> Response:
    """Say that a source took its figure back, or that it was entered wrongly."""
    return _done(
        request, officer, lambda session: entering.take_back(session, officer, number, why)
    )


def _done(request: Request, officer: SignedIn, act: Callable[[Session], None]) -> Response:
    try:
        with database_of(request).write() as session:
            act(session)
    except QalqanError as error:
        return _page(request, officer, 0, None, said(request, error).sentence)
    return RedirectResponse("/statistics#official", 303)


def _page(
    request: Request, officer: SignedIn, back: int, given: Stated | None = None, problem: str = ""
) -> Response:
    rights.check(officer, Right.FIGURES)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        month = _month(reader, back)
        stages = inside.conversion(session, month)
        units = inside.units(session, month)
        abroad = inside.abroad(session, month)
        waits = inside.clocks(session, reader.now_us)
        rows = entering.rows(session)
        counted = measure_list.listed(session, "all", reader.now_us).counts
    first = stages[0].figure.value if stages[0] else None
    told = [
        (shown.name(code, reader.language), k and shown.value(k.figure, reader.language),
         share(int(k.figure.value or 0), int(first or 0), reader.language) if k else "")
        for code, k in zip(inside.STAGES, stages, strict=True)
    ]  # fmt: skip
    return page(
        request, "statistics.html", officer, 422 if problem else 200, reader=reader, back=back,
        month=shown.period(month, reader.language), stages=told, waits=waits,
        abroad=[(shown.name(code, reader.language), k and shown.value(k.figure, reader.language))
                for code, k in abroad],
        units=_units(units, reader), unit_codes=inside.UNITS, rows=rows, given=given,
        problem=problem, exactness=EXACTNESS, key=entering.new_key(), value_of=_shown(reader),
        codes=[d.code for d in definitions().values() if d.kind == "stated"],
        sources=official.sources(), shown=shown, measures=counted,
    )  # fmt: skip


def _month(reader: Reader, back: int) -> Period:
    month = month_of(day_in_almaty(reader.now_us))
    for _ in range(back):
        month = month.before()
    return month


def _units(units: dict[str, dict[str, Kept]], reader: Reader) -> list[tuple[str, list[str]]]:
    """Regions by their name, each with its figures in words."""
    found = [
        (reader.region(region), [
            shown.value(of[code].figure, reader.language) if code in of else shown.DASH
            for code in inside.UNITS
        ])
        for region, of in units.items()
    ]  # fmt: skip
    return sorted(found)


def _shown(reader: Reader) -> object:
    def say(row: entering.Row) -> str:
        return shown.value(row.figure, reader.language)

    return say

"""Measures and programmes: the list, one measure, what is done with it, files (REQ-25, 93)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from qalqan.bulletin import measured
from qalqan.bulletin.effects.design import AGAINST, Design, of_dict
from qalqan.bulletin.figures.definitions import definitions
from qalqan.cases import codes, measure_file, measure_list, measure_words, measures, programmes
from qalqan.cases.measures import EVIDENCE, MOVES, NEED_WORDS, Event, State
from qalqan.errors import InputRejected
from qalqan.exchange import lined_csv
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console.documents_page import read_upload
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import Reader, reader_of
from qalqan.web.console.wrong import said, tried
from qalqan.web.errors import problem_of

router = APIRouter(include_in_schema=False)

MeasureId = Annotated[str, Path(max_length=20, pattern=r"^[A-Z0-9-]+$")]
PageNumber = Annotated[int, Query(alias="page", ge=1, lt=10_000)]
Words = Annotated[str, Form(max_length=4000)]
Key = Annotated[str, Form(max_length=80)]
CSV = "text/csv; charset=utf-8"


@router.get("/measures")
def show_list(
    request: Request, officer: ThePageOfficer, shown: str = "open", programme: str = "",
    number: PageNumber = 1,
) -> Response:  # fmt: skip
    """Measures, what is due first."""
    return _list(request, officer, shown, programme, number)


@router.post("/measures")
def add(
    request: Request, officer: FormOfficer, key: Key, name_kk: Words = "", name_ru: Words = "",
    name_en: Words = "", owner: Field = "", person: Field = "", due_day: Field = "",
    programme: Field = "", figure: Field = "", target: Field = "",
) -> Response:  # fmt: skip
    """Take a measure in."""
    names = {"kk": name_kk, "ru": name_ru, "en": name_en}
    wanted = measures.Wanted(
        names, owner, due_day, programme or None, person or None, figure, target
    )
    made: list[str] = []

    def do(session: Session) -> None:
        made.append(measures.add(session, officer, wanted, key, figures=definitions()).id)

    if wrong := tried(request, do):
        return _list(request, officer, problem=wrong.sentence, act="add")
    return RedirectResponse(f"/measures/{made[0]}", 303)


@router.post("/measures/programmes")
def add_programme(
    request: Request, officer: FormOfficer, key: Key, kind: Field = "", name_kk: Words = "",
    name_ru: Words = "", name_en: Words = "", owner: Field = "", from_day: Field = "",
    to_day: Field = "", source: Words = "", stated: Field = "",
) -> Response:  # fmt: skip
    """Take a programme in."""
    wanted = programmes.Wanted(
        kind, {"kk": name_kk, "ru": name_ru, "en": name_en}, owner, from_day, to_day, source,
        stated or None,
    )  # fmt: skip
    if wrong := tried(request, lambda session: programmes.add(session, officer, wanted, key)):
        return _list(request, officer, problem=wrong.sentence, act="programme")
    return RedirectResponse("/measures#programmes", 303)


@router.post("/measures/briefing")
def briefing(request: Request, officer: FormOfficer) -> Response:
    """Take in the programmes that the briefing names."""
    rights.check(officer, Right.MEASURES)
    with database_of(request).write() as session:
        measure_file.take_briefing(session, officer)
    return RedirectResponse("/measures#programmes", 303)


@router.post("/measures/file")
def take_file(
    request: Request, officer: FormOfficer, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    """A CSV file, each of its lines taken by itself."""
    rights.check(officer, Right.MEASURES)
    try:
        lines = list(measure_file.read(read_upload(file)))
        with database_of(request).write() as session:
            became = measure_file.take(session, officer, lines, definitions())
    except InputRejected as error:
        return _list(request, officer, problem=said(request, error).sentence, act="file")
    return _list(request, officer, became=became)


@router.post("/measures/export")
def give_out(request: Request, officer: FormOfficer) -> Response:
    """All measures as CSV."""
    with database_of(request).write() as session:
        body = measure_file.given_out(session, officer)
    headers = {"Content-Disposition": 'attachment; filename="measures.csv"'}
    return Response(body, media_type=CSV, headers=headers)


@router.get("/measures/{measure}")
def show(request: Request, officer: ThePageOfficer, measure: MeasureId) -> Response:
    """One measure."""
    return _one(request, officer, measure)


@router.post("/measures/{measure}/move")
def move(
    request: Request, officer: FormOfficer, measure: MeasureId, event: Field = "",
    words: Words = "", version: Annotated[int | None, Form(ge=0, lt=2**62)] = None,
) -> Response:  # fmt: skip
    """Start, claim, agree, refuse or drop."""
    return _act(
        request, officer, measure, "move",
        lambda session: measures.move(session, officer, measure, event, words, version),
    )  # fmt: skip


@router.post("/measures/{measure}/evidence")
def evidence(
    request: Request, officer: FormOfficer, measure: MeasureId, kind: Field = "",
    reference: Words = "", words: Words = "",
) -> Response:  # fmt: skip
    """Add what shows that it was carried out."""
    return _act(
        request, officer, measure, "evidence",
        lambda session: measures.show_evidence(
            session, officer, measure, kind, reference, words, definitions()
        ),
    )  # fmt: skip


@router.post("/measures/{measure}/design")
def design(
    request: Request, officer: FormOfficer, measure: MeasureId, start: Field = "",
    methods: Words = "", regions: Words = "", against: Field = "nothing", comparison: Words = "",
    before: Field = "24", after: Field = "12", looks: Field = "1",
) -> Response:  # fmt: skip
    """Write down how it will be judged."""

    def do(session: Session) -> None:
        told = {
            "start": start, "methods": _codes(methods), "regions": _codes(regions),
            "against": against, "comparison": _codes(comparison),
            "months_before": _number("months_before", before),
            "months_after": _number("months_after", after), "looks": _number("looks", looks),
        }  # fmt: skip
        measured.register(session, officer, measure, of_dict(told))

    return _act(request, officer, measure, "design", do)


def check_reader(officer: SignedIn) -> None:
    """Raise `NotAllowed` unless the officer may see figures: measures are no secret to them."""
    if not rights.has(officer, Right.MEASURES):
        rights.check(officer, Right.FIGURES)


def design_words(reader: Reader, told: Design) -> dict[str, str]:
    """A design as a person reads it."""
    every = reader.say("measures.design.all")
    book = codes.code_books()[-1].methods

    def named(kind: str, of: tuple[str, ...]) -> str:
        if kind == "regions":
            return ", ".join(map(reader.region, of)) or every
        return "; ".join(book[code][reader.language] for code in of if code in book) or every

    against = reader.say(f"measures.design.against.{told.against}")
    if told.comparison:
        against = f"{against}: {named(told.against, told.comparison)}"
    return {
        "start": told.start.isoformat()[:7], "methods": named("methods", told.methods),
        "regions": named("regions", told.regions), "against": against,
        "before": str(told.months_before), "after": str(told.months_after),
        "looks": str(told.looks),
    }  # fmt: skip


def _act(
    request: Request, officer: SignedIn, measure: str, act: str, do: Callable[[Session], object]
) -> Response:
    rights.check(officer, Right.MEASURES)
    if wrong := tried(request, do):
        return _one(request, officer, measure, *wrong, act)
    return RedirectResponse(f"/measures/{measure}", 303)


def _list(
    request: Request, officer: SignedIn, shown: str = "open", programme: str = "", number: int = 1,
    *, problem: str = "", act: str = "", became: list[measure_file.Became] | None = None,
) -> Response:  # fmt: skip
    check_reader(officer)
    language = language_of(request)
    with database_of(request).session() as session:
        reader = reader_of(session, language)
        found = measure_list.listed(session, shown, reader.now_us, number, programme)
        designs = measure_list.designs(session)
        judged = measured.named(session, reader.now_us) if shown == "judged" else {}
        all_programmes = programmes.all_of(session)
    told = [
        (each, problem_of(each.error, language).error["message"] if each.error else "")
        for each in became or ()
    ]
    return page(
        request, "measures.html", officer, 422 if problem else 200, reader=reader, found=found,
        shown=shown if shown in measure_list.SHOWN else "open", all_shown=measure_list.SHOWN,
        programme=programme, programmes=all_programmes, kinds=programmes.KINDS, judged=judged,
        problem=problem, act=act, became=told, most=lined_csv.MOST, designs=designs,
        columns=", ".join(measure_file.COLUMNS), stands=measures.stands,
        named=measure_words.in_language, longest=measure_words.LONGEST_NAME, figures=definitions(),
        longest_owner=measure_words.LONGEST_OWNER, key=f"{officer.login}-{reader.now_us}",
    )  # fmt: skip


def _one(
    request: Request, officer: SignedIn, measure: str, status: int = 200, problem: str = "",
    act: str = "",
) -> Response:  # fmt: skip
    check_reader(officer)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        view = measure_list.whole(session, measure)
    row = view.row
    may = [event for state, event in MOVES if state == State(row.state) and event is not Event.ADD]
    if officer.login in {row.claimed_by, *(each.by for each in view.evidence)}:
        may = [event for event in may if event is not Event.AGREE]
    designs = [(each, design_words(reader, of_dict(each.body))) for each in view.designs]
    return page(
        request, "measure.html", officer, status, reader=reader, view=view, row=row,
        state=measures.stands(row, reader.now_us), events=may, need=NEED_WORDS, problem=problem,
        act=act, kinds=EVIDENCE, designs=designs, counts=view.design, against=AGAINST,
        named=measure_words.in_language, longest=measure_words.LONGEST_WORDS, figures=definitions(),
    )  # fmt: skip


def _codes(text: str) -> list[str]:
    return [code.strip().upper() for code in text.replace(";", ",").split(",") if code.strip()]


def _number(field: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise InputRejected(field, text[:20], "effects.between", most=60)
    return int(text)

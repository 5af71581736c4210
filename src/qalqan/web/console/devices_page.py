"""The registry of devices: its lists, one device with its moves, files in and out (REQ-47)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import codes, device_file, device_list, devices, sim_law
from qalqan.cases.device_file import Became
from qalqan.cases.devices import LISTS, LONGEST_NOTE, LONGEST_REFERENCE, Move
from qalqan.detectors.sentence import title
from qalqan.errors import InputRejected, QalqanError
from qalqan.exchange import lined_csv
from qalqan.model.identifiers import imei as imeis
from qalqan.register import orm, purposes, rights, vault
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.trust import tokens
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, keys_of, language_of
from qalqan.web.console.documents_page import read_upload
from qalqan.web.console.entrance import Field
from qalqan.web.console.findings_page import spoken
from qalqan.web.console.pages import page
from qalqan.web.console.reader import Reader, reader_of
from qalqan.web.console.wrong import said, tried
from qalqan.web.errors import problem_of

router = APIRouter(include_in_schema=False)

DeviceId = Annotated[str, Path(max_length=48)]
Words = Annotated[str, Form(max_length=2000)]
PageNumber = Annotated[int, Query(alias="page", ge=1, lt=10_000)]
CSV = "text/csv; charset=utf-8"


@router.get("/devices")
def show_list(
    request: Request, officer: ThePageOfficer, of: str = "", holder: str = "",
    number: PageNumber = 1,
) -> Response:  # fmt: skip
    """Devices of a list, the newest first."""
    return _list(request, officer, of, holder, number)


@router.post("/devices")
def put(
    request: Request, officer: FormOfficer, imei: Field = "", to: Field = "", holder: Field = "",
    reference: Field = "", region: Field = "", until: Field = "", note: Words = "",
) -> Response:  # fmt: skip
    """Put a device on a list, also one that nobody has told of before."""
    try:
        move = Move(to, holder, reference, region, device_file.end_of(until), note)
        with database_of(request).write() as session:
            row = devices.put(session, keys_of(request), officer, imei, move)
            device = row.device
    except QalqanError as error:
        return _list(request, officer, problem=said(request, error).sentence, act="put")
    return RedirectResponse(f"/devices/{device}", 303)


@router.post("/devices/find")
def find(request: Request, officer: FormOfficer, imei: Field = "") -> Response:
    """The device of an IMEI as typed; in a form's body, since addresses stay in logs."""
    rights.check(officer, Right.CASES)
    try:
        text = imeis.canonical(imei, field="imei").text
        device = tokens.token(keys_of(request), "device", text)
        with database_of(request).session() as session:
            device_list.one(session, device)
    except QalqanError as error:
        return _list(request, officer, problem=said(request, error).sentence, act="find")
    return RedirectResponse(f"/devices/{device}", 303)


@router.post("/devices/file")
def take_file(
    request: Request, officer: FormOfficer, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    """A CSV file, each of its lines taken by itself."""
    rights.check(officer, Right.CASEWORK)
    keys = keys_of(request)

    def one(session: Session, imei: str, move: Move) -> orm.Device:
        return devices.put(session, keys, officer, imei, move)

    try:
        lines = list(device_file.read(read_upload(file)))
        with database_of(request).write() as session:
            became = device_file.take(session, one, lines)
    except InputRejected as error:
        return _list(request, officer, problem=said(request, error).sentence, act="file")
    return _list(request, officer, became=became)


@router.post("/devices/export")
def give_out(request: Request, officer: FormOfficer, purpose: Field = "") -> Response:
    """All listed devices with their IMEIs, for a purpose."""
    rights.check(officer, Right.EXPORT)
    try:
        told = purposes.sentence(purpose)
        with database_of(request).write() as session:
            body = device_file.given_out(session, keys_of(request), officer, told)
    except InputRejected as error:
        return _list(request, officer, problem=said(request, error).sentence, act="export")
    headers = {"Content-Disposition": 'attachment; filename="devices.csv"'}
    return Response(body, media_type=CSV, headers=headers)


@router.get("/devices/{device}")
def show(request: Request, officer: ThePageOfficer, device: DeviceId) -> Response:
    """One device."""
    return _one(request, officer, device)


@router.post("/devices/{device}/move")
def move(
    request: Request, officer: FormOfficer, device: DeviceId, to: Field = "", holder: Field = "",
    reference: Field = "", region: Field = "", until: Field = "", note: Words = "",
) -> Response:  # fmt: skip
    """Move a known device."""

    def do(session: Session) -> None:
        told = Move(to, holder, reference, region, device_file.end_of(until), note)
        devices.move(session, officer, device, told)

    return _act(request, officer, device, do, "move")


@router.post("/devices/{device}/agree")
def agree(request: Request, officer: FormOfficer, device: DeviceId, yes: Field = "") -> Response:
    """The second person's yes or no."""
    return _act(
        request, officer, device,
        lambda session: devices.agree(session, officer, device, yes == "yes"), "agree",
    )  # fmt: skip


@router.post("/devices/{device}/open")
def open_imei(
    request: Request, officer: FormOfficer, device: DeviceId, purpose: Field = ""
) -> Response:
    """The IMEI in clear, for a purpose."""
    rights.check(officer, Right.CASES)
    rights.check_field(officer, "device")
    try:
        told = purposes.sentence(purpose)
        with database_of(request).write() as session:
            device_list.one(session, device)
            clear = vault.reveal(session, keys_of(request), device, officer.login, told)
    except InputRejected as error:
        return _one(request, officer, device, *said(request, error), "open")
    return _one(request, officer, device, clear=clear)


def _act(
    request: Request, officer: SignedIn, device: str, do: Callable[[Session], object], act: str
) -> Response:
    rights.check(officer, Right.DECIDE if act == "agree" else Right.CASEWORK)

    def listed(session: Session) -> None:
        device_list.one(session, device)
        do(session)

    if wrong := tried(request, listed):
        return _one(request, officer, device, *wrong, act)
    return RedirectResponse(f"/devices/{device}", 303)


def _list(
    request: Request, officer: SignedIn, of: str = "", holder: str = "", number: int = 1, *,
    problem: str = "", act: str = "", became: list[Became] | None = None,
) -> Response:  # fmt: skip
    rights.check(officer, Right.CASES)
    language = language_of(request)
    with database_of(request).session() as session:
        reader = reader_of(session, language)
        found = device_list.listed(session, of, holder, number)
        choices = _choices(session, reader)
    told = [
        (each, problem_of(each.error, language).error["message"] if each.error else "")
        for each in became or ()
    ]
    return page(
        request, "devices.html", officer, 422 if problem else 200, reader=reader, found=found,
        of=of, holder=holder, problem=problem, act=act, became=told, most=lined_csv.MOST,
        columns=", ".join(device_file.COLUMNS), term=sim_law.term(sim_law.GREY, reader.now_us),
        **choices,
    )  # fmt: skip


def _one(
    request: Request, officer: SignedIn, device: str, status: int = 200, problem: str = "",
    act: str = "", clear: str = "",
) -> Response:  # fmt: skip
    rights.check(officer, Right.CASES)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        view = device_list.one(session, device)
        choices = _choices(session, reader)
    findings = [
        (row, title(row.detector, reader.language), spoken(reader, row.detector, row.evidence))
        for row in view.findings
    ]
    return page(
        request, "device.html", officer, status, reader=reader, view=view, row=view.row,
        findings=findings, problem=problem, act=act, clear=clear,
        may_see="device" in rights.FIELDS.get(officer.role, frozenset()), **choices,
    )  # fmt: skip


def _choices(session: Session, reader: Reader) -> dict[str, object]:
    """What the forms offer."""
    held = select(orm.Partner.code).where(orm.Partner.kind == "operator")
    return {
        "lists": LISTS,
        "operators": sorted(session.scalars(held), key=lambda code: reader.partners[code]),
        "regions": sorted(codes.regions(), key=reader.region),
        "longest": purposes.LONGEST,
        "longest_note": LONGEST_NOTE,
        "longest_reference": LONGEST_REFERENCE,
    }

"""The record's pages: search by person, officer, case and time; a case's "who looked" (REQ-18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from qalqan.cases import record
from qalqan.cases.record import Asked, Found
from qalqan.cases.working_days import midnight
from qalqan.clock import DAY
from qalqan.errors import InputRejected
from qalqan.register import log, rights
from qalqan.register.orm import Audit
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.catalogue import has
from qalqan.text.refusal import refusal
from qalqan.trust.checkpoints import Checkpoint
from qalqan.web.access import (
    FormOfficer,
    ThePageOfficer,
    database_of,
    keys_of,
    language_of,
)
from qalqan.web.console.case_head import head_of
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import Reader, reader_of

router = APIRouter(include_in_schema=False)
Before = Annotated[int | None, Query(ge=1, lt=2**62)]
Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Row:
    """One row of the record as a reader sees it."""

    row: Audit
    actor: str
    role: str
    """The actor's at that time, in words; empty: none is told."""
    action: str
    object: str
    """The case, page or token; of a token only its class and last characters."""
    case_id: str
    """The case it is about, empty: none."""
    purpose: str


@router.get("/record")
def show_record(
    request: Request, officer: ThePageOfficer, login: Text = "", case: Text = "",
    since: Text = "", until: Text = "", before: Before = None,
) -> Response:  # fmt: skip
    """The newest rows, or those that fit."""
    return _record(request, officer, "", login, case, since, until, before)


@router.post("/record")
def find_person(
    request: Request, officer: FormOfficer, person: Field = "",
    login: Field = "", case: Field = "", since: Field = "", until: Field = "",
) -> Response:  # fmt: skip
    """Who looked at a person. A form's body, since addresses stay in histories and logs."""
    return _record(request, officer, person, login, case, since, until, None)


def _record(
    request: Request, officer: SignedIn, person: str, login: str, case: str, since: str,
    until: str, before: int | None,
) -> Response:  # fmt: skip
    rights.check(officer, Right.AUDIT)
    language, problem, found = language_of(request), "", Found((), False)
    try:
        asked = Asked(person, login, case, _day("since", since), _day("until", until, DAY), before)
        with database_of(request).write() as session:
            found = record.find(session, keys_of(request), officer, asked)
            newest = log.newest(session)
    except InputRejected as error:
        problem, newest = refusal(error, language), None
    with database_of(request).session() as session:
        reader = reader_of(session, language)
        newest = newest or log.newest(session)
    return page(
        request, "record.html", officer, 422 if problem else 200, reader=reader,
        rows=rows_of(reader, found.rows), more=found.more, newest=newest, problem=problem,
        asked={
            "person": bool(person.strip()), "login": login, "case": case, "since": since,
            "until": until,
        },
        root=_root(newest),
    )  # fmt: skip


@router.get("/cases/{case_id}/looked")
def show_looked(
    request: Request, officer: ThePageOfficer, case_id: str, before: Before = None
) -> Response:
    """Who looked at this case, when and what for."""
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        head = head_of(session, reader, officer, case_id, "looked")
        found = record.of_case(session, case_id, before)
    return page(
        request, "case_looked.html", officer, reader=reader, head=head,
        rows=rows_of(reader, found.rows), more=found.more,
    )  # fmt: skip


def rows_of(reader: Reader, rows: Sequence[Audit]) -> list[Row]:
    """Rows for a reader."""
    return [_row(reader, row) for row in rows]


def _row(reader: Reader, row: Audit) -> Row:
    key = f"record.action.{row.action.replace('.', '_')}"
    action = reader.say(key) if has(key) else row.action
    case_id, _, rest = row.purpose.partition(": ")
    within = case_id if row.action == "reveal" and case_id.startswith("C-") else ""
    purpose = rest if within else row.purpose
    code, _, words = purpose.partition(": ")
    if has(f"record.purpose.{code}"):
        said = reader.say(f"record.purpose.{code}")
        purpose = f"{said} – {words}" if words else said
    case = row.object if row.object_kind == "case" else within
    role = f"console.role.{row.detail.get('role')}"
    said = reader.say(role) if has(role) else ""
    return Row(row, reader.actor(row.actor), said, action, _object(reader, row), case, purpose)


def _object(reader: Reader, row: Audit) -> str:
    """What it was about; a token shows its last characters alone."""
    prefix, _, rest = row.object.partition("_")
    key = f"record.value.{prefix}"
    if rest and has(key):
        last = rest.partition("_")[2]
        return f"{reader.say(key)} …{last}" if last else reader.say(key)
    return row.object


def _day(field: str, text: str, more_us: int = 0) -> int | None:
    """The day's beginning in Almaty, and so much more; none: not asked."""
    if not text.strip():
        return None
    try:
        return midnight(date.fromisoformat(text.strip())) + more_us
    except ValueError:
        raise InputRejected(field, text, "asked.moment") from None


def _root(newest: Checkpoint | None) -> str:
    return newest.root.hex() if newest else ""

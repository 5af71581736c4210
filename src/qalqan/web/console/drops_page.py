"""The register of drops: the list by place in the flow, one drop with its history
(REQ-38 to 43, 92)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import articles, drop_list, drop_place, drop_steps, drops
from qalqan.cases.codes import day_us
from qalqan.cases.drop_steps import NEXT, ROLES, STATUSES, WITH_ARTICLE, Assessed
from qalqan.cases.drops import CHANNELS, LONGEST_NAME
from qalqan.cases.opening import sealed
from qalqan.errors import Conflict, InputRejected
from qalqan.register import orm, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.refusal import expectation
from qalqan.web.access import (
    FormOfficer,
    ThePageOfficer,
    database_of,
    keys_of,
    language_of,
)
from qalqan.web.console.entity_view import ICONS, shown
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.errors import problem_of

router = APIRouter(include_in_schema=False)

Words = Annotated[str, Form(max_length=2000)]
Value = Annotated[str, Form(max_length=4096)]


@dataclass(frozen=True)
class Channel:
    """How people were recruited, as a page shows it."""

    kind: str
    icon: str
    shown: str
    row: orm.DropChannel


@router.get("/drops")
def list_drops(
    request: Request, officer: ThePageOfficer, role: str = "", status: str = "",
    lapsed: bool = False, number: Annotated[int, Query(alias="page", ge=1, lt=10_000)] = 1,
) -> Response:  # fmt: skip
    """Drops in view, the deepest in the flow first."""
    rights.check(officer, Right.CASES)
    wanted = drop_list.Wanted(
        role if role in ROLES else "", status if status in STATUSES else "", lapsed, number
    )
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        found = drop_list.listed(session, officer, wanted)
        told = drop_place.figures(session, officer)
    return page(
        request, "drops.html", officer, reader=reader, list=found, figures=told, wanted=wanted,
        roles=ROLES, statuses=STATUSES,
    )  # fmt: skip


@router.get("/drops/{drop_id}")
def show(request: Request, officer: ThePageOfficer, drop_id: str) -> Response:
    """One drop."""
    return _page(request, officer, drop_id)


@router.post("/drops/{drop_id}/role")
def say_role(
    request: Request, officer: FormOfficer, drop_id: str,
    role: Field = "", note: Words = "",
) -> Response:  # fmt: skip
    """Say which part was seen."""
    return _act(
        request, officer, drop_id, "role",
        lambda session, drop: drop_steps.say_role(session, officer, drop, role, note),
    )  # fmt: skip


@router.post("/drops/{drop_id}/agree")
def agree(request: Request, officer: FormOfficer, drop_id: str, yes: Field = "") -> Response:
    """The second person's yes or no."""
    return _act(
        request, officer, drop_id, "agree",
        lambda session, drop: drop_steps.agree(session, officer, drop, yes == "yes"),
    )  # fmt: skip


@router.post("/drops/{drop_id}/status")
def assess(
    request: Request, officer: FormOfficer, drop_id: str,
    status: Field = "", day: Field = "", article: Field = "", note: Words = "",
) -> Response:  # fmt: skip
    """Write what the procedure decided."""

    def do(session: Session, drop: orm.Drop) -> None:
        told = Assessed(status, _day(day), article or None, note)
        drop_steps.assess(session, officer, drop, told)

    return _act(request, officer, drop_id, "status", do)


@router.post("/drops/{drop_id}/keep")
def keep_on(request: Request, officer: FormOfficer, drop_id: str, note: Words = "") -> Response:
    """Let the label stand for another term."""
    return _act(
        request, officer, drop_id, "keep",
        lambda session, drop: drop_steps.keep_on(session, officer, drop, note),
    )  # fmt: skip


@router.post("/drops/{drop_id}/name")
def call(request: Request, officer: FormOfficer, drop_id: str, name: Words = "") -> Response:
    """Say by what name the search finds it."""
    keys = keys_of(request)
    return _act(
        request, officer, drop_id, "name",
        lambda session, drop: drops.call(session, keys, officer, drop, name),
    )  # fmt: skip


@router.post("/drops/{drop_id}/channels")
def add_channel(
    request: Request, officer: FormOfficer, drop_id: str,
    kind: Field = "", value: Value = "",
) -> Response:  # fmt: skip
    """Add a channel by which people were recruited."""
    keys = keys_of(request)
    return _act(
        request, officer, drop_id, "channels",
        lambda session, drop: drops.add_channel(session, keys, officer, drop, kind, value),
    )  # fmt: skip


@router.post("/drops/{drop_id}/findings")
def add_finding(
    request: Request, officer: FormOfficer, drop_id: str,
    finding: Annotated[int, Form(ge=1, lt=2**63)],
) -> Response:  # fmt: skip
    """Put a finding forward."""
    return _act(
        request, officer, drop_id, "findings",
        lambda session, drop: drops.add_finding(session, officer, drop, finding),
    )  # fmt: skip


def _day(text: str) -> int:
    try:
        return day_us(date.fromisoformat(text))
    except ValueError:
        raise InputRejected("day", text, "drop.day") from None


def _act(
    request: Request,
    officer: SignedIn,
    drop_id: str,
    act: str,
    do: Callable[[Session, orm.Drop], object],
) -> Response:
    """Do it and show the drop, or the drop with what was wrong."""
    language = language_of(request)
    right = Right.DECIDE if act == "agree" else Right.CASEWORK
    try:
        with database_of(request).write() as session:
            do(session, drops.check(session, officer, right, drop_id))
    except InputRejected as error:
        told = expectation(error.expected, language, error.params)
        return _page(request, officer, drop_id, 422, act, told)
    except Conflict as error:
        message = str(problem_of(error, language).error["message"])
        return _page(request, officer, drop_id, 409, act, message)
    return RedirectResponse(f"/drops/{drop_id}", 303)


def _page(
    request: Request,
    officer: SignedIn,
    drop_id: str,
    status: int = 200,
    wrong: str = "",
    problem: str = "",
) -> HTMLResponse:
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        view = drop_list.one(session, officer, drop_id)
    channels = [
        Channel(row.kind, ICONS[row.kind], shown(row.kind, row.subject), row)
        for row in view.channels
    ]
    today = datetime.fromtimestamp(clock.now_us() // clock.SECOND, UTC).date()
    return page(
        request, "drop.html", officer, status, reader=reader, view=view, drop=view.drop,
        channels=channels, shown=shown, wrong=wrong, problem=problem, roles=ROLES,
        next=sorted(NEXT[view.drop.status], key=STATUSES.index), with_article=WITH_ARTICLE,
        articles=articles.articles(), kinds=CHANNELS, today=today.isoformat(),
        name=sealed(view.drop.name) if view.drop.name else None, longest_name=LONGEST_NAME,
    )  # fmt: skip

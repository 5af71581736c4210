"""The register of drops for officers' programs, reading alone (REQ-40 to 43, 92).

Accounts and people stand as tokens; who needs a value opens it in the console, for a purpose.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from qalqan.cases import drop_list, drop_place
from qalqan.cases.drop_steps import ROLES, STATUSES
from qalqan.errors import InputRejected
from qalqan.register import orm, rights
from qalqan.register.rights import Right
from qalqan.web.access import TheOfficer, database_of

router = APIRouter(tags=["officers"])

DropId = Annotated[str, Path(max_length=20, pattern=r"^[A-Z0-9-]+$")]
PageNumber = Annotated[int, Query(ge=1, lt=10_000)]


@router.get("/drops")
def list_drops(
    request: Request,
    officer: TheOfficer,
    role: Annotated[str, Query(max_length=20)] = "",
    status: Annotated[str, Query(max_length=20)] = "",
    lapsed: bool = False,
    page: PageNumber = 1,
) -> dict[str, Any]:
    """Drops in view by their place in the flow, with the counts behind them."""
    rights.check(officer, Right.CASES)
    if role not in ("", *ROLES):
        raise InputRejected("role", role, "drop.role")
    if status not in ("", *STATUSES):
        raise InputRejected("status", status, "drop.status")
    wanted = drop_list.Wanted(role, status, lapsed, page)
    with database_of(request).session() as session:
        found = drop_list.listed(session, officer, wanted)
        figures = drop_place.figures(session, officer)
        drops = [
            {**_drop(row.drop), "accounts": row.accounts, "cases": row.cases} for row in found.rows
        ]
    return {"drops": drops, "total": found.total, "page": page, "figures": figures}


@router.get("/drops/{drop_id}")
def show(request: Request, officer: TheOfficer, drop_id: DropId) -> dict[str, Any]:
    """One drop with its history; a label says what was seen, never guilt."""
    with database_of(request).session() as session:
        view = drop_list.one(session, officer, drop_id)
        return {
            **_drop(view.drop),
            "name": view.drop.name,
            "person": view.drop.person,
            "accounts": list(view.accounts),
            "cases": [case.id for case in view.cases],
            "cases_out_of_view": view.hidden,
            "history": [_step(step) for step in reversed(view.steps)],
            "channels": [{"kind": each.kind, "subject": each.subject} for each in view.channels],
            "findings": [row.id for row in view.findings],
        }


def _drop(drop: orm.Drop) -> dict[str, Any]:
    names = (
        "id", "region", "role", "status", "hop", "part", "opened_us", "expires_us", "expired_us",
    )  # fmt: skip
    return {name: getattr(drop, name) for name in names}


def _step(step: orm.DropStep) -> dict[str, Any]:
    names = (
        "at_us", "by", "what", "value", "article", "day_us", "note", "second", "pending",
    )  # fmt: skip
    return {name: getattr(step, name) for name in names}

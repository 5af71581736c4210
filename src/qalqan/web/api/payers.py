"""Customers of a bank who pay drops now, for the bank to warn them (REQ-90)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from qalqan.cases import warned
from qalqan.web.access import ThePartner, database_of

router = APIRouter(tags=["warnings"])

WarningId = Annotated[int, Path(ge=1, lt=2**62)]


@router.get("/warnings")
def warnings(request: Request, partner: ThePartner, after: str = "") -> dict[str, Any]:
    """Your own customers who paid an account where stolen money was held, after the cursor
    `after`, fifty at most. They have not reported and may be about to pay again.

    `payment` is the number that you gave the payment, if you told us of it; else find it by time,
    sum and the accounts' last four characters (`payer` is our token). Each is on the list until
    `expires_us` or until somebody has warned him, and what you fetch stands in our audit.
    """
    page = warned.fetch(database_of(request), partner.code, after)
    return {"warnings": list(page.warnings), "next": page.next}


@router.post("/warnings/{warning}/warned")
def mark(request: Request, warning: WarningId, partner: ThePartner) -> dict[str, Any]:
    """Say that you have warned this customer; saying it again changes nothing."""
    actor = f"partner:{partner.code}"
    warned.mark(database_of(request), warning, actor, bank=partner.code)
    return {"warning": warning, "warned": True}

"""Who really uses a number, for officers' programs (REQ-50)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from qalqan.cases import number_user
from qalqan.cases.number_user import Answer
from qalqan.register import purposes
from qalqan.web.access import TheOfficer, database_of, keys_of
from qalqan.web.api.bodies import JsonBytes, parsed

router = APIRouter(tags=["officers"])

CaseId = Annotated[str, Path(max_length=20)]


class NumberAsked(BaseModel):
    """A number, and what for: in a body, since addresses stay in histories and logs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: str = Field(max_length=100)
    purpose: str = Field(max_length=20)
    """One of the codes of purposes: pretrial, stop_payment, victim, appeal, oversight, other."""
    words: str = Field(default="", max_length=400)


@router.post("/cases/{case}/number-user")
def look_up(request: Request, officer: TheOfficer, case: CaseId, body: JsonBytes) -> dict[str, Any]:
    """Everybody whom facts and the register tie to a number, for a purpose, within a case:
    candidates, ranked by how many institutions were told the number as their own, then by the
    strongest kind of tie, then by the latest. None of it says who it is, or that anybody is guilty.
    People and devices are tokens; each look-up stands in the record."""
    asked = parsed(NumberAsked, body)
    stated = purposes.checked(asked.purpose, asked.words)
    database, keys = database_of(request), keys_of(request)
    return _shown(number_user.look_up(database, keys, officer, case, asked.number, stated))


def _shown(found: Answer) -> dict[str, Any]:
    return {
        "phone": found.phone,
        "candidates": [
            {
                "person": each.person,
                "registrant": each.registrant,
                "institutions": each.institutions,
                "last_us": each.last_us,
                "bases": [vars(basis) for basis in each.bases],
            }
            for each in found.candidates
        ],
        "devices": [vars(device) for device in found.devices],
        "cases": list(found.cases),
        "cases_out_of_view": dict(found.hidden),
    }

"""Numbers that an operator is asked to put in order, for its programs (REQ-51)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from qalqan import clock
from qalqan.cases import compliance, compliance_list
from qalqan.cases.compliance import LONGEST_WORDS, Outcome
from qalqan.register.orm import ComplianceItem
from qalqan.web.access import ThePartner, database_of, keys_of
from qalqan.web.api.bodies import JsonBytes, parsed

router = APIRouter(tags=["numbers"])

ItemId = Annotated[str, Path(max_length=20, pattern=r"^[A-Z0-9-]+$")]
Cursor = Annotated[str, Query(max_length=20)]
A_PAGE = 50


class NumbersAnswer(BaseModel):
    """What became of the numbers; who explains or refuses says why in `words`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answer: Outcome
    words: str = Field(default="", max_length=LONGEST_WORDS)


@router.get("/compliance")
def items(request: Request, partner: ThePartner, after: Cursor = "") -> dict[str, Any]:
    """Your items after the cursor `after`, oldest first, without their numbers."""
    with database_of(request).session() as session:
        found = compliance_list.of_partner(session, partner.code, after, A_PAGE)
        shown = [_shown(item) for item in found]
    return {"items": shown, "next": shown[-1]["item"] if shown else after}


@router.get("/compliance/{item}")
def numbers(request: Request, partner: ThePartner, item: ItemId) -> dict[str, Any]:
    """One of your items with its numbers; that you opened them stands in the record."""
    with database_of(request).write() as session:
        found, clear = compliance_list.opened(
            session, keys_of(request), partner.code, item, f"partner:{partner.code}"
        )
        return {**_shown(found), "numbers": clear}


@router.post("/compliance/{item}/answer")
def answer(request: Request, partner: ThePartner, item: ItemId, body: JsonBytes) -> dict[str, Any]:
    """Say that you removed the numbers, registered them anew, or explain or refuse. The same answer
    again changes nothing; another one is refused with 409 until the centre asks again."""
    given = parsed(NumbersAnswer, body)
    by = f"partner:{partner.code}"
    with database_of(request).write() as session:
        done = compliance.answer(session, item, partner.code, given.answer, given.words, by)
        return _shown(done)


def _shown(item: ComplianceItem) -> dict[str, Any]:
    return {
        "item": item.id,
        "state": compliance_list.stands(item, clock.now_us()),
        "count": len(item.numbers),
        "asked_us": item.asked_us,
        "due_us": item.due_us,
        "answer": item.answer,
        "late": item.late,
    }

"""Looking for cases, people and identifiers, by API (REQ-18, 86)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from qalqan.cases import at_work, finding
from qalqan.cases.found_ids import Hit
from qalqan.register import orm
from qalqan.web.access import TheOfficer, database_of, keys_of, language_of
from qalqan.web.api.bodies import JsonBytes, parsed

router = APIRouter(tags=["officers"])


class Sought(BaseModel):
    """What is looked for, in a body: addresses stay in histories and logs (ASVS 5.0, 14.2.1)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    q: str = Field(max_length=400)


@router.post("/search")
def search(request: Request, officer: TheOfficer, body: JsonBytes) -> dict[str, Any]:
    """What fits: the number of a case, report, order, appeal or drop, written short or whole; an
    account, phone, card, IIN, wallet, host, link or handle; a person's name in any alphabet; a
    partner, officer, region or method. Look-alike letters and a slip of the finger are forgiven:
    `almost` says so. Cases out of view are counted by region in `hidden`. Looking for an
    identifier or a person is noted in the audit; `colleagues` are those who work on it, too.
    """
    database, q = database_of(request), parsed(Sought, body).q
    found = finding.find(database, keys_of(request), q, officer)
    subjects = [subject for _, subject in found.subjects]
    with database.session() as session:
        partners = [
            {"code": one.of, "name": name_of(session, one, language_of(request))}
            for one in found.partners
        ]
        beside = at_work.colleagues(session, officer, subjects)
    return {
        "cases": list(found.cases),
        "partners": partners,
        "hits": [_told(one) for one in found.hits],
        "hidden": [{"region": region, "cases": cases} for region, cases in found.hidden],
        "colleagues": [
            {"login": one.login, "role": one.role, "region": one.region, "why": one.why,
             "since_us": one.since_us, "case": one.case_id}
            for one in beside
        ],
    }  # fmt: skip


def name_of(session: Session, hit: Hit, language: str) -> str:
    """A partner's name, or its code if it has none in the language."""
    partner = session.get(orm.Partner, hit.of)
    return str(partner.names.get(language, hit.of)) if partner is not None else hit.of


def _told(hit: Hit) -> dict[str, Any]:
    return {
        "kind": hit.kind,
        "of": hit.of,
        "why": hit.why,
        "almost": hit.almost,
        "cases": list(hit.cases),
    }

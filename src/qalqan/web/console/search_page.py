"""One box that finds everything, its results by kind, and who else works on it (REQ-18, 86)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import at_work, codes, finding, seen
from qalqan.cases.entities import SEALED
from qalqan.cases.found_ids import Hit
from qalqan.register import orm, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.trust.tokens import last_four
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, keys_of, language_of
from qalqan.web.console.colleagues import spoken, unit
from qalqan.web.console.pages import page
from qalqan.web.console.reader import Reader, reader_of

router = APIRouter(include_in_schema=False)

Words = Annotated[str, Form(max_length=2000)]

SHOWN = 6
"""Cases a row."""
ICONS = {
    "case": "flag", "blocked": "shield",
    "report": "person", "order": "send", "appeal": "return", "victim": "person",
    "drop": "account", "partner": "bank", "officer": "person", "region": "flag",
    "method": "warning", "account": "account", "wallet": "account", "person": "lock",
}  # fmt: skip
_OTHERWISE = "shield"


@dataclass(frozen=True)
class InCase:
    """A case of a row."""

    id: str
    region: str
    owner: str | None


@dataclass(frozen=True)
class Row:
    """One hit as a reader sees it."""

    hit: Hit
    icon: str
    name: str
    """What it is called, or shows of it what may be seen."""
    path: str
    """Where it opens; empty: nowhere."""
    cases: tuple[InCase, ...]
    more: int
    """Cases beyond those shown."""


@router.get("/search")
def show(request: Request, officer: ThePageOfficer, q: str = "") -> Response:
    """What there is to look for; or the results of a link, whose words are nobody's data."""
    return _found(request, officer, q)


@router.post("/search")
def search(request: Request, officer: FormOfficer, q: Words = "") -> Response:
    """The results. A form's body, since addresses stay in histories and logs (ASVS 5.0, 14.2.1)."""
    return _found(request, officer, q)


def _found(request: Request, officer: SignedIn, q: str) -> Response:
    rights.check(officer, Right.SEARCH)
    database, asked = database_of(request), q.strip()[: finding.LONGEST]
    found = finding.find(database, keys_of(request), asked, officer)
    with database.session() as session:
        reader = reader_of(session, language_of(request))
        groups = _groups(session, reader, found.hits)
        subjects = [subject for _, subject in found.subjects]
        beside = at_work.colleagues(session, officer, subjects)
        lately = () if asked else at_work.also_asked(session, officer)
    return page(
        request, "search.html", officer, reader=reader, asked=asked, found=found, groups=groups,
        beside=spoken(reader, beside), lately=spoken(reader, lately), longest=finding.LONGEST,
    )  # fmt: skip


@router.post("/search/suggest")
def suggest(request: Request, officer: FormOfficer, q: Words = "") -> Response:
    """What may be meant while somebody still types; nothing personal, nothing noted."""
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        hits = finding.suggest(session, q, officer)
        shown = finding.in_view(session, officer, hits)
        rows = [_row(reader, hit, {}) for hit in shown]
    return page(request, "_suggest.html", officer, reader=reader, rows=rows)


def _groups(session: Session, reader: Reader, hits: Iterable[Hit]) -> dict[str, list[Row]]:
    """Kind → its rows, in the order in which the likeliest of each came."""
    known = _cases(session, {case for hit in hits for case in hit.cases[:SHOWN]})
    groups: dict[str, list[Row]] = {}
    for hit in hits:
        groups.setdefault(hit.kind, []).append(_row(reader, hit, known))
    return groups


def _cases(session: Session, wanted: set[str]) -> Mapping[str, InCase]:
    query = select(orm.Case.id, orm.Case.region, orm.Case.owner).where(
        orm.Case.id.in_(sorted(wanted))
    )
    return {
        number: InCase(number, region, owner) for number, region, owner in session.execute(query)
    }


def _row(reader: Reader, hit: Hit, known: Mapping[str, InCase]) -> Row:
    cases = tuple(known[case] for case in hit.cases[:SHOWN] if case in known)
    return Row(
        hit, ICONS.get(hit.kind, _OTHERWISE), name_of(reader, hit), path_of(hit), cases,
        max(0, len(hit.cases) - SHOWN),
    )  # fmt: skip


def name_of(reader: Reader, hit: Hit) -> str:
    """A hit in words; of a sealed value its last four."""
    if hit.kind in SEALED:
        return f"…{last_four(hit.of)}" if last_four(hit.of) else reader.say("search.in_vault")
    if hit.kind == "partner":
        return reader.partners.get(hit.of, hit.of)
    if hit.kind == "region":
        return unit(reader, hit.of)
    if hit.kind == "method":
        book = next(book for book in reversed(codes.code_books()) if hit.of in book.methods)
        return reader.method(hit.of, book.version)
    if hit.kind == "blocked":
        return reader.say("search.blocked_by", order=hit.of)
    if hit.kind == "victim":
        return reader.say("search.victim_of", report=hit.of)
    return hit.of


def path_of(hit: Hit) -> str:
    """The page of a hit."""
    case = f"/cases/{hit.cases[0]}" if hit.cases else ""
    if hit.kind in ("case", "report", "victim"):
        return case
    own = {
        "order": f"/orders/{hit.of}", "drop": f"/drops/{hit.of}", "blocked": f"/blocked/{hit.of}",
        "appeal": f"{case}#orders",
        "region": f"/queue?tab=all&region={hit.of}", "method": "", "partner": "", "officer": "",
    }  # fmt: skip
    if hit.kind in own:
        return own[hit.kind]
    return f"{case}/entities/{seen.mark_of(hit.of)}" if case else ""

"""Measures and programmes for officers' programs (REQ-25, 93)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from qalqan import clock
from qalqan.bulletin import measured
from qalqan.bulletin.effects.design import Against, of_dict
from qalqan.bulletin.effects.plain import evaluation as told_effect
from qalqan.bulletin.figures.definitions import definitions
from qalqan.cases import measure_list, measures, programmes
from qalqan.cases.measures import Event
from qalqan.errors import NotFound
from qalqan.register import orm, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.web.access import TheOfficer, database_of, settings_of
from qalqan.web.api.bodies import JsonBytes, Key, parsed

router = APIRouter(tags=["measures"])

MeasureId = Annotated[str, Path(max_length=20, pattern=r"^[A-Z0-9-]+$")]
Cursor = Annotated[str, Query(max_length=20)]
_Code = Annotated[str, Field(max_length=8)]


class Body(BaseModel):
    """What a request tells."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MeasureIn(Body):
    """A measure; `names` in one language at least: kk, ru, en."""

    names: dict[str, str] = Field(min_length=1, max_length=3)
    owner: str = Field(max_length=400)
    due_day: str = Field(max_length=10)
    programme: str | None = Field(default=None, max_length=20)
    person: str | None = Field(default=None, max_length=40)
    figure: str = Field(default="", max_length=80)
    target: str = Field(default="", max_length=80)


class ProgrammeIn(Body):
    """A programme, roadmap, set of measures, concept or plan, with its source."""

    kind: str = Field(max_length=12)
    names: dict[str, str] = Field(min_length=1, max_length=3)
    owner: str = Field(default="", max_length=400)
    from_day: str | None = Field(default=None, max_length=10)
    to_day: str | None = Field(default=None, max_length=10)
    source: str = Field(max_length=800)
    stated: str | None = Field(default=None, max_length=10)


class MeasureMove(Body):
    """What happened to it; `words` where it is refused or dropped."""

    event: Event
    words: str = Field(default="", max_length=4000)
    version: StrictInt | None = Field(default=None, ge=0, lt=2**62)


class EvidenceIn(Body):
    """What shows that it was carried out."""

    kind: str = Field(max_length=10)
    reference: str = Field(max_length=800)
    words: str = Field(default="", max_length=4000)


class DesignIn(Body):
    """How it will be judged. `start` is a month, `2026-03`; empty lists: all."""

    start: str = Field(max_length=10)
    methods: list[_Code] = Field(default_factory=list, max_length=40)
    regions: list[_Code] = Field(default_factory=list, max_length=40)
    against: Against = "nothing"
    comparison: list[_Code] = Field(default_factory=list, max_length=40)
    months_before: StrictInt = 24
    months_after: StrictInt = 12
    looks: StrictInt = 1


BODIES: dict[str, type[BaseModel]] = {
    "/v1/programmes": ProgrammeIn,
    "/v1/measures": MeasureIn,
    "/v1/measures/{measure}/moves": MeasureMove,
    "/v1/measures/{measure}/evidence": EvidenceIn,
    "/v1/measures/{measure}/designs": DesignIn,
}
"""Path → what its POST takes."""


@router.get("/programmes")
def all_programmes(request: Request, officer: TheOfficer) -> dict[str, Any]:
    """All programmes."""
    may_read(officer)
    with database_of(request).session() as session:
        return {"programmes": [_programme(row) for row in programmes.all_of(session)]}


@router.post("/programmes", status_code=201)
def add_programme(
    request: Request, officer: TheOfficer, key: Key, body: JsonBytes
) -> dict[str, Any]:
    """Take a programme in. The same `Idempotency-Key` is the same one."""
    given = parsed(ProgrammeIn, body)
    with database_of(request).write() as session:
        wanted = programmes.Wanted(**given.model_dump())
        return _programme(programmes.add(session, officer, wanted, key))


@router.get("/measures")
def all_measures(request: Request, officer: TheOfficer, after: Cursor = "") -> dict[str, Any]:
    """Measures after the cursor `after`, oldest first."""
    may_read(officer)
    with database_of(request).session() as session:
        shown = [_measure(row) for row in measure_list.after(session, after)]
    return {"measures": shown, "next": shown[-1]["measure"] if shown else after}


@router.post("/measures", status_code=201)
def add(request: Request, officer: TheOfficer, key: Key, body: JsonBytes) -> dict[str, Any]:
    """Take a measure in. The same `Idempotency-Key` is the same one."""
    given = parsed(MeasureIn, body)
    with database_of(request).write() as session:
        wanted = measures.Wanted(**given.model_dump())
        return _measure(measures.add(session, officer, wanted, key, figures=definitions()))


@router.get("/measures/{measure}")
def one(request: Request, officer: TheOfficer, measure: MeasureId) -> dict[str, Any]:
    """One measure with its history, evidence and every version of how it is judged."""
    may_read(officer)
    with database_of(request).session() as session:
        view = measure_list.whole(session, measure)
        return {
            **_measure(view.row),
            "steps": [part(each, "event", "state", "words") for each in view.steps],
            "evidence": [part(each, "kind", "reference", "words") for each in view.evidence],
            "designs": [part(each, "number", "body", "late") for each in view.designs],
        }


@router.post("/measures/{measure}/moves")
def move(
    request: Request, officer: TheOfficer, measure: MeasureId, body: JsonBytes
) -> dict[str, Any]:
    """Start, claim, agree, refuse or drop; the same again by the same officer changes nothing. Who
    claims that it is done is not who agrees."""
    given = parsed(MeasureMove, body)
    with database_of(request).write() as session:
        row = measures.move(session, officer, measure, given.event, given.words, given.version)
        return _measure(row)


@router.post("/measures/{measure}/evidence")
def evidence(
    request: Request, officer: TheOfficer, measure: MeasureId, body: JsonBytes
) -> dict[str, Any]:
    """Add what shows that it was carried out; the same again is the same."""
    given = parsed(EvidenceIn, body)
    with database_of(request).write() as session:
        row = measures.show_evidence(
            session, officer, measure, given.kind, given.reference, given.words, definitions()
        )
        return part(row, "kind", "reference", "words")


@router.post("/measures/{measure}/designs")
def design(
    request: Request, officer: TheOfficer, measure: MeasureId, body: JsonBytes
) -> dict[str, Any]:
    """Write down how it will be judged; what is written after the start is kept as a change."""
    given = parsed(DesignIn, body)
    with database_of(request).write() as session:
        kept = measured.register(session, officer, measure, of_dict(given.model_dump()))
        return part(kept, "number", "body", "late")


@router.get("/measures/{measure}/effect")
def effect(request: Request, officer: TheOfficer, measure: MeasureId) -> dict[str, Any]:
    """What may be said of it, with every estimate: `fell`, `rose`, `no_difference` or `unknown`."""
    may_read(officer)
    with database_of(request).session() as session:
        view = measure_list.whole(session, measure)
        wanted = measured.design_of(view)
        if wanted is None:
            raise NotFound("design", measure)
        found = measured.judged(session, wanted, clock.now_us(), settings_of(request).is_simulated)
    late = view.design is not None and view.design.late
    return {"measure": measure, "design_late": late, **told_effect(found)}


def may_read(officer: SignedIn) -> None:
    """Raise `NotAllowed` unless the officer may see figures or keep measures."""
    if not rights.has(officer, Right.MEASURES):
        rights.check(officer, Right.FIGURES)


def part(row: object, *names: str) -> dict[str, Any]:
    """Some columns of a row."""
    return {name: getattr(row, name) for name in names}


def _programme(row: orm.Programme) -> dict[str, Any]:
    told = ("kind", "names", "owner", "from_day", "to_day", "source", "stated")
    return {"programme": row.id, **part(row, *told)}


def _measure(row: orm.Measure) -> dict[str, Any]:
    told = (
        "programme", "names", "owner", "person", "due_day", "figure", "target", "version",
        "claimed_by", "done_by", "late",
    )  # fmt: skip
    state = measures.stands(row, clock.now_us())
    return {"measure": row.id, "state": state, **part(row, *told)}

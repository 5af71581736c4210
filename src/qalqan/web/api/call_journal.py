"""`POST /v1/calls/journal`: an edge tells its journal (REQ-45). `GET /v1/stats/calls`: what was
counted (REQ-45, 46)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from qalqan import clock
from qalqan.cases import call_counts, call_journal
from qalqan.cases.call_journal import Piece, Place, Told
from qalqan.errors import InputRejected, NotAllowed
from qalqan.lake.hand_in import Centre
from qalqan.text.catalogue import say
from qalqan.web.access import ThePartner, database_of, keys_of, language_of, settings_of
from qalqan.web.api.bodies import JsonBytes, parsed

router = APIRouter(tags=["calls"])

TELLS = frozenset({"operator"})
"""Kinds of partner that run edges."""
MOST_LINES = 10_000
MOST_BYTES = 4 * 2**20
"""Of a journal's file, and so of a piece of one."""
MOST_LOST = 2**40
"""Verdicts that one piece tells to be lost: a counter's value, and not of its lines."""
MOST_DAYS = 366

Name = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9._:-]+$")]
Trunk = Annotated[str, Field(max_length=60)]
Rule = Annotated[str, Field(max_length=60)]
Number = Annotated[str, Field(max_length=16, pattern=r"^\+?\d+$")]
Us = Annotated[StrictInt, Field(ge=0, lt=2**62)]
Ms = Annotated[StrictInt, Field(ge=0, lt=253_370_764_800_000)]
"""Before the year 9999: what a page can show."""
Mark = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Counted = Annotated[str, Field(pattern=f"^({'|'.join(call_counts.ANSWERS + call_counts.OTHERS)})$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Verdict(_Body):
    """One line of a journal; its hash is its number."""

    id: Mark
    at_us: Us
    trunk: Trunk
    trunk_class: Annotated[str, Field(max_length=16)]
    caller: Number | None = None
    presented: Number | None = None
    callee: Number | None = None
    verdict: Annotated[str, Field(pattern="^(refuse|withhold|label)$")]
    rule: Rule
    policy: Annotated[StrictInt, Field(ge=0, lt=2**31)]


class JournalPiece(_Body):
    """Lines of one file: from byte `begin` to byte `end`, whose last line has the hash `mark`."""

    file: Annotated[str, Field(min_length=1, max_length=80)]
    begin: Us
    end: Us
    """At most 4 MiB behind `begin`."""
    mark: Mark
    verdicts: Annotated[list[Verdict], Field(max_length=MOST_LINES)]
    """What did not simply pass."""
    counts: Annotated[
        list[tuple[Us, Trunk, Counted, Rule, Annotated[StrictInt, Field(gt=0, lt=2**40)]]],
        Field(max_length=MOST_LINES),
    ]
    """Hour, trunk, answer, rule, attempts: of all lines, those told singly, too."""


class EdgeState(_Body):
    """How the edge is."""

    untold: Annotated[StrictInt, Field(ge=0, lt=2**62)] = 0
    """Verdicts lost that no line tells yet."""
    tables: Ms | None = None
    policy: Us | None = None
    places: Annotated[dict[str, Us], Field(max_length=256)] = Field(default_factory=dict)
    """Operator → second of its word on which subscribers are abroad."""
    trunks: Annotated[
        dict[Trunk, Annotated[str, Field(max_length=100)]], Field(max_length=1024)
    ] = Field(default_factory=dict)
    """Trunk → operator."""
    broken: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=20)] = Field(
        default_factory=list
    )
    """Files whose chain of hashes does not hold, and where."""


class Journal(_Body):
    """What an edge tells: `qalqan calls ship`."""

    edge: Name
    state: EdgeState
    piece: JournalPiece | None = None


BODIES: dict[str, type[BaseModel]] = {"/v1/calls/journal": Journal}


@router.post("/calls/journal")
def journal(request: Request, partner: ThePartner, body: JsonBytes) -> dict[str, Any]:
    """Tell a piece of an edge's journal: what did not simply pass singly, and counts of all. The
    answer says how far the file has been taken; a piece that does not begin there, or comes again,
    changes nothing. Without a piece: the edge is there, and this is how it is."""
    if partner.kind not in TELLS:
        raise NotAllowed("tell calls", "an operator")
    given = parsed(Journal, body)
    if given.piece is not None:
        _check(given.piece)
    centre = Centre(database_of(request), keys_of(request), settings_of(request).lake_root)
    place = call_journal.take_told(centre, partner.code, _told(given))
    return {"file": given.piece.file if given.piece else None, "end": place.taken,
            "mark": place.mark}  # fmt: skip


def _check(piece: JournalPiece) -> None:
    """No piece is longer than a file, or counts more calls than it has bytes: somebody would make
    up the country's figures."""
    if not piece.begin < piece.end <= piece.begin + MOST_BYTES:
        told = {"least": piece.begin + 1, "most": piece.begin + MOST_BYTES}
        raise InputRejected("piece.end", piece.end, "number.range", **told)
    lost = sum(n for _, _, answer, _, n in piece.counts if answer == "lost")
    most = piece.end - piece.begin
    others = max((n for _, _, answer, _, n in piece.counts if answer != "lost"), default=0)
    if others > most or lost > MOST_LOST:
        at = most if others > most else MOST_LOST
        raise InputRejected("piece.counts", max(others, lost), "number.range", least=0, most=at)


def _told(given: Journal) -> Told:
    state, told = given.state.model_dump(exclude_none=True), given.piece
    if told is None:
        return Told(given.edge, state)
    verdicts = [each.model_dump(exclude_none=True) for each in told.verdicts]
    piece = Piece(told.file, told.begin, Place(told.end, told.mark), verdicts, told.counts)
    return Told(given.edge, state, piece)


@router.get("/stats/calls")
def stats(
    request: Request, partner: ThePartner, since: date | None = None, until: date | None = None
) -> dict[str, Any]:
    """What was counted in whole days of Almaty, today if none are named: of the whole country by
    answer and rule, and of your own edges by day, edge, trunk, answer and rule. `counts` says in
    words what the figures count."""
    today = call_counts.day_of(clock.now_us())
    last = until or today
    first = since or last
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS) or last == date.max:
        raise InputRejected("since", str(first), "stats.days", most=MOST_DAYS)
    with database_of(request).session() as session:
        whole = call_counts.figures(session, first, last)
        own = call_counts.by_day(session, first, last, partner.code)
    words = say("calls.counts", language_of(request))
    return {
        "since": str(first), "until": str(last), "counts": words,
        "answers": {answer: whole.answers[answer] for answer in call_counts.ANSWERS},
        "undecided": whole.undecided, "lost": whole.lost, "complaints": whole.complaints,
        "rules": [
            {"answer": answer, "rule": rule, "n": n}
            for (answer, rule), n in sorted(whole.rules.items())
        ],
        "shadow": dict(sorted(whole.shadow.items())),
        "own": [{**each._asdict(), "day": str(each.day)} for each in own],
    }  # fmt: skip

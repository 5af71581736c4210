"""Findings as officers review them: confirm, dismiss, take back within seconds (REQ-39, 50)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import parse_qs, urlencode

from annotated_types import Interval
from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.cases import seen
from qalqan.detectors.registry import all_detectors
from qalqan.detectors.sentence import sentence, title
from qalqan.errors import Conflict, ContractBroken, InputRejected
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.catalogue import has
from qalqan.text.refusal import expectation
from qalqan.trust.tokens import PREFIXES, last_four
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console.entity_view import ICONS
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import Reader, reader_of
from qalqan.work import review
from qalqan.work.finders import BESIDE
from qalqan.work.review import Asked, Reviewed

router = APIRouter(include_in_schema=False)

Number = Annotated[int, Path(ge=1, lt=2**63)]
Marked = Annotated[int, Interval(ge=1, lt=2**63)]
Word = Literal["confirmed", "dismissed", "new"]
_TOKENS = tuple(f"{prefix}_" for prefix in PREFIXES.values())


@dataclass(frozen=True)
class Card:
    """One finding as a reader sees it."""

    of: Reviewed
    title: str
    icon: str
    kind: str
    """What the subject is, in a word."""
    subject: str
    """Last four of an account; what is not sealed, as it is; empty: sealed whole."""
    path: str
    """The subject's page in the newest of its cases in view."""
    seen: str
    against: str
    window: str
    score: int
    """Of 100; it ranks, and is no probability."""


@router.get("/findings")
def show(
    request: Request, officer: ThePageOfficer, detector: str = "", state: str = "new",
    sort: str = "score", number: int = 1, did: str = "", finding: int = 0,
) -> Response:  # fmt: skip
    """What waits for somebody's word, or what became of it."""
    asked = _asked(detector, state, sort, number)
    told = ("", "") if did not in ("confirmed", "dismissed", "new") else (did, str(finding))
    return _page(request, officer, asked, told=told)


@router.post("/findings/bulk")
def dismiss_all(
    request: Request,
    officer: FormOfficer,
    finding: Annotated[list[Marked] | None, Form()] = None,
    reason: Annotated[str, Form(max_length=2000)] = "",
    back: Field = "",
) -> Response:
    """Dismiss what is marked, each by itself."""
    try:
        became = review.dismiss_all(
            database_of(request), officer, (finding or [])[: review.A_PAGE], reason
        )
    except InputRejected as error:
        return _refused(request, officer, back, error)
    return _page(request, officer, _of_back(back), bulk=became)


@router.post("/findings/{finding}/decision")
def decide(
    request: Request,
    officer: FormOfficer,
    finding: Number,
    decision: Annotated[Word, Form()],
    was: Field = "new",
    reason: Annotated[str, Form(max_length=2000)] = "",
    back: Field = "",
    case: Field = "",
) -> Response:
    """One officer's word on one finding, and the case that it belongs to."""
    try:
        review.judge(database_of(request), officer, finding, decision, reason, was, case.strip())
    except Conflict:
        return _page(request, officer, _of_back(back), 409, taken=finding)
    except InputRejected as error:
        return _refused(request, officer, back, error)
    if back.startswith("rule:"):
        return RedirectResponse(f"/rules/{back.removeprefix('rule:')}#in-shadow", 303)
    told = urlencode({"did": decision, "finding": finding})
    return RedirectResponse(f"/findings?{address(_of_back(back))}&{told}", 303)


def cards(reader: Reader, rows: Iterable[Reviewed]) -> list[Card]:
    """Findings in the reader's language."""
    return [_card(reader, each) for each in rows]


def address(asked: Asked) -> str:
    """The query of a list."""
    told = {"detector": asked.detector, "state": asked.state, "sort": asked.sort,
            "number": asked.page}  # fmt: skip
    return urlencode({name: value for name, value in told.items() if value})


def against(reader: Reader, code: str) -> str:
    """What else may explain what a detector sees."""
    key = f"findings.against_of.{code}"
    return reader.say(key) if has(key) else ""


def spoken(reader: Reader, code: str, evidence: dict[str, object]) -> str:
    """What was seen, as a sentence; empty if an older version kept other evidence."""
    with suppress(ContractBroken, KeyError, ValueError, TypeError):
        return sentence(code, evidence, reader.language)
    return ""


def shown(subject: str) -> str:
    """What may be seen of a subject without opening the vault."""
    if not subject.startswith(_TOKENS):
        return subject
    return f"…{last_four(subject)}" if last_four(subject) else ""


def _card(reader: Reader, of: Reviewed) -> Card:
    row = of.row
    return Card(
        of=of,
        title=title(row.detector, reader.language),
        icon=ICONS.get(row.subject_kind, "person"),
        kind=reader.say(f"findings.subject.{row.subject_kind}"),
        subject=shown(row.subject),
        path=f"/cases/{of.cases[0]}/entities/{seen.mark_of(row.subject)}" if of.cases else "",
        seen=spoken(reader, row.detector, row.evidence),
        against=against(reader, row.detector),
        window=reader.say(
            "findings.window",
            from_=reader.when(row.window_from_us, "short"),
            to=reader.when(row.window_to_us, "short"),
        ),
        score=round(100 * row.score),
    )


def _asked(detector: str, state: str, sort: str, number: int) -> Asked:
    known = detector in all_detectors() or detector in BESIDE
    return Asked(
        detector if known else "",
        state if state in review.STATES else "new",
        sort if sort in review.SORTS else "score",
        max(1, min(number, 10_000)),
    )


def _of_back(back: str) -> Asked:
    told = {name: values[0] for name, values in parse_qs(back[:400]).items()}
    number = told.get("number", "1")
    return _asked(
        told.get("detector", ""), told.get("state", "new"), told.get("sort", "score"),
        int(number) if number.isdecimal() and len(number) < 6 else 1,
    )  # fmt: skip


def _refused(request: Request, officer: SignedIn, back: str, error: InputRejected) -> Response:
    problem = expectation(error.expected, language_of(request), error.params)
    return _page(request, officer, _of_back(back), 422, problem=problem)


def _page(
    request: Request,
    officer: SignedIn,
    asked: Asked,
    status: int = 200,
    *,
    told: tuple[str, str] = ("", ""),
    taken: int = 0,
    problem: str = "",
    bulk: dict[int, str] | None = None,
) -> Response:
    rights.check(officer, Right.FINDINGS)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        found = review.page(session, officer, asked)
        made = cards(reader, found.rows)
    names = {code: title(code, reader.language) for code in (*all_detectors(), *BESIDE)}
    done = sum(state == "done" for state in (bulk or {}).values())
    return page(
        request, "findings.html", officer, status, reader=reader, cards=made, found=found,
        asked=asked, back=address(asked), names=names, states=review.STATES, sorts=review.SORTS,
        did=told[0], number=told[1], taken=taken, problem=problem, bulk=bulk, bulk_done=done,
        longest=review.LONGEST, most=review.MOST_COUNTED,
    )  # fmt: skip

"""Rules: how good each is, tried with other numbers, moved and tuned by two people (DESIGN 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from qalqan.clock import SECOND
from qalqan.detectors.sentence import title
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.register import rights
from qalqan.register.orm import Backtest, BacktestFinding
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.refusal import expectation
from qalqan.text.show import share
from qalqan.web.access import (
    FormOfficer,
    ThePageOfficer,
    check_csrf,
    database_of,
    language_of,
)
from qalqan.web.console import findings_page
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import Reader, reader_of
from qalqan.web.errors import problem_of
from qalqan.work import backtests, review, rules, tuning
from qalqan.work.rules import Precision, Rule
from qalqan.work.tuning import Parameter

router = APIRouter(include_in_schema=False)

Code = Annotated[str, Path(max_length=60)]
Number = Annotated[int, Path(ge=1, lt=2**63)]
Reason = Annotated[str, Form(max_length=2000)]
_DID = frozenset({"move", "asked", "cancelled", "settled"})


@dataclass(frozen=True)
class Line:
    """One rule in the list."""

    rule: Rule
    title: str
    precision: str
    bound: str


@dataclass(frozen=True)
class Sampled:
    """A finding that a back-test gained or lost."""

    of: BacktestFinding
    subject: str
    seen: str


@dataclass(frozen=True)
class Tried:
    """One back-test as a reader sees it."""

    test: Backtest
    changes: tuple[tuple[str, str, str], ...]
    """Parameter, value before, value tried."""
    days: tuple[tuple[str, int, int], ...]
    sample: tuple[Sampled, ...]


@router.get("/rules")
def show(request: Request, officer: ThePageOfficer) -> Response:
    """All rules."""
    rights.check(officer, Right.RULES)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        lines = [_line(reader, each) for each in rules.rules(session)]
    return page(
        request, "rules.html", officer, reader=reader, lines=lines,
        bound=share(rules.BOUND_PERMILLE, 1000, reader.language),
    )  # fmt: skip


@router.get("/rules/{code}")
def show_one(
    request: Request, officer: ThePageOfficer, code: Code, did: str = "", test: int = 0
) -> Response:
    """One rule: its numbers, what became of its findings, its back-tests and decisions."""
    return _page(request, officer, code, did=did if did in _DID else "", opened=test)


@router.post("/rules/{code}/mode")
def move(
    request: Request, officer: FormOfficer, code: Code, mode: Field = "", reason: Reason = "",
) -> Response:  # fmt: skip
    """Propose to put a rule to work, or take it off the desks."""
    try:
        rules.move(database_of(request), officer, code, mode, reason)
    except (InputRejected, Conflict) as error:
        return _refused(request, officer, code, error)
    return RedirectResponse(f"/rules/{code}?did=move", 303)


async def _told(request: Request) -> dict[str, str]:
    """All fields of a form: their names are the rule's parameters."""
    form = await request.form(max_fields=100)
    return {name: value for name, value in form.items() if isinstance(value, str)}


@router.post("/rules/{code}/tests")
def ask(
    request: Request, officer: ThePageOfficer, code: Code,
    told: Annotated[dict[str, str], Depends(_told)],
) -> Response:  # fmt: skip
    """Try a rule over the lake with other numbers."""
    check_csrf(request, officer, told)
    try:
        number = backtests.ask(database_of(request), officer, code, told)
    except (InputRejected, Conflict) as error:
        return _refused(request, officer, code, error, told)
    return RedirectResponse(f"/rules/{code}?did=asked&test={number}#tests", 303)


@router.get("/rules/{code}/tests")
def show_tests(request: Request, officer: ThePageOfficer, code: Code, test: int = 0) -> Response:
    """The back-tests alone, for a page that refreshes them while one runs."""
    rights.check(officer, Right.RULES)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        tried = _tried(session, reader, code, test)
    return page(
        request, "_tests.html", officer, reader=reader, tests=tried, code=code,
        steps=backtests.STEPS, opened=test, shortest=rules.SHORTEST, longest=rules.LONGEST,
    )  # fmt: skip


@router.post("/rules/{code}/tests/{number}/cancel")
def cancel(request: Request, officer: FormOfficer, code: Code, number: Number) -> Response:
    """Stop a back-test."""
    try:
        backtests.cancel(database_of(request), officer, number)
    except Conflict as error:
        return _refused(request, officer, code, error)
    return RedirectResponse(f"/rules/{code}?did=cancelled#tests", 303)


@router.post("/rules/{code}/tests/{number}/adopt")
def adopt(
    request: Request, officer: FormOfficer, code: Code, number: Number, reason: Reason = "",
) -> Response:  # fmt: skip
    """Propose the numbers that a back-test has tried."""
    try:
        rules.adopt(database_of(request), officer, number, reason)
    except (InputRejected, Conflict) as error:
        return _refused(request, officer, code, error)
    return RedirectResponse(f"/rules/{code}?did=move#changes", 303)


@router.post("/rules/{code}/changes/{number}")
def settle(
    request: Request, officer: FormOfficer, code: Code, number: Number, word: Field = "",
) -> Response:  # fmt: skip
    """A second person's yes or no to a proposal."""
    try:
        rules.settle(database_of(request), officer, number, word == "agree")
    except (Conflict, NotAllowed) as error:
        return _refused(request, officer, code, error)
    return RedirectResponse(f"/rules/{code}?did=settled#changes", 303)


def _line(reader: Reader, rule: Rule) -> Line:
    return Line(
        rule,
        title(rule.code, reader.language),
        _precision(reader, rule.precision),
        _bound(reader, rule.precision),
    )


def _precision(reader: Reader, of: Precision) -> str:
    if not of.decided:
        return reader.say("rules.undecided")
    low, high = of.interval
    return reader.say(
        "rules.precision", share=_share(reader, of.share), low=_share(reader, low),
        high=_share(reader, high), n=of.decided,
    )  # fmt: skip


def _bound(reader: Reader, of: Precision) -> str:
    worst = _share(reader, of.false_alarms)
    if of.bound_met:
        return reader.say("rules.bound.met", worst=worst)
    return reader.say("rules.bound.open", worst=worst, least=rules.LEAST_DECIDED)


def _share(reader: Reader, permille: int) -> str:
    return share(permille, 1000, reader.language)


def _tried(session: Session, reader: Reader, code: str, opened: int) -> list[Tried]:
    known = {one.name: one for one in tuning.parameters(session, code)}
    return [
        _one_tried(session, reader, each, known, each.id == opened or place == 0)
        for place, each in enumerate(backtests.of_detector(session, code))
    ]


def _one_tried(
    session: Session,
    reader: Reader,
    test: Backtest,
    known: Mapping[str, Parameter],
    whole: bool,
) -> Tried:
    sample = backtests.sample(session, test.id) if whole and test.state == "done" else []
    return Tried(
        test,
        tuple(
            (name, valued(reader, name, known[name].value) if name in known else "–",
             valued(reader, name, value))
            for name, value in test.params.items()
        ),
        tuple((_day(us), *load) for us, *load in (test.result or {}).get("days", [])),
        tuple(
            Sampled(one, findings_page.shown(one.subject),
                    findings_page.spoken(reader, test.detector, one.evidence))
            for one in sample
        ),
    )  # fmt: skip


def _day(us: int) -> str:
    """A UTC day: detectors' windows are such."""
    return datetime.fromtimestamp(us // SECOND, UTC).date().isoformat()


def valued(reader: Reader, name: str, value: int | Sequence[str]) -> str:
    """A parameter as a person reads it, by its name's ending; of a list its entries."""
    if not isinstance(value, int):
        return ", ".join(value) or "–"
    if name.endswith("_us"):
        return reader.duration(value)
    if name.endswith("_permille"):
        return share(value, 1000, reader.language)
    return reader.money(value, "KZT") if name.endswith("_minor") else str(value)


def _refused(
    request: Request,
    officer: SignedIn,
    code: str,
    error: InputRejected | Conflict | NotAllowed,
    given: Mapping[str, str] | None = None,
) -> Response:
    if isinstance(error, InputRejected):
        told, status = expectation(error.expected, language_of(request), error.params), 422
        told = f"{error.field}: {told}"
    else:
        problem = problem_of(error, language_of(request))
        told, status = str(problem.error["message"]), problem.status
    return _page(request, officer, code, status, problem=told, given=given)


def _page(
    request: Request,
    officer: SignedIn,
    code: str,
    status: int = 200,
    *,
    did: str = "",
    problem: str = "",
    given: Mapping[str, str] | None = None,
    opened: int = 0,
) -> Response:
    rights.check(officer, Right.RULES)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        rule = rules.rule(session, code)
        parameters = tuning.parameters(session, code)
        tried = _tried(session, reader, code, opened)
        changes = rules.changes(session, code)
        shadow = review.page(session, officer, review.Asked(code, shadow=rule.mode != "live"))
        made = findings_page.cards(reader, shadow.rows)
    return page(
        request, "rule.html", officer, status, reader=reader, line=_line(reader, rule),
        parameters=parameters, valued=valued, tests=tried, changes=changes, cards=made,
        found=shadow, did=did, problem=problem, given=given or {}, steps=backtests.STEPS,
        opened=opened, code=code, against=findings_page.against(reader, code),
        shortest=rules.SHORTEST, longest=rules.LONGEST,
        bound=share(rules.BOUND_PERMILLE, 1000, reader.language),
    )  # fmt: skip

"""The officers' pages: cases, one case, what waits for a decision, one sealed value (REQ-18, 19).

Everything works as plain pages and forms; HTMX only refreshes orders and their clocks.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.cases import approvals, codes, finding, order_book
from qalqan.cases.approvals import LONGEST_NOTE
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.register import orm, rights
from qalqan.register.rights import Right
from qalqan.trail.policy import default
from qalqan.web.access import (
    FormOfficer,
    OrderId,
    ThePageOfficer,
    database_of,
    keys_of,
    language_of,
)
from qalqan.web.console import (
    abroad_contacts_page,
    abroad_draft_page,
    abroad_page,
    abroad_request_page,
    abroad_treaties_page,
    account_page,
    appeal_page,
    blocked_page,
    bulletins_desk,
    call_appeal_page,
    calls_page,
    case_pages,
    devices_page,
    draft_page,
    effect_page,
    entrance,
    exercise_page,
    findings_page,
    glass_page,
    keys_page,
    letter_page,
    measures_page,
    operators_page,
    order_page,
    orders_page,
    outreach_consents_page,
    outreach_materials_page,
    outreach_one_page,
    outreach_page,
    outreach_segments_page,
    outreach_texts_page,
    pack_page,
    paper_page,
    partner_pages,
    passkeys_page,
    people_page,
    plans_page,
    queue_acts,
    queue_page,
    record_page,
    rules_page,
    sealed_page,
    search_page,
    statistics_page,
    steps_page,
    team_page,
    training_page,
    watch_page,
    work_page,
    workload_page,
)
from qalqan.web.console.case_list import (
    SORTS,
    STATES,
    AskedCases,
    case_list,
    methods_of,
    totals,
)
from qalqan.web.console.entrance import Field
from qalqan.web.console.order_cards import cards, decided_on
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.undecided import undecided
from qalqan.web.looks import shows

router = APIRouter(include_in_schema=False)
router.include_router(entrance.router)
for part in (steps_page, account_page, passkeys_page, people_page, team_page, glass_page):
    router.include_router(part.router)
for part in (
    search_page, findings_page, rules_page, devices_page, operators_page, statistics_page,
    bulletins_desk,
):  # fmt: skip
    router.include_router(part.router)
for part in (
    outreach_page,
    outreach_segments_page,
    outreach_materials_page,
    outreach_texts_page,
    outreach_consents_page,
    outreach_one_page,  # last: the others' paths look like the number of one
):
    router.include_router(part.router)
router.include_router(call_appeal_page.router)
for part in (measures_page, effect_page, plans_page):
    router.include_router(part.router)
router.include_router(partner_pages.router)
router.include_router(work_page.router)
router.include_router(watch_page.router)
router.include_router(letter_page.router)
router.include_router(case_pages.router)
for part in (abroad_page, abroad_contacts_page, abroad_treaties_page, abroad_draft_page):
    router.include_router(part.router)
for part in (training_page, exercise_page):
    router.include_router(part.router)
router.include_router(abroad_request_page.router)  # after those with fixed names
for part in (draft_page, orders_page, order_page, blocked_page, appeal_page, pack_page, paper_page):
    router.include_router(part.router)
for part in (
    queue_page,
    queue_acts,
    keys_page,
    workload_page,
    record_page,
    sealed_page,
    calls_page,
):
    router.include_router(part.router)


PageNumber = Annotated[int, Query(alias="page")]


@router.get("/cases")
def list_cases(
    request: Request, officer: ThePageOfficer, asked: AskedCases, q: str = ""
) -> Response:
    """All cases, with the totals above them; with `q` those that fit it."""
    rights.check(officer, Right.CASES)
    database, wanted = database_of(request), q.strip()[: finding.LONGEST]
    sums = () if wanted else totals(database, default().rule)
    fit = finding.find(database, keys_of(request), wanted, officer) if wanted else None
    with database.session() as session:
        reader = reader_of(session, language_of(request))
        found = case_list(session, reader, officer, asked, fit.cases if fit else None)
    return page(
        request, "cases.html", officer, reader=reader, list=found, sums=sums, sorts=SORTS,
        rule=default().rule, asked=wanted, partners=fit.partners if fit else (),
        longest=finding.LONGEST, states=STATES, methods=methods_of(reader),
        regions=sorted(codes.regions(), key=reader.region),
    )  # fmt: skip


@router.get("/approvals")
def list_approvals(
    request: Request, officer: ThePageOfficer, decided: str = "", number: PageNumber = 1
) -> Response:
    """What waits for this officer's yes or no, the oldest first."""
    rights.check(officer, Right.CASES)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        number = max(1, min(number, 10_000))
        waits, whole = approvals.waiting_page(session, officer, number)
        made = cards(session, reader, [each.order for each in waits], waits)
        just = cards(session, reader, order_book.find(session, orm.Order.id == decided), ())
        done = decided_on(just, decided, officer)
    shows(request, [each.order.case_id for each in made])
    return page(
        request, "approvals.html", officer, reader=reader, cards=made, done=done,
        longest=LONGEST_NOTE, whole=whole, number=number, last=-(-whole // approvals.A_PAGE),
    )  # fmt: skip


@router.post("/orders/{order}/decision")
def decide(
    request: Request,
    officer: FormOfficer,
    order: OrderId,
    decision: Annotated[Literal["approve", "refuse"], Form()],
    version: Annotated[int, Form()],
    note: Annotated[str, Form(max_length=2000)] = "",
    back: Field = "/approvals",
) -> Response:
    """One officer's yes or no to one order, as it stood when he saw it."""
    try:
        moved = approvals.decide(
            database_of(request), order, officer,
            decision == "approve", note.strip(), version,
        )  # fmt: skip
    except (Conflict, NotAllowed, InputRejected) as error:
        return undecided(request, officer, order, error)
    inside = {"case": f"/cases/{moved.case_id}", "order": f"/orders/{moved.id}"}
    return RedirectResponse(f"{inside.get(back, '/approvals')}?decided={moved.id}", 303)

"""A clerk's workbook out and in: orders with room for the answers, and statements as files
(REQ-19)."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData, UploadFile

from qalqan.errors import InputRejected
from qalqan.exchange.order_sheet import CSV, XLSX
from qalqan.register import audit
from qalqan.text.refusal import expectation
from qalqan.web.access import check_csrf, database_of, language_of
from qalqan.web.api import sheets
from qalqan.web.console.clerks import Clerk, TheClerk
from qalqan.web.console.pages import page

router = APIRouter(include_in_schema=False)

_KINDS = {".xlsx": XLSX, ".csv": CSV, ".xml": "application/xml"}


@router.get("/partner/orders.xlsx")
def book(request: Request, clerk: TheClerk) -> Response:
    """All orders that wait, as a workbook; accounts stand in it in clear, and that it was taken
    stands in the record."""
    response = sheets.book_of(request, clerk.code)
    with database_of(request).write() as session:
        audit.note(session, clerk.officer.login, "orders.export", "partner", clerk.code)
    return response


@router.post("/partner/answers")
async def answers(request: Request, clerk: TheClerk) -> HTMLResponse:
    """The same workbook filled in, a csv file, or a camt.053 or camt.029: each answer is taken or
    refused by itself."""
    async with request.form(max_files=1, max_fields=4) as form:
        check_csrf(request, clerk.officer, form)
        return await _taken(request, clerk, form)


async def _taken(request: Request, clerk: Clerk, form: FormData) -> HTMLResponse:
    file = form.get("file")
    name = (file.filename or "").lower() if isinstance(file, UploadFile) else ""
    kind = next((kind for ending, kind in _KINDS.items() if name.endswith(ending)), None)
    try:
        if kind is None or not isinstance(file, UploadFile):
            raise InputRejected("file", name, "one_of", choices=", ".join(_KINDS))
        body = await file.read()
        told = await run_in_threadpool(
            sheets.answered, request, clerk.code, body, kind, clerk.officer.login
        )
    except InputRejected as error:
        words = expectation(error.expected, language_of(request), error.params)
        return _result(request, clerk, 422, {}, f"{error.field}: {words}")
    return _result(request, clerk, told.status_code, json.loads(bytes(told.body)), "")


def _result(
    request: Request, clerk: Clerk, status: int, told: dict[str, Any], problem: str
) -> HTMLResponse:
    return page(
        request, "partner_file.html", clerk.officer, status, clerk=clerk, told=told,
        problem=problem,
    )  # fmt: skip

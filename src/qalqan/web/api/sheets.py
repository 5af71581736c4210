"""Orders and answers as workbooks, for banks whose clerk works in a spreadsheet (REQ-19).

Every answer is taken or refused by itself: one wrong row does not keep the others from counting,
and never passes for taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from qalqan.cases import delivery
from qalqan.cases.answers import take_answer
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound, Unavailable
from qalqan.exchange import order_sheet
from qalqan.exchange.order_message import Answer, OrderMessage
from qalqan.exchange.order_sheet import CSV, XLSX, Refused
from qalqan.register.database import Database
from qalqan.trust import signing
from qalqan.trust.keys import Keys
from qalqan.web.access import ThePartner, database_of, keys_of, language_of
from qalqan.web.api import messages
from qalqan.web.api.bodies import XML, AnyBytes, check_nul, content_type
from qalqan.web.api.standing import standing
from qalqan.web.errors import problem_of, rejected

router = APIRouter(tags=["orders"])


@router.get("/orders.xlsx", response_class=Response)
def orders_sheet(request: Request, partner: ThePartner) -> Response:
    """All orders that wait for this partner's answer, as a workbook with room for the answers."""
    return book_of(request, partner.code)


def book_of(request: Request, partner: str) -> Response:
    """The workbook of a partner's waiting orders."""
    found = _messages(database_of(request), keys_of(request), partner)
    book = order_sheet.write(list(found), language_of(request))
    name = 'attachment; filename="orders.xlsx"'
    return Response(book, media_type=XLSX, headers={"Content-Disposition": name})


def _messages(database: Database, keys: Keys, partner: str) -> Iterator[OrderMessage]:
    """What the signed orders on offer say, page after page."""
    page = delivery.offer(database, keys, partner)
    while page.orders:
        for offered in page.orders:
            text = signing.verify(offered.jws, keys.verify_key_pem)
            yield OrderMessage.model_validate(text)
        page = delivery.offer(database, keys, partner, page.next)


@router.post("/answers")
def answer_sheet(request: Request, partner: ThePartner, body: AnyBytes) -> JSONResponse:
    """Take the answers of a filled workbook (xlsx), of a csv file, or of an ISO 20022 message
    (camt.029, camt.053).

    200: all were taken. 207: some were, 422: none was; the list says of each what became of it.
    """
    return answered(request, partner.code, body, content_type(request))


def answered(
    request: Request, partner: str, body: bytes, kind: str, brought_by: str = ""
) -> JSONResponse:
    """Take the answers of a file of this kind, each by itself; `brought_by`: the clerk who sent it.
    Raises `HTTPException` 415."""
    if kind in XML:
        return messages.answered(request, partner, body, brought_by)
    if kind not in (XLSX, CSV):
        raise HTTPException(415)
    language, read = language_of(request), order_sheet.read(body, kind)
    told = [_taken(request, partner, answer, language, brought_by) for answer in read.answers]
    refused = [_refused(each, language) for each in read.refused]
    failed = refused + [each for each in told if "error" in each]
    counts = {"taken": len(told) + len(refused) - len(failed), "refused": len(failed)}
    results = {**counts, "answers": told, "refusals": refused}
    if not failed:
        return JSONResponse(results)
    if counts["taken"]:
        return JSONResponse(results, 207)
    return JSONResponse({"error": failed[0]["error"], **results}, 422)


def _taken(
    request: Request, partner: str, answer: Answer, language: str, brought_by: str
) -> dict[str, Any]:
    try:
        check_nul(answer.model_dump_json().encode())
        order = take_answer(
            database_of(request), keys_of(request), partner, answer, brought_by=brought_by
        )
    except (InputRejected, NotFound, Conflict, NotAllowed, Unavailable) as error:
        return {"order": answer.order, "error": problem_of(error, language).error}
    return standing(order)


def _refused(refused: Refused, language: str) -> dict[str, Any]:
    error = InputRejected(refused.field, refused.value, refused.expected, **refused.params)
    place = {"place": refused.place, "order": refused.order}
    return {**place, "error": rejected(error, language)}

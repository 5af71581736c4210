"""Operators tell who of their subscribers is abroad, and the keeper of ported numbers whose a
number is now (REQ-45). The next call, here and at every edge that follows, is decided by it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from qalqan.errors import InputRejected
from qalqan.exchange.call_places import WholeList
from qalqan.lake.receipt import Refusal
from qalqan.text.mask import mask_value
from qalqan.web.access import ThePartner, language_of, settings_of
from qalqan.web.api import refusals
from qalqan.web.api.bodies import JsonBytes, content_type, parsed, tree
from qalqan.work import call_tellings
from qalqan.work.call_tables import tables_path
from qalqan.work.call_tellings import Taken

router = APIRouter(tags=["calls"])
WHOLE = "/v1/calls/places/whole"
LISTS: Mapping[str, bool] = {"text/csv": False, "application/x-ndjson": True}
"""Type of a whole list → whether its lines are JSON."""
MOST = 50_000
"""Places in one body; more goes as a whole list."""
Us = Annotated[int, Field(ge=0, lt=2**62)]
_Items = Annotated[list[Any], Field(max_length=MOST)]


class Places(BaseModel):
    """Each of `places` is `{"number", "abroad", "at_us"}` and is judged by itself. `complete_us`
    says that with this body all is told up to that moment: without such a word every quarter of an
    hour the operator's subscribers count as nowhere, and their numbers are withheld."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    places: _Items
    complete_us: Us | None = None


class Ports(BaseModel):
    """Each of `ports` is `{"number", "operator", "at_us"}`: the operator's code, or null."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ports: _Items


BODIES: dict[str, type[BaseModel]] = {"/v1/calls/places": Places, "/v1/calls/ports": Ports}


@router.post("/calls/places")
def places(request: Request, partner: ThePartner, body: JsonBytes) -> JSONResponse:
    """Tell which of your subscribers went abroad or came home, in the order of events. 200: all
    count. 207: some were refused, 422: all were; each is named. Numbers that are not yours (neither
    given nor ported to you) are refused, and stop nothing else; anything else that was refused
    lets `complete_us` not count. What is older than what you told already changes nothing."""
    tree(body)  # no JSON, or too deep
    told = parsed(Places, body)
    path = tables_path(settings_of(request))
    return _answer(call_tellings.places(path, partner.code, told.places, told.complete_us), request)


@router.post("/calls/places/whole")
async def whole(
    request: Request,
    partner: ThePartner,
    complete_us: Annotated[int, Query(ge=0, lt=2**62)],
    count: Annotated[int, Query(ge=0, lt=2**31)],
) -> JSONResponse:
    """Tell the whole list of your subscribers who are abroad as of `complete_us`: CSV with a column
    `number`, or `{"number"}` a line; whoever is not in it is at home. `count` says how many there
    are, so that a list cut short changes nothing; a line that can't be read has it refused whole.
    Numbers that are not yours are refused, and stop nothing else."""
    kind = content_type(request)
    if kind not in LISTS:
        raise HTTPException(415)
    found = await _read(request.stream(), LISTS[kind])
    if found.refused:
        first = tuple(_named(*one) for one in found.refusals)
        return _answer(Taken(len(found.numbers) + found.refused, 0, None, first), request)
    if len(found.numbers) != count:
        raise InputRejected("count", count, "calls.count", n=len(found.numbers))
    path = tables_path(settings_of(request))
    taken = await run_in_threadpool(
        call_tellings.whole, path, partner.code, found.numbers, complete_us
    )
    return _answer(taken, request)


async def _read(pieces: AsyncIterator[bytes], lines_of_json: bool) -> WholeList:
    found = WholeList(lines_of_json)
    async for piece in pieces:
        await run_in_threadpool(found.take, piece)
    found.end()
    return found


def _named(place: str, error: InputRejected) -> Refusal:
    return Refusal(place, error.field, mask_value(error.value), error.expected, dict(error.params))


@router.post("/calls/ports")
def ports(request: Request, _: ThePartner, body: JsonBytes) -> JSONResponse:
    """Tell to whom numbers were ported. 200: all count. 207: some were refused, 422: all were; each
    is named. Of two words about a number the later one counts."""
    tree(body)
    told = parsed(Ports, body)
    return _answer(call_tellings.ports(tables_path(settings_of(request)), told.ports), request)


def _answer(taken: Taken, request: Request) -> JSONResponse:
    language = language_of(request)
    told = [refusals.told(one, language) for one in taken.refusals]
    body = {
        "read": taken.read, "taken": taken.taken, "refused": taken.refused,
        "complete_us": taken.complete_us, "refusals": told,
    }  # fmt: skip
    if not taken.refused:
        return JSONResponse(body)
    if taken.taken:
        return JSONResponse(body, 207)
    return JSONResponse({"error": {"code": "rejected", **told[0]}, **body}, 422)

"""Operators put their devices on the lists of GSM gateways (REQ-47)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse

from qalqan.cases import device_file, devices
from qalqan.cases.device_file import Became
from qalqan.cases.devices import Move
from qalqan.register import orm
from qalqan.web.access import ThePartner, database_of, keys_of, language_of
from qalqan.web.api.bodies import JsonBytes, parsed
from qalqan.web.errors import problem_of

router = APIRouter(tags=["devices"])

MOST = 500


class DeviceTold(BaseModel):
    """One device and the list that it goes on. `white` needs a `reference`; `until` is the last day
    of a licence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    imei: str = Field(max_length=64)
    list: str = Field(max_length=8)
    reference: str = Field(default="", max_length=400)
    region: str = Field(default="", max_length=8)
    until: str = Field(default="", max_length=10)
    note: str = Field(default="", max_length=2000)


class DevicesTold(BaseModel):
    """Some of an operator's devices."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    devices: list[DeviceTold] = Field(min_length=1, max_length=MOST)


@router.post("/devices")
def tell(request: Request, partner: ThePartner, body: JsonBytes) -> JSONResponse:
    """Put devices that you answer for on the white, grey or black list, each judged by itself.

    200: all are taken. 207: some were refused; 422: all were. `white` is yours by a licence or a
    customs declaration; `grey` leaves the list by itself after the term of the law; `black` waits
    until somebody at the centre agrees (`waits`). The same again changes nothing.
    """
    told = parsed(DevicesTold, body).devices
    keys = keys_of(request)

    def one(session: Session, imei: str, move: Move) -> orm.Device:
        return devices.tell(session, keys, partner.code, imei, move)

    with database_of(request).write() as session:
        lines = ({"holder": "", **each.model_dump()} for each in told)
        became = device_file.take(session, one, enumerate(lines))
    return _answer(became, language_of(request))


def _answer(became: list[Became], language: str) -> JSONResponse:
    shown = [_shown(each, language) for each in became]
    refused = [each["error"] for each in shown if "error" in each]
    if not refused:
        return JSONResponse({"devices": shown})
    if len(refused) < len(shown):
        return JSONResponse({"devices": shown}, 207)
    return JSONResponse({"error": refused[0], "devices": shown}, 422)


def _shown(each: Became, language: str) -> dict[str, Any]:
    if each.error is not None:
        return {"place": each.line, "error": problem_of(each.error, language).error}
    return {"place": each.line, "list": each.list, "waits": each.waits}

"""Everything under /v1."""

from __future__ import annotations

from fastapi import APIRouter

from qalqan.web.api import (
    about,
    letters,
    log,
    officers,
    orders,
    payers,
    quarantine,
    reports,
    search,
    sheets,
)

router = APIRouter(prefix="/v1")
for part in (about, quarantine, reports, letters, log, sheets, orders, payers, officers, search):
    router.include_router(part.router)

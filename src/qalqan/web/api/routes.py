"""Everything under /v1."""

from __future__ import annotations

from fastapi import APIRouter

from qalqan.web.api import about, facts, officers, orders, reports, sheets

router = APIRouter(prefix="/v1")
for part in (about, facts, reports, sheets, orders, officers):
    router.include_router(part.router)

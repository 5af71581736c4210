"""All pages of cases and drops, under one router."""

from __future__ import annotations

from fastapi import APIRouter

from qalqan.web.console import (
    case_routes,
    documents_page,
    drops_page,
    entities_page,
    graph_page,
    number_page,
    statement_page,
    tasks_page,
)

router = APIRouter(include_in_schema=False)
for part in (
    case_routes,
    entities_page,
    graph_page,
    number_page,
    tasks_page,
    documents_page,
    statement_page,
    drops_page,
):
    router.include_router(part.router)

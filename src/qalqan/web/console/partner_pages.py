"""All pages of clerks, as one router."""

from __future__ import annotations

from fastapi import APIRouter

from qalqan.web.console import (
    partner_files,
    partner_keys_page,
    partner_numbers_page,
    partner_page,
    partner_told_page,
)

router = APIRouter(include_in_schema=False)
for part in (
    partner_files, partner_page, partner_keys_page, partner_told_page, partner_numbers_page,
):  # fmt: skip
    router.include_router(part.router)

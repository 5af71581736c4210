"""Everything under /v1."""

from __future__ import annotations

from fastapi import APIRouter

from qalqan.web.api import (
    about,
    abroad,
    account,
    appeals,
    batches,
    call_feed,
    call_journal,
    call_tellings,
    compliance,
    content,
    devices,
    drafts,
    drops,
    events,
    legs,
    letters,
    log,
    measures,
    number_user,
    officers,
    orders,
    packs,
    payers,
    people,
    plans,
    quarantine,
    reports,
    search,
    sheets,
    sms,
)

router = APIRouter(prefix="/v1")
for part in (
    about, events, quarantine, batches, reports, letters, log, sheets, orders, payers, officers,
    account, people, search, call_journal, drafts, appeals, packs, drops, call_tellings, call_feed,
    devices, compliance, legs, number_user, abroad, measures, plans, content, sms,
):  # fmt: skip
    router.include_router(part.router)

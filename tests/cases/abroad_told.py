"""Requests abroad as tests write them."""

from __future__ import annotations

from typing import Any

from persons import Officer
from qalqan.cases import abroad_requests, abroad_steps
from qalqan.cases.abroad_kinds import Event
from qalqan.cases.abroad_requests import Wanted
from qalqan.cases.abroad_steps import Told

ASEL, DANIYAR = Officer("asel"), Officer("daniyar", "supervisor")
WORDS = "Өтініш: тіркелгі деректерін сақтап қойыңыз"


def wanted(**more: Any) -> Wanted:
    given = {
        "kind": "preservation", "country": "ge", "addressee": "Cybercrime Division",
        "basis": "interpol", "words": WORDS,
    } | more  # fmt: skip
    return Wanted(**given)


def drafted(centre: Any, case: str, key: str = "k", **more: Any) -> Any:
    with centre.database.write() as session:
        return abroad_requests.draft(session, ASEL, case, wanted(**more), key)


def step(centre: Any, request: str, event: str, officer: Officer = ASEL, **told: Any) -> Any:
    with centre.database.write() as session:
        return abroad_steps.step(session, officer, request, Event(event), Told(**told))


def sent(centre: Any, case: str, key: str = "k", **more: Any) -> Any:
    row = drafted(centre, case, key, **more)
    step(centre, row.id, "approve", DANIYAR)
    return step(centre, row.id, "send")

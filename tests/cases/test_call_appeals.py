"""Appeals of refused callers, decided at the same moment by two people (REQ-44, 45)."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from persons import Officer
from qalqan.cases import call_appeals
from qalqan.cases.appeal_book import Verdict
from qalqan.cases.appeals import Decision
from qalqan.cases.call_appeals import Told
from qalqan.errors import Conflict
from qalqan.register.orm import CallAppeal

ASEL = Officer("asel", "supervisor", "KZ")


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


def test_who_decides_while_somebody_else_does_is_told_so(centre: Any) -> None:
    about = centre.clock.now_us()
    told = Told("+77272500001", about, "abroad", "Our help desk is abroad", "a@b.example", "en")
    made = call_appeals.hand_in(centre.database, centre.keys, told, "page", "key")
    decision = Decision(Verdict.UPHELD, "contract", "A contract of ours names it", version=0)

    def decide() -> object:
        try:
            return call_appeals.decide(centre.database, centre.keys, made.id, ASEL, decision)
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(1) as pool:
        with centre.database.write() as session:
            row = session.get_one(CallAppeal, made.id, with_for_update=True)
            other = pool.submit(decide)
            time.sleep(0.3)  # the other one has come to the row
            row.state, row.decided_by, row.version = Verdict.DISMISSED, "daniyar", 1
        assert other.result(10) == "changed"
    with centre.database.session() as session:
        kept = session.get_one(CallAppeal, made.id)
        assert (kept.state, kept.decided_by) == (Verdict.DISMISSED, "daniyar")

"""The morning's thefts: in the banks' books, told within the hour, each tiyn passed on or kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from qalqan.simulate.morning import LAST_US, THEFTS, Morning

LONGEST = 400
"""Stops of a morning: one that never ends fails instead of hanging."""


@dataclass
class Hands:
    """The morning's clock, centre and banks: reports are noted, feeds tell, nothing else is due."""

    world: Any
    now: int
    reports: list[dict[str, Any]] = field(default_factory=list)
    stops: int = 0

    def now_us(self) -> int:
        return self.now

    def set(self, now_us: int) -> None:
        self.now, self.stops = now_us, self.stops + 1
        assert self.stops < LONGEST

    def work(self) -> dict[str, Any]:
        return {"next_due_us": None}

    def wait_idle(self) -> None:
        with self.world.turn(self.now):
            pass

    def post(self, _partner: str, _path: str, body: dict[str, Any], _key: str) -> None:
        self.reports.append(body)

    def tick(self, _bank: Any) -> int:
        return 0

    def stream(self, bank: Any) -> int:
        told = (self.now, bank.code)
        self.world.sql.execute("UPDATE streams SET told_us = ? WHERE bank = ?", told)
        return 0


@pytest.fixture
def played(town: Any, world: Any) -> Hands:
    hands = Hands(world, town.end_us)
    hands.wait_idle()
    Morning(town, world, hands, hands).play()
    assert hands.now == town.end_us + LAST_US
    return hands


def test_each_theft_is_reported_within_the_hour_by_its_own_victim(town: Any, played: Hands) -> None:
    assert len({body["victim_iin"] for body in played.reports}) == len(THEFTS)
    for body in played.reports:
        assert town.end_us < body["crime_us"] < body["discovered_us"] < body["reported_us"]
        assert body["reported_us"] <= town.end_us + LAST_US


def test_the_books_tell_what_the_reports_do_and_where_it_went(town: Any, played: Hands) -> None:
    world, thefts = played.world, {theft.amount * 100: theft for theft in THEFTS}
    assert len(thefts) == len(played.reports) == len(THEFTS)
    for body in played.reports:
        theft, at = thefts[body["amount"]], body["payee_account"]
        payer = world.account_number(body["payer_account"])
        paid = [e for e in world.entries_of(payer, played.now) if e.payee.account == at]
        assert [(e.amount, e.payee.bank) for e in paid] == [(body["amount"], theft.path[0][0])]
        since = [e for e in world.entries_of(world.account_number(at), played.now)
                 if e.payer.account == at and e.at_us > town.end_us]  # fmt: skip
        passed_on = body["amount"] - theft.path[0][2] * 100
        assert [e.amount for e in since][:1] == [passed_on] * (len(theft.path) > 1)

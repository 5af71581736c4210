"""The day's key is handed to operators, for the days that they may need, on the record
(REQ-48, 49)."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from qalqan.register import orm
from qalqan.trust import legs


@pytest.fixture
def today(web: Any) -> date:
    return datetime.fromtimestamp(web.clock.now_us() // 10**6, UTC).date()


def asked(web: Any, day: object, who: str | None = "dala") -> Any:
    return web.get("/v1/legs/key", who, params={"day": str(day)})


def test_yesterdays_todays_and_tomorrows(web: Any, today: date, caplog: Any) -> None:
    with caplog.at_level(logging.DEBUG):
        for days in (-1, 0, 1):
            day = today + timedelta(days)
            key = asked(web, day).json()
            assert key == {"day": str(day), "key": legs.day_key(web.keys, day).hex()}
            assert key["key"] not in caplog.text
            with web.database.session() as session:
                row = session.query(orm.Audit).filter_by(action="legs.key").all()[-1]
                assert (row.actor, row.detail) == ("partner:dala", {"day": str(day)})
                assert key["key"] not in repr(vars(row))


@pytest.mark.parametrize("day", ["", "today", "2026-1-1", "20260101", "2026-W01-4", "2026-01-01Z"])
def test_what_is_no_day_is_refused(web: Any, day: str) -> None:
    assert asked(web, day).status_code == 422


def test_no_other_days_and_nobody_else(web: Any, today: date) -> None:
    for days in (-2, 2, 400):
        told = asked(web, today + timedelta(days))
        assert (told.status_code, told.json()["error"]["field"]) == (422, "day")
    for who, status in (("altyn", 403), ("hotline", 403), (None, 401)):
        assert asked(web, today, who).status_code == status
    with web.database.session() as session:
        assert session.query(orm.Audit).filter_by(action="legs.key").count() == 0

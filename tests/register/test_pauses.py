from __future__ import annotations

import pytest
from sqlalchemy import select

from qalqan.errors import NotFound
from qalqan.register import pauses
from qalqan.register.database import Database
from qalqan.register.orm import Audit


def test_work_stands_still_until_a_person_lets_it_go_on(database: Database) -> None:
    with database.session() as session:
        assert pauses.paused(session, pauses.DELIVERY) is None
    with database.write() as session:
        pauses.pause(session, pauses.DELIVERY, "restore", "first")
        pauses.pause(session, pauses.DELIVERY, "another", "second")
    with database.session() as session:
        row = pauses.paused(session, pauses.DELIVERY)
    assert row is not None
    assert (row.by, row.reason) == ("restore", "first")
    with database.write() as session:
        pauses.resume(session, pauses.DELIVERY, "aigul", "looked at everything")
    with database.session() as session:
        assert pauses.paused(session, pauses.DELIVERY) is None
        acts = session.execute(select(Audit.actor, Audit.action).order_by(Audit.id)).all()
    assert [tuple(act) for act in acts] == [
        ("restore", "delivery.pause"), ("aigul", "delivery.resume"),
    ]  # fmt: skip
    with pytest.raises(NotFound), database.write() as session:
        pauses.resume(session, pauses.DELIVERY, "aigul", "again")

"""A partner's own refused records, a page at a time."""

from __future__ import annotations

from collections.abc import Callable

from qalqan.lake import own_quarantine
from qalqan.lake.receipt import Receipt
from qalqan.register.database import Database

Give = Callable[..., Receipt]


def test_pages_go_on_where_the_last_one_ended(give: Give, database: Database) -> None:
    mine = [give({"id": name}) for name in ("a", "b", "c")]
    give({"id": "d"}, source="bank-b")
    with database.session() as session:
        first = own_quarantine.page(session, "bank-a", after=0, most=2)
        rest = own_quarantine.page(session, "bank-a", after=first[-1].id, most=2)
        one = own_quarantine.page(session, "bank-a", after=0, most=9, batch=mine[1].batch)
        others = own_quarantine.page(session, "bank-b", after=0, most=9, batch=mine[1].batch)
    assert [kept.batch for kept in (*first, *rest)] == [receipt.batch for receipt in mine]
    assert [(kept.batch, kept.kind) for kept in one] == [(mine[1].batch, "payment")]
    assert one[0].refusal == mine[1].refusals[0]
    assert others == []

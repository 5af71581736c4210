"""Whatever a partner sends twice, since no answer reached it, counts once and is answered alike
(REQ-19): every operation of partners, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from qalqan.clock import DAY, MINUTE
from qalqan.exchange import order_sheet
from qalqan.exchange.order_message import Answer
from qalqan.register import orm

KEY = {"Idempotency-Key": "k-1"}
Call = Callable[[], httpx.Response]


def _facts(web: Any) -> Call:
    return lambda: web.post(
        "/v1/facts/payment", "altyn", json={"facts": [web.payment()]}, headers=KEY
    )


def _report(web: Any) -> Call:
    return lambda: web.report("k-1")


def _answer(web: Any) -> Call:
    message = web.asked()
    body = web.confirmed(message)
    return lambda: web.post(f"/v1/orders/{message.order}/answers", "altyn", json=body)


def _received(web: Any) -> Call:
    message = web.asked()
    return lambda: web.post(f"/v1/orders/{message.order}/received", "altyn")


def _sheet(web: Any) -> Call:
    message = web.asked()
    book = order_sheet.write([message], "en", [Answer.model_validate(web.confirmed(message))])
    kind = {"Content-Type": order_sheet.XLSX}
    return lambda: web.post("/v1/answers", "altyn", content=book, headers=kind)


def _warned(web: Any) -> Call:
    web.asked()
    now = web.clock.now_us()
    with web.database.write() as session:
        case = session.scalar(select(orm.Case.id))
        row = orm.PayerToWarn(
            case_id=case, account=f"acc_{'a' * 24}_4471", payer_account=f"acc_{'a' * 24}_5599",
            payer_bank="211", amount=50_000_00, currency="KZT", at_us=now - MINUTE, fact="x:1",
            why="held", listed_us=now, expires_us=now + DAY,
        )  # fmt: skip
        session.add(row)
        session.flush()
        number = row.id
    return lambda: web.post(f"/v1/warnings/{number}/warned", "altyn")


CALLS: dict[str, Callable[[Any], Call]] = {
    "/v1/facts/{kind}": _facts,
    "/v1/reports": _report,
    "/v1/orders/{order}/answers": _answer,
    "/v1/orders/{order}/received": _received,
    "/v1/answers": _sheet,
    "/v1/warnings/{warning}/warned": _warned,
}
ELSEWHERE = {
    "/v1/screen/payments", "/v1/screen/loans",  # tests/web/api/test_screens.py, over its owner
    "/v1/orders/{order}/appeals",  # tests/web/api/test_drafts.py
    "/v1/letters/loan-dispute",  # keeps nothing
    "/v1/appeals", "/v1/appeals/{appeal}/decision",  # officers'
}  # fmt: skip


def test_no_operation_of_partners_is_left_out(web: Any) -> None:
    found = {
        path
        for path, operations in web.http.app.openapi()["paths"].items()
        if "officers" not in operations.get("post", {"tags": ["officers"]})["tags"]
    }
    assert found == CALLS.keys() | ELSEWHERE


def _counted(web: Any) -> dict[str, int]:
    """How many rows stand in every table but those that count looks."""
    tables = [table for table in orm.Base.metadata.sorted_tables if table.name != "audit"]
    with web.database.session() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        }


@pytest.mark.parametrize("path", CALLS)
def test_the_same_again_counts_once(web: Any, path: str) -> None:
    call = CALLS[path](web)
    first = call()
    assert first.status_code < 300, first.text
    before = _counted(web)
    again = call()
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert _counted(web) == before

"""A bank fetches which of its customers to warn, and says that it has (REQ-90)."""

from __future__ import annotations

import pytest

from qalqan.clock import DAY
from qalqan.register import orm

ACCOUNT, PAYER = (f"acc_{'a' * 24}_{last}" for last in ("4471", "5599"))


@pytest.fixture
def listed(web):
    """One customer of `altyn` is on the list."""
    web.report("a")
    now = web.clock.now_us()
    with web.database.write() as session:
        case = session.query(orm.Case).one()
        row = orm.PayerToWarn(
            case_id=case.id, account=ACCOUNT, payer_account=PAYER, payer_bank="211",
            amount=50_000_00, currency="KZT", at_us=now, fact="altyn:T1", why="held",
            listed_us=now, expires_us=now + 3 * DAY,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def test_a_bank_fetches_its_own_customers_and_says_whom_it_warned(web, listed):
    page = web.get("/v1/warnings", "altyn").json()
    (one,) = page["warnings"]
    assert one == {
        "id": listed, "payment": "T1", "payer": PAYER, "payer_last": "5599",
        "payee_last": "4471", "amount": 50_000_00, "currency": "KZT", "at_us": one["at_us"],
        "expires_us": one["at_us"] + 3 * DAY,
    }  # fmt: skip
    after = web.get("/v1/warnings", "altyn", params={"after": page["next"]}).json()
    assert after == {"warnings": [], "next": page["next"]}
    for _ in range(2):
        said = web.post(f"/v1/warnings/{listed}/warned", "altyn")
        assert (said.status_code, said.json()) == (200, {"warning": listed, "warned": True})
    assert web.get("/v1/warnings", "altyn").json()["warnings"] == []


def test_nobody_else_gets_them(web, listed):
    assert web.get("/v1/warnings", "baiterek").json()["warnings"] == []
    assert web.post(f"/v1/warnings/{listed}/warned", "baiterek").status_code == 404
    for who, status in (("hotline", 403), ("dala", 403), (None, 401)):
        assert web.get("/v1/warnings", who).status_code == status
    assert web.post("/v1/warnings/0/warned", "altyn").status_code == 422

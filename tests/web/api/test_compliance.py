"""An operator sees and answers its own items by API, never another's (REQ-51)."""

from __future__ import annotations

from typing import Any

import pytest

from persons import Officer
from qalqan.cases import compliance
from qalqan.register import orm, partners, vault

NUMBERS = ["+77011234510", "+77011234511"]


def asked(web: Any, partner: str = "dala") -> str:
    """An item of this operator, asked."""
    with web.database.write() as session:
        row = orm.FindingRow(
            detector="subscriptions.many_numbers_one_holder", subject_kind="person",
            subject=f"per_{partner}", window_from_us=0, window_to_us=1, score=0.9, evidence={},
            version="1", seal=1, shadow=False, state="confirmed", first_us=1, updated_us=1,
        )  # fmt: skip
        session.add(row)
        for number in NUMBERS:
            session.add(orm.NumberLink(
                phone=vault.keep(session, web.keys, "phone", number), kind="subscription",
                other=row.subject, source=partner, first_us=1, last_us=1, fact="f",
                detail="activated", dealer="",
            ))  # fmt: skip
        session.flush()
        (item,) = compliance.ask(session, Officer("asel", "supervisor"), row.id)
        return item.id


@pytest.fixture
def item(web: Any) -> str:
    return asked(web)


def test_an_operator_opens_its_numbers_and_answers(web: Any, item: str) -> None:
    page = web.get("/v1/compliance", "dala").json()
    (one,) = page["items"]
    assert (one["item"], one["state"], one["count"], page["next"]) == (item, "asked", 2, item)
    assert web.get("/v1/compliance", "dala", params={"after": item}).json()["items"] == []
    opened = web.get(f"/v1/compliance/{item}", "dala").json()
    assert sorted(opened["numbers"]) == NUMBERS
    with web.database.session() as session:
        rows = session.query(orm.Audit).filter_by(action="reveal", actor="partner:dala").all()
        assert len(rows) == 2
        assert {row.purpose for row in rows} == {f"{item}: numbers in order"}
    body = {"answer": "explained", "words": "A firm's own staff, contract 7"}
    done = web.post(f"/v1/compliance/{item}/answer", "dala", json=body).json()
    assert (done["state"], done["answer"], done["late"]) == ("answered", "explained", False)


@pytest.mark.parametrize(
    "body", [{}, {"answer": "blue"}, {"answer": "refused"}, {"answer": "removed", "more": 1}]
)
def test_an_answer_that_is_none_is_refused(web: Any, item: str, body: Any) -> None:
    told = web.post(f"/v1/compliance/{item}/answer", "dala", json=body)
    assert told.status_code == 422, told.text


def test_nobody_sees_anothers(web: Any, item: str) -> None:
    with web.database.write() as session:
        names = dict.fromkeys(("kk", "ru", "en"), "jol")
        web.tokens["jol"] = partners.add_partner(session, "jol", "operator", names)
    assert web.get("/v1/compliance", "jol").json()["items"] == []
    assert web.get(f"/v1/compliance/{item}", "jol").status_code == 404
    answer = {"answer": "removed"}
    assert web.post(f"/v1/compliance/{item}/answer", "jol", json=answer).status_code == 404
    for who, status in (("altyn", 403), ("hotline", 403), (None, 401)):
        assert web.get("/v1/compliance", who).status_code == status
        assert web.get(f"/v1/compliance/{item}", who).status_code == status

"""The programs on the pages for operators and marketplaces, against a real centre."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

sys.path.append(str(Path(__file__).parents[2] / "clients" / "python"))

from qalqan_client import Centre

from qalqan.cases import delivery
from qalqan.cases.grounds import usual_ground
from qalqan.model.order import Kind
from qalqan.register import orm

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"


class Own:
    """A partner's own system: what it was made to do."""

    def __init__(self) -> None:
        self.did: list[tuple[str, ...]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *said: self.did.append((name, str(said[0])))


def ordered(centre: Any, number: int, partner: str, kind: Kind, kind_of: str, subject: str) -> None:
    """An order that others agreed to."""
    now = centre.clock.now_us()
    with centre.database.write() as session:
        if session.get(orm.Case, "C-26-000001") is None:
            session.add(orm.Case(id="C-26-000001", region="KZ-75", opened_us=now))
            session.flush()
        session.add(
            orm.Order(
                id=f"O-26-00000{number}", case_id="C-26-000001", kind=kind, partner=partner,
                state="approved", ground=usual_ground(kind, now).code, drafted_by="aigul",
                idempotency_key=str(number), created_us=now, reason={}, subject=subject,
                subject_kind=kind_of, due_us=now + 1, expires_us=now + 2,
            )
        )  # fmt: skip
    delivery.sign_waiting(centre.database, centre.keys, partner)


@pytest.mark.parametrize(
    ("page", "function", "partner", "kind", "asked", "did"),
    [
        (
            "connect-an-operator", "answered", "operator", "domain",
            [(Kind.BLOCK, "bad.example"), (Kind.DATA, "bad.example")],
            [("block", "bad.example")],
        ),
        (
            "connect-a-marketplace", "taken_down", "marketplace", "url",
            [(Kind.TAKEDOWN, "https://shop.example/1")],
            [("keep_a_copy", "https://shop.example/1"), ("hide", "https://shop.example/1")],
        ),
    ],
)  # fmt: skip
def test_the_program_on_the_page_answers(
    centre: Any, page: str, function: str, partner: str, kind: str, asked: Any, did: Any
) -> None:
    text = (HOW_TO / f"{page}.md").read_text(encoding="utf-8")
    told: dict[str, Any] = {}
    exec(re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)[0], told)
    token = centre.partner("them", partner)
    for number, (order, subject) in enumerate(asked):
        ordered(centre, number, "them", order, kind, subject)
    own = Own()
    with httpx.Client(base_url=centre.address, trust_env=False) as http:
        key = http.get("/v1/key").json()["key"]
        told[function](Centre("", token, "them", key, http=http, tries=1), own)
    assert own.did == did
    with centre.database.session() as session:
        states = session.query(orm.Order.state).order_by(orm.Order.id).all()
    assert [state for (state,) in states] == ["answered", "refused"][: len(asked)]

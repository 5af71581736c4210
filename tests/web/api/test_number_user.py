"""Officers' programs ask who uses a number (REQ-50)."""

from __future__ import annotations

from typing import Any

import pytest

from qalqan.register import orm
from qalqan.trust import tokens

NUMBER = "+77011234567"


@pytest.fixture
def case(web: Any) -> str:
    web.sign_in()
    number: str = web.report().json()["case"]
    with web.database.write() as session:
        session.add(orm.NumberLink(
            phone=tokens.token(web.keys, "phone", NUMBER), kind="loan", other="per_a",
            source="altyn", first_us=1, last_us=2, fact="L7", detail="applied", dealer="",
        ))  # fmt: skip
    return number


def asked(web: Any, case: str, who: str = "asel", **more: Any) -> Any:
    body = {"number": NUMBER, "purpose": "pretrial"} | more
    return web.post(f"/v1/cases/{case}/number-user", who, json=body)


def test_candidates_with_what_each_rests_on(web: Any, case: str) -> None:
    found = asked(web, case).json()
    (one,) = found["candidates"]
    assert (one["person"], one["institutions"], one["registrant"]) == ("per_a", 1, False)
    basis = one["bases"][0]
    assert (basis["kind"], basis["source"], basis["fact"]) == ("loan", "altyn", "L7")
    assert NUMBER not in repr(found)


@pytest.mark.parametrize(
    "more", [{"purpose": "curious"}, {"purpose": "other"}, {"number": "x"}, {"hint": 1}]
)
def test_no_purpose_or_no_number_no_answer(web: Any, case: str, more: Any) -> None:
    assert asked(web, case, **more).status_code == 422
    with web.database.session() as session:
        assert session.query(orm.Audit).filter_by(action="number_user").count() == 0


def test_whose_role_opens_no_iin_gets_none(web: Any, case: str) -> None:
    web.sign_in("marat")
    assert asked(web, case, "marat").status_code == 403
    assert asked(web, "C-26-000777").status_code == 404
    assert asked(web, case, "dala").status_code == 401

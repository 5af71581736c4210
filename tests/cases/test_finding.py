"""REQ-18, 86: cases are found by number, bank, region, method and account."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from persons import Officer
from qalqan.cases.finding import Found, find
from qalqan.register.orm import Audit


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


@pytest.fixture
def told(centre: Any) -> Any:
    """Two reports, each a case of its own."""
    for amount, region, method in ((100_00, "KZ-75", "28"), (200_00, "KZ-10", "29")):
        centre.report(amount, region=region, methods=[method])
    return centre


def look(told: Any, asked: str) -> Found:
    return find(told.database, told.keys, asked, Officer())


FIRST, SECOND = "C-26-000001", "C-26-000002"


@pytest.mark.parametrize(
    ("asked", "cases"),
    [
        ("C-26-000001", (FIRST,)),
        ("С-26-1", (FIRST,)),  # a Cyrillic С
        ("2", (SECOND,)),
        ("26-2", (SECOND,)),
        ("r-26-000001", (FIRST,)),
        ("o 2", ()),
        ("O-2", (SECOND,)),
        ("C-25-1", ()),
        ("999999", ()),
        ("altyn", (SECOND, FIRST)),  # the bank that was asked
        ("аltyn", (SECOND, FIRST)),  # with a Cyrillic а
        ("область Абай", (SECOND,)),
        ("абай обласы", (SECOND,)),
        ("211:V1", (SECOND, FIRST)),
        ("211:V9", ()),
        ("", ()),
        ("%", ()),
        ("_", ()),
        ("зебра", ()),
    ],
)
def test_cases_are_found_however_they_are_asked_for(
    told: Any, asked: str, cases: tuple[str, ...]
) -> None:
    assert look(told, asked).cases == cases


def test_partners_are_named_beside_the_cases(told: Any) -> None:
    assert [one.of for one in look(told, "BAITEREK").partners] == ["baiterek"]


def test_who_looked_for_an_account_stands_in_the_audit(told: Any) -> None:
    look(told, "211:V1")
    look(told, "altyn")
    with told.database.session() as session:
        (row,) = session.scalars(select(Audit).where(Audit.action == "search"))
    assert (row.actor, row.object_kind) == ("asel", "account")
    assert "V1" not in row.object

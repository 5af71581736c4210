"""REQ-18, 86: one box finds cases, identifiers and people, however they are typed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from persons import Officer
from qalqan.cases.asked import identifiers, near
from qalqan.cases.at_work import also_asked, colleagues
from qalqan.cases.finding import Found, find, suggest
from qalqan.errors import NotAllowed
from qalqan.register.orm import Audit, Case


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


@pytest.fixture
def told(centre: Any) -> Any:
    """Two reports, each a case of its own."""
    centre.report(
        100_00, region="KZ-75", methods=["28"], victim_name="Ахметова Айгерім Серікқызы",
        identifiers=[
            {"kind": "phone", "value": "+7 701 123 45 67"},
            {"kind": "url", "value": "https://kaspi-bonus.kz/login"},
            {"kind": "handle", "value": "@qarjy_kerek"},
        ],
    )  # fmt: skip
    centre.report(
        200_00, region="KZ-10", methods=["29"], victim_name="Оспанов Дмитрий",
        payee_account="KZ86125KZT5004100100",
    )  # fmt: skip
    return centre


def look(told: Any, asked: str, person: Any = Officer()) -> Found:  # noqa: B008
    return find(told.database, told.keys, asked, person)


FIRST, SECOND = "C-26-000001", "C-26-000002"


def test_everything_is_found_however_it_is_typed(told: Any) -> None:
    for asked, cases in {
        "C-26-000001": (FIRST,),
        "С-26-1": (FIRST,),  # a Cyrillic С
        "26-2": (SECOND,),
        "r-26-000001": (FIRST,),
        "O-2": (SECOND,),
        "C-25-1": (),
        "altyn": (SECOND, FIRST),  # the bank that was asked
        "аltyn": (SECOND, FIRST),  # with a Cyrillic а
        "область Абай": (SECOND,),
        "211:V1": (SECOND, FIRST),
        "211:V9": (),
        "8 701 123-45-67": (FIRST,),
        "7011234567": (FIRST,),
        "kaspi-bonus.kz": (FIRST,),
        "t.me/qarjy_kerek": (FIRST,),
        "КZ86 125К ZT50 0410 0100": (SECOND,),  # Cyrillic К
        "86125KZT5004100100": (SECOND,),
        "900101300017": (SECOND, FIRST),
        "ахметова айгерим": (FIRST,),
        "Aigerim Akhmetova": (FIRST,),
        "Ахмтова": (FIRST,),
        "Dmitry Ospanov": (SECOND,),
        "": (), "%": (), "_": (), "зебра": (), "' OR 1=1 --": (), "\x00": (), "\ud800x": (),
    }.items():  # fmt: skip
        assert look(told, asked).cases == cases, asked


def test_a_slip_in_a_number_finds_its_neighbours_and_says_so(told: Any) -> None:
    for asked, case in {
        "KZ86125KZT5004100010": SECOND,  # two swapped
        "KZ86125KZT500410100": SECOND,  # one left out
        "8 701 123 45 76": FIRST,
        "+7 701 123 45 6": FIRST,
        "900101300071": SECOND,
        "kaspi-bonsu.kz": None,
        "@qarjy_kerk": FIRST,
    }.items():
        hits = look(told, asked).hits
        assert all(hit.almost for hit in hits), asked
        assert case is None or case in [one for hit in hits for one in hit.cases], asked


def test_partners_officers_and_methods_are_named(told: Any) -> None:
    assert [one.of for one in look(told, "BAITEREK").partners] == ["baiterek"]
    assert [one.of for one in look(told, "daniyr").of("officer")] == ["daniyar"]
    with told.database.session() as session:
        assert [one.of for one in suggest(session, "bait", Officer())] == ["baiterek"]
        assert [one.kind for one in suggest(session, "1", Officer())] == [
            "case", "report", "order",
        ]  # fmt: skip


def test_another_regions_cases_are_counted_and_no_more(told: Any) -> None:
    found = look(told, "211:V1", Officer(region="KZ-75"))
    assert (found.cases, found.hidden) == ((FIRST,), (("KZ-10", 1),))
    found = look(told, "Ospanov", Officer(region="KZ-75"))
    assert (found.hits, found.hidden) == ((), (("KZ-10", 1),))
    with pytest.raises(NotAllowed):
        look(told, "Ospanov", Officer(role="auditor"))


def test_who_looked_for_a_person_stands_in_the_audit_and_the_words_nowhere(told: Any) -> None:
    look(told, "211:V1")
    look(told, "Оспанов")
    look(told, "OSPANOV")
    look(told, "C-26-1")
    with told.database.session() as session:
        rows = session.scalars(select(Audit).where(Audit.action == "search")).all()
    assert [(row.actor, row.object_kind) for row in rows] == [
        ("asel", "account"), ("asel", "name"), ("asel", "name"),
    ]  # fmt: skip
    assert "V1" not in rows[0].object
    assert rows[1].object == rows[2].object


def test_who_else_works_on_it_is_told_and_the_case_only_in_view(told: Any) -> None:
    with told.database.write() as session:
        session.get_one(Case, SECOND).owner = "daniyar"
    look(told, "211:V1", Officer("marat", "prosecutor"))
    subjects = [subject for _, subject in look(told, "211:V1").subjects]
    with told.database.session() as session:
        beside = colleagues(session, Officer(), subjects)
        assert [(one.login, one.why, one.case_id) for one in beside] == [
            ("daniyar", "owner", SECOND), ("marat", "asked", None),
        ]  # fmt: skip
        far = colleagues(session, Officer("asel", "investigator", "KZ-75"), subjects)
        assert [(one.login, one.case_id) for one in far] == [("daniyar", None), ("marat", None)]
        mine = also_asked(session, Officer("marat", "prosecutor"))
        assert [one.login for one in mine] == ["daniyar", "asel"]


def test_words_are_no_identifiers() -> None:
    assert identifiers("Ахметов") == []
    assert near("Ахметов Ерлан") == []
    assert [one.kind for one in identifiers("87011234567")] == ["phone"]
    assert len(near("KZ86125KZT5004100101")) < 20

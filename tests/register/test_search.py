"""REQ-86: names are found whatever letters were typed, alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from sqlalchemy import text

from qalqan.register import partners, search
from qalqan.register.database import Database
from qalqan.register.orm import SearchEntry, SearchGram

PARTNERS = {
    "ALTYN": {"kk": "Алтын Банк", "ru": "Алтын Банк", "en": "Altyn Bank"},
    "KASPI": {"kk": "Kaspi", "ru": "Каспи", "en": "Kaspi"},
    "QAZYNA": {"kk": "Қазына", "ru": "Казына", "en": "Qazyna"},
    "ORLEU": {"kk": "Өрлеу", "ru": "Орлеу", "en": "Orleu"},
    "ALEM": {"kk": "Әлем", "ru": "Алем", "en": "Alem"},
    "TULPAR": {"kk": "Тұлпар Банк", "ru": "Тулпар Банк", "en": "Tulpar Bank"},
}


def fill(database: Database) -> None:
    with database.write() as session:
        for number, (code, names) in enumerate(PARTNERS.items()):
            partners.add_partner(session, code, "bank", names, bank_code=f"3{number:02}")


def found(database: Database, asked: str) -> list[str]:
    with database.session() as session:
        return [one.of for one in search.find(session, asked, {"partner"})]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("kaspi", "KASPI"),
        ("КASPI", "KASPI"),  # a Cyrillic К
        ("Kаsрі", "KASPI"),  # а, р and і are Cyrillic
        ("каспй", "KASPI"),
        ("казына", "QAZYNA"),
        ("ҚАЗЫНА", "QAZYNA"),
        ("орлеу", "ORLEU"),
        ("тулпар", "TULPAR"),
        ("тұлпар банкі", "TULPAR"),
        ("303", "ORLEU"),
    ],
)
def test_whatever_was_typed_the_name_is_found(
    database: Database, asked: str, expected: str
) -> None:
    fill(database)
    assert found(database, asked)[0] == expected


@pytest.mark.parametrize("asked", ["", "  ", "—", "зебра", "' OR 1=1 --", "%", "\x00", "\ud800x"])
def test_nonsense_finds_nothing(database: Database, asked: str) -> None:
    fill(database)
    assert found(database, asked) == []


def test_equally_alike_names_stand_in_the_kazakh_order(database: Database) -> None:
    with database.write() as session:
        for of, name in (("4", "Банк Ыстық"), ("2", "Банк Әлем"), ("3", "Банк Байтерек"),
                         ("1", "Банк Алтын")):  # fmt: skip
            search.keep(session, "partner", of, [name])
    assert found(database, "банк") == ["1", "2", "3", "4"]


def test_a_renamed_thing_is_found_by_its_new_name_alone(database: Database) -> None:
    with database.write() as session:
        search.keep(session, "partner", "X", ["Алтын"])
        search.keep(session, "partner", "X", ["Керуен", "Керуен ", "—"])
    assert found(database, "алтын") == []
    assert found(database, "керуен") == ["X"]
    with database.session() as session:
        assert session.query(SearchEntry).count() == 1
        assert session.query(SearchGram.entry).distinct().count() == 1


def test_who_was_there_before_is_found_after_migrating(empty_database: Callable[[], str]) -> None:
    with closing(Database(empty_database())) as database:
        database.migrate()
        fill(database)
        before = found(database, "каспи")
        assert database.move("0003", destroy=True).lost
        database.migrate()
        assert found(database, "каспи") == before
        with database.write() as session:  # ids go on counting
            search.keep(session, "partner", "X", ["Керуен"])
            assert session.scalar(text("SELECT count(*) FROM search_grams")) > 0

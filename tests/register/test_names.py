"""REQ-86: people's names are found blind, whatever slip or alphabet, alike on both databases."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import func, select

from qalqan.register import names
from qalqan.register.database import Database
from qalqan.register.orm import NameMark, NearMark, SearchName
from qalqan.text import alike
from qalqan.trust.keys import Keys

PEOPLE = (
    "Ахметова Айгерім Серікқызы", "Ахметов Ерлан Серикович", "Оспанов Дмитрий Алексеевич",
    "Жұмабаева Гүлнұр", "Нұрланұлы Шыңғыс", "Ким Юлия", "Әбдіғаппаров Қуаныш Тілеуұлы",
)  # fmt: skip


@pytest.fixture
def told(database: Database, keys: Keys) -> Database:
    with database.write() as session:
        for number, name in enumerate(PEOPLE):
            names.keep(session, keys, "victim", f"R-26-{number:06}", name)
    return database


def found(database: Database, keys: Keys, asked: str) -> list[int]:
    with database.session() as session:
        return [int(one.of[-6:]) for one in names.find(session, keys, asked)]


def test_whatever_was_typed_the_right_one_comes_first(told: Database, keys: Keys) -> None:
    for asked, right in {
        "ахметова айгерим": 0, "Akhmetova Aigerim": 0, "Axmetova Aygerim": 0, "АXMETOBA": 0,
        "Айгерім Ахметова": 0, "АХМЕТОВ ЕРЛАН": 1, "ахметво ерлан": 1, "Ахметов": 1,
        "Серікұлы Ерлан": 1, "Ospanov Dmitry": 2, "осапнов дмитрий": 2, "Жумабаева Гульнур": 3,
        "Джумабаева": 3, "шынгыс нурланулы": 4, "Julia Kim": 5, "Quanysh Tileuuly": 6,
        "Серік қызы": 0,
    }.items():  # fmt: skip
        assert found(told, keys, asked)[0] == right, asked


def test_nonsense_and_other_keys_find_nothing(told: Database, keys: Keys) -> None:
    for asked in ("", "  ", "—", "зебра", "' OR 1=1 --", "%", "\x00", "\ud800", "x" * 5000):
        assert found(told, keys, asked) == []
    assert found(told, Keys.new(), "Ахметова") == []


def test_a_new_name_takes_the_old_ones_place(told: Database, keys: Keys) -> None:
    with told.write() as session:
        names.keep(session, keys, "victim", "R-26-000005", "Цой Юлия")
        names.keep(session, keys, "victim", "R-26-000004", "—")
        assert session.scalar(select(func.count()).select_from(SearchName)) == len(PEOPLE) - 1
    assert found(told, keys, "Ким") == []
    assert found(told, keys, "Цой") == [5]


def test_the_tables_hold_no_word(told: Database, keys: Keys) -> None:
    marked = names.marked(keys, "Ким Юлия")
    assert len(marked.words) == 2
    assert names.marked(Keys.new(), "Ким Юлия") != marked
    with told.session() as session:
        assert session.scalar(select(func.count()).select_from(NameMark)) > 0
        kept = {row.near for row in session.scalars(select(NearMark))}
    assert {near for near, *_ in marked.nears} <= kept


WORDS = st.text("абвгдежзиклмнопрстуфәғқңөұүі", min_size=5, max_size=12)


@given(word=WORDS, data=st.data())
def test_one_slip_is_always_forgiven(word: str, data: st.DataObject) -> None:
    heard = alike.sound(word)
    assume(len(heard) > alike.SHORTEST_NEAR)
    at = data.draw(st.integers(0, len(heard) - 2))
    for slip in (
        heard[:at] + heard[at + 1 :],
        heard[:at] + "q" + heard[at:],
        heard[:at] + "q" + heard[at + 1 :],
        heard[:at] + heard[at + 1] + heard[at] + heard[at + 2 :],
    ):
        assert alike.worth(alike.sharing(slip, heard), 5) >= alike.SLIP

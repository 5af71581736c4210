from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from qalqan.text.alphabet import place


def test_kazakh_and_russian_names_stand_where_the_alphabet_has_them():
    names = [
        "2-бөлім", "Alfa", "halyk", "Алматы", "Әлем", "Байтерек", "Гауһар", "Ғалым", "Ель", "Ёлка",
        "Жұлдыз", "Каспий", "Қазына", "Нұр", "Ңа", "Оңтүстік", "Өрлеу", "Сұңқар", "Тулпар",
        "Тұлпар", "Түркістан", "Хан", "Һарун", "Цон", "Ыстық", "Іскер", "Эко", "Юг", "Ясауи",
    ]  # fmt: skip
    shuffled = names[:]
    random.Random(3).shuffle(shuffled)
    assert sorted(shuffled, key=place) == names


@given(st.text(alphabet="аәбгғкқАӘКҚ iIaZ-", max_size=12))
def test_capitals_and_runs_of_spaces_change_no_place(text):
    assert place(text) == place(f"  {text.upper()} ") == place(text.lower())

"""Names of the invented people, made from their numbers: the same in every run, nobody's own."""

from __future__ import annotations

import hashlib

_MEN = (
    "Айдос", "Бауыржан", "Дәурен", "Ерлан", "Жандос", "Қайрат", "Мұрат", "Нұрлан", "Олжас",
    "Рустам", "Самат", "Тимур", "Шыңғыс", "Әлібек", "Андрей", "Сергей", "Дмитрий", "Виктор",
)  # fmt: skip
_WOMEN = (
    "Айгүл", "Айгерім", "Ботагөз", "Гүлнар", "Динара", "Жанар", "Камила", "Ләззат", "Мадина",
    "Назгүл", "Сәуле", "Толқын", "Шолпан", "Әсел", "Елена", "Наталья", "Ольга", "Светлана",
)  # fmt: skip
_FAMILIES = (
    "Абдрахманов", "Ахметов", "Байжанов", "Бекенов", "Досмұхамедов", "Ермеков", "Жұмабаев", "Исаев",
    "Қасымов", "Мұқанов", "Нұрпейісов", "Оспанов", "Рахимов", "Сәдуақасов", "Төлеуов", "Шәріпов",
    "Ибраев", "Кузнецов", "Петров", "Морозов", "Ковалёв", "Смирнов", "Егоров", "Фёдоров",
)  # fmt: skip


def name_of(iin: str) -> str:
    """Family name, given name and father's name of the person with this IIN, whose seventh digit
    tells a woman (even) from a man (law 223-III of 2007)."""
    drawn = hashlib.sha256(f"name {iin}".encode()).digest()
    woman = iin[6:7] in ("2", "4", "6")
    given = (_WOMEN if woman else _MEN)[drawn[0] % 18]
    family = _FAMILIES[drawn[1] % len(_FAMILIES)] + ("а" if woman else "")
    father = _MEN[drawn[2] % 14]
    return f"{family} {given} {father}{'қызы' if woman else 'ұлы'}"

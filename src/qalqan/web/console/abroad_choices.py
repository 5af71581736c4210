"""What the forms of the abroad pages offer, and how they read days and numbers."""

from __future__ import annotations

from datetime import date

from babel import Locale

from qalqan.cases.codes import day_us
from qalqan.errors import InputRejected
from qalqan.geo.countries import COUNTRIES
from qalqan.register.rights import COUNTRY
from qalqan.text.alphabet import place


def countries(language: str) -> list[tuple[str, str]]:
    """Codes and names of all countries but ours, in the order of names."""
    names = Locale.parse(language).territories
    found = [(code, str(names.get(code, code))) for code in COUNTRIES - {COUNTRY}]
    return sorted(found, key=lambda one: place(one[1]))


def day(field: str, text: str) -> int:
    """A day as a form tells it, UTC midnight. Raises `InputRejected`: none such."""
    try:
        return day_us(date.fromisoformat(text.strip()))
    except ValueError:
        raise InputRejected(field, text, "abroad.day") from None


def number(field: str, text: str) -> int | None:
    """A whole number, None if the field is empty. Raises `InputRejected`: no such number."""
    if not text.strip():
        return None
    if not text.strip().isdecimal() or len(text.strip()) > 9:
        raise InputRejected(field, text, "abroad.number")
    return int(text)

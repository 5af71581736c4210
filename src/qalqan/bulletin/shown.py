"""Figures, periods and parts as they are written in Kazakh, Russian and English.

Rounding is stated: counts and sums are exact or rounded to three digits with their magnitude,
shares and changes have one decimal. Nothing is ever rounded to all, or to nothing.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from babel.dates import format_date

from qalqan.bulletin.figures.sectors import SECTORS
from qalqan.cases import codes
from qalqan.detectors.sentence import title
from qalqan.model.figure import Figure
from qalqan.model.period import Period
from qalqan.text import show
from qalqan.text.catalogue import has, say

DASH = "\u2013"
"""There is no value."""
_MONTH = {"kk": "y 'жылғы' MMMM", "ru": "LLLL y 'года'", "en": "LLLL y"}
_SHORT = {"kk": "LLL", "ru": "LLL", "en": "LLL"}


def value(figure: Figure, language: str) -> str:
    """The value with its unit and its exactness: "21,0 млрд ₸", "39.6%", "over 3 700"."""
    if figure.value is None:
        return DASH
    plain = number(figure.value, figure.unit, language)
    if figure.exactness == "exact":
        return plain
    return say(f"bulletin.exactness.{figure.exactness}", language, value=plain)


def number(of: int | Fraction, unit: str, language: str) -> str:
    """A value of a unit, without its exactness."""
    if unit == "tiyn":
        return sum_of(round(of), language)
    if unit == "share":
        share = Fraction(of)
        return show.share(share.numerator, share.denominator, language)
    if unit == "rate":
        return decimal(Fraction(of) * 100_000, 1, language)
    if unit == "change":
        return change(Fraction(of), language)
    if unit == "us":
        return show.duration(round(of), language)
    if unit == "times":
        return decimal(Fraction(of), 1, language)
    return count(of, language)


def count(of: int | Fraction, language: str) -> str:
    """A number of things: grouped by threes from ten thousand on; a fraction has one decimal."""
    if Fraction(of).denominator != 1:
        return decimal(Fraction(of), 1, language)
    text = f"{int(of):,}" if abs(int(of)) >= 10_000 else str(int(of))
    return text.replace(",", show.NBSP).replace("-", show.MINUS)


def sum_of(tiyn: int, language: str) -> str:
    """Tiyn as a person writes them, three digits: "21,0 млрд ₸", "962 млн ₸", "1,15 млн ₸"."""
    if abs(tiyn) < 10**11:
        return show.short_money(tiyn, language)
    billions = Fraction(tiyn, 10**11)
    places = 2 if abs(billions) < 10 else 1 if abs(billions) < 100 else 0
    told = decimal(billions, places, language)
    return say("bulletin.billion", language, sum=told).replace(" ", show.NBSP)


def change(of: Fraction, language: str) -> str:
    """A change in percent, with its sign: "+16.8%", "−3.9%"."""
    plain = show.share(abs(of).numerator, of.denominator, language)
    return plain if of == 0 else f"{show.MINUS if of < 0 else '+'}{plain}"


def decimal(of: Fraction, places: int, language: str) -> str:
    """A number rounded half up to so many decimals, grouped from ten thousand on."""
    scaled = (abs(of) * 10**places * 2 + 1) // 2
    whole, rest = divmod(int(scaled), 10**places)
    text = f"{whole:,}".replace(",", show.NBSP) if whole >= 10_000 else str(whole)
    if places:
        text += f"{'.' if language == 'en' else ','}{rest:0{places}d}"
    return f"{show.MINUS}{text}" if of < 0 and scaled else text


def signed(of: Fraction, places: int, language: str) -> str:
    """The same with a plus before what is more than nothing as it is shown."""
    text = decimal(of, places, language)
    return f"+{text}" if of > 0 and any(digit in text for digit in "123456789") else text


def name(code: str, language: str) -> str:
    """What a figure is called."""
    return say(f"figure.{code}", language)


def counts(code: str, language: str) -> str:
    """Which population it counts."""
    return say(f"figure.{code}.counts", language)


def period(of: Period | None, language: str) -> str:
    """A period in words: "январь 2024 года", "2024 год", "15 января 2024 г."."""
    if of is None:
        return say("bulletin.period.none", language)
    if of.kind == "month":
        return str(format_date(of.start, _MONTH[language], locale=language))
    if of.kind == "year":
        return say("bulletin.period.year", language, year=str(of.start.year))
    if of.kind == "quarter":
        quarter = (of.start.month + 2) // 3
        return say("bulletin.period.quarter", language, quarter=quarter, year=str(of.start.year))
    if of.kind == "day":
        return show.day(of.start, language)
    first, last = show.day(of.start, language), show.day(of.last, language)
    return say("bulletin.period.span", language, first=first, last=last)


def short_period(of: Period, language: str) -> str:
    """A period on the axis of a chart: "янв.", "2024", "15"."""
    if of.kind == "month":
        return str(format_date(of.start, _SHORT[language], locale=language))
    if of.kind == "year":
        return str(of.start.year)
    return day(of.start, language) if of.kind == "day" else of.code


def day(of: date, language: str) -> str:
    """A day on an axis: "15 янв."."""
    return str(format_date(of, "d MMM", locale=language))


def part(column: str, code: str, language: str) -> str:
    """What a part of a population is called: a region, a method, a partner."""
    key = f"bulletin.part.{column}.{code}"
    if has(key):
        return say(key, language)
    if column == "region":
        return codes.regions()[code][language] if code in codes.regions() else code
    if column == "band" and has(f"bulletin.band.{code}"):
        return say(f"bulletin.band.{code}", language)
    if column in ("method", "means"):
        return _methods(code, language)
    if column == "sector" and code in SECTORS:
        return say(f"bulletin.sector.{code}", language)
    if column == "detector":
        return title(code, language)
    return code or say("bulletin.part.unnamed", language)


def _methods(text: str, language: str) -> str:
    """One method, or several of which each crime has one ("28, 31")."""
    book = codes.code_books()[-1].methods
    found = [book[code][language] if code in book else code for code in text.split(", ")]
    return " / ".join(found) if text else say("bulletin.part.unnamed", language)

"""How sums, times, shares and spans are written for a person, in Kazakh, Russian and English.

Money is grouped with non-breaking spaces and keeps its sign behind in every language
("1 920 000 ₸"); minor units appear only where there are any, or rounding would lie. Time is
shown in Asia/Almaty, whatever the machine's zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import get_currency_precision

from qalqan.text.catalogue import say

ALMATY = ZoneInfo("Asia/Almaty")
NBSP = "\u00a0"
MINUS = "\u2212"

_SIGNS = {"KZT": "₸", "RUB": "₽", "USD": "$", "EUR": "€"}
_PATTERNS = {
    "minute": {"kk": "y 'ж'. d MMMM, HH:mm", "ru": "d MMMM y 'г'., HH:mm", "en": "d MMMM y, HH:mm"},
    "day": {"kk": "y 'ж'. d MMMM", "ru": "d MMMM y 'г'.", "en": "d MMMM y"},
    "short": dict.fromkeys(("kk", "ru", "en"), "d MMM, HH:mm"),
    "short_day": dict.fromkeys(("kk", "ru", "en"), "d MMM"),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def money(minor: int, currency: str, language: str) -> str:
    """A sum of minor units (tiyn for KZT) as "1 920 000 ₸"; tiyn only where there are any."""
    digits = get_currency_precision(currency)
    whole, rest = divmod(abs(minor), 10**digits)
    text = f"{whole:,}".replace(",", NBSP)
    if rest:
        text += f"{_point(language)}{rest:0{digits}d}"
    sign = MINUS if minor < 0 else ""
    return f"{sign}{text}{NBSP}{_SIGNS.get(currency, currency)}"


def short_money(minor: int, language: str) -> str:
    """Tiyn in short for a crowded list, three digits: "6,24 млн ₸", "58,4 млн ₸", "43 тыс. ₸";
    where it matters to the tiyn, `money` stands beside it."""
    tenge = abs(minor) // 100
    sign = MINUS if minor < 0 else ""
    if tenge < 100_000:
        thousands = (tenge + 500) // 1000
        if thousands == 0:
            return money(minor, "KZT", language)
        return sign + say("queue.thousand", language, sum=thousands).replace(" ", NBSP)
    hundredths = (tenge + 5_000) // 10_000
    whole, rest = divmod(hundredths, 100)
    if whole >= 1000:
        told = f"{whole:,}".replace(",", NBSP)
    elif whole >= 10:
        whole, tenth = divmod((tenge + 50_000) // 100_000, 10)
        told = f"{whole}{_point(language)}{tenth}"
    else:
        told = f"{whole}{_point(language)}{rest:02d}"
    return sign + say("queue.million", language, sum=told).replace(" ", NBSP)


Style = Literal["minute", "day", "clock", "short", "short_day"]


def when(us: int, language: str, style: Style = "minute") -> str:
    """UTC microseconds as a date and time of day in Almaty; the short styles leave out the year.

    Raises:
        OverflowError: a time outside the years 1 to 9999.
    """
    local = (_EPOCH + timedelta(microseconds=us)).astimezone(ALMATY)
    if style == "clock":
        return f"{local:%H:%M}"
    return str(format_datetime(local, _PATTERNS[style][language], locale=language))


def day(of: date, language: str) -> str:
    """A calendar day as a person writes it, whatever zone it was a day in."""
    return str(format_date(of, _PATTERNS["day"][language], locale=language))


def share(part: int, whole: int, language: str) -> str:
    """`part` of `whole` in percent with one decimal; never rounded up to all, or down to nothing.

    A share of nothing is a dash.
    """
    if whole == 0:
        return "\u2013"
    tenths = (abs(part) * 2000 + abs(whole)) // (2 * abs(whole))
    if tenths == 0 and part:
        return "<" + NBSP + _percent(1, language)
    if tenths == 1000 and abs(part) < abs(whole):
        tenths = 999
    sign = MINUS if part * whole < 0 else ""
    return sign + _percent(tenths, language)


def duration(us: int, language: str) -> str:
    """A span in microseconds, in its two largest units: "3 d 4 h", "2 h 05 min", "45 s"; a whole
    number of days or hours in one: "3 d"."""
    seconds = abs(us) // 1_000_000
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    sign = MINUS if us < 0 else ""
    if days and not seconds % 86400:
        return sign + say("show.whole_days", language, days=days)
    if hours and not days and not seconds % 3600:
        return sign + say("show.whole_hours", language, hours=hours)
    if days:
        return sign + say("show.days", language, days=days, hours=hours)
    if hours:
        return sign + say("show.hours", language, hours=hours, minutes=f"{minutes:02d}")
    if minutes:
        return sign + say("show.minutes", language, minutes=minutes)
    return sign + say("show.seconds", language, seconds=seconds)


def _percent(tenths: int, language: str) -> str:
    whole, rest = divmod(tenths, 10)
    text = f"{whole}{_point(language)}{rest}" if rest else str(whole)
    return f"{text}%" if language == "en" else f"{text}{NBSP}%"


def _point(language: str) -> str:
    return "." if language == "en" else ","

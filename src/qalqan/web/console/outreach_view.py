"""What pages of outreach share: names of codes, choices of forms, days and sums as typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin.figures.hiding import OTHERS
from qalqan.bulletin.outreach import plan as plans
from qalqan.bulletin.outreach import segments, texts
from qalqan.bulletin.outreach.plan import Plan
from qalqan.cases import codes
from qalqan.cases.ages import BANDS
from qalqan.errors import InputRejected
from qalqan.model.period import day_in_almaty, of_day
from qalqan.register.rights import COUNTRY
from qalqan.text.catalogue import LANGUAGES
from qalqan.web.console.reader import Reader

TABS = ("campaigns", "segments", "materials", "texts", "consents")
TIYN = 100


def named(reader: Reader, trait: str, code: str) -> str:
    """A trait's value in words."""
    if code == OTHERS:
        return reader.say("outreach.others")
    if code == segments.UNKNOWN:
        return reader.say("outreach.trait_unknown")
    if trait == "region":
        return reader.region(code)
    if trait == "method":
        return reader.method(code, codes.code_book(reader.now_us).version)
    if trait == "bank":
        return reader.bank(code)
    keys = {"age": "outreach.age_band.", "hour": "outreach.hour.",
            "language": "outreach.spoken.tongue_"}  # fmt: skip
    return reader.say(keys[trait] + code)


def choices(session: Session, reader: Reader) -> dict[str, object]:
    """What the forms of a campaign offer."""
    return {
        "channels": plans.CHANNELS,
        "methods": methods(),
        "regions": sorted(codes.regions(), key=reader.region),
        "country": COUNTRY,
        "bands": BANDS,
        "tongues": LANGUAGES,
        "messages": sorted(texts.in_force(session, "message")),
        "named": named,
    }


def methods() -> list[str]:
    """Codes that say how a victim is deceived."""
    book = codes.code_book(clock.now_us()).methods
    return sorted(code for code, body in book.items() if body["part"] == codes.METHOD)


def day(text: str, field: str) -> date:
    """A day as a browser's field gives it.

    Raises:
        InputRejected: none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputRejected(field, text, "outreach.dates") from None


def whole(text: str, field: str, expected: str) -> int:
    """A whole number as typed, spaces and all.

    Raises:
        InputRejected: none.
    """
    digits = "".join(text.split())
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 16):
        raise InputRejected(field, text, expected)
    return int(digits)


def plan_of(told: Mapping[str, str], methods: list[str]) -> Plan:
    """A campaign as its form says it; sums in tenge.

    Raises:
        InputRejected: a field that can't be read.
    """
    start, last = day(told["start"], "from"), day(told["last"], "to")
    segment = {name: told[name] for name in plans.CHOSEN if told.get(name)}
    return Plan(
        title=told["title"],
        methods=tuple(methods),
        channel=told["channel"],
        region=told["region"],
        from_us=of_day(start).from_us,
        to_us=of_day(last).to_us,
        planned_reach=whole(told["reach"], "planned_reach", "outreach.reach"),
        budget=TIYN * whole(told["budget"] or "0", "budget", "outreach.cost"),
        segment=segment,
        text=told["text"] or None,
        evidence=told["evidence"],
    )


def last_day(to_us: int) -> date:
    """The last day of a campaign that ends before this moment."""
    return day_in_almaty(to_us) - timedelta(days=1)

"""A register with made-up reports and calls, whose sums a test can reckon by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from homes import migrated
from qalqan.bulletin.figures.book import Book, open_book
from qalqan.clock import HOUR, SECOND, SharedClock
from qalqan.register import orm
from qalqan.register.database import Database
from qalqan.settings import Settings

ALMATY = ZoneInfo("Asia/Almaty")
REGIONS = ("KZ-75", "KZ-71", "KZ-35")


def at(text: str) -> int:
    """ "2026-10-05 14:00" in Almaty as UTC microseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ALMATY).timestamp()) * SECOND


@dataclass
class Register:
    """One register and the clock beside it."""

    database: Database
    settings: Settings
    clock: SharedClock
    made: int = 0

    def report(self, when: str, tenge: int, **more: Any) -> str:
        """A report of a theft an hour before; its number."""
        self.made += 1
        number = f"R-26-{self.made:06d}"
        told = {
            "id": number, "case_id": f"C-26-{self.made:06d}", "channel": "hotline",
            "receipt_hash": number, "methods": ["27"], "methods_version": "1", "region": "KZ-75",
            "cause": "trusted_seller", "language": "kk", "victim": f"per_{self.made}",
            "payer_account": f"acc_{self.made}", "payer_bank": "311", "amount": tenge * 100,
            "currency": "KZT", "crime_us": at(when) - HOUR, "discovered_us": at(when),
            "reported_us": at(when),
        } | more  # fmt: skip
        with self.database.write() as session:
            if session.get(orm.Case, told["case_id"]) is None:
                session.add(orm.Case(id=told["case_id"], region=told["region"], opened_us=at(when)))
                session.flush()
            session.add(orm.Report(**told))
        return number

    def calls(self, when: str, n: int, answer: str = "refuse") -> None:
        """Attempts within an hour."""
        with self.database.write() as session:
            session.add(orm.CallCount(
                hour_us=at(when), partner="dala", edge="a", trunk="t", answer=answer, rule="r", n=n,
            ))  # fmt: skip

    @contextmanager
    def book(self) -> Iterator[Book]:
        with open_book(self.database, self.settings) as book:
            yield book


@contextmanager
def opened(home: Path) -> Iterator[Register]:
    """A new register in November 2026."""
    clock = SharedClock.create(home / "clock", at("2026-11-24 09:00"))
    settings = Settings(home=home)
    database = migrated(settings)
    with database.write() as session:
        names = {"kk": "Сенім желісі", "ru": "Линия доверия", "en": "Hotline"}
        session.add(orm.Partner(code="hotline", kind="channel", names=names))
        roles = {"zere": "analyst", "aigul": "supervisor", "daniyar": "supervisor"}
        for login, role in roles.items():
            session.add(orm.User(login=login, name="x", password_hash="x", role=role, region="KZ"))
    yield Register(database, settings, clock)
    database.close()

"""A small centre that warns people: its register is real; tests are its people and partners."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from persons import Officer
from qalqan.bulletin.outreach import campaigns, consent, policy, running
from qalqan.bulletin.outreach.consent import Given
from qalqan.bulletin.outreach.plan import Plan
from qalqan.clock import DAY, SharedClock
from qalqan.register import orm, partners
from qalqan.register.database import Database
from qalqan.text.show import ALMATY
from qalqan.trust.keys import Keys

ANALYST, BOSS, OTHER = (
    Officer("dina", "analyst"), Officer("asel", "supervisor"), Officer("daniyar", "supervisor"),
)  # fmt: skip
CLERK = Officer("clerk", "clerk")
PARTNERS = {"altyn": "bank", "dala": "operator", "bazar": "marketplace"}
FIRST = 7_010_000_000


def number(place: int) -> str:
    """A mobile number of nobody's, the same for a place each time."""
    return f"+7{FIRST + place}"


def us(year: int, month: int, day: int, hour: int = 12) -> int:
    """A moment in Almaty."""
    return int(datetime(year, month, day, hour, tzinfo=ALMATY).timestamp()) * 10**6


@dataclass
class Outreach:
    """What a test does."""

    database: Database
    keys: Keys
    clock: SharedClock

    @classmethod
    def begin(cls, database: Database, keys: Keys, clock: SharedClock) -> Outreach:
        """Three people, three partners, and noon."""
        with database.write() as session:
            for code, kind in PARTNERS.items():
                names = {"kk": code, "ru": code, "en": code}
                bank = "211" if kind == "bank" else None
                partners.add_partner(session, code, kind, names, bank_code=bank)
            for each in (ANALYST, BOSS, OTHER, CLERK):
                session.add(orm.User(
                    login=each.login, name="nam_x", password_hash="x", role=each.role,
                    region="KZ",
                ))  # fmt: skip
        made = cls(database, keys, clock)
        made.at(12)
        return made

    def at(self, hour: int, days: int = 0) -> int:
        """The next moment at which it is that hour in Almaty, so many days on."""
        now = datetime.fromtimestamp(self.clock.now_us() / 10**6, ALMATY)
        then = now.replace(hour=hour, minute=0, second=0, microsecond=0)
        at = int(then.timestamp()) * 10**6 + days * DAY
        if at < self.clock.now_us():
            at += DAY
        self.clock.set(at)
        return at

    def plan(self, **more: Any) -> Plan:
        now = self.clock.now_us()
        plan = Plan(
            title="Көктемгі ескерту", methods=("28",), channel="sms", region="KZ", from_us=now,
            to_us=now + 30 * DAY, planned_reach=1_000, text="28",
        )  # fmt: skip
        return replace(plan, **more)

    def consents(self, count: int, first: int = 0, **more: Any) -> list[str]:
        """So many people agree; their tokens."""
        told = {"source": "form 7", "language": "kk", "region": "KZ-75"} | more
        with self.database.write() as session:
            rows = [
                consent.give(session, self.keys, ANALYST, Given(number(first + place), **told))
                for place in range(count)
            ]
            return [row.phone for row in rows]

    def approved(self, **more: Any) -> orm.OutreachCampaign:
        with self.database.write() as session:
            row = campaigns.draft(session, ANALYST, self.plan(**more))
            return campaigns.approve(session, BOSS, row.id, True, row.version)

    def running(self, held: int = 0, **more: Any) -> str:
        """A campaign that runs; its number."""
        self.policy(campaigns=held)
        row = self.approved(**more)
        with self.database.write() as session:
            running.start(session, ANALYST, row.id, row.version)
        return row.id

    def policy(self, moments: int = 0, campaigns: int = 0, **quotas: int) -> int:
        """A policy of two people's; its version."""
        body = policy.default_body()
        body["holdout"] = {"moments": moments, "campaigns": campaigns}
        body["quotas"] |= quotas
        with self.database.write() as session:
            return policy.install(session, body, ["asel", "daniyar"]).version

    def partner(self, code: str) -> orm.Partner:
        with self.database.session() as session:
            return session.get_one(orm.Partner, code)

"""A register with cases of every age, for tests of what retention takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qalqan.cases import vault_retention
from qalqan.clock import DAY, SharedClock
from qalqan.register import orm, vault
from qalqan.register.database import Database
from qalqan.trust.keys import CLASSES, Keys
from qalqan.trust.tokens import token
from qalqan.work import vault_upkeep

TERM = 400
"""Days after a case, of every class."""
POLICY = {klass: {"days": TERM, "source": "test"} for klass in CLASSES} | {
    "unproven": {"days": 90, "source": "test"}
}
VALUES = {
    "account": "KZ86125KZT5004100100", "phone": "+77011234567", "card": "4111111111111111",
    "person": "900101300017", "name": "Ким Юлия", "words": "Қоңырау шалды", "document": "a.pdf",
    "device": "490154203237518", "sim": "401010123456789",
}  # fmt: skip


@dataclass
class Retained:
    """What a test does to the register."""

    database: Database
    keys: Keys
    clock: SharedClock
    cases: int = 0
    rows: int = 0

    def approve(self, body: dict[str, Any] = POLICY) -> None:
        with self.database.write() as session:
            vault_retention.install(session, body, ["a", "b"])

    def keep(self, klass: str, value: str | None = None) -> str:
        with self.database.write() as session:
            return vault.keep(session, self.keys, klass, value or VALUES[klass])

    def token(self, klass: str, value: str | None = None) -> str:
        return token(self.keys, klass, value or VALUES[klass])

    def add(self, *rows: Any) -> None:
        with self.database.write() as session:
            for row in rows:
                session.add(row)
                session.flush()

    def case(self, state: str = "closed") -> str:
        """A case that is opened now, and closed now if it shall be."""
        self.cases += 1
        number, now = f"C-26-{self.cases:06}", self.clock.now_us()
        closed = now if state == "closed" else None
        self.add(orm.Case(id=number, region="KZ-75", opened_us=now, state=state, closed_us=closed))
        return number

    def identifier(
        self, case: str, kind: str, value: str | None = None, source: str = "officer"
    ) -> str:
        """An identifier of the case, its value kept if it is personal."""
        sealed = {"wallet": "account"}.get(kind, kind)
        subject = self.keep(sealed, value) if sealed in CLASSES else str(value)
        now = self.clock.now_us()
        self.add(
            orm.CaseEntity(case_id=case, kind=kind, subject=subject, source=source, told_by="asel",
                           first_us=now)
        )  # fmt: skip
        return subject

    def report(self, case: str, **more: Any) -> str:
        """A report of the case; its number."""
        self.rows += 1
        number, now = f"R-26-{self.rows:06}", self.clock.now_us()
        told = {
            "channel": "hotline", "receipt_hash": number, "methods": [], "methods_version": "1",
            "region": "KZ-75", "language": "kk", "victim": "per_x", "payer_account": "acc_x",
            "payer_bank": "311", "amount": 1, "currency": "KZT", "crime_us": now,
            "discovered_us": now, "reported_us": now,
        } | more  # fmt: skip
        self.add(orm.Report(id=number, case_id=case, **told))
        return number

    def finding(self, subject: str, state: str, kind: str = "account") -> int:
        """A finding about somebody, decided on now."""
        self.rows += 1
        now = self.clock.now_us()
        row = orm.FindingRow(
            detector="d", subject_kind=kind, subject=subject, window_from_us=self.rows,
            window_to_us=now, score=0.9, evidence={}, version="1", seal=1, shadow=False,
            state=state, first_us=now, updated_us=now,
            decided_us=now if state in ("dismissed", "confirmed") else None,
        )  # fmt: skip
        self.add(row)
        return row.id

    def later(self, days: float) -> None:
        self.clock.set(self.clock.now_us() + int(days * DAY))

    def sweep(self) -> dict[str, int]:
        """A night's work; what it did."""
        return {name: n for name, n in vault_upkeep.forget(self.database).items() if n}

    @property
    def there(self) -> set[str]:
        """Tokens whose values the vault has."""
        with self.database.session() as session:
            return {row.token for row in session.query(orm.VaultEntry)}

    @property
    def blocked(self) -> dict[str, str]:
        """Token → who blocked it."""
        with self.database.session() as session:
            return {row.token: row.blocked_by for row in session.query(orm.VaultBlock)}

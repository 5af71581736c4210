"""A centre whose log grows seal by seal, and owners that learn it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qalqan import clock
from qalqan.register.database import Database
from qalqan.register.orm import Seal
from qalqan.screening import loans, payments
from qalqan.screening.asked import LoanAsked, PaymentAsked
from qalqan.screening.policy import default_body
from qalqan.screening.remembered import Share
from qalqan.settings import Settings
from qalqan.work.screens import lists, wire
from qalqan.work.screens.owner import Owner
from qalqan.work.screens.teacher import Teacher

KEPT: Mapping[str, Any] = {"currency": "KZT", "instrument": "transfer", "side": "payer"}


@pytest.fixture
def server() -> None:
    """SQLite: what differs between the registers is tested with `lists`."""


@dataclass
class Centre:
    """A register and a lake."""

    home: Path
    database: Database
    lake: Any
    seal: int = 0

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, register=self.database.url, lake=self.lake.root)

    def sealed(self, kind: str, *rows: dict[str, Any]) -> None:
        """Facts of a kind under the next seal; in them `ago_us` stands for the time."""
        self.seal += 1
        told = [
            {"at_us": clock.now_us() - row.pop("ago_us", clock.MINUTE), "source": "b",
             "id": f"{self.seal}-{n}", **(KEPT if kind == "payment" else {}), **row}
            for n, row in enumerate(rows)
        ]  # fmt: skip
        self.lake.write(kind, told, self.seal)
        with self.database.write() as session:
            session.add(
                Seal(seal=self.seal, kind=kind, rows=len(rows), version=self.seal, at_us=self.seal)
            )

    def approve(self) -> None:
        """Every rule counts."""
        codes = payments.RULES.codes | loans.RULES.codes
        body = {**default_body(), "live": sorted(codes)}
        with self.database.write() as session:
            lists.install(session, body, ["asel", "daniyar"])

    def paid(self, number: str, payer: str = "a", payee: str = "b", **more: Any) -> PaymentAsked:
        """A question about a payment."""
        asked = PaymentAsked("altyn", number, clock.now_us(), payer, payee, 1_000_00, "KZT")
        return asked._replace(**more)

    def lent(self, number: str, applicant: str = "p", **more: Any) -> LoanAsked:
        """A question about a loan."""
        asked = LoanAsked("altyn", number, clock.now_us(), applicant, 300_000_00, "KZT")
        return asked._replace(**more)


@pytest.fixture
def centre(duck_lake: Any, database: Database, tmp_path: Path) -> Centre:
    return Centre(tmp_path / "home", database, duck_lake)


@pytest.fixture
def teacher(centre: Centre) -> Iterator[Callable[..., Teacher]]:
    """`teacher(number, of)`: one of a new owner, who knows nothing yet; each is closed at the end
    as one that was killed, without a word to the disk."""
    with ExitStack() as ends:

        def made(number: int = 0, of: int = 1) -> Teacher:
            owner = Owner(wire.folder_of(centre.home, number), Share(number, of))
            ends.enter_context(closing(owner))
            return Teacher(owner, centre.database, centre.settings)

        yield made

"""A small centre in this process: its register, lake and machine are real; the test is the
banks, the victims and the officers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from persons import Officer
from qalqan.cases import clocks, order_book, trails
from qalqan.cases.answers import take_answer
from qalqan.cases.approvals import decide
from qalqan.cases.delivery import sign_waiting
from qalqan.cases.policy import install_default_policy
from qalqan.cases.reports import ReportIn, ReportTaken, take_report
from qalqan.clock import MINUTE, SharedClock
from qalqan.exchange.order_message import Answer
from qalqan.model.order import Order
from qalqan.register import jobs, orm, partners
from qalqan.register.database import Database
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work.bookkeeping import Books

ALTYN, BAYTEREK, WALLET = "altyn", "baiterek", "kesek"
CODES = {ALTYN: "211", BAYTEREK: "223", WALLET: "283"}
VICTIM, DROP, SECOND, ORGANISER = "211:V1", "223:D1", "223:D2", "283:O1"
OFFICERS = {"asel": "supervisor", "daniyar": "supervisor", "marat": "prosecutor"}


@dataclass
class Centre:
    """What a test does to the centre; times UTC microseconds, sums tiyn."""

    database: Database
    keys: Keys
    books: Books
    clock: SharedClock

    def report(self, amount: int = 100_000_00, **more: Any) -> ReportTaken:
        """A victim tells of a payment an hour ago."""
        now = self.clock.now_us()
        body = {
            "methods": ["28"], "region": "KZ-75", "language": "kk", "victim_iin": "900101300017",
            "payer_account": VICTIM, "payee_account": DROP, "amount": amount,
            "crime_us": now - 60 * MINUTE, "discovered_us": now - 50 * MINUTE,
            "reported_us": now,
        } | more  # fmt: skip
        return take_report(self.database, self.keys, ReportIn(**body), "hotline")

    def work(self) -> None:
        """Do all jobs that are due, and what they say shall follow in a moment."""
        self._due()
        while self._soon():
            self.clock.set(self.clock.now_us() + trails.PAUSE_US)
            self._due()

    def _soon(self) -> bool:
        with self.database.session() as session:
            due = jobs.pending(session).next_due_us
        return due is not None and due <= self.clock.now_us() + trails.PAUSE_US

    def _due(self) -> None:
        while (job := jobs.lease(self.database, "test")) is not None:
            if job.kind == "deliver":
                sign_waiting(self.database, self.keys, job.key)
                jobs.done(self.database, job)
            elif job.kind == clocks.REMIND:
                jobs.done(self.database, job)
            else:
                self.books.handlers[job.kind](job)

    def later(self, us: int) -> None:
        """Time passes, and what falls due is done."""
        self.clock.set(self.clock.now_us() + us)
        self.work()

    def orders(self, *where: Any) -> list[Order]:
        with self.database.session() as session:
            return order_book.find(session, *where)

    def order(self, kind: str, state: str | None = None, **where: Any) -> Order:
        """The only order of that kind (in that state)."""
        found = [
            o
            for o in self.orders(orm.Order.kind == kind)
            if state in (None, o.state) and all(getattr(o, k) == v for k, v in where.items())
        ]
        assert len(found) == 1, [(o.id, o.kind, o.state, o.amount) for o in found]
        return found[0]

    def orders_of(self, kind: str, state: str | None = None) -> list[Order]:
        """Orders of a kind (in that state), oldest first."""
        return [o for o in self.orders() if o.kind == kind and state in (None, o.state)]

    def answer(self, order: Order, outcome: str, **more: Any) -> Order:
        """The partner's answer, and what follows from it."""
        moved = take_answer(
            self.database, self.keys, order.partner,
            Answer.model_validate({"order": order.id, "outcome": outcome, **more}),
        )  # fmt: skip
        self.work()
        return moved

    def line(
        self, payer: str, payee: str | None, amount: int, at_us: int, side: str = "payer",
        number: str | None = None, **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """A payment as a bank books it."""
        ends = {"payer_account": payer, "payer_bank": payer.partition(":")[0]}
        if payee is not None:
            ends |= {"payee_account": payee, "payee_bank": payee.partition(":")[0]}
        name = number or f"{payer}>{payee} {amount} {at_us}"
        return {
            "id": name, "at_us": at_us, "side": side, "amount": amount, "currency": "KZT",
            "instrument": "transfer", **ends, **more,
        }  # fmt: skip

    def confirm(self, order: Order, payee: str = DROP) -> Order:
        """The payer's bank confirms the payment it was asked about."""
        at_us = self.clock.now_us() - 60 * MINUTE
        line = self.line(VICTIM, payee, order.amount or 0, at_us, number=f"paid {order.id}")
        return self.answer(order, "confirmed", payment=line)

    def statement(
        self, order: Order, account: str, lines: list[dict[str, Any]], opening: int = 0
    ) -> Order:
        """The bank's statement up to now, which adds up."""
        now = self.clock.now_us()
        change = sum(x["amount"] for x in lines if x.get("payee_account") == account)
        change -= sum(x["amount"] for x in lines if x.get("payer_account") == account)
        body = {
            "id": f"S {order.id}", "account": account, "from_us": order.from_us, "to_us": now,
            "opening": opening, "closing": opening + change, "lines": lines,
        }  # fmt: skip
        return self.answer(order, "statement", statement=body)

    def agree(self, order: Order, *logins: str) -> Order:
        """Officers say yes, and what follows from it."""
        for login in logins or OFFICERS:
            order = decide(self.database, order.id, Officer(login, OFFICERS[login]), True)
        self.work()
        return order

    def trail(self, case_id: str) -> dict[str, Any]:
        with self.database.session() as session:
            (found,) = trails.newest(session, case_id)
        return found


@pytest.fixture
def centre(
    database: Database, keys: Keys, stopped_clock: SharedClock, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Centre]:  # fmt: skip
    """A centre with three banks, a hotline, two supervisors and a prosecutor."""
    monkeypatch.setenv("QALQAN_HOME", str(tmp_path))
    settings = Settings(home=tmp_path)
    with database.write() as session:
        for code, bank in CODES.items():
            partners.add_partner(session, code, "bank", {"kk": code, "ru": code, "en": code},
                               bank_code=bank)  # fmt: skip
        partners.add_partner(session, "hotline", "channel", {"kk": "h", "ru": "h", "en": "h"})
        for login, role in OFFICERS.items():
            session.add(orm.User(login=login, name="nam_x", password_hash="x", role=role,
                                 region="KZ"))  # fmt: skip
        install_default_policy(session, ["asel", "daniyar"])
    books = Books(database, settings)
    with closing(books):
        yield Centre(database, keys, books, stopped_clock)

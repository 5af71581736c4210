"""The guide's bank, as it stands on the page, answers a real centre."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import jwt
import pytest
import uvicorn
from fastapi import FastAPI

from qalqan.cases import order_book
from qalqan.cases.approvals import decide
from qalqan.cases.policy import install_default_policy
from qalqan.cases.reports import ReportIn, take_report
from qalqan.clock import HOUR, MINUTE, SharedClock
from qalqan.model.order import Order
from qalqan.register import jobs, orm, people
from qalqan.register.database import Database, open_database
from qalqan.settings import Settings
from qalqan.trust import signing
from qalqan.trust.keys import Keys
from qalqan.web.app import make_app
from qalqan.work.bookkeeping import Books
from qalqan.work.delivery import Post

GUIDE = (Path(__file__).parents[2] / "docs/how-to/connect-a-bank.md").read_text(encoding="utf-8")
VICTIM, DROP = "211:VICTIM", "211:DROP"
SUM = 450_000_00


@pytest.fixture
def bank() -> ModuleType:
    """The page's Python, one block after the other."""
    module = ModuleType("bank")
    code = "\n".join(re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL))
    exec(compile(code, "connect-a-bank.md", "exec"), module.__dict__)
    return module


@dataclass
class OwnBooks:
    """The bank's own system: one victim who paid one drop, and what it holds."""

    paid_us: int
    now_us: int
    holds: list[int] = field(default_factory=list)

    def payment(self, payer: str, amount: int, payee: str | None, *period: int) -> Any:
        found = (payer, amount, payee) == (VICTIM, SUM, DROP)
        return self.line("p1", VICTIM, DROP, amount) if found else None

    def line(self, number: str, payer: str, payee: str, amount: int) -> dict[str, Any]:
        at_us = self.paid_us if number == "p1" else self.now_us
        return {
            "id": number, "at_us": at_us, "side": "both", "amount": amount, "currency": "KZT",
            "payer_account": payer, "payee_account": payee, "instrument": "transfer",
        }  # fmt: skip

    def hold(self, account: str, amount: int, until_us: int, prolongs: str | None) -> int:
        self.holds.append(amount)
        return amount

    def payments_out(self, account: str) -> list[Any]:
        return []

    def statement(self, account: str, from_us: int, to_us: int | None) -> dict[str, Any]:
        return {
            "id": f"s-{account}", "account": account, "from_us": from_us, "to_us": self.now_us,
            "opening": 0, "closing": SUM, "lines": [self.line("p1", VICTIM, DROP, SUM)],
        }  # fmt: skip

    def pay_back(self, hold: str, amount: int, victim: str) -> dict[str, Any]:
        return self.line("p2", DROP, victim, amount)


@dataclass
class Centre:
    """The centre with its worker, in this process; and the bank's line to it."""

    database: Database
    keys: Keys
    books: Books
    post: Post
    line: httpx.Client

    def work(self) -> None:
        handlers = {**self.books.handlers, **self.post.handlers}
        while (job := jobs.lease(self.database, "test")) is not None:
            handlers[job.kind](job)

    def report(self, now_us: int) -> None:
        body = ReportIn(
            methods=["28"], region="KZ-75", language="kk", victim_iin="900101300017",
            payer_account=VICTIM, payee_account=DROP, amount=SUM, crime_us=now_us - HOUR,
            discovered_us=now_us - HOUR, reported_us=now_us,
        )  # fmt: skip
        take_report(self.database, self.keys, body, "hotline")
        self.work()

    def orders(self, kind: str) -> list[Order]:
        with self.database.session() as session:
            return order_book.find(session, orm.Order.kind == kind)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The app behind a real socket; who calls before it is ready waits in the socket's queue."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", loop="asyncio"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def centre(
    bank: ModuleType, stopped_clock: SharedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Centre]:
    monkeypatch.setenv("QALQAN_HOME", str(tmp_path))
    settings = Settings(home=tmp_path)
    keys = Keys.create(settings.keys_file)
    with closing(open_database(settings)) as database:
        database.migrate()
        with database.write() as session:
            names = {"kk": "a", "ru": "a", "en": "a"}
            token = people.add_partner(session, "saryarqa", "bank", names, bank_code="211")
            people.add_partner(session, "hotline", "channel", names)
            for login, role in (("a", "supervisor"), ("b", "supervisor"), ("c", "prosecutor")):
                session.add(
                    orm.User(login=login, name="nam_x", password_hash="x", role=role, region="KZ")
                )
            install_default_policy(session, ["a", "b"])
        with (
            closing(Books(database, settings)) as books,
            closing(Post(database, keys)) as post,
            served(make_app(settings)) as address,
            bank.connect(address, token) as line,
        ):
            yield Centre(database, keys, books, post, line)


def answered(bank: ModuleType, centre: Centre, books: OwnBooks) -> list[str]:
    """Fetch all that waits and answer it, a hold first; the kinds in that order."""
    key = bank.key_of(centre.line)
    orders = list(bank.fetched(centre.line, key, "saryarqa"))
    orders.sort(key=lambda order: order["kind"] == "statement")
    for order in orders:
        bank.answer(centre.line, order, bank.answer_to(order, books))
    centre.work()
    return [order["kind"] for order in orders]


def test_from_the_question_to_the_return(
    bank: ModuleType, centre: Centre, stopped_clock: SharedClock
) -> None:
    now_us = stopped_clock.now_us()
    books = OwnBooks(now_us - HOUR, now_us)
    centre.report(now_us)
    assert answered(bank, centre, books) == ["confirm"]
    assert answered(bank, centre, books) == ["hold", "statement"]
    assert books.holds == [SUM]
    (back,) = centre.orders("return")
    for login, role in (("a", "supervisor"), ("b", "supervisor"), ("c", "prosecutor")):
        decide(centre.database, back.id, login, role, True)
    centre.work()
    assert answered(bank, centre, books) == ["return"]
    (back,) = centre.orders("return")
    assert (back.state, back.effect) == ("closed", SUM)


def test_an_answer_given_again_after_a_timeout_changes_nothing(
    bank: ModuleType, centre: Centre, stopped_clock: SharedClock
) -> None:
    now_us = stopped_clock.now_us()
    centre.report(now_us)
    (order,) = bank.fetched(centre.line, bank.key_of(centre.line), "saryarqa")
    said = bank.answer_to(order, OwnBooks(now_us - HOUR, now_us))
    first = bank.answer(centre.line, order, said)
    assert bank.answer(centre.line, order, said) == first


def test_an_order_that_anybody_else_wrote_is_not_opened(bank: ModuleType, centre: Centre) -> None:
    ours, key = {"partner": "saryarqa"}, bank.key_of(centre.line)
    theirs = signing.sign(ours, Keys.new().signing_key)
    with pytest.raises(jwt.InvalidSignatureError):
        bank.opened(theirs, key, "saryarqa")
    unsigned = jwt.PyJWS().encode(b'{"partner": "saryarqa"}', None, algorithm="none")
    with pytest.raises(jwt.InvalidAlgorithmError):
        bank.opened(unsigned, key, "saryarqa")
    with pytest.raises(ValueError, match="jetigen"):
        bank.opened(signing.sign({"partner": "jetigen"}, centre.keys.signing_key), key, "saryarqa")


def test_the_payment_line_on_the_page_is_a_fact(
    bank: ModuleType, centre: Centre, stopped_clock: SharedClock
) -> None:
    found = re.search(r"```json\n(.*?)```", GUIDE, re.DOTALL)
    assert found
    stopped_clock.set(1_795_514_400_000_000 + MINUTE)
    told = bank.tell(centre.line, "payment", [json.loads(found[1])], "first")
    assert (told["read"], told["accepted"]) == (1, 1)
    assert bank.tell(centre.line, "payment", [json.loads(found[1])], "first") == told

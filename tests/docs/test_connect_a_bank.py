"""The guide's bank, as it stands on the page, answers a real centre."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import jwt
import pytest

from qalqan.cases.reports import ReportIn, take_report
from qalqan.clock import MINUTE, SharedClock
from qalqan.trust import signing
from qalqan.trust.keys import Keys

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "how-to/connect-a-bank.md").read_text(encoding="utf-8")
VICTIM, DROP = "211:VICTIM", "211:DROP"
SUM = 450_000_00
ME = "saryarqa"
PAID_US = 1_767_247_200_000_000
"""An hour before the tests' clock begins."""


@pytest.fixture
def bank(program: Callable[[str], ModuleType]) -> ModuleType:
    return program("bank")


@pytest.fixture
def line(bank: ModuleType, centre: Any) -> Iterator[httpx.Client]:
    """The bank's line to the centre."""
    with bank.connect(centre.address, centre.partner(ME, "bank", "211")) as line:
        yield line


@dataclass
class OwnBooks:
    """The bank's own system: one victim who paid one drop, and what it holds."""

    clock: SharedClock
    holds: list[int] = field(default_factory=list)

    @property
    def now_us(self) -> int:
        return self.clock.now_us()

    def line(self, number: str, payer: str, payee: str, amount: int) -> dict[str, Any]:
        at_us = PAID_US if number == "p1" else self.now_us
        return {
            "id": number, "at_us": at_us, "side": "both", "amount": amount, "currency": "KZT",
            "payer_account": payer, "payee_account": payee, "instrument": "transfer",
        }  # fmt: skip

    def payment(self, payer: str, amount: int, payee: str | None, *period: int) -> Any:
        found = (payer, amount, payee) == (VICTIM, SUM, DROP)
        return self.line("p1", VICTIM, DROP, amount) if found else None

    def hold(self, account: str, amount: int, until_us: int, prolongs: str | None) -> int:
        self.holds.append(amount)
        return amount

    def statement(self, account: str, from_us: int, to_us: int | None) -> dict[str, Any]:
        return {
            "id": f"s-{account}", "account": account, "from_us": from_us, "to_us": self.now_us,
            "opening": 0, "closing": SUM, "lines": [self.line("p1", VICTIM, DROP, SUM)],
        }  # fmt: skip

    def pay_back(self, hold: str, account: str, amount: int, victim: str) -> dict[str, Any]:
        return self.line("p2", account, victim, amount)


def report(centre: Any, now_us: int) -> None:
    """A victim tells a hotline of the payment."""
    centre.partner("hotline", "channel")
    body = ReportIn(
        methods=["28"], region="KZ-75", language="kk", victim_iin="900101300017",
        payer_account=VICTIM, payee_account=DROP, amount=SUM, crime_us=PAID_US,
        discovered_us=PAID_US, reported_us=now_us,
    )  # fmt: skip
    take_report(centre.database, centre.keys, body, "hotline")
    centre.work()


def test_the_page_shows_the_program_whole() -> None:
    blocks = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    assert "\n\n".join(blocks) == (DOCS / "tutorial/bank.py").read_text(encoding="utf-8")


def test_from_the_question_to_the_return(
    bank: ModuleType, line: httpx.Client, centre: Any, stopped_clock: SharedClock
) -> None:
    books = OwnBooks(stopped_clock)

    def answered() -> list[str]:
        orders = list(bank.fetched(line, bank.key_of(line), ME))
        orders.sort(key=lambda order: order["kind"] == "statement")
        for order in orders:
            bank.answer(line, order, bank.answer_to(order, books))
        centre.work()
        return [order["kind"] for order in orders]

    report(centre, stopped_clock.now_us())
    assert answered() == ["confirm"]
    assert answered() == ["hold", "statement"]
    assert books.holds == [SUM]
    centre.everybody_agrees()
    assert answered() == ["return"]
    (back,) = centre.orders("return")
    assert (back.state, back.effect) == ("closed", SUM)


def test_an_answer_given_again_after_a_timeout_changes_nothing(
    bank: ModuleType, line: httpx.Client, centre: Any, stopped_clock: SharedClock
) -> None:
    report(centre, stopped_clock.now_us())
    (order,) = bank.fetched(line, bank.key_of(line), ME)
    said = bank.answer_to(order, OwnBooks(stopped_clock))
    first = bank.answer(line, order, said)
    assert bank.answer(line, order, said) == first


def test_an_order_that_anybody_else_wrote_is_not_opened(
    bank: ModuleType, line: httpx.Client, centre: Any
) -> None:
    key = bank.key_of(line)
    theirs = signing.sign({"partner": ME}, Keys.new().signing_key)
    with pytest.raises(jwt.InvalidSignatureError):
        bank.opened(theirs, key, ME)
    unsigned = jwt.PyJWS().encode(b'{"partner": "saryarqa"}', None, algorithm="none")
    with pytest.raises(jwt.InvalidAlgorithmError):
        bank.opened(unsigned, key, ME)
    with pytest.raises(ValueError, match="jetigen"):
        bank.opened(signing.sign({"partner": "jetigen"}, centre.keys.signing_key), key, ME)


def test_the_payment_line_on_the_page_is_a_fact(
    bank: ModuleType, line: httpx.Client, stopped_clock: SharedClock
) -> None:
    found = re.search(r"```json\n(.*?)```", GUIDE, re.DOTALL)
    assert found
    fact = json.loads(found[1])
    stopped_clock.set(fact["at_us"] + MINUTE)
    told = bank.tell(line, "payment", [fact], "first")
    assert (told["read"], told["accepted"]) == (1, 1)
    assert bank.tell(line, "payment", [fact], "first") == told

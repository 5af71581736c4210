"""A statement is believed only if its lines add up; the lines are facts all the same (REQ-19)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import select

from qalqan.lake.checked import Terms
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.receipt import Receipt
from qalqan.lake.sealing import seal
from qalqan.lake.statements import take_statement
from qalqan.register.database import Database
from qalqan.register.orm import Batch
from qalqan.text.catalogue import LANGUAGES, say

AT = 1_767_225_600_000_000  # 2026-01-01
DAY = 86_400_000_000

Both = tuple[Receipt, Receipt]
Lake = Callable[[str], list[dict[str, Any]]]


def statement(**other: Any) -> dict[str, Any]:
    return {
        "id": "s1",
        "bank": "AAA",
        "account": "AAA:1",
        "from_us": AT - DAY,
        "to_us": AT,
        "opening": 1_000,
        "closing": 1_300,
        "currency": "KZT",
        "complete": True,
        "lines": 3,
        **other,
    }


def line(fact: str, amount: int, out: bool = False, **other: Any) -> dict[str, Any]:
    ends = ("AAA:1", "BBB:2") if out else ("BBB:2", "AAA:1")
    return {
        "id": fact,
        "at_us": AT - 5,
        "side": "payer" if out else "payee",
        "payer_account": ends[0],
        "payee_account": ends[1],
        "amount": amount,
        "currency": "KZT",
        "instrument": "transfer",
        **other,
    }


LINES = [line("1", 400), line("2", 300, out=True), line("3", 200)]


@pytest.fixture
def hand_in(centre: Centre) -> Callable[..., Both]:
    def taken(
        head: dict[str, Any],
        lines: list[dict[str, Any]],
        own_banks: set[str] | None = None,
        key: str | None = None,
    ) -> Both:
        receipts = take_statement(
            centre,
            HandIn("statement", "bank-a", "statement", Terms(own_banks), key=key),
            pa.Table.from_pylist([head]),
            pa.Table.from_pylist(lines),
        )
        for one in receipts:
            assert one.read == one.accepted + one.duplicate + one.quarantined
        return receipts

    return taken


def test_a_statement_that_adds_up_is_believed(
    hand_in: Callable[..., Both], database: Database, lake_root: str, lake: Lake
) -> None:
    head, lines = hand_in(statement(), LINES, own_banks={"AAA"})
    assert (head.accepted, lines.accepted) == (1, 3)
    seal(database, lake_root)
    assert {fact["statement"] for fact in lake("payment")} == {"s1"}
    assert lake("statement")[0]["at_us"] == AT


@pytest.mark.parametrize(
    ("head", "lines", "expected", "landed"),
    [
        (statement(closing=1_301), LINES, "statement.balance", 3),
        (statement(lines=4), LINES, "statement.lines", 3),
        (statement(), LINES[:2], "statement.lines", 2),
        (statement(), [*LINES[:2], line("3", 0)], "statement.lines", 2),
        (statement(), [*LINES[:2], line("3", 200, currency="USD")], "statement.balance", 3),
    ],
)
def test_one_that_does_not_goes_to_quarantine_and_its_lines_land(
    hand_in: Callable[..., Both],
    head: dict[str, Any],
    lines: list[dict[str, Any]],
    expected: str,
    landed: int,
) -> None:
    taken, body = hand_in(head, lines)
    assert (taken.accepted, taken.quarantined, body.accepted) == (0, 1, landed)
    assert taken.refusals[0].expected == expected
    said = {say(f"expected.{expected}", one, **taken.refusals[0].params) for one in LANGUAGES}
    assert len(said) == len(LANGUAGES)


def test_lines_add_up_beyond_what_a_machine_word_holds(hand_in: Callable[..., Both]) -> None:
    """Sums of 10^15 that would come round to the closing balance if they were added blindly."""
    rows, largest = 18_447, 10**15
    around = 2**64 - (rows - 1) * largest
    lines = [line(f"{n}", largest) for n in range(rows - 1)] + [line("last", around)]
    head = statement(opening=0, closing=0, lines=rows)
    taken, body = hand_in(head, lines)
    assert body.accepted == rows
    assert [refusal.expected for refusal in taken.refusals] == ["statement.balance"]
    assert taken.refusals[0].params == {"wanted": 2**64}


def test_put_right_it_is_taken_and_its_lines_count_once(hand_in: Callable[..., Both]) -> None:
    hand_in(statement(closing=1_301), LINES)
    head, lines = hand_in(statement(), LINES)
    assert (head.accepted, lines.accepted, lines.duplicate) == (1, 0, 3)


def test_a_notice_of_coverage_has_no_account_and_no_balance(hand_in: Callable[..., Both]) -> None:
    notice = statement(account=None, opening=None, closing=None, lines=1)
    head, _ = hand_in(notice, [line("1", 5)])
    assert head.accepted == 1


def test_another_banks_statement_is_refused(hand_in: Callable[..., Both]) -> None:
    head, lines = hand_in(statement(), LINES, own_banks={"BBB"})
    assert (head.accepted, lines.accepted) == (0, 0)
    assert head.refusals[0].expected == "bank.own"


def test_a_repeated_request_gets_both_receipts_again(
    hand_in: Callable[..., Both], database: Database
) -> None:
    first = hand_in(statement(), LINES, key="k")
    assert hand_in(statement(), LINES, key="k") == first
    with database.session() as session:
        assert len(session.scalars(select(Batch)).all()) == 2


def test_a_request_that_comes_many_times_at_once_is_taken_once(
    hand_in: Callable[..., Both], database: Database
) -> None:
    ready = Barrier(4)

    def racing(_: int) -> Both:
        ready.wait()
        return hand_in(statement(), LINES, key="k")

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(racing, range(4)))
    assert all(both == taken[0] for both in taken)
    assert (taken[0][0].accepted, taken[0][1].accepted) == (1, 3)


def test_lines_without_ids_are_told_apart_and_recognised_again(
    hand_in: Callable[..., Both], database: Database, lake_root: str, lake: Lake
) -> None:
    """Two equal lines are two facts; the same lines in a longer statement are the same facts."""
    head = {name: value for name, value in statement().items() if name != "id"}
    lines = [line("", 400), line("", 300, out=True), line("", 100), line("", 100)]
    for one in lines:
        del one["id"]
    _, first = hand_in({**head, "lines": 4}, lines)
    assert first.accepted == 4
    longer = {**head, "from_us": AT - 2 * DAY, "lines": 4}
    taken, again = hand_in(longer, lines)
    assert (taken.accepted, again.duplicate) == (1, 3 + 1)
    seal(database, lake_root)
    assert all("AAA" not in fact["id"] for fact in lake("payment"))

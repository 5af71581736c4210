"""Shared commits: everybody is answered once, with his own receipt, and only when it is safe
(REQ-19)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import func, select

from lake.good_facts import GOOD
from qalqan.errors import Conflict, Overfull, Unavailable
from qalqan.lake import identities
from qalqan.lake.receipt import Receipt
from qalqan.lake.sealing import seal
from qalqan.lake.shared import Centre, Outcome, SharedCommits
from qalqan.lake.telling import Telling
from qalqan.lake.waiting import Bounds
from qalqan.register.database import Database
from qalqan.register.orm import Batch, Landing
from qalqan.trust.keys import Keys

LONG_S = 60
"""Only a hanging test waits as long."""


def payment(number: str, **other: Any) -> dict[str, Any]:
    return {"id": number, **GOOD["payment"], **other}


def told(*facts: Any, source: str = "bank-a", **more: Any) -> Telling:
    return Telling(more.pop("kind", "payment"), source, "AAA", list(facts), **more)


class Desk:
    """Shared commits whose answers are gathered; `held` lets none out until it ends, so that
    whatever is told meanwhile goes into one commit."""

    def __init__(self, centre: Centre, bounds: Bounds | None = None) -> None:
        self.answers: dict[Telling, Outcome] = {}
        self._open = threading.Event()
        self._open.set()
        self._busy, self._news = threading.Event(), threading.Condition()
        self.commits = SharedCommits(centre, self._answer, bounds)

    def _answer(self, outcomes: Sequence[tuple[Telling, Outcome]]) -> None:
        with self._news:
            for telling, outcome in outcomes:
                assert telling not in self.answers
                self.answers[telling] = outcome
            self._news.notify_all()
        self._busy.set()
        assert self._open.wait(LONG_S)

    def tell(self, *tellings: Telling) -> list[Outcome]:
        for telling in tellings:
            self.commits.put(telling)
        return self.of(*tellings)

    def of(self, *tellings: Telling) -> list[Outcome]:
        with self._news:
            assert self._news.wait_for(lambda: self.answers.keys() >= set(tellings), LONG_S)
        return [self.answers[one] for one in tellings]

    def together(self, *tellings: Telling) -> list[Outcome]:
        """What becomes of tellings that are taken at once."""
        self.hold()
        for telling in tellings:
            self.commits.put(telling)
        self._open.set()
        return self.of(*tellings)

    def hold(self) -> None:
        """Keep the committing thread busy."""
        self._open.clear()
        self._busy.clear()
        self.commits.put(told())
        assert self._busy.wait(LONG_S)

    def release(self) -> None:
        self._open.set()


@pytest.fixture
def centre(database: Database, keys: Keys, lake_root: str) -> Centre:
    return Centre(database, keys, lake_root)


@pytest.fixture
def open_desk(centre: Centre) -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def opened(bounds: Bounds | None = None) -> Desk:
        desks.append(Desk(centre, bounds))
        return desks[-1]

    yield opened
    for desk in desks:
        desk.release()
        desk.commits.close()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    return open_desk()


def summed(database: Database) -> tuple[int, ...]:
    names = ("read", "accepted", "duplicate", "quarantined")
    with database.session() as session:
        row = session.execute(select(*(func.sum(getattr(Batch, name)) for name in names))).one()
        rows = session.scalar(select(func.sum(Landing.rows)))
    read, accepted, duplicate, quarantined = (int(count or 0) for count in row)
    assert read == accepted + duplicate + quarantined
    assert accepted == int(rows or 0)
    return read, accepted, duplicate, quarantined


def counts(outcome: Outcome) -> tuple[int, ...]:
    assert isinstance(outcome, Receipt), outcome
    return outcome.read, outcome.accepted, outcome.duplicate, outcome.quarantined


def test_many_threads_are_answered_each_by_its_own(desk: Desk, database: Database) -> None:
    tellings = [
        told(payment(f"{n // 2}"), payment(f"x{n}", amount=n - 5), source=f"bank-{n % 3}")
        for n in range(60)
    ]
    threads = [threading.Thread(target=desk.tell, args=tellings[start::6]) for start in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = desk.of(*tellings)
    assert [counts(one)[0] for one in found] == [2] * 60
    assert [counts(one)[3] for one in found] == [int(n <= 5) for n in range(60)]
    assert summed(database)[0] == 120


def test_what_comes_together_is_one_commit(desk: Desk, database: Database) -> None:
    tellings = [told(payment(f"{n}"), source=f"bank-{n % 4}") for n in range(12)]
    tellings += [told({"id": "s", **GOOD["session"]}, kind="session")]
    found = desk.together(*tellings)
    assert [counts(one) for one in found] == [(1, 1, 0, 0)] * 13
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(Landing)) == 2  # one a kind
        for n in range(4):
            assert identities.has_rows(session, "payment", f"bank-{n}")
    batches = {one.batch for one in found if isinstance(one, Receipt)}
    assert len(batches) == 5  # one for each partner and kind


def test_the_earlier_one_stands(desk: Desk) -> None:
    first, same, other = told(payment("1")), told(payment("1")), told(payment("1", amount=7))
    found = desk.together(first, same, other)
    assert [counts(one) for one in found] == [(1, 1, 0, 0), (1, 0, 1, 0), (1, 0, 0, 1)]


def test_repeating_leaves_one_batch_a_day(desk: Desk, database: Database) -> None:
    desk.tell(told(payment("1")))
    for _ in range(5):
        (again,) = desk.tell(told(payment("1")))
        assert counts(again) == (1, 0, 1, 0)
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(Batch)) == 2
    assert summed(database) == (6, 1, 5, 0)


def test_a_key_counts_once_wherever_it_comes(open_desk: Callable[..., Desk]) -> None:
    one, other = open_desk(), open_desk()  # as two web processes
    tellings = [told(payment("1"), key="k") for _ in range(8)]
    strange = [told(payment("2"), key="k") for _ in range(2)]
    threads = [
        threading.Thread(target=desk.tell, args=(*tellings[start::2], strange[start]))
        for start, desk in enumerate((one, other))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [*one.of(*tellings[::2]), *other.of(*tellings[1::2])]
    receipts = {str(outcome) for outcome in found}
    assert len(receipts) == 1
    assert counts(found[0]) == (1, 1, 0, 0)
    refused = [one.answers[strange[0]], other.answers[strange[1]]]
    assert all(isinstance(outcome, Conflict) for outcome in refused)


def test_keys_of_one_commit(desk: Desk, database: Database) -> None:
    first, again, strange = (told(payment(n), key="k") for n in ("1", "1", "2"))
    theirs = told(payment("1"), key="k", source="bank-b")
    found = desk.together(first, again, strange, theirs)
    assert found[0] == found[1]
    assert isinstance(found[2], Conflict)
    assert counts(found[3]) == (1, 1, 0, 0)
    assert desk.tell(told(payment("1"), key="k"))[0] == found[0]
    assert summed(database) == (2, 2, 0, 0)


@pytest.mark.parametrize(
    "culprit",
    [
        pytest.param({"kind": "rumour"}, id="can't be checked"),
        pytest.param({"key": "\ud800"}, id="can't be written"),
    ],
)
def test_who_spoils_a_commit_spoils_his_own_alone(
    desk: Desk, database: Database, culprit: dict[str, Any]
) -> None:
    innocent = [told(payment(f"{n}"), source=f"bank-{n}") for n in range(7)]
    keyed = told(payment("k"), key="k")
    bad = told(payment("bad"), **culprit)
    *found, failed, last = desk.together(
        *innocent[:4], keyed, *innocent[4:], bad, told(payment("9"))
    )
    assert [counts(one) for one in found] == [(1, 1, 0, 0)] * 8
    assert isinstance(failed, Exception)
    assert not isinstance(failed, Unavailable)
    assert counts(last) == (1, 1, 0, 0)
    assert summed(database) == (9, 9, 0, 0)


def test_nothing_is_acknowledged_when_the_register_is_lost(keys: Keys, lake_root: str) -> None:
    with closing(Database("postgresql://nobody@/nothing?host=/nowhere")) as lost:
        desk = Desk(Centre(lost, keys, lake_root))
        found = desk.tell(told(payment("1")), told(payment("2"), key="k"))
        assert all(isinstance(one, Unavailable) for one in found)
        desk.commits.close()


def test_closing_commits_what_waits(desk: Desk, database: Database) -> None:
    desk.hold()
    tellings = [told(payment(f"{n}")) for n in range(30)]
    for telling in tellings:
        desk.commits.put(telling)
    closing_ = threading.Thread(target=desk.commits.close)
    closing_.start()
    desk.release()
    closing_.join()
    assert [counts(one) for one in desk.of(*tellings)] == [(1, 1, 0, 0)] * 30
    assert summed(database)[1] == 30
    with pytest.raises(Unavailable):
        desk.commits.put(told(payment("x")))


def test_who_waits_too_long_is_turned_away_and_nobody_else(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(Bounds(of_one=2))
    desk.hold()
    for number in "12":
        desk.commits.put(told(payment(number)))
    with pytest.raises(Overfull):
        desk.commits.put(told(payment("3")))
    quiet = told(payment("4"), source="bank-b")
    desk.commits.put(quiet)
    desk.release()
    assert counts(desk.of(quiet)[0]) == (1, 1, 0, 0)


def test_nothing_comes_in_while_sealing_is_behind(
    open_desk: Callable[..., Desk], database: Database, lake_root: str
) -> None:
    desk = open_desk(Bounds(unsealed=3))
    desk.tell(told(*(payment(f"{n}") for n in range(5))))

    def is_behind() -> bool:
        try:
            desk.tell(told())
        except Overfull as error:
            return error.code == "behind"
        return False

    until(is_behind)
    seal(database, lake_root)
    until(lambda: not is_behind())
    assert counts(desk.tell(told(payment("5")))[0]) == (1, 1, 0, 0)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)

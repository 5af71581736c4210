"""Rules are moved and tuned by two people, tried over the lake first (DESIGN section 5)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from persons import Officer
from qalqan.detectors import registry
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.model.finding import Finding
from qalqan.register import jobs
from qalqan.register.database import Database
from qalqan.register.orm import Backtest, FindingRow, Seal
from qalqan.work import backtests, review, rules, tuning
from qalqan.work.detection import detect
from qalqan.work.findings import decide, keep, mode_of, set_mode
from qalqan.work.replay import replay_finding

DAY = 86_400_000_000
CODE = "payments.passes_through"
AIGUL, MARAT = Officer("aigul", "supervisor"), Officer("marat", "supervisor")
WHY = "The bound was met over a month in shadow"


def found(subject: str, score: float = 0.5) -> Finding:
    return Finding(CODE, "account", subject, 0, DAY, score, {"currency": "KZT"}, "1", 1)


def kept(database: Database, *subjects: str) -> list[int]:
    with database.write() as session:
        keep(session, CODE, [found(each) for each in subjects], 0)
        return list(session.scalars(select(FindingRow.id).order_by(FindingRow.id)))


def test_to_live_takes_two_people_and_back_takes_one(database: Database) -> None:
    with pytest.raises(NotAllowed):
        rules.move(database, Officer(), CODE, "live", WHY)
    with pytest.raises(InputRejected):
        rules.move(database, AIGUL, CODE, "live", "yes")
    change = rules.move(database, AIGUL, CODE, "live", WHY)
    with pytest.raises(Conflict):
        rules.move(database, MARAT, CODE, "live", WHY)
    with pytest.raises(NotAllowed):
        rules.settle(database, AIGUL, change.id, True)
    with database.session() as session:
        assert mode_of(session, CODE) == "shadow"
    assert rules.settle(database, MARAT, change.id, True).state == "agreed"
    with pytest.raises(Conflict):
        rules.settle(database, MARAT, change.id, False)
    with database.session() as session:
        assert mode_of(session, CODE) == "live"
        assert [one.state for one in rules.changes(session, CODE)] == ["agreed"]
    rules.move(database, AIGUL, CODE, "retired", WHY)
    with database.session() as session:
        assert mode_of(session, CODE) == "retired"
    change = rules.move(database, AIGUL, CODE, "live", WHY)
    assert rules.settle(database, AIGUL, change.id, False).state == "withdrawn"
    change = rules.move(database, AIGUL, CODE, "live", WHY)
    assert rules.settle(database, MARAT, change.id, False, "too early").state == "refused"
    with pytest.raises(NotFound):
        rules.move(database, AIGUL, "payments.rumour", "live", WHY)


def test_how_good_a_rule_is_officers_decisions_tell(database: Database) -> None:
    for place, number in enumerate(kept(database, *"abcdefghijklmnopqrstuvwxyz")):
        decide(database, number, "dismissed" if place < 4 else "confirmed", "aigul", "seen")
    with database.session() as session:
        found = rules.rule(session, CODE)
    assert (found.precision.confirmed, found.precision.dismissed, found.precision.share) == (
        22, 4, 846,
    )  # fmt: skip
    assert found.precision.interval == (664, 939)
    assert (found.precision.false_alarms, found.precision.bound_met) == (336, True)
    assert not rules.Precision(2, 0).bound_met
    assert rules.Precision(0, 0).interval == (0, 1000)


@given(right=st.integers(0, 500), wrong=st.integers(0, 500))
def test_an_interval_holds_its_share(right: int, wrong: int) -> None:
    low, high = rules.wilson(right, right + wrong)
    assert 0 <= low <= high <= 1
    if right + wrong:
        assert low <= right / (right + wrong) + 1e-12
        assert high >= right / (right + wrong) - 1e-12


def payment(name: str, payer: str, payee: str, amount: int, at_us: int) -> dict[str, Any]:
    return {
        "id": name, "source": "bank", "side": "both", "at_us": at_us, "payer_account": payer,
        "payee_account": payee, "amount": amount, "currency": "KZT", "instrument": "transfer",
    }  # fmt: skip


@pytest.fixture
def lake(duck_lake: Any, database: Database) -> Any:
    """Two drops: one passes all on, the other 80 %."""
    duck_lake.write("payment", [
        payment("1", "v", "drop", 50_000_00, DAY), payment("2", "drop", "n", 50_000_00, DAY + 1),
        payment("3", "w", "keeps", 50_000_00, DAY), payment("4", "keeps", "m", 40_000_00, DAY + 1),
    ])  # fmt: skip
    with database.write() as session:
        session.add(Seal(seal=1, kind="payment", rows=4, version=1, at_us=0))
    return duck_lake


@pytest.mark.parametrize("server", [None], ids=["sqlite"])  # seconds of DuckDB
def test_a_rule_is_tried_compared_adopted_by_two_and_then_detects_so(
    database: Database, lake: Any
) -> None:
    engine = lake.duck()
    detect(database, engine, [CODE])
    with pytest.raises(InputRejected):
        backtests.ask(database, AIGUL, CODE, {"min_passed_permille": "many"})
    with pytest.raises(InputRejected):
        backtests.ask(database, AIGUL, CODE, {"min_passed_permille": "85"})
    number = backtests.ask(database, AIGUL, CODE, {"min_passed_permille": "70", "max_payers": ""})
    with pytest.raises(Conflict):
        backtests.ask(database, AIGUL, CODE, {"min_passed_permille": "60"})
    with pytest.raises(Conflict):
        rules.adopt(database, AIGUL, number, WHY)
    assert backtests.run(database, engine, number)
    assert not backtests.run(database, engine, number)
    with database.session() as session:
        tried = session.get_one(Backtest, number)
        assert tried.result is not None
        told = {name: tried.result[name] for name in ("present", "proposed", "new", "lost", "kept")}
        assert told == {"present": 1, "proposed": 2, "new": 1, "lost": 0, "kept": 1}
        assert tried.result["days"] == [[DAY, 1, 2]]
        assert [(one.change, one.subject) for one in backtests.sample(session, number)] == [
            ("new", "keeps")
        ]
        assert len(session.scalars(select(FindingRow)).all()) == 1
    change = rules.adopt(database, AIGUL, number, WHY)
    rules.settle(database, MARAT, change.id, True)
    assert detect(database, engine, [CODE]).new == 1
    with database.session() as session:
        assert tuning.current(session) == {CODE: {"min_passed_permille": 700}}
        values = {one.name: one.value for one in tuning.parameters(session, CODE)}
        rows = session.scalars(select(FindingRow)).all()
    assert (values["min_passed_permille"], values["max_payers"]) == (700, 5)
    again = replay_finding(database, engine, rows[0].id)
    assert (again.same, again.same_version) == (True, True)


def test_a_cancelled_run_stops_and_keeps_nothing(database: Database, lake: Any) -> None:
    number = backtests.ask(database, AIGUL, CODE, {"max_payers": "3"})
    with database.session() as session:
        assert jobs.pending(session).due == 1
    backtests.cancel(database, MARAT, number)
    assert not backtests.run(database, lake.duck(), number)
    with pytest.raises(Conflict):
        backtests.cancel(database, MARAT, number)
    with pytest.raises(NotFound):
        backtests.cancel(database, MARAT, 404)


def test_findings_are_judged_as_they_were_seen(database: Database) -> None:
    set_mode(database, CODE, "live", "marat", WHY)
    first, second, third = kept(database, "a", "b", "c")
    review.judge(database, AIGUL, first, "confirmed", "", "new")
    with pytest.raises(Conflict):
        review.judge(database, MARAT, first, "dismissed", "a family", "new")
    with pytest.raises(InputRejected):
        review.judge(database, MARAT, second, "dismissed", "no", "new")
    with pytest.raises(NotAllowed):
        review.judge(database, Officer(role="prosecutor"), second, "confirmed", "", "new")
    assert review.dismiss_all(database, AIGUL, [first, second, 404], "all of one family") == {
        first: "confirmed", second: "done", 404: "gone",
    }  # fmt: skip
    review.judge(database, AIGUL, second, "new", "", "dismissed")
    with database.session() as session:
        left = review.page(session, AIGUL, review.Asked())
        assert {each.row.id for each in left.rows} == {second, third}
        assert review.page(session, AIGUL, review.Asked(shadow=True)).found == 0
        with pytest.raises(NotAllowed):
            review.page(session, Officer(role="operator"), review.Asked())


GATEWAYS = "subscriptions.gateway_device"


def test_a_list_is_filled_in_tried_and_adopted_by_two(database: Database, lake: Any) -> None:
    told = {"types": "35000001, 35000000\n35000000", "min_called": "3"}
    number = backtests.ask(database, AIGUL, GATEWAYS, told)
    assert backtests.run(database, lake.duck(), number)
    change = rules.adopt(database, AIGUL, number, WHY)
    rules.settle(database, MARAT, change.id, True)
    with database.session() as session:
        assert tuning.current(session) == {GATEWAYS: {"types": ["35000000", "35000001"]}}
        [types] = [one for one in tuning.parameters(session, GATEWAYS) if one.of]
        assert types.written == "35000000\n35000001"
        assert tuning.checked(session, GATEWAYS, {"types": ""}) == {}
    detector = tuning.tuned(registry.get(GATEWAYS), {"types": ["35000000"]})
    assert detector.params.types == ("35000000",)
    assert detector.version != registry.get(GATEWAYS).version


@pytest.mark.parametrize(
    ("code", "name", "entry", "expected"),
    [
        (GATEWAYS, "types", "3500000", "rules.tac"),
        (GATEWAYS, "types", "350000000", "rules.tac"),
        (GATEWAYS, "types", " ".join(str(35_000_000 + n) for n in range(1_001)), "rules.entries"),
        ("calls.spoofed_domestic", "permitted", "t1", "rules.trunk"),
        ("calls.legs_unmatched", "outside", "x" * 61, "rules.provider"),
    ],
)
def test_entries_of_another_shape_are_refused(
    database: Database, code: str, name: str, entry: str, expected: str
) -> None:
    with database.session() as session, pytest.raises(InputRejected) as refused:
        tuning.checked(session, code, {name: entry})
    assert (refused.value.field, refused.value.expected) == (name, expected)

"""The worker's run: everything sealed goes in, findings come to the register once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from detectors import called
from qalqan.detectors import registry
from qalqan.detectors.sentence import sentence
from qalqan.errors import Conflict, NotFound
from qalqan.register.database import Database
from qalqan.register.leases import hold
from qalqan.register.orm import FindingRow, Seal
from qalqan.text.catalogue import LANGUAGES
from qalqan.work import finders
from qalqan.work.detection import detect
from qalqan.work.findings import set_mode
from qalqan.work.replay import replay_finding

DAY = 86_400_000_000
CODE = "payments.passes_through"
all_detectors = pytest.mark.parametrize("server", [None], ids=["sqlite"])
"""Many detectors are seconds of DuckDB; what the register does with findings, one shows on both."""


def payment(name: str, payer: str, payee: str, at_us: int) -> dict[str, Any]:
    return {
        "id": name, "source": "bank", "side": "both", "at_us": at_us, "payer_account": payer,
        "payee_account": payee, "amount": 50_000_000, "currency": "KZT", "instrument": "transfer",
    }  # fmt: skip


@pytest.fixture
def lake(duck_lake: Any, database: Database) -> Any:
    duck_lake.write("payment", [payment("1", "v", "drop", DAY), payment("2", "drop", "n", DAY + 1)])
    duck_lake.write("payment", [payment("3", "n", "m", DAY + 2)], seal=2)
    sealed(database, 1)
    return duck_lake


def sealed(database: Database, seal: int) -> None:
    with database.write() as session:
        session.add(Seal(seal=seal, kind="payment", rows=2, version=seal, at_us=0))


def subjects(database: Database) -> list[str]:
    with database.session() as session:
        return sorted(session.scalars(select(FindingRow.subject)))


@all_detectors
def test_finds_what_is_sealed_and_only_that(database: Database, lake: Any) -> None:
    steps: list[tuple[int, int]] = []
    summary = detect(database, lake.duck(), progress=lambda *step: steps.append(step))
    assert (summary.seal, summary.findings, summary.new, summary.shadow) == (1, 1, 1, 1)
    assert steps == [(n + 1, summary.detectors) for n in range(summary.detectors)]
    assert subjects(database) == ["drop"]
    sealed(database, 2)
    summary = detect(database, lake.duck(), [CODE])
    assert (summary.detectors, summary.findings, summary.new) == (1, 2, 1)
    assert subjects(database) == ["drop", "n"]


def test_again_changes_nothing(database: Database, lake: Any) -> None:
    detect(database, lake.duck(), [CODE])
    again = detect(database, lake.duck(), [CODE])
    assert (again.findings, again.new, again.changed, again.faded) == (1, 0, 0, 0)


def test_a_retired_detector_rests_unless_it_is_named(database: Database, lake: Any) -> None:
    for code in registry.all_detectors():
        if code != "payments.many_unrelated_payers":
            set_mode(database, code, "retired", "marat", "replaced")
    assert detect(database, lake.duck()).detectors == 2  # and what the registry of devices says
    assert detect(database, lake.duck(), [CODE]).findings == 1


def test_an_empty_lake_has_no_findings(database: Database, duck_lake: Any) -> None:
    assert detect(database, duck_lake.duck(), [CODE]).as_dict()["findings"] == 0


def test_one_run_at_a_time(database: Database, lake: Any) -> None:
    with hold(database, "detect", 60), pytest.raises(Conflict):
        detect(database, lake.duck())


def test_an_unknown_detector_is_named(database: Database, lake: Any) -> None:
    with pytest.raises(NotFound, match="rumour"):
        detect(database, lake.duck(), ["payments.rumour"])


ONE_A_SUBJECT = (
    "calls.spoofed_domestic", "subscriptions.many_sims_one_device", "calls.rings_once",
    "subscriptions.batch_activation", "chains.call_then_payment",
)  # fmt: skip


@all_detectors
def test_calls_become_findings_that_replay_and_are_told(database: Database, duck_lake: Any) -> None:
    for kind, rows in called.story(called.NOON).items():
        duck_lake.write(kind, rows)
    sealed(database, 1)
    engine = duck_lake.duck()
    detect(database, engine, ONE_A_SUBJECT)
    with database.session() as session:
        rows = list(session.scalars(select(FindingRow)))
    assert {row.subject_kind for row in rows} == {"trunk", "device", "phone", "dealer", "person"}
    assert {row.detector for row in rows} == {*ONE_A_SUBJECT}
    for row in rows:
        for language in LANGUAGES:
            assert sentence(row.detector, row.evidence, language)
    [one] = [row for row in rows if row.detector == "chains.call_then_payment"]
    assert replay_finding(database, engine, one.id).same


def test_what_several_detectors_read_is_held(database: Database) -> None:
    some = ["calls.rings_once", "chains.call_then_loan", CODE]
    wanted = finders.wanted(finders.get(code, None) for code in some)
    assert list(wanted) == ["call"]
    assert {"caller", "ring_s", "id", "day"} <= set(wanted["call"])

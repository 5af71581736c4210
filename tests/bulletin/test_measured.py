"""REQ-93: a measure is judged by what was written down before it began, from the register's own
reports."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from persons import Officer
from qalqan.bulletin import measured
from qalqan.bulletin.effects.design import Design
from qalqan.bulletin.effects.results import Verdict
from qalqan.cases import measure_list, measures, report_series
from qalqan.cases.measures import Wanted
from qalqan.clock import DAY, HOUR, SECOND, SharedClock
from qalqan.errors import InputRejected, NotAllowed
from qalqan.model.period import parse
from qalqan.register import orm
from qalqan.register.database import Database

ANA = Officer("ana", "analyst")


def us(*day: int) -> int:
    return int(datetime(*day, tzinfo=UTC).timestamp()) * SECOND  # type: ignore[arg-type,misc]


def report(session: object, number: int, at_us: int, region: str = "KZ-75", **more: object) -> None:
    """A report of a case of its own."""
    case = orm.Case(id=f"C-{number}", region=region, opened_us=at_us, simulated=False)
    session.add(case)  # type: ignore[attr-defined]
    session.flush()  # type: ignore[attr-defined]
    told = {
        "id": f"R-{number}", "case_id": case.id, "channel": "hotline", "methods": ["28"],
        "receipt_hash": str(number), "methods_version": "1", "region": region, "language": "kk",
        "victim": "per_x", "payer_account": "acc_x", "payer_bank": "211", "amount": 100_00,
        "currency": "KZT", "crime_us": at_us, "discovered_us": at_us, "reported_us": at_us,
    }  # fmt: skip
    session.add(orm.Report(**{**told, **more}))  # type: ignore[attr-defined]


@pytest.fixture
def measure(database: Database, stopped_clock: SharedClock) -> str:
    with database.write() as session:
        wanted = Wanted({"en": "Mark calls from abroad"}, "ЦДИАӨМ", "2030-01-01")
        return measures.add(session, ANA, wanted, "k").id


def test_reports_are_counted_by_almatys_months(database: Database) -> None:
    with database.write() as session:
        report(session, 1, us(2026, 1, 31) + 18 * HOUR)
        report(session, 2, us(2026, 1, 31) + 20 * HOUR)  # February in Almaty
        report(session, 3, us(2026, 2, 10), "KZ-71", methods=["28", "47"])
        report(session, 4, us(2026, 2, 11), "KZ-71", methods=["28", "47"], currency="USD")
        report(session, 5, us(2026, 2, 12), "KZ-71", root_id="told before")
    with database.session() as session:
        months = [parse("2026-01"), parse("2026-02")]
        found = {
            (each.month.code, each.region, each.methods): each.count
            for each in report_series.by_month(session, months)
        }
    assert found == {
        ("2026-01", "KZ-75", ("28",)): 1,
        ("2026-02", "KZ-75", ("28",)): 1,
        ("2026-02", "KZ-71", ("28", "47")): 2,
    }


def test_months_that_are_not_over_or_before_all_reports_are_missing(database: Database) -> None:
    with database.write() as session:
        report(session, 1, us(2025, 11, 5))
    with database.session() as session:
        months = [parse(f"2025-{n}") for n in (10, 11, 12)]
        told = measured.series(session, months, us(2025, 12, 20))
        assert [month.code for month in told.months] == ["2025-11"]
        empty = measured.judged(session, Design(date(2025, 12, 1)), us(2025, 12, 20))
    assert (empty.verdict, empty.because) == (Verdict.UNKNOWN, "not_yet")


def test_a_design_from_before_the_start_counts_and_later_ones_are_changes(
    database: Database, measure: str, stopped_clock: SharedClock
) -> None:
    now = stopped_clock.now_us()
    start = parse("2026-03") if now < parse("2026-03").from_us else parse("2030-01")
    first = Design(start.start, ("28",), (), "methods", ("27",))
    with database.write() as session:
        kept = measured.register(session, ANA, measure, first)
        assert (kept.number, kept.late) == (1, False)
        assert measured.register(session, ANA, measure, first).number == 1
    stopped_clock.set(start.from_us + DAY)
    other = Design(parse("2031-01").start, ("28",))
    with database.write() as session:
        assert measured.register(session, ANA, measure, other).late
    with database.session() as session:
        whole = measure_list.whole(session, measure)
        assert measured.design_of(whole) == first
        assert [each.late for each in whole.designs] == [False, True]


def test_codes_that_there_are_none_of_and_who_may_not_are_refused(
    database: Database, measure: str
) -> None:
    start = date(2027, 1, 1)
    for wrong in (
        Design(start, ("99",)), Design(start, (), ("KZ-00",)),
        Design(start, ("28",), (), "methods", ("KZ-75",)),
    ):  # fmt: skip
        with pytest.raises(InputRejected), database.write() as session:
            measured.register(session, ANA, measure, wrong)
    with pytest.raises(NotAllowed), database.write() as session:
        measured.register(session, Officer("x", "auditor"), measure, Design(start))

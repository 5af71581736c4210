"""Figures of one snapshot: months of Almaty, parts that add up, delays (REQ-16, 17)."""

from collections import Counter
from fractions import Fraction

import pytest

from counted import REGIONS, Register, at
from qalqan.clock import DAY, HOUR
from qalqan.errors import InputRejected
from qalqan.model.period import parse

OCTOBER, NOVEMBER = parse("2026-10"), parse("2026-11")


def some(register: Register) -> None:
    for i, (when, region, method) in enumerate([
        ("2026-10-01 00:00", "KZ-75", "27"), ("2026-10-15 12:00", "KZ-71", "28"),
        ("2026-10-31 23:59", "KZ-75", "27"), ("2026-11-01 00:00", "KZ-35", "29"),
        ("2026-11-20 10:00", "KZ-75", "27"),
    ]):  # fmt: skip
        register.report(when, 100_000 * (i + 1), region=region, methods=["47", method],
                        crime_us=at(when) - (i + 1) * HOUR)  # fmt: skip


def test_a_month_is_a_month_of_almaty(register: Register) -> None:
    some(register)
    with register.book() as book:
        found = {f.period: f.value for f in book.figures("thefts.reported", [OCTOBER, NOVEMBER])}
        assert found == {OCTOBER: 3, NOVEMBER: 2}
        assert book.figure("loss.reported", OCTOBER).value == 60_000_000
        assert book.figure("loss.mean", OCTOBER).value == Fraction(20_000_000)
        assert book.figure("loss.median", OCTOBER).value is None  # of three it is somebody's
        assert book.figure("delay.median", NOVEMBER).value == 4 * HOUR
        assert book.figure("delay.within_hour", OCTOBER).value == Fraction(1, 3)


def test_parts_add_up_and_each_report_counts_once(register: Register) -> None:
    some(register)
    with register.book() as book:
        for column in ("region", "method", "sector", "means", "channel", "cause", "language"):
            parts = book.figures("thefts.reported", [OCTOBER], (column,))
            assert sum(f.value for f in parts) == 3, column
        shares = book.figures("thefts.share", [OCTOBER], ("method",))
        assert {f.by["method"]: f.value for f in shares} == {
            "27": Fraction(2, 3), "28": Fraction(1, 3),
        }  # fmt: skip


def test_a_second_report_of_one_payment_counts_nothing(register: Register) -> None:
    some(register)
    register.report("2026-11-21 10:00", 900_000, root_id="root")
    with register.book() as book:
        assert book.figure("thefts.reported", NOVEMBER).value == 2
        assert book.figure("reports.taken", NOVEMBER).value == 3
        assert book.figure("loss.reported", NOVEMBER).value == 90_000_000


def test_nothing_before_anybody_counted_and_zero_after(register: Register) -> None:
    register.report("2026-10-15 12:00", 1)
    with register.book() as book:
        assert book.figure("thefts.reported", parse("2026-09")).value is None
        assert book.figure("thefts.reported", parse("2026-11-01")).value == 0
        assert book.figure("thefts.reported", parse("2026-12")).value is None
        assert book.figure("loss.mean", parse("2026-11-01")).value is None
        assert book.figure("delay.median", parse("2026-11-01")).value is None
        assert book.figure("calls.refused", NOVEMBER).value is None


def test_zero_to_divide_by_is_no_share(register: Register) -> None:
    register.report("2026-10-15 12:00", 1, currency="USD")
    with register.book() as book:
        assert book.figure("loss.mean", OCTOBER).value is None
        assert book.figure("held.of_loss", OCTOBER).value is None
        zero = book.figure("loss.reported", OCTOBER)
        assert zero.value == 0
        assert book.change(book.figure("thefts.reported", NOVEMBER), zero).value is None


def test_the_days_of_a_month_add_up_to_it(register: Register) -> None:
    for day in range(1, 31):
        for n in range(day % 4):
            register.report(f"2026-10-{day:02d} {n * 7:02d}:30", 1000 * day, region=REGIONS[n % 3])
    with register.book() as book:
        days = book.figures("loss.reported", OCTOBER.parts("day"))
        assert len(days) == 31
        assert sum(f.value for f in days) == book.figure("loss.reported", OCTOBER).value
        regions = Counter({f.by["region"]: f.value for f in
                           book.figures("loss.reported", [OCTOBER], ("region",))})  # fmt: skip
        assert regions.total() == book.figure("loss.reported", OCTOBER).value


def test_calls_are_attempts_by_the_hour(register: Register) -> None:
    register.calls("2026-10-31 23:00", 40)
    register.calls("2026-11-01 00:00", 2)
    register.calls("2026-11-01 00:00", 5, "pass")
    with register.book() as book:
        assert book.figure("calls.refused", OCTOBER).value == 40
        assert book.figure("calls.seen", NOVEMBER).value == 7


def test_a_figure_is_broken_down_by_its_own_columns_alone(register: Register) -> None:
    with register.book() as book, pytest.raises(InputRejected) as refused:
        book.figures("thefts.reported", [OCTOBER], ("victim",))
    assert refused.value.field == "by"


def test_what_is_open_does_not_change(register: Register) -> None:
    register.report("2026-10-15 12:00", 1)
    with register.book() as book:
        assert book.figure("thefts.reported", OCTOBER).value == 1
        register.report("2026-10-16 12:00", 1)
        assert book.figure("reports.taken", OCTOBER).value == 1
        assert book.figure("thefts.reported", OCTOBER).value == 1


def test_rates_take_the_last_population_that_was_known(register: Register) -> None:
    for n in range(5):
        register.report(f"2026-10-{n + 1:02d} 12:00", 1, region="KZ-75")
    with register.book() as book:
        rate = book.figure("thefts.rate", OCTOBER, {"region": "KZ-75"})
        assert rate.value == Fraction(5, 2_228_700)
        assert rate.exactness == "about"


def test_half_of_the_reports_come_within_the_median(register: Register) -> None:
    for n in range(9):
        when = f"2026-10-{n + 1:02d} 12:00"
        register.report(when, 1, crime_us=at(when) - (n + 1) * DAY)
    with register.book() as book:
        assert book.figure("delay.quarter", OCTOBER).value == 3 * DAY
        assert book.figure("delay.median", OCTOBER).value == 5 * DAY
        assert book.figure("delay.three_quarters", OCTOBER).value == 7 * DAY

from fractions import Fraction

from counted import Register, at
from qalqan.bulletin.figures import kept
from qalqan.model.figure import Figure
from qalqan.model.period import parse

MONTH = parse("2026-10")


def keep(register: Register) -> int:
    with register.book() as book:
        figures = [book.figure("thefts.reported", MONTH)]
        figures += book.figures("thefts.reported", [MONTH], ("region",))
        as_of_us, seal = book.as_of_us, book.seal
    with register.database.write() as session:
        return kept.keep(session, figures, as_of_us, seal)


def whole(register: Register) -> kept.Kept:
    with register.database.session() as session:
        return next(
            k for k in kept.of(session, ["thefts.reported"], ["2026-10"]) if not k.figure.by
        )


def test_the_same_again_keeps_nothing(register: Register) -> None:
    register.report("2026-10-15 12:00", 1)
    assert keep(register) == 2
    assert keep(register) == 0
    assert whole(register).figure.value == 1


def test_a_late_report_is_a_revision_and_the_old_value_stays(register: Register) -> None:
    register.report("2026-10-15 12:00", 1)
    keep(register)
    register.report("2026-10-16 12:00", 1, region="KZ-71")
    assert keep(register) == 2
    newest = whole(register)
    assert (newest.figure.value, newest.revision, newest.revised) == (2, 1, True)
    with register.database.session() as session:
        told = kept.history(session, "thefts.reported", "2026-10", "")
    assert [k.figure.value for k in told] == [2, 1]


def test_what_was_provisional_is_not_called_revised(register: Register) -> None:
    day = parse("2026-11-23")
    for n in range(2):
        register.report(f"2026-11-23 1{n}:00", 1)
        with register.book() as book:
            figure, as_of_us = book.figure("thefts.reported", day), book.as_of_us
        with register.database.write() as session:
            kept.keep(session, [figure], as_of_us, 0)
    with register.database.session() as session:
        found = kept.of(session, ["thefts.reported"], [day.code])[0]
        told = kept.history(session, "thefts.reported", day.code, "")
    assert (found.figure.value, found.is_final, found.revised) == (2, False, False)
    assert [k.revision for k in told] == [0]  # nobody reads when each report came
    register.clock.set(at("2026-11-27 09:00"))
    with register.book() as book, register.database.write() as session:
        kept.keep(session, [book.figure("thefts.reported", day)], book.as_of_us, 0)
    with register.database.session() as session:
        assert kept.of(session, ["thefts.reported"], [day.code])[0].is_final


def test_an_interval_is_kept_with_its_share(register: Register) -> None:
    share = Figure(
        "held.by_delay", MONTH, Fraction(1, 2), "share", {"band": "c"}, n=9,
        low=Fraction(3, 10), high=Fraction(7, 10),
    )  # fmt: skip
    with register.database.write() as session:
        kept.keep(session, [share], at("2026-11-24 09:00"), 0)
    with register.database.session() as session:
        found = kept.of(session, ["held.by_delay"], ["2026-10"])[0].figure
    assert (found.low, found.high) == (Fraction(3, 10), Fraction(7, 10))


def test_the_same_median_of_more_records_is_no_revision_but_their_number_is_told(
    register: Register,
) -> None:
    for n in (4, 9):
        figure = Figure("delay.median", MONTH, 60, "us", {"region": "KZ-75"}, n=n)
        with register.database.write() as session:
            kept.keep(session, [figure], at("2026-11-24 09:00"), 0)
    with register.database.session() as session:
        found = kept.of(session, ["delay.median"], ["2026-10"])
    assert [(k.figure.n, k.revision, k.revised) for k in found] == [(9, 0, False)]


def test_parts_are_kept_by_name() -> None:
    by = {"region": "KZ-75", "method": "27"}
    assert kept.part_of(by) == "method=27;region=KZ-75"
    assert kept.by_of(kept.part_of(by)) == by
    assert kept.by_of("") == {}

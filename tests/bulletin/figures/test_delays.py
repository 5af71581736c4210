"""What was held by how late it was told: tenge alone, in holds and in what was stolen."""

from fractions import Fraction

from counted import Register, at
from qalqan.clock import HOUR
from qalqan.model.period import parse
from qalqan.register import orm

OCTOBER = parse("2026-10")


def confirmed(register: Register, currency: str, units: int) -> None:
    """A payment of the first case that its bank confirmed."""
    with register.database.write() as session:
        session.add(orm.Root(
            id=f"root-{currency}", case_id="C-26-000001", report_id="R-26-000001",
            payer_account="a", payer_bank="311", payee_account="b", payee_bank="125",
            amount=units, currency=currency, at_us=at("2026-10-05 11:00"),
        ))  # fmt: skip


def standing(register: Register) -> None:
    with register.database.write() as session:
        session.add(orm.CaseStanding(
            case_id="C-26-000001", state="open", region="KZ-75",
            opened_us=at("2026-10-05 12:00"), active=True, reports=1,
            reported_us=at("2026-10-05 12:00"), delay_us=HOUR, method="27", methods_version="1",
            told={}, sums={}, places=[], banks=[], stolen=60_000_000, held=0, returned=0, moving=0,
            at_risk=0, lapsing=0, rule="1", hazard=1, clock_us=0,
            clock_from_us=0, clock_kind="", clock_order="", drafts=0, awaited=0, late=0,
            appealed=False, denied=False, step="", step_n=0, computed_us=0, changed_us=0,
        ))  # fmt: skip


def held(register: Register, units: int) -> None:
    """A bank's answer that it holds so much tenge of the first case."""
    with register.database.write() as session:
        session.add(orm.Partner(code="dala", kind="bank", names={}))
        session.flush()
        session.add(orm.Order(
            id="O-26-000001", case_id="C-26-000001", kind="hold", partner="dala", state="answered",
            amount=units, currency="KZT", ground="x", drafted_by="zere", idempotency_key="k",
            created_us=0, sent_us=at("2026-10-05 12:05"), answered_us=at("2026-10-05 12:10"),
        ))  # fmt: skip
        session.flush()
        session.add(orm.OrderEvent(
            order_id="O-26-000001", at_us=at("2026-10-05 12:10"), actor="dala", event="answer",
            from_state="sent", to_state="answered", detail={"outcome": "held"},
        ))  # fmt: skip


def test_other_currencies_are_no_part_of_what_holds_are_divided_by(register: Register) -> None:
    register.report("2026-10-05 12:00", 100_000)
    standing(register)
    confirmed(register, "KZT", 10_000_000)
    confirmed(register, "USD", 100_000)
    held(register, 5_000_000)
    with register.book() as book:
        assert book.figure("delay.stolen", OCTOBER).value == 10_000_000
        found = book.figure("held.by_delay", OCTOBER, {"band": "c"})
        assert found.value == Fraction(1, 2)


def test_a_case_without_a_payment_in_tenge_is_not_counted(register: Register) -> None:
    register.report("2026-10-05 12:00", 100_000)
    standing(register)
    confirmed(register, "USD", 100_000)
    with register.book() as book:
        assert book.figure("delay.stolen", OCTOBER).n == 0

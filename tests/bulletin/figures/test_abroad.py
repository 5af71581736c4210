"""Requests to other countries as figures (REQ-24, 69, 70)."""

from counted import Register, at
from qalqan.bulletin import inside
from qalqan.clock import DAY
from qalqan.model.period import parse
from qalqan.register import orm


def sent(register: Register, n: int, when: str, days: int | None, **more: object) -> None:
    told = {
        "id": f"X-26-{n:06d}", "direction": "out", "kind": "data", "country": "GE",
        "addressee": "Cybercrime Division", "words": "Who was connected", "term_days": 30,
        "state": "sent", "drafted_by": "zere", "drafted_us": at(when), "sent_us": at(when),
        "answered_us": at(when) + days * DAY if days else None, "idempotency_key": str(n),
        "outcome": "full" if days else None,
    } | more  # fmt: skip
    with register.database.write() as session:
        session.add(orm.AbroadRequest(**told))


def test_what_was_asked_answered_and_is_open(register: Register) -> None:
    sent(register, 1, "2026-10-01 12:00", 3)
    sent(register, 2, "2026-10-02 12:00", 9, outcome="refused")
    sent(register, 3, "2026-10-03 12:00", 5)
    sent(register, 4, "2026-10-04 12:00", None)
    sent(register, 5, "2026-09-04 12:00", 40)
    sent(register, 6, "2026-10-04 12:00", None, direction="in")
    sent(register, 7, "2026-10-04 12:00", None, sent_us=None)
    with register.book() as book:
        found = [book.figure(code, parse("2026-10")).value for code in inside.ABROAD]
    assert found == [4, 3, 1, 5 * DAY]

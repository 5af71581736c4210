"""A day of calls as the page shows it: edges, figures, campaigns, a way back of three providers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qalqan.cases import call_counts, campaign_book, order_book
from qalqan.cases.answers import take_answer
from qalqan.cases.delivery import sign_waiting
from qalqan.clock import HOUR, MINUTE, wall_us
from qalqan.exchange.order_message import Answer
from qalqan.register import orm, partners, vault
from qalqan.trust.tokens import token

SPOOFED, UNKNOWN = "calls.fixed_from_abroad", "calls.place_unknown"
OPERATORS = {
    "dala": ("Дала Телеком", "Dala Telecom"), "tranzit": ("Транзит Байланыс", "Tranzit"),
    "kopir": ("Көпір Желі", "Kopir Networks"),
}  # fmt: skip


def told(database: Any, keys: Any, now: int) -> str:
    """Tell the day; the number of the campaign's case."""
    with database.write() as session:
        for code, (kk, en) in OPERATORS.items():
            if session.get(orm.Partner, code) is None:
                partners.add_partner(session, code, "operator", {"kk": kk, "ru": kk, "en": en})
        callee = vault.keep(session, keys, "phone", "+77011234567")
        _edges(session, keys, callee, now)
        for number, (pattern, calls, rule) in enumerate((
            ("+7727250", 412, SPOOFED), ("*", 57, SPOOFED), ("", 23, "calls.no_number"),
        )):  # fmt: skip
            session.add(orm.CallCampaign(
                source="dala", trunk="abroad-1", rule=rule, pattern=pattern, calls=calls,
                first_us=now - 3 * HOUR, last_us=now - (number * 50 + 1) * MINUTE,
                sample_us=now - 3 * HOUR, sample=callee, is_opened=True,
            ))  # fmt: skip
        session.flush()
        case = campaign_book.open_case(session, 1)
        campaign_book.open_case(session, 3)
    for partner, said in (("tranzit", {"outcome": "done", "peer": "kopir"}),
                          ("kopir", {"outcome": "not_found"})):  # fmt: skip
        _answer(database, keys, partner, said)
    assert case is not None
    return case


def _edges(session: Any, keys: Any, callee: str, now: int) -> None:
    wall_s = wall_us() // 1_000_000
    callers: Sequence[str | None] = [
        token(keys, "phone", f"+7727250{place:04}") for place in range(3)
    ]  # fmt: skip
    newest = [
        [now - place * MINUTE, "abroad-1", rule, answer, caller, callee]
        for place, (rule, answer, caller) in enumerate((
            (SPOOFED, "refuse", callers[0]), (SPOOFED, "refuse", callers[1]),
            ("calls.no_number", "refuse", None), (UNKNOWN, "withhold", callers[2]),
        ))
    ]  # fmt: skip
    state = {
        "untold": 2, "tables": wall_us() // 1000 - 7_200_000, "policy": 3,
        "places": {"dala": wall_s - 240, "kopir": wall_s - 5_400},
        "trunks": {"abroad-1": "tranzit"}, "broken": [],
    }  # fmt: skip
    session.add(orm.CallEdge(
        partner="dala", edge="almaty-1", heard_us=now, told=state, newest=newest))  # fmt: skip
    broken = {"untold": 0, "broken": ["01795003200000000000-4711.events: 81920"]}
    session.add(orm.CallEdge(
        partner="kopir", edge="aktobe-2", heard_us=now - 2 * HOUR, told=broken, newest=[],
    ))  # fmt: skip
    for hour in range(8):
        at = now - now % HOUR - hour * HOUR
        call_counts.add(session, "dala", "almaty-1", [
            (at, "abroad-1", "refuse", SPOOFED, 40 + 13 * (hour % 5)),
            (at, "abroad-1", "withhold", UNKNOWN, 9 + hour),
            (at, "abroad-1", "pass", "calls.roams", 1_900 + hour),
            (at, "peer", "pass", "calls.nothing", 41_000 - 700 * hour),
            (at, "abroad-1", "shadow", "calls.no_number", 4), (at, "", "lost", "", 3 * (hour == 2)),
        ][: 5 + (hour == 2)])  # fmt: skip


def _answer(database: Any, keys: Any, partner: str, said: dict[str, str]) -> None:
    sign_waiting(database, keys, partner)
    with database.session() as session:
        asked = order_book.find(session, orm.Order.partner == partner)
        first = next(order for order in asked if not order.answers)
    take_answer(database, keys, partner, Answer.model_validate({"order": first.id, **said}))

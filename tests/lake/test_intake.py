"""REQ-19: bad records go to quarantine with a clear reason, the rest goes on."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lake.good_facts import AT, DAY, IBAN, payment
from qalqan import clock
from qalqan.errors import Conflict, ContractBroken
from qalqan.exchange import json_lines
from qalqan.exchange.given import Broken, Given, Places
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.lake.receipt import Receipt
from qalqan.register.database import Database
from qalqan.register.orm import Batch, Job, Quarantined
from qalqan.text.catalogue import LANGUAGES, say

Give = Callable[..., Receipt]
NEVER = 4_102_444_800_000_000  # 2100-01-01


def test_a_good_payment_is_accepted_and_queued_for_sealing(give: Give, database: Database) -> None:
    receipt = give(payment("1"), payment("2"))
    assert (receipt.read, receipt.accepted) == (2, 2)
    with database.session() as session:
        assert session.scalars(select(Job.kind)).all() == ["seal"]
        row = session.get(Batch, receipt.batch)
        assert row is not None
        assert (row.read, row.accepted, row.source) == (2, 2, "bank-a")


BAD = [
    ({"at_us": 0}, "at_us", "time.range"),
    ({"at_us": NEVER}, "at_us", "time.range"),
    ({"at_us": "yesterday"}, "at_us", "number.whole"),
    ({"at_us": None}, "at_us", "fact.missing"),
    ({"amount": 0}, "amount", "number.range"),
    ({"amount": -5}, "amount", "number.range"),
    ({"amount": 10**15 + 1}, "amount", "number.range"),
    ({"amount": 2**63}, "amount", "number.range"),
    ({"amount": "99999999999999999999999"}, "amount", "number.range"),
    ({"amount": "12.5"}, "amount", "number.whole"),
    ({"amount": 12.5}, "amount", "number.whole"),
    ({"amount": float("nan")}, "amount", "number.whole"),
    ({"amount": float("inf")}, "amount", "number.range"),
    ({"amount": True}, "amount", "number.whole"),
    ({"amount": [1]}, "amount", "number.whole"),
    ({"amount": ""}, "amount", "fact.missing"),
    ({"currency": "XXX"}, "currency", "currency.code"),
    ({"currency": None}, "currency", "fact.missing"),
    ({"instrument": "barter"}, "instrument", "fact.word"),
    ({"side": "mine"}, "side", "fact.word"),
    ({"id": None}, "id", "fact.missing"),
    ({"id": "   "}, "id", "fact.missing"),
    ({"id": "x" * 101}, "id", "text.too_long"),
    ({"id": "a\x1fb"}, "id", "text.characters"),
    ({"id": {"n": 1}}, "id", "fact.text"),
    ({"id": True}, "id", "fact.text"),
    ({"purpose": False}, "purpose", "fact.text"),
    ({"payer_account": "KZ00125KZT2069100100"}, "payer_account", "iban.check_digits"),
    ({"payer_account": None}, "payer_account", "payment.payer_account"),
    ({"side": "payee", "payee_account": None}, "payee_account", "payment.payee_account"),
    ({"payer_bank": "CCC"}, "payer_bank", "bank.of_account"),
    ({"payee_country": "XQ"}, "payee_country", "country.code"),
    ({"payer_holder": "850101300006"}, "payer_holder", "iin.check_digit"),
    ({"purpose": "x" * 1001}, "purpose", "text.too_long"),
    ({"balance": 10**16}, "balance", "number.range"),
]


def test_a_bad_value_is_refused_with_its_reason_and_the_rest_goes_on(give: Give) -> None:
    for number, (wrong, field, expected) in enumerate(BAD):
        before, after = payment(f"a{number}"), payment(f"b{number}")
        receipt = give(before, payment("bad", **wrong), after)
        assert (receipt.accepted, receipt.quarantined) == (2, 1), wrong
        refusal = receipt.refusals[0]
        assert (refusal.place, refusal.field, refusal.expected) == ("[2]", field, expected)
        for language in LANGUAGES:
            assert say(f"expected.{expected}", language, **refusal.params)


def test_the_same_bad_value_alone_in_its_own_column_type_is_refused(give: Give) -> None:
    for wrong, _, expected in BAD:
        receipt = give(payment("bad", **wrong))
        assert [refusal.expected for refusal in receipt.refusals] == [expected], wrong


def test_a_moment_may_lie_a_day_ahead_but_not_more(give: Give) -> None:
    now = clock.now_us()
    assert give(payment("1", at_us=now + DAY - 60_000_000)).accepted == 1
    assert give(payment("2", at_us=now + DAY + 60_000_000)).quarantined == 1


def test_missing_and_unknown_columns_are_reported(give: Give) -> None:
    fact = payment("1", colour="blue")
    del fact["currency"]
    receipt = give(fact)
    assert receipt.refusals[0].field == "currency"
    assert receipt.unknown == ("colour",)


def test_a_broken_record_is_counted_and_quarantined(centre: Centre, database: Database) -> None:
    broken = Broken(":7", "1;2;3", "file.fields", {"columns": 2, "given": 3})
    one = pa.Table.from_pylist([payment("1")])
    receipt = take(centre, HandIn("payment", "bank-a", "test"), Given(one, Places(), (broken,)))
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (2, 1, 1)
    assert receipt.refusals[0].place == ":7"


# ── identity ───────────────────────────────────────────────────────────────────────────────


def test_the_same_fact_counts_once_and_another_under_its_id_is_a_conflict(give: Give) -> None:
    assert give(payment("1")).accepted == 1
    again = give(payment("1"), payment("1", amount=7))
    assert (again.duplicate, again.quarantined) == (1, 1)
    assert again.refusals[0].expected == "fact.conflict"
    assert give(payment("1"), source="bank-b").accepted == 1


def test_a_batch_is_judged_by_the_same_rule_within_itself(give: Give) -> None:
    receipt = give(payment("1"), payment("1", amount=7), payment("1"), payment("2"))
    assert (receipt.accepted, receipt.duplicate, receipt.quarantined) == (2, 1, 1)
    assert receipt.refusals[0].place == "[2]"


def test_a_refused_fact_may_come_again_put_right(give: Give) -> None:
    assert give(payment("1", amount=0)).quarantined == 1
    assert give(payment("1")).accepted == 1


def test_spelling_makes_no_other_content(give: Give) -> None:
    assert give(payment("1", payer_account=IBAN)).accepted == 1
    spaced = " ".join(IBAN[start : start + 4] for start in range(0, 20, 4)).lower()
    assert give(payment("1", payer_account=spaced, amount="10000")).duplicate == 1


def test_a_repeated_request_gets_its_first_receipt(give: Give, database: Database) -> None:
    first = give(payment("1"), payment("2", amount=0), key="k")
    assert give(payment("1"), payment("2", amount=0), key="k") == first
    with database.session() as session:
        assert len(session.scalars(select(Batch)).all()) == 1
        assert len(session.scalars(select(Quarantined)).all()) == 1


def test_a_repeated_key_with_another_body_is_a_conflict(give: Give) -> None:
    give(payment("1"), key="k")
    with pytest.raises(Conflict):
        give(payment("2"), key="k")


def at_once(times: int, act: Callable[[int], Receipt]) -> list[Receipt]:
    """What the same act answers several threads that start together."""
    ready = Barrier(times)

    def racing(turn: int) -> Receipt:
        ready.wait()
        return act(turn)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(racing, range(times)))


def test_the_same_facts_from_all_sides_at_once_count_once(give: Give) -> None:
    facts = [payment(f"{number}") for number in range(50)]
    receipts = at_once(4, lambda turn: give(*(facts if turn % 2 else reversed(facts))))
    assert sum(receipt.accepted for receipt in receipts) == 50
    assert sum(receipt.duplicate for receipt in receipts) == 150


def test_the_same_request_many_times_at_once_has_one_receipt(
    give: Give, database: Database
) -> None:
    receipts = at_once(4, lambda turn: give(payment("1"), key="k"))
    assert all(receipt == receipts[0] for receipt in receipts)
    with database.session() as session:
        assert len(session.scalars(select(Batch)).all()) == 1


def test_an_unknown_kind_is_a_programmers_mistake(centre: Centre) -> None:
    with pytest.raises(ContractBroken):
        take(centre, HandIn("rumour", "bank-a", "test"), pa.table({}))


# ── whatever comes ─────────────────────────────────────────────────────────────────────────

ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["1", "2", AT, "AAA:1", "KZT", "payer", "transfer", "both", IBAN]),
    st.lists(st.integers(), max_size=1),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
)
FIELDS = ["id", "at_us", "side", "payer_account", "amount", "currency", "purpose", "balance"]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["1", "2", "3"]), st.dictionaries(st.sampled_from(FIELDS), ANYTHING)
        ),
        max_size=8,
    )
)
def test_read_is_accepted_and_duplicate_and_quarantined_whatever_comes(
    give: Give, rows: list[tuple[str, dict[str, Any]]]
) -> None:
    """`give` itself checks the sum; a second hand-in takes nothing new."""
    facts = [{**payment(fact), **wild} for fact, wild in rows]
    first = give(*facts)
    again = give(*facts)
    assert first.read == len(rows) == again.read
    assert again.accepted == 0
    assert again.duplicate >= first.accepted


def test_an_empty_batch_is_a_batch(give: Give) -> None:
    assert give().read == 0


def test_columns_may_come_typed(centre: Centre) -> None:
    typed = pa.Table.from_pylist([payment("1"), payment("2")])
    typed = typed.set_column(1, "at_us", pa.array([AT, AT], pa.timestamp("us", "UTC")))
    typed = typed.set_column(
        typed.column_names.index("amount"), "amount", pa.array([5, 6], pa.uint64())
    )
    assert take(centre, HandIn("payment", "bank-a", "test"), typed).accepted == 2


ODD = [
    pa.array([datetime.timedelta(1)]),
    pa.array([datetime.time(1)]),
    pa.array([datetime.date(2026, 1, 1)]),
    pa.array([b"\xff"]),
    pa.array([[1]]),
    pa.array([{"a": 1}]),
    pa.array([Decimal("1.5")]),
    pa.array([1.5], pa.float16()),
    pa.array([True]),
    pa.array(["x"], pa.large_string()),
    pa.array([1]).dictionary_encode(),
    pa.nulls(1),
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: str(odd.type))
def test_a_column_of_any_type_harms_only_its_records(odd: pa.Array, centre: Centre) -> None:
    good = pa.Table.from_pylist([payment("1")])
    for place, name in enumerate(good.column_names):
        wrong = good.set_column(place, name, odd)
        receipt = take(centre, HandIn("payment", f"odd {name}", "test"), wrong)
        assert receipt.read == 1


def test_names_of_columns_may_be_anything(centre: Centre) -> None:
    wild = {"\ud800": 1, "\x00": 2, **{f"c{number}": 1 for number in range(200)}}
    given = json_lines.records([{**payment("1"), **wild}])
    receipt = take(centre, HandIn("payment", "a", "test"), given.table)
    assert receipt.accepted == 1
    assert len(receipt.unknown) == 100

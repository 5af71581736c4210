"""REQ-16, 17, 33, 88: a report is taken whole or refused with a reason; alone it holds nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update

from qalqan.cases import order_book
from qalqan.cases.policy import install_default_policy
from qalqan.cases.reports import ReportIn, take_report
from qalqan.clock import DAY, HOUR
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.model.money import MAX_MINOR
from qalqan.model.order import Kind, State
from qalqan.register import orm, partners, vault
from qalqan.register.database import Database
from qalqan.register.orm.base import Base
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.refusal import refusal

NOON = 1_767_250_800_000_000
IBAN = "KZ75125KZT2069100100"
IIN = "900101300017"
WORDS = "Қоңырау шалып, қауіпсіз шотқа аударуды айтты"


def told(**other) -> ReportIn:
    body = {
        "methods": ["28", "31"], "region": "KZ-75", "cause": "trusted_caller", "language": "kk",
        "victim_iin": IIN, "words": WORDS, "payer_account": IBAN, "payee_account": "BBB:2",
        "amount": 400_000_00, "crime_us": NOON - 2 * HOUR, "discovered_us": NOON - HOUR,
        "reported_us": NOON,
    }  # fmt: skip
    return ReportIn.model_validate(body | other)


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


@pytest.fixture
def database(new_database: Callable[[], Database], stopped_clock) -> Database:
    """A register with the payer's bank, the hotline and a policy in force."""
    with closing(new_database()) as opened:
        with opened.write() as session:
            names = {"kk": "a", "ru": "a", "en": "a"}
            partners.add_partner(session, "altyn", "bank", names, bank_code="125")
            partners.add_partner(session, "hotline", "channel", names)
            install_default_policy(session, ["asel", "daniyar"])
        yield opened


@pytest.fixture
def take(database, keys):
    return lambda key=None, **other: take_report(database, keys, told(**other), "hotline", key)


def count(database: Database) -> dict[str, int]:
    with database.session() as session:
        tables = (orm.Case, orm.Report, orm.Order, orm.VaultEntry, orm.Job, orm.Number)
        return {table.__tablename__: session.query(table).count() for table in tables}


def test_the_payers_bank_is_asked_and_nothing_is_held(take, database):
    taken = take()
    with database.session() as session:
        (order,) = order_book.of_cases(session, [taken.case])
        row = session.get_one(orm.Report, taken.report)
    assert (order.kind, order.partner, order.amount) == (Kind.CONFIRM, "altyn", 400_000_00)
    assert (order.state, order.effect) == (State.APPROVED, 0)
    assert order.report_id == taken.report
    assert order.from_us <= row.crime_us <= order.to_us <= NOON
    assert (row.methods, row.methods_version) == (["28", "31"], "1")
    assert (row.region, row.cause, row.channel) == ("KZ-75", "trusted_caller", "hotline")


def test_nothing_personal_stands_in_clear(take, database, keys):
    taken = take()
    with database.session() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                shown = repr(tuple(row))
                for secret in (IIN, IBAN, "BBB:2", WORDS, WORDS.encode(), taken.receipt):
                    assert repr(secret).strip("b'") not in shown, table.name
    with database.write() as session:
        row = session.get_one(orm.Report, taken.report)
        asked = [row.victim, row.words, row.payer_account, row.payee_account]
        clear = vault.reveal_many(session, keys, asked, "asel", "case")
    assert [clear[token] for token in asked] == [IIN, WORDS, IBAN, "BBB:2"]


def test_who_reported_what_is_in_the_audit(take, database):
    taken = take()
    with database.session() as session:
        noted = session.scalars(select(orm.Audit).where(orm.Audit.action == "report")).one()
    assert (noted.actor, noted.object) == ("partner:hotline", taken.case)


# ── the same report again ──────────────────────────────────────────────────────────────────


def test_the_same_key_is_the_same_report(take, database):
    first = take("k1")
    before = count(database)
    spelt = " ".join(IBAN[start : start + 4] for start in range(0, 20, 4)).lower()
    assert take("k1", payer_account=spelt, methods=["31", "28"]) == first
    assert count(database) == before
    assert take("k2").report != first.report


@pytest.mark.parametrize(
    "other",
    [{"amount": 1}, {"victim_iin": "850101300005"}, {"payee_account": None}, {"words": "басқа"},
     {"crime_us": NOON - 3 * HOUR}, {"methods": ["29"]}, {"cause": None}],
)  # fmt: skip
def test_another_report_under_its_key_is_a_conflict(take, database, other):
    take("k1")
    before = count(database)
    with pytest.raises(Conflict):
        take("k1", **other)
    assert count(database) == before


def test_without_a_key_each_is_a_report_of_its_own(take):
    assert take().case != take().case


def test_a_key_that_comes_many_times_at_once_is_one_report(take, database):
    ready = Barrier(4)

    def racing(_: int):
        ready.wait()
        return take("k1")

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(racing, range(4)))) == 1
    kept = count(database)
    assert (kept["cases"], kept["reports"], kept["orders"]) == (1, 1, 1)


# ── what can't be ──────────────────────────────────────────────────────────────────────────

BAD = [
    ({"amount": 0}, "amount", "report.positive"),
    ({"amount": -1}, "amount", "report.positive"),
    ({"amount": MAX_MINOR + 1}, "amount", "report.positive"),
    ({"amount": 2**70}, "amount", "report.positive"),
    ({"currency": "XXX"}, "currency", "report.currency"),
    ({"currency": "kzt"}, "currency", "report.currency"),
    ({"crime_us": 0}, "crime_us", "report.year"),
    ({"crime_us": -(2**70)}, "crime_us", "report.year"),
    ({"crime_us": 1_767_250_800}, "crime_us", "report.year"),
    ({"discovered_us": NOON - 3 * HOUR}, "discovered_us", "report.discovered_after_crime"),
    ({"reported_us": NOON - 2 * HOUR}, "reported_us", "report.reported_after_discovery"),
    ({"reported_us": NOON + 1}, "reported_us", "report.not_in_future"),
    ({"reported_us": 4_102_444_800_000_000}, "reported_us", "report.not_in_future"),
    ({"reported_us": 2**70}, "reported_us", "report.not_in_future"),
    ({"region": "KZ-00"}, "region", "report.region"),
    ({"region": ""}, "region", "report.region"),
    ({"cause": "greed"}, "cause", "report.cause"),
    ({"methods": ["999"]}, "methods", "report.method"),
    ({"methods": ["47"]}, "methods", "report.method"),
    ({"methods": ["28\x00"]}, "methods", "report.method"),
    ({"victim_iin": "900101300018"}, "victim_iin", "iin.check_digit"),
    ({"victim_iin": "9001"}, "victim_iin", "iin.shape"),
    ({"payer_account": "KZ00125KZT2069100100"}, "payer_account", "iban.check_digits"),
    ({"payer_account": "nobody"}, "payer_account", "iban.shape"),
    ({"payer_account": "CCC:1"}, "payer_account", "report.own_bank"),
    ({"payer_account": "DE89370400440532013000"}, "payer_account", "report.own_bank"),
    ({"payee_account": "?"}, "payee_account", "iban.shape"),
]


def test_a_bad_value_is_refused_and_leaves_nothing_behind(take, database):
    before = count(database)
    for wrong, field, expected in BAD:
        with pytest.raises(InputRejected) as caught:
            take(**wrong)
        assert (caught.value.field, caught.value.expected) == (field, expected), wrong
        assert len({refusal(caught.value, language) for language in LANGUAGES}) == 3
    assert count(database) == before


@pytest.mark.parametrize(
    "wrong",
    [{"amount": "5"}, {"amount": 5.0}, {"amount": True}, {"crime_us": "2026-01-01"},
     {"crime_us": None}, {"methods": "28"}, {"methods": []}, {"methods": [28]}, {"language": "de"},
     {"victim_iin": None}, {"words": "x" * 20_001}, {"words": "\ud800"}, {"colour": "blue"}],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_wrong_types_and_unknown_fields_are_no_report(wrong):
    with pytest.raises(ValidationError):
        told(**wrong)


def test_a_missing_field_is_no_report():
    body = told().model_dump()
    for field in ("methods", "region", "victim_iin", "payer_account", "amount", "crime_us"):
        with pytest.raises(ValidationError):
            ReportIn.model_validate({name: body[name] for name in body if name != field})


def test_a_bank_that_left_is_no_partner(take, database):
    with database.write() as session:
        session.execute(update(orm.Partner).values(active=False))
    with pytest.raises(InputRejected):
        take()


def test_an_old_crime_is_read_by_todays_code_book(take, database):
    """A book in force when the crime was is not the one whose codes were chosen."""
    old = {"crime_us": NOON - 9000 * DAY, "discovered_us": NOON - 9000 * DAY}
    taken = take(**old, reported_us=NOON - 8999 * DAY)
    with database.session() as session:
        assert session.get_one(orm.Report, taken.report).methods_version == "1"


def test_no_policy_no_question(new_database, keys, stopped_clock):
    with closing(new_database()) as database:
        with database.write() as session:
            names = {"kk": "a", "ru": "a", "en": "a"}
            partners.add_partner(session, "altyn", "bank", names, bank_code="125")
        with pytest.raises(NotAllowed):
            take_report(database, keys, told(), "hotline")
        assert count(database)["cases"] == 0

"""Ties of numbers follow the lake: once each, the newest told, gone with retention (REQ-50)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from qalqan.clock import DAY
from qalqan.register.orm import NumberLink, RetentionDrop, Seal
from qalqan.work.number_links import behind, follow

FIRST = 20_000 * DAY
TEL, OTHER = "tel_a", "tel_b"


@pytest.fixture
def server(either_server):
    return either_server


def sim(number, phone, holder, day=0, event="activated", source="dala", **more):
    return {
        "id": number, "source": source, "at_us": FIRST + day * DAY, "event": event,
        "phone": phone, "holder": holder, "holder_kind": "person", "biometric": True, **more,
    }  # fmt: skip


def write(database, lake, kind, rows, seal):
    lake.write(kind, rows, seal)
    with database.write() as session:
        session.add(Seal(seal=seal, kind=kind, rows=len(rows), version=1, at_us=1))


def links(database):
    with database.session() as session:
        rows = session.query(NumberLink).order_by(
            NumberLink.kind, NumberLink.phone, NumberLink.other, NumberLink.source
        )
        return [
            (r.phone, r.kind, r.other, r.source, r.first_us - FIRST, r.last_us - FIRST, r.fact,
             r.detail, r.dealer)
            for r in rows
        ]  # fmt: skip


def test_a_tie_is_kept_once_and_grows(database, duck_lake):
    write(database, duck_lake, "subscription", [
        sim("1", TEL, "per_a", 1, dealer="d7"), sim("2", TEL, "per_a", 3, "deactivated"),
        sim("3", OTHER, "per_a", 2), sim("4", TEL, "per_a", 2, source="jol"),
    ], 1)  # fmt: skip
    call = {"source": "dala", "trunk_class": "access", "duration_s": 1, "answered": True}
    write(database, duck_lake, "call", [
        {"id": str(n), "at_us": FIRST + n, "caller": TEL, "callee": OTHER, "imei": "dev_x", **call}
        for n in range(5)
    ] + [{"id": "9", "at_us": FIRST, "caller": TEL, "callee": OTHER, **call}], 2)  # fmt: skip
    engine = duck_lake.duck()
    assert follow(database, engine) == 4
    assert links(database) == [
        (TEL, "call", "dev_x", "dala", 0, 4, "4", "", ""),
        (TEL, "subscription", "per_a", "dala", DAY, 3 * DAY, "2", "deactivated", ""),
        (TEL, "subscription", "per_a", "jol", 2 * DAY, 2 * DAY, "4", "activated", ""),
        (OTHER, "subscription", "per_a", "dala", 2 * DAY, 2 * DAY, "3", "activated", ""),
    ]
    with database.session() as session:
        assert not behind(session)
    assert follow(database, engine) == 0
    late = [sim("0", TEL, "per_a", 0, dealer="d1"), sim("5", TEL, "per_a", 5, dealer="d2")]
    write(database, duck_lake, "subscription", late[:1], 3)
    write(database, duck_lake, "subscription", late[1:], 4)
    with database.session() as session:
        assert behind(session)
    assert follow(database, engine) == 1
    grown = (TEL, "subscription", "per_a", "dala", 0, 5 * DAY, "5", "activated", "d2")
    assert grown in links(database)
    assert len(links(database)) == 4
    engine.close()


def test_who_told_a_bank_or_a_platform_his_number_is_tied_to_it(database, duck_lake):
    base = {"source": "altyn", "at_us": FIRST, "id": "1"}
    write(database, duck_lake, "session", [
        base | {"phone": TEL, "holder": "per_s", "account": "acc_1", "remote_access": False,
                "outcome": "signed_in"},
        base | {"id": "2", "holder": "per_t", "remote_access": False, "outcome": "failed"},
    ], 1)  # fmt: skip
    write(database, duck_lake, "loan", [
        base | {"phone": TEL, "applicant": "per_l", "amount": 1, "currency": "KZT",
                "decision": "applied"},
    ], 2)  # fmt: skip
    write(database, duck_lake, "listing", [
        base | {"seller": TEL, "holder": "per_m", "category": "car", "title": "t", "text": "t",
                "text_key": "k"},
    ], 3)  # fmt: skip
    with_engine = duck_lake.duck()
    follow(database, with_engine)
    with_engine.close()
    told = [(row[1], row[2], row[7]) for row in links(database)]
    assert told == [
        ("listing", "per_m", ""), ("loan", "per_l", "applied"), ("session", "per_s", "acc_1"),
    ]  # fmt: skip


def test_what_retention_took_is_tied_no_more(database, duck_lake):
    write(database, duck_lake, "subscription", [
        sim("1", TEL, "per_a", 0), sim("2", OTHER, "per_a", 0), sim("3", OTHER, "per_a", 2),
    ], 1)  # fmt: skip
    engine = duck_lake.duck()
    follow(database, engine)
    gone = {"kind": "subscription", "files": [], "rows": 2, "first_seal": 1, "last_seal": 1,
            "policy": "p", "at_seal": 1, "at_us": 1}  # fmt: skip
    days = [date(1970, 1, 1) + timedelta(20_000 + n) for n in (0, 2)]
    with database.write() as session:
        session.add(RetentionDrop(day=days[0], state="dropped", **gone))
        session.flush()
        session.add(RetentionDrop(day=days[1], state="planned", **gone))
    with database.session() as session:
        assert behind(session)
    follow(database, engine)
    (left,) = links(database)
    assert (left[0], left[4], left[5]) == (OTHER, DAY, 2 * DAY)
    engine.close()

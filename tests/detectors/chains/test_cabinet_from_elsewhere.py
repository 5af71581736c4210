"""REQ-65, 66: a rented cabinet, worked from its tenant's device."""

from __future__ import annotations

from typing import Any

from detectors.conftest import DAY, HOUR, NOON, TENGE

CODE = "chains.cabinet_from_elsewhere"


def numbers(*holders: str, kind: str = "sole_trader") -> list[dict[str, Any]]:
    return [
        {"id": f"n{holder}", "at_us": 1, "holder": holder, "holder_kind": kind, "phone": holder}
        for holder in holders
    ]


def test_fires_on_a_tenant_and_is_quiet_on_owners_and_bookkeepers(
    see: Any, payment: Any, session: Any
) -> None:
    sessions = [
        session("owner", "cabinet", "owner's", -24 * 30),
        session("owner", "cabinet", "tenant's", 0, ip="203.0.113.9"),
        session("other", "other's", "tenant's", 0),
        # a new telephone of a shop's owner
        session("shopkeeper", "shop", "old phone", -24 * 30),
        session("shopkeeper", "shop", "new phone", 0),
        # a private person is no entrepreneur
        session("person", "private", "old", -24 * 30),
        session("person", "private", "new", 0),
        # first seen now
        session("newcomer", "new cabinet", "any", 0),
    ]
    payments = [
        payment("victim", "cabinet", 500_000, 1),
        payment("cabinet", "next", 480_000, 26),
        payment("customer", "shop", 500_000, 1, instrument="card"),
        payment("shop", "supplier", 480_000, 2),
        payment("victim 2", "private", 500_000, 1),
        payment("private", "next", 480_000, 2),
        payment("victim 3", "new cabinet", 500_000, 1),
        payment("new cabinet", "next", 480_000, 2),
    ]
    facts = {
        "session": sessions,
        "payment": payments,
        "subscription": numbers("owner", "shopkeeper", "newcomer")
        + numbers("person", kind="person"),
    }
    [finding] = see(CODE, facts)
    assert (finding.subject, finding.window_from_us) == ("cabinet", 20_000 * DAY)
    assert finding.score == 0.96
    assert finding.evidence == {
        "currency": "KZT", "received_minor": 500_000 * TENGE, "passed_minor": 480_000 * TENGE,
        "payers": 1, "other_holders": 1, "device": "tenant's", "ip": "203.0.113.9",
        "entered_us": NOON, "last_us": NOON + 26 * HOUR,
    }  # fmt: skip


def test_parameters_move_the_borders(see: Any, payment: Any, session: Any) -> None:
    facts = {
        "session": [
            session("owner", "cabinet", "owner's", -24 * 6),
            session("owner", "cabinet", "tenant's", 0),
        ],
        "payment": [payment("v", "cabinet", 100_000), payment("cabinet", "next", 49_999, 1)],
        "subscription": numbers("owner", kind="company"),
    }
    assert see(CODE, facts) == []
    assert see(CODE, facts, owner_since_us=6 * DAY) == []
    assert len(see(CODE, facts, owner_since_us=6 * DAY, min_passed_permille=499)) == 1

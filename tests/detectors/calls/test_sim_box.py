"""REQ-47: cards of SIM boxes among those of couriers, dispatchers, probes, families and firms."""

from __future__ import annotations

from typing import Any

import pytest

from detectors.called import DAY, MINUTE, Row, call, some, talks

CODE = "calls.sim_box"
A_DAY = DAY // MINUTE


def found(see: Any, rows: list[Row], **params: Any) -> dict[str, list[str]]:
    """Numbers found, each with its reasons."""
    return {
        one.subject: [reason["reason"] for reason in one.evidence["reasons"]]
        for one in see(CODE, {"call": rows}, **params)
    }


def people(n: int, name: str = "man", **columns: Any) -> list[Row]:
    """People who ring each other, now this one, now that one, ten days before."""
    return [
        row
        for k in range(n)
        for row in (
            call(f"{name} {k}", f"{name} {(k + 1) % n}", k - 10 * A_DAY, **columns),
            call(f"{name} {(k + 1) % n}", f"{name} {k}", k + 9 - 10 * A_DAY, **columns),
        )
    ]


def reached(number: str, *friends: str, minutes: float = 100, **columns: Any) -> list[Row]:
    """Friends, whom many ring, ring the number."""
    known = [call(f"man {k}", one, minutes - 50 + k) for one in friends for k in range(6)]
    return known + [call(one, number, minutes, **columns) for one in friends]


def box(name: str, cards: int, each: int, minutes: float = 0, **columns: Any) -> list[Row]:
    """Calls of a box: every card rings `each` people, whom nobody else in the test knows."""
    return [
        call(f"{name} {card}", callee, minutes + 20 * card + n, **at, duration_s=61 + 7 * n + card)
        for card in range(cards)
        for at in [{"imei": f"{name} {card}", **columns}]
        for n, callee in enumerate(some(f"{name} family", each, each * card))
    ]


def cards(name: str, n: int, *reasons: str) -> dict[str, list[str]]:
    """All cards of a box, found for the same reasons."""
    return {f"{name} {card}": list(reasons) for card in range(n)}


def test_fires_on_a_card_that_rings_strangers_and_that_nobody_rings(see: Any) -> None:
    rows = talks("card", some("family", 30), imei="i1", cell="c1") + people(30)
    [one] = see(CODE, {"call": rows})
    assert (one.subject_kind, one.subject) == ("phone", "card")
    evidence = dict(one.evidence)
    assert evidence.pop("last_us") > evidence.pop("first_us")
    assert evidence == {
        "called": 30, "calls": 30, "answers": 30, "bonds": 0, "devices": 1, "cells": 1,
        "reasons": [{"reason": "alone", "cards": 1, "together": 30}], "sisters": [],
    }  # fmt: skip
    assert one.score == 1 - (1 - 30 / 200) / 2


def test_cards_that_ring_each_other_are_no_bonds(see: Any) -> None:
    rows = box("card", 5, 26)
    for card in range(5):
        for sister in range(5):
            if sister != card:
                rows += [call(f"card {card}", f"card {sister}", 400 + card)]
                rows += [call(f"card {card}", f"card {sister}", 500, service="sms")]
    assert found(see, rows) == cards("card", 5, "alone")


def test_cards_in_one_device_and_one_card_in_many_devices(see: Any) -> None:
    rows = [row | {"cell": f"c{n}"} for n, row in enumerate(box("card", 3, 3, imei="channel"))]
    rows += box("apart", 3, 3)
    rows += box("two in a telephone", 2, 6, imei="handset")
    rows += [row | {"imei": f"i{n}"} for n, row in enumerate(talks("rover", some("kin", 7)))]
    told = {one.subject: one.evidence for one in see(CODE, {"call": rows})}
    assert sorted(told) == ["card 0", "card 1", "card 2", "rover"]
    assert [one["reason"] for one in told["rover"]["reasons"]] == ["devices"]
    assert told["card 0"]["reasons"] == [{"reason": "device", "cards": 3, "together": 9}]
    assert told["card 0"]["sisters"] == ["card 1", "card 2"]


def test_newcomers_of_a_place_are_found_within_nine_calls_of_the_box(see: Any) -> None:
    rows = [*people(4, "here", cell="c1"), *box("card", 3, 3, cell="c1")]
    rows += box("where nobody was heard of before", 3, 3, cell="c2")
    rows += [row | {"cell": f"street {n}"} for n, row in enumerate(box("walking", 3, 3))]
    rows += [*people(4, "village", cell="c3"), *box("one", 1, 9, cell="c3")]
    known = people(6, "old", cell="c4")
    rows += known + [
        row | {"cell": "c4"} for k in range(6) for row in talks(f"old {k}", some(f"shop {k}", 3))
    ]
    assert found(see, rows) == cards("card", 3, "place")


def test_a_place_where_many_arrive_each_day_or_where_they_are_known_is_ordinary(see: Any) -> None:
    rows = people(4, "hotel", cell="c1")
    for day in range(5):
        rows += box(f"guest {day}", 3, 3, (day - 4) * A_DAY, cell="c1")
    office = box("clerk", 6, 3, cell="c2")
    rows += people(4, "house", cell="c2") + office
    for k in range(3):
        rows += reached(f"clerk {k}", f"client {k}", minutes=300 + k)
    first_guests = cards("guest 0", 3, "place")
    assert found(see, rows) == first_guests
    assert len(found(see, rows, max_used_permille=1_000, min_place_permille=0)) == 5 * 3 + 3


def test_newcomers_that_ring_each_other_are_found_wherever_they_are(see: Any) -> None:
    rows = [row for n in range(12) for row in people(2, f"street {n}", cell=f"c{n}")]

    def ring(name: str) -> list[Row]:
        out = [row | {"cell": f"c{n}"} for n, row in enumerate(box(name, 4, 3))]
        told = {"service": "sms", "duration_s": 0, "cell": "c1"}
        return out + [call(f"{name} {n}", f"{name} {(n + 1) % 4}", 99, **told) for n in range(4)]

    firm = ring("clerk") + reached("clerk 1", "client")
    assert found(see, rows + ring("card") + firm) == cards("card", 4, "circle")


def test_a_number_known_for_long_is_no_newcomer_in_another_month(see: Any) -> None:
    rows = [*people(4, "here", cell="c1"), *box("card", 3, 3, 6 * A_DAY, cell="c1")]
    rows += [*people(4, "there", cell="c2"), *box("old card", 3, 3, 6 * A_DAY, cell="c2")]
    rows += [call(f"old card {n}", "shop", -10 * A_DAY + n, cell="c2") for n in range(3)]
    assert found(see, rows) == cards("card", 3, "place")


def test_quiet_on_innocent_lookalikes(see: Any) -> None:
    nurse = talks("nurse", some("patient", 40))
    nurse += reached("nurse", "husband", "mother")
    courier = [
        call("courier", client, n, duration_s=9 + n % 17)
        for n, client in enumerate(some("client", 90))
    ]
    riders = some("rider", 100)
    dispatcher = talks("dispatcher", riders)
    dispatcher += reached("dispatcher", *riders[:9])
    texted = talks("texted", some("someone", 40)) + reached("texted", "friend", service="sms")
    lines = some("test line", 12)
    probe = [call(f"probe {n % 4}", lines[n % 12], n, imei="probe") for n in range(200)]
    bank = talks("bank", some("debtor", 90), trunk_class="domestic")
    alarm = [call("alarm", name, service="sms", duration_s=0) for name in some("owner", 40)]
    lift = [call("lift", "control room", n, duration_s=20 + n) for n in range(40)]
    tourist = talks("tourist", some("guide", 30), caller_country="DE")
    family = box("twin", 2, 6, imei="one telephone")
    gateway = talks("gateway", some("customer", 30)) + talks("another", some("buyer", 30))
    rows = people(30) + nurse + courier + dispatcher + texted + probe + bank + alarm + lift
    rows += tourist + family + gateway
    assert found(see, rows, permitted=("gateway",)) == {"another": ["alone"]}


BORDERS: dict[str, dict[str, Any]] = {
    "few": {"min_called": 9},
    "answered": {"max_bond_permille": 25},
    "short": {"long_s": 45, "enough_lengths": 1},
}


@pytest.mark.parametrize(("name", "params"), [("", {}), *BORDERS.items()], ids=["none", *BORDERS])
def test_parameters_move_the_borders(see: Any, name: str, params: dict[str, Any]) -> None:
    rows = talks("few", some("son", 9))
    rows += talks("answered", some("family", 40)) + reached("answered", "family 3")
    rows += talks("short", some("daughter", 40), duration_s=45)
    assert found(see, rows, **params) == ({name: ["alone"]} if name else {})

"""REQ-47: cards of SIM boxes among those of couriers, dispatchers, probes and families."""

from __future__ import annotations

from typing import Any

from detectors.called import DAY, Row, call, some, talks

CODE = "calls.sim_box"
IN_BOX: Row = {"imei": "channel", "imei_tac": "86900000", "cell": "c1"}


def found(see: Any, rows: list[Row], **params: Any) -> dict[str, list[str]]:
    """Numbers found, each with its reasons."""
    return {
        one.subject: [reason["reason"] for reason in one.evidence["reasons"]]
        for one in see(CODE, {"call": rows}, **params)
    }


def people(n: int) -> list[Row]:
    """People who ring each other, now this one, now that one."""
    return [
        row
        for k in range(n)
        for row in (
            call(f"man {k}", f"man {(k + 1) % n}", k),
            call(f"man {(k + 1) % n}", f"man {k}", k + 9),
        )
    ]


def test_fires_on_a_card_that_rings_strangers_and_that_nobody_rings(see: Any) -> None:
    rows = talks("card", some("family", 12), imei="i1", cell="c1") + people(30)
    [one] = see(CODE, {"call": rows})
    assert (one.subject_kind, one.subject) == ("phone", "card")
    evidence = dict(one.evidence)
    assert evidence.pop("last_us") > evidence.pop("first_us")
    assert evidence == {
        "called": 12, "calls": 12, "answers": 12, "bonds": 0, "devices": 1, "cells": 1,
        "reasons": [{"reason": "alone", "cards": 1, "together": 12}], "sisters": [],
    }  # fmt: skip
    assert one.score == 1 - (1 - 12 / 200) / 2


def test_cards_that_ring_each_other_are_no_bonds(see: Any) -> None:
    rows: list[Row] = []
    for card in range(5):
        rows += talks(f"card {card}", some("family", 12, 12 * card))
        for sister in range(5):
            if sister != card:
                rows += [call(f"card {card}", f"card {sister}", 100 + card)]
                rows += [call(f"card {card}", f"card {sister}", 200, service="sms")]
    assert set(found(see, rows)) == {f"card {n}" for n in range(5)}


def test_cards_that_take_turns_in_one_device_are_found_together(see: Any) -> None:
    rows = [
        row
        for card in range(3)
        for row in talks(f"card {card}", some("family", 3, 3 * card), 300 * card, **IN_BOX)
    ]
    rows = [row | {"cell": f"c{n}"} for n, row in enumerate(rows)]
    assert found(see, rows) == {f"card {n}": ["device"] for n in range(3)}
    [first, *_] = see(CODE, {"call": rows})
    assert first.evidence["sisters"] == ["card 1", "card 2"]
    others = [{**row, "imei": row["caller"]} for row in rows]
    assert found(see, others) == {}


def test_cards_of_one_place_are_found_together_once_a_place_is_known(see: Any) -> None:
    def place(cell: Any) -> list[Row]:
        return [
            row | {"imei": f"i{card}", "imei_tac": f"t{card}", "cell": cell(card)}
            for card in range(6)
            for row in talks(f"card {card}", some("family", 3, 3 * card), 20 * card)
        ]

    rows = place(lambda card: "c1")
    [one] = see(CODE, {"call": rows})  # of a place the busiest is named; beside it, its sisters
    assert (one.subject, one.evidence["sisters"]) == ("card 0", [f"card {n}" for n in range(1, 6)])
    assert one.evidence["reasons"] == [{"reason": "place", "cards": 6, "together": 18}]
    assert found(see, place(lambda card: f"c{card}")) == {}
    early = [row | {"at_us": row["at_us"] - 24 * DAY} for row in rows]
    assert found(see, early) == {}
    assert len(found(see, early, known_for_us=0)) == 1


def test_a_card_that_changes_devices_needs_fewer_calls(see: Any) -> None:
    rows = [row | {"imei": f"i{n}"} for n, row in enumerate(talks("card", some("family", 7)))]
    assert found(see, rows) == {"card": ["devices"]}
    assert found(see, [row | {"imei": "i"} for row in rows]) == {}


def test_quiet_on_whoever_has_bonds_or_short_talks(see: Any) -> None:
    nurse = [
        *talks("nurse", some("patient", 40)),
        call("her husband", "nurse", 100),
        call("her mother", "nurse", 110),
    ]
    courier = [
        call("courier", client, n, duration_s=9 + n % 17)
        for n, client in enumerate(some("client", 40))
    ]
    dispatcher = talks("dispatcher", some("rider", 100)) + [
        call(f"rider {n}", "dispatcher", 150 + n) for n in range(4)
    ]
    texted = [*talks("texted", some("someone", 20)), call("friend", "texted", 50, service="sms")]
    rows = nurse + courier + dispatcher + texted + people(30)
    assert found(see, rows) == {}


def test_quiet_on_probes_call_centres_alarms_and_permitted_gateways(see: Any) -> None:
    lines = some("test line", 12)
    probe = [call(f"probe {n % 4}", lines[n % 12], n, duration_s=60, **IN_BOX) for n in range(200)]
    centre = talks("bank", some("client", 90), trunk_class="domestic")
    alarm = [call("alarm", name, service="sms", duration_s=0) for name in some("owner", 40)]
    gateway = talks("gateway", some("client", 30))
    assert found(see, probe + centre + alarm + gateway, permitted=("gateway",)) == {}


def test_quiet_on_two_cards_in_one_telephone_and_on_a_family_s_handset(see: Any) -> None:
    rows = [
        row
        for card in range(2)
        for row in talks(f"card {card}", some("friend", 6, 6 * card), 60 * card, imei="handset")
    ]
    assert found(see, rows) == {}


def test_parameters_move_the_borders(see: Any) -> None:
    rows = talks("card", some("family", 9))
    assert found(see, rows) == {}
    assert list(found(see, rows, min_called=9)) == ["card"]
    answered = [*talks("card", some("family", 40)), call("family 3", "card", 99)]
    assert found(see, answered) == {}
    assert list(found(see, answered, max_bond_permille=25)) == ["card"]
    assert found(see, answered, max_bond_permille=25, min_long_permille=1_001) == {}

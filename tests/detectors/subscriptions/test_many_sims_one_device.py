"""REQ-47, 50: many cards in one device."""

from __future__ import annotations

from typing import Any

from detectors.called import DAY, Row, call, some, talks

CODE = "subscriptions.many_sims_one_device"
WEEK = 7 * DAY


def cards(device: str, n: int, each: int = 5, days: float = 0, **columns: Any) -> list[Row]:
    """So many cards in a device, so many days between them, each rings some numbers."""
    told = {"imei": device, "imei_tac": "86900000", **columns}
    return [
        row
        for k in range(n)
        for row in talks(f"{device} {k}", some(f"{device} calls", each, k * each), days * k * 1440,
                         imsi=f"imsi {device} {k}", **told)
    ]  # fmt: skip


def test_fires_on_a_channel_that_goes_through_cards(see: Any) -> None:
    [found] = see(CODE, {"call": cards("channel", 6)})
    assert (found.subject_kind, found.subject) == ("device", "channel")
    assert found.window_to_us - found.window_from_us == WEEK
    evidence = dict(found.evidence)
    assert evidence.pop("last_us") > evidence.pop("first_us")
    assert evidence == {
        "cards": 6, "numbers": 6, "called": 30, "calls": 30, "model": "86900000",
        "callers": [f"channel {k}" for k in range(6)],
    }  # fmt: skip
    assert found.score == 6 / 20


def test_quiet_on_second_hand_families_shops_and_probes(see: Any) -> None:
    second_hand = cards("second hand", 8, days=7)
    family = cards("family's", 2, each=40)
    shop = cards("shop's", 19, each=1)
    probe = [row | {"callee": f"line {n % 9}"} for n, row in enumerate(cards("probe", 8))]
    assert see(CODE, {"call": second_hand + family + shop + probe}) == []


def test_without_a_card_s_mark_its_number_counts(see: Any) -> None:
    rows = [row | {"imsi": None} for row in cards("channel", 6)]
    assert len(see(CODE, {"call": rows})) == 1


def test_parameters_move_the_borders(see: Any) -> None:
    rows = [*cards("channel", 4), call("channel 0", "one more", imei=None)]
    assert see(CODE, {"call": rows}) == []
    assert len(see(CODE, {"call": rows}, min_cards=4)) == 1
    assert see(CODE, {"call": rows}, min_cards=4, min_called=21) == []
    assert see(CODE, {"call": rows}, min_cards=4, permitted=("channel",)) == []

"""REQ-48, 49: calls between providers that one of the two alone tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations, count
from random import Random
from typing import Any

import pytest

from detectors.called import DAY, HOUR, MINUTE, NOON, Row
from qalqan.model.finding import Finding

SECOND = 1_000_000
START = NOON - NOON % DAY
Call = tuple[str, str, int, str]
"""Giver, taker, moment, hash of the pair."""
Found = Callable[..., list[Finding]]
_ids = count()


def told(teller: str, peer: str, direction: str, at_us: int, leg: str, trunk: str = "t") -> Row:
    return {
        "id": f"l{next(_ids)}", "source": teller, "peer": peer, "direction": direction,
        "at_us": at_us, "leg": leg, "trunk": trunk, "trunk_class": "domestic",
        "answered": True, "duration_s": 60,
    }  # fmt: skip


def given(call: Call, late: int = 0) -> Row:
    giver, taker, at_us, leg = call
    return told(giver, taker, "out", at_us + late, leg, f"to {taker}")


def taken(call: Call, late: int = 0) -> Row:
    giver, taker, at_us, leg = call
    return told(taker, giver, "in", at_us + late, leg, f"from {giver}")


def calls(giver: str, taker: str, n: int, first: int = 0) -> list[Call]:
    """Calls of different people, a minute between them, from one in the morning on."""
    ways = f"{giver} {taker}"
    return [
        (giver, taker, START + HOUR + k * MINUTE, f"{ways} {k}") for k in range(first, first + n)
    ]


def both(some: Iterable[Call], late: int = 0) -> list[Row]:
    return [row for call in some for row in (given(call), taken(call, late))]


LATER = told("clock", "nobody", "out", START + DAY + 12 * HOUR, "later")
"""Makes the whole day old enough."""


@pytest.fixture
def found(see: Any) -> Found:
    """Findings of the first day."""

    def run(rows: list[Row], **params: Any) -> list[Finding]:
        some = see("calls.legs_unmatched", {"call": [*rows, LATER]}, **params)
        return [one for one in some if one.window_from_us == START]

    return run


def names(findings: list[Finding]) -> list[str]:
    return [one.subject for one in findings]


def among(providers: str, n: int = 200) -> list[Call]:
    """So many calls each way between every two of the providers."""
    pairs = [*combinations(providers, 2)]
    return [one for a, b in pairs for ways in ((a, b), (b, a)) for one in calls(*ways, n)]


def hidden_by(hider: str, some: list[Call], every: int = 20) -> list[Row]:
    """Both sides' word; the hider leaves out each twentieth of its calls."""
    own = {one for k, one in enumerate(c for c in some if hider in c[:2]) if k % every == 0}
    rows = both(some)
    return [
        row
        for row, one in zip(rows, (c for c in some for _ in (0, 1)), strict=True)
        if not (row["source"] == hider and one in own)
    ]


def test_a_provider_that_hides_five_in_a_hundred_is_named_and_its_peers_are_not(
    found: Found,
) -> None:
    [finding] = found(hidden_by("H", among("HABCD")))
    evidence = finding.evidence
    assert (finding.subject_kind, finding.subject) == ("provider", "H")
    assert (finding.window_from_us, finding.window_to_us) == (START, START + DAY)
    assert (evidence["told"], evidence["unmatched"], evidence["missing"]) == (1600, 80, 80)
    assert evidence["alone"] == 0
    assert evidence["share_permille"] == 50
    assert evidence["peers"] == list("ABCD")
    assert evidence["trunks"] == sorted(
        f"{one} {way} H" for one in "ABCD" for way in ("to", "from")
    )
    assert START + HOUR <= evidence["first_us"] < evidence["last_us"] < START + 5 * HOUR
    assert finding.score == pytest.approx(0.0348, abs=0.0005)  # Wilson (1927): 80 of 1600
    assert evidence["bound_permille"] == 34


def test_providers_that_tell_all_are_not_named(found: Found) -> None:
    """REQ-49: a provider that honestly tells its own legs."""
    assert found(both(among("ABCD"))) == []
    assert found(both(among("ABCD"), late=70 * SECOND)) == []
    assert found(both(among("ABCD"), late=-70 * SECOND)) == []


@pytest.mark.parametrize("seed", range(3))
def test_lost_records_and_skewed_clocks_name_nobody_but_the_hider(found: Found, seed: int) -> None:
    random = Random(seed)
    late = {one: random.randint(-40, 40) * SECOND for one in "HABCDE"}
    rows = []
    for call in among("HABCDE", 400):
        for row in (given(call, late[call[0]]), taken(call, late[call[1]])):
            noted = row["at_us"] + random.randint(0, 5) * SECOND
            hides = 0.05 if row["source"] == "H" else 0.0005
            rows += [row | {"at_us": noted}] if random.random() >= hides else []
    assert names(found(rows)) == ["H"]


def test_three_calls_of_one_pair_need_three_counterparts(found: Found) -> None:
    some = [("A", "H", START + HOUR + 20 * k * SECOND, "pair") for k in range(30)]
    rows = [*both(calls("A", "H", 100)), *map(given, some), *map(taken, some[::3])]
    evidence = found(rows)[0].evidence
    assert (evidence["told"], evidence["unmatched"]) == (130, 20)


def test_a_counterpart_outside_the_tolerance_is_none(found: Found) -> None:
    some = calls("A", "B", 50)
    assert found(both(some, late=90 * SECOND), tolerance_us=90 * SECOND) == []
    far = found(both(some, late=91 * SECOND), tolerance_us=90 * SECOND)
    assert [one.evidence["unmatched"] for one in far] == [100, 100]
    assert far[0].evidence["missing"] == far[0].evidence["alone"] == 50  # a wrong clock
    assert found(both(some, late=91 * SECOND), tolerance_us=91 * SECOND) == []


def test_a_provider_that_tells_nothing_is_named(found: Found) -> None:
    some = [*calls("A", "H", 50), *calls("H", "B", 50)]
    rows = [*map(given, some[:50]), *map(taken, some[50:]), *both(among("AB"))]
    [finding] = found(rows)
    assert finding.subject == "H"
    assert finding.evidence["share_permille"] == 1000
    assert finding.evidence["missing"] == 100
    assert found(rows, outside=("H",)) == []


def test_a_provider_that_tells_what_never_was_names_itself(found: Found) -> None:
    invented = [one for peer in "ABC" for one in calls("L", peer, 20, first=500)]
    [finding] = found([*both(among("LABC")), *map(given, invented)])
    assert finding.subject == "L"
    assert (finding.evidence["missing"], finding.evidence["alone"]) == (0, 60)


def test_between_two_that_deal_with_nobody_else_both_are_named(found: Found) -> None:
    findings = found([*both(calls("A", "H", 100)), *map(given, calls("A", "H", 20, first=100))])
    assert names(findings) == ["A", "H"]
    assert {one.score for one in findings} == {findings[0].score}
    assert [one.evidence["peers"] for one in findings] == [["H"], ["A"]]
    assert [one.evidence["missing"] for one in findings] == [0, 20]


def test_a_carrier_is_not_named_for_its_silent_customers(found: Found) -> None:
    honest = both([one for n in range(8) for one in calls("carrier", f"c{n}", 100)])
    silent = [one for n in range(3) for one in calls("carrier", f"silent {n}", 100)]
    findings = found([*honest, *map(given, silent)])
    assert names(findings) == [f"silent {n}" for n in range(3)]
    assert names(found([*map(given, silent)])) == [f"silent {n}" for n in range(3)]


def test_one_liar_stands_beside_the_one_it_speaks_against(found: Found) -> None:
    invented = calls("L", "A", 40, first=500)
    rows = both(among("LABCD"))
    assert names(found([*rows, *map(given, invented)])) == ["A", "L"]
    more = [one for peer in "BC" for one in calls("L", peer, 40, first=500)]
    assert names(found([*rows, *map(given, [*invented, *more])])) == ["L"]


def test_a_small_provider_that_lost_a_few_records_is_not_named(found: Found) -> None:
    some = calls("A", "S", 30)
    rows = [*both(among("AB")), *map(given, some), *map(taken, some[4:])]
    assert found(rows) == []
    assert names(found(rows, min_unmatched=4)) == ["S"]


def test_a_share_that_chance_explains_names_nobody(found: Found) -> None:
    some = calls("A", "B", 300)
    rows = [*map(given, some), *map(taken, some[5:])]
    assert names(found(rows)) == ["A", "B"]
    assert found(rows, lost_permille=10) == []
    assert found(rows, z=40.0) == []


def test_what_is_young_or_near_midnight_is_not_judged(found: Found) -> None:
    young = [("A", "H", START + DAY + 7 * HOUR, f"young {k}") for k in range(50)]
    near = [("A", "H", START + k * SECOND, f"early {k}") for k in range(50)]
    near += [("A", "H", START + DAY - (k + 1) * SECOND, f"late {k}") for k in range(50)]
    assert found([given(one) for one in (*near, *young)]) == []
    old = [(*one[:2], START + 7 * HOUR, one[3]) for one in young]
    assert names(found([given(one) for one in old])) == ["H"]


def test_it_is_named_on_the_day_itself_once_records_are_old_enough(see: Any) -> None:
    rows = hidden_by("H", among("HABC"))
    code = "calls.legs_unmatched"
    assert see(code, {"call": rows}) == []
    later = told("A", "B", "out", START + 12 * HOUR, "noon")
    assert names(see(code, {"call": [*rows, later]})) == ["H"]


def test_calls_within_one_network_and_with_numbers_alone_are_left_out(found: Found) -> None:
    own = [told("A", "A", "out", START + 7 * HOUR, f"own {k}") for k in range(50)]
    bare = [row | {"leg": None} for row in map(given, calls("A", "B", 50))]
    lone = [row | {"direction": None} for row in map(given, calls("A", "B", 50))]
    assert found([*own, *bare, *lone]) == []


def test_a_leg_over_three_networks_is_matched_at_each_hand_over(found: Found) -> None:
    through = [("A", "T", START + 7 * HOUR, f"x {k}") for k in range(50)]
    onward = [("T", "B", at_us, leg) for _, _, at_us, leg in through]
    assert found([*both(through), *both(onward, late=SECOND)]) == []
    assert names(found([*both(through), *map(taken, onward)])) == ["T"]

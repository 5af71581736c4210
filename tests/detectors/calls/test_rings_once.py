"""Many telephones ring for a moment, so that people ring a dear number back."""

from __future__ import annotations

from typing import Any

from detectors.called import DAY, FROM_ABROAD, MINUTE, NOON, Row, call, some

CODE = "calls.rings_once"
GIVEN_UP: Row = {**FROM_ABROAD, "answered": False, "duration_s": 0}


def rings(caller: str, callees: list[str], **columns: Any) -> list[Row]:
    told = {**GIVEN_UP, "ring_s": 1, **columns}
    return [call(caller, callee, n, **told) for n, callee in enumerate(callees)]


def test_fires_on_brief_rings_and_tells_who_rang_back(see: Any) -> None:
    rows = rings("dear", some("n", 40))
    rows += [call("n 3", "dear", 60), call("n 4", "dear", 61), call("n 4", "dear", 62)]
    rows += [call("n 5", "dear", -1), call("other", "dear", 60)]
    [found] = see(CODE, {"call": rows})
    assert (found.subject_kind, found.subject) == ("phone", "dear")
    assert (found.window_from_us, found.window_to_us) == (
        NOON // DAY * DAY,
        NOON // DAY * DAY + DAY,
    )
    assert found.score == (40 / 200 + 1) / 2
    assert found.evidence == {
        "called": 40, "brief": 40, "calls": 40, "rang_back": 2, "first_us": NOON,
        "last_us": NOON + 39 * MINUTE,
    }  # fmt: skip


def test_quiet_on_call_centres_and_on_whoever_nags(see: Any) -> None:
    waits = rings("centre that waits", some("n", 60), ring_s=20)
    answered = rings("centre", some("n", 30)) + rings("centre", some("m", 10), answered=True)
    nags = rings("nags", ["friend"] * 90)
    texts = rings("bank", some("n", 60), service="sms")
    assert see(CODE, {"call": waits + answered + nags + texts}) == []


def test_confirmation_by_a_short_ring_ranks_low_and_may_be_permitted(see: Any) -> None:
    rows = rings("confirms", some("n", 400))
    [found] = see(CODE, {"call": rows})
    assert found.score == 0.5
    assert see(CODE, {"call": rows}, permitted=("confirms",)) == []


def test_where_no_ringing_is_told_the_length_decides(see: Any) -> None:
    rows = rings("dear", some("n", 20), ring_s=None, duration_s=2)
    assert len(see(CODE, {"call": rows})) == 1
    assert see(CODE, {"call": rings("slow", some("n", 20), ring_s=None, duration_s=3)}) == []


def test_parameters_move_the_borders(see: Any) -> None:
    rows = rings("dear", some("n", 19), ring_s=3)
    assert see(CODE, {"call": rows}) == []
    assert see(CODE, {"call": rows}, max_ring_s=4) == []
    assert len(see(CODE, {"call": rows}, max_ring_s=4, min_called=19)) == 1

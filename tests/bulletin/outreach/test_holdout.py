"""Who is held out: by key alone, few, and never at acute risk."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qalqan.bulletin.outreach import holdout
from qalqan.trust.keys import Keys

KEYS, OTHERS = Keys.new(), Keys.new()
SUBJECTS = [f"s{n}" for n in range(2_000)]


def held(keys: Keys, share: int, experiment: str = "e") -> set[str]:
    return {s for s in SUBJECTS if holdout.arm(keys, experiment, s, share) == "hold"}


@given(st.text(max_size=40), st.text(max_size=40), st.integers(-10, 2_000))
def test_nobody_at_acute_risk_is_held_out(experiment: str, subject: str, share: int) -> None:
    assert holdout.arm(KEYS, experiment, subject, share, acute=True) == "show"


@given(st.text(max_size=40), st.integers(0, 199))
def test_a_larger_share_holds_out_whoever_a_smaller_one_does(subject: str, share: int) -> None:
    if holdout.arm(KEYS, "e", subject, share) == "hold":
        assert holdout.arm(KEYS, "e", subject, share + 1) == "hold"


def test_the_share_is_kept_and_no_more_than_a_fifth() -> None:
    assert not held(KEYS, 0)
    assert 130 < len(held(KEYS, 100)) < 270
    assert held(KEYS, 900) == held(KEYS, holdout.MOST_HELD)
    assert len(held(KEYS, 900)) < 520


def test_arms_are_the_same_each_time_and_others_under_another_key_or_name() -> None:
    assert held(KEYS, 200) == held(KEYS, 200)
    assert held(KEYS, 200) != held(OTHERS, 200)
    assert held(KEYS, 200) != held(KEYS, 200, "another")

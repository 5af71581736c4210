"""The policy that comes with the software."""

from __future__ import annotations

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.trail.policy import default
from qalqan.trail.semantics import RULES


def test_the_default_is_what_the_file_says() -> None:
    policy = default()
    assert policy.version == "trail/1"
    assert (policy.window_us, policy.match_window_us) == (72 * HOUR, 10 * MINUTE)
    assert (policy.max_hops, policy.min_share_ppm, policy.lookback_us) == (8, 10_000, 7 * DAY)
    assert policy.kept_ppm == 100_000  # REQ-39: a drop keeps up to a tenth
    assert policy.rule == RULES[0]
    assert len(policy.version) <= 24  # as the register keeps it

"""The bounds of a trail as versioned data: the policy that comes with the software (REQ-39)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.trail.semantics import TrailPolicy


@cache
def default() -> TrailPolicy:
    """The policy of `policy.toml`; where each number comes from stands beside it."""
    path = files("qalqan.trail") / "policy.toml"
    body = tomllib.loads(path.read_text(encoding="utf-8"))
    return TrailPolicy(
        version=body["version"],
        window_us=body["window_hours"] * HOUR,
        max_hops=body["max_hops"],
        min_share_ppm=body["min_share_ppm"],
        match_window_us=body["match_window_minutes"] * MINUTE,
        kept_ppm=body["kept_ppm"],
        rule=body["rule"],
        lookback_us=body["lookback_days"] * DAY,
    )

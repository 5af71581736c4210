"""The short form of `soak/partner_down.py`: a partner that was away for hours gets all of it in
order, once in effect (REQ-19, 44)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CAMPAIGN = Path(__file__).parents[2] / "soak" / "partner_down.py"


@pytest.mark.long
def test_a_partner_that_was_away_gets_every_order_and_event_in_order() -> None:
    run = subprocess.run(
        [sys.executable, str(CAMPAIGN), "2"], capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stdout + run.stderr
    told = json.loads(run.stdout)
    assert (told["orders"], told["orders_got"]) == (24, 24)
    assert told["requests_while_down"] > 24

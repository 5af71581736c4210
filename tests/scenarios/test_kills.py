"""Whatever is killed whenever, nothing acknowledged is lost or counted twice (REQ-19): a short
form of the campaign."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CAMPAIGN = Path(__file__).parents[2] / "soak" / "kills.py"


@pytest.mark.long
def test_no_kill_loses_or_doubles_anything() -> None:
    run = subprocess.run(
        [sys.executable, CAMPAIGN, "12", "3"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "VIOLATION" not in run.stdout

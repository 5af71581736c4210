"""A full disk is told as one, and what was acknowledged stays: a short form of the campaign."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CAMPAIGN = Path(__file__).parents[2] / "soak" / "disk_full.py"


def test_a_full_disk_is_told_and_nothing_acknowledged_is_lost() -> None:
    if not _may_mount():
        pytest.skip("a disk of our own needs a kernel that lets us mount one")
    run = subprocess.run(
        [sys.executable, CAMPAIGN, "3"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "told: The disk is full" in run.stdout


def _may_mount() -> bool:
    """As root, or as the root of a user namespace of our own."""
    if shutil.which("unshare") is None:
        return False
    asked = ["unshare", "--user", "--map-root-user", "--mount", "true"]
    tried = [asked, ["unshare", "--mount", "true"]]
    return any(
        subprocess.run(one, check=False, capture_output=True).returncode == 0 for one in tried
    )

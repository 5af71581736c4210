"""The long tests: whatever bears the mark `long`, which `make test` leaves out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    command = [sys.executable, "-m", "pytest", "--long", "-n", "2", "--dist", "loadgroup"]
    sys.exit(subprocess.run(command, cwd=Path(__file__).parents[1], check=False).returncode)

"""Runs every long campaign of this folder, one after the other; ends with the first that fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    for script in sorted(Path(__file__).parent.glob("*.py")):
        if script.name != "run.py":
            print(f"── {script.name}", flush=True)
            subprocess.run([sys.executable, str(script)], check=True)

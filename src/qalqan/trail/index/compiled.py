"""Whether the index's loops are compiled on this machine, and may run in this process; asked
without loading the compiler."""

from __future__ import annotations

import ctypes
import hashlib
import mmap
import os
import sys
from importlib.metadata import version
from pathlib import Path


def mark() -> Path:
    """The file that says that these loops, as they are written now, are compiled. It lies where
    the compiler keeps what it made, and goes with it."""
    here = Path(__file__).parent
    sources = []
    for path in sorted(here.glob("*.py")):
        told = path.stat()
        sources.append((path.name, told.st_size, told.st_mtime_ns))
    made_by = repr((sources, version("numba"), sys.version_info[:3]))
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or here / "__pycache__")
    return folder / f"compiled-{hashlib.sha256(made_by.encode()).hexdigest()[:16]}"


def may_run() -> bool:
    """Whether this process may execute memory that it wrote. A supervisor can forbid it
    (systemd: MemoryDenyWriteExecute), and compiled loops would then end the process."""
    if sys.platform != "linux":
        return True
    page = mmap.mmap(-1, mmap.PAGESIZE)
    held = ctypes.c_char.from_buffer(page)
    try:
        address, size = ctypes.c_void_p(ctypes.addressof(held)), ctypes.c_size_t(mmap.PAGESIZE)
        asked = mmap.PROT_READ | mmap.PROT_EXEC
        return bool(ctypes.CDLL(None).mprotect(address, size, asked) == 0)
    finally:
        del held
        page.close()

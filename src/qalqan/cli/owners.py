"""The owners of the screens as children of `qalqan serve`: one that dies is started anew."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from qalqan.parent import with_parent

_AGAIN_S = 0.5
"""How long one rests that ended by itself, so that a broken home does not make it spin."""
_END_S = 20


@contextmanager
def owners(shards: int) -> Iterator[None]:
    """One owner a shard while the block runs."""
    over = threading.Event()
    threads = [
        threading.Thread(target=_keep, args=(shard, over), daemon=True) for shard in range(shards)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _keep(shard: int, over: threading.Event) -> None:
    while not over.is_set():
        child = subprocess.Popen(
            [sys.executable, "-m", "qalqan", "screen", "own", "--shard", str(shard)],
            env=with_parent(),
        )
        while child.poll() is None and not over.wait(0.1):
            pass
        if child.poll() is None:
            _end(child)
        over.wait(_AGAIN_S)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(timeout=_END_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()

"""A process that another one started ends with it, however that one ends.

Who starts it sets `QALQAN_PARENT` in its environment (`with_parent`); it calls `end_with_parent`.
A killed parent can't tell its children: they look for themselves, once a second.
"""

from __future__ import annotations

import os
import signal
import threading

_NAME = "QALQAN_PARENT"


def with_parent(**more: str) -> dict[str, str]:
    """The environment of a child that is to end with this process."""
    return {**os.environ, **more, _NAME: str(os.getpid())}


def name_parent() -> None:
    """Name this process to children whose environment is its own."""
    os.environ[_NAME] = str(os.getpid())


def end_with_parent() -> None:
    """Send this process SIGTERM once its parent is gone, if a parent was named."""
    told = os.environ.pop(_NAME, "")  # a child of ours has another parent
    if told.isdigit():
        threading.Thread(target=_watch, args=(int(told),), daemon=True).start()


def _watch(parent: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(1)
    os.kill(os.getpid(), signal.SIGTERM)

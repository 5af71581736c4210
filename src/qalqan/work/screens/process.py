"""The process of one owner: restores its state, takes questions, learns until told to stop."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading

from qalqan.register.database import Database
from qalqan.screening.remembered import Share
from qalqan.settings import Settings
from qalqan.work.screens import garbage, wire
from qalqan.work.screens.owner import Owner, listen, sole
from qalqan.work.screens.teacher import Teacher

_SWITCH_S = 0.0005
"""How long the thread that teaches may keep a question waiting for the interpreter."""


def own(database: Database, settings: Settings, shard: int) -> None:
    """Own a shard until SIGTERM or SIGINT; ends with all answers told that were taken up.

    Raises:
        Conflict: another process owns it.
    """
    import uvloop

    folder = wire.folder_of(settings.home, shard)
    with sole(folder):
        sys.setswitchinterval(_SWITCH_S)
        owner = Owner(folder, Share(shard, settings.screen_shards))
        uvloop.run(_owned(owner, Teacher(owner, database, settings), settings, shard))


async def _owned(owner: Owner, teacher: Teacher, settings: Settings, shard: int) -> None:
    over, stop = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, over.set)
    path = wire.socket_of(settings.home, shard)
    server = await listen(owner, path)
    garbage.settle_down()
    thread = threading.Thread(target=teacher.run, args=(stop,), name="teacher")
    thread.start()
    try:
        await over.wait()
    finally:
        server.close()
        stop.set()
        await loop.run_in_executor(None, thread.join)
        await owner.settled()
        owner.close()
        path.unlink(missing_ok=True)  # the lock is still ours

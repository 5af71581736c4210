"""What `qalqan doctor` sees of the owners of the screens' state on this machine."""

from __future__ import annotations

from sqlalchemy import func, select

from qalqan import clock
from qalqan.cli.check import Check
from qalqan.cli.home import Home, open_home
from qalqan.cli.out import word
from qalqan.register.orm import Seal

LATE_US = clock.MINUTE
"""A seal is learnt within a second or two; one that is older than this should be known."""


def screens() -> Check:
    """Owners that run answer and learn what is sealed; a machine without any is well, too."""
    import asyncio

    from qalqan.work.screens import wire
    from qalqan.work.screens.client import statuses

    home = open_home()
    shards = home.settings.screen_shards
    here = [wire.socket_of(home.settings.home, shard).exists() for shard in range(shards)]
    if not any(here):
        return Check(True, word("doctor.screens_none"))
    found = asyncio.run(statuses(home.settings.home, shards))
    away = ", ".join(str(shard) for shard, one in enumerate(found) if one is None)
    if away:
        return Check(False, word("doctor.screens_away", shards=away), word("doctor.screens"))
    known = [one for one in found if one is not None]
    seal = min(one["seal"] for one in known)
    if not all(one["ready"] for one in known):
        return Check(True, word("doctor.screens_loading"))
    if seal < _due(home):
        return Check(False, word("doctor.screens_behind", seal=seal), word("doctor.screens"))
    if not all(one["policy"] for one in known):
        return Check(True, word("doctor.screens_shadow", seal=seal))
    return Check(True, word("doctor.screens_seen", seal=seal))


def _due(home: Home) -> int:
    """The newest seal that every owner should know by now."""
    with home.database.session() as session:
        asked = select(func.max(Seal.seal)).where(Seal.at_us < clock.now_us() - LATE_US)
        return session.scalar(asked) or 0

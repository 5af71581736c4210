"""May this centre be asked now? Part by part, in codes that a machine reads; no secrets.

`/ready` answers it for whoever shares work out among several web servers. That a worker is
slow is no reason to ask another web server, so it is not looked at here; how much waits for the
workers is, since beyond its bound nothing more is taken. A register that somebody holds locked is
found out in a second and asked nothing more, as each question would wait for half a minute.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qalqan.errors import ContractBroken, Unavailable
from qalqan.lake import landing
from qalqan.lake.schemas import KINDS
from qalqan.lake.storage import storage
from qalqan.lake.table import at_newest
from qalqan.lake.waiting import Bounds
from qalqan.register import vault
from qalqan.register.database import Database
from qalqan.register.migrations import pending
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work import vitals
from qalqan.work.agreement import check

MOST_WAITING = Bounds().unsealed
"""Facts without a seal; beyond it POSTs of facts are answered with 429."""
MEGABYTE = 10**6
LOCKED_S = 1.0
"""A register into which nobody could write for so long, and nobody did, is held by somebody."""


@dataclass(frozen=True)
class Part:
    """One part of the centre: whether it is well, and what was seen."""

    ok: bool
    seen: str | int


def parts(settings: Settings, database: Database, keys: Keys) -> dict[str, Part]:
    """Every part, whatever the others say; the lake's tables stay with the calling thread."""
    register = _looked(lambda: _register(database))
    in_register: dict[str, Callable[[], Part]] = {
        "migrations": lambda: _migrations(database),
        "keys": lambda: _keys(database, keys),
        "landing": lambda: _landing(database),
        "seals": lambda: _seals(database, settings.lake_root),
    }
    beside: dict[str, Callable[[], Part]] = {
        "lake": lambda: _lake(settings.lake_root),
        "disk": lambda: _disk(settings),
    }
    found = {name: _looked(look) if register.ok else register for name, look in in_register.items()}
    return {"register": register, **found, **{name: _looked(at) for name, at in beside.items()}}


def screens(owners: Sequence[Mapping[str, Any] | None]) -> Part:
    """The lowest seal that an owner of the screens knows. One that is away or loading is told, and
    keeps nobody away: screens fail open, and the facts would be turned away with them."""
    if None in owners:
        return Part(True, "away")
    known = [owner for owner in owners if owner is not None]
    if not all(owner["ready"] for owner in known):
        return Part(True, "loading")
    return Part(True, min(owner["seal"] for owner in known))


def _looked(look: Callable[[], Part]) -> Part:
    try:
        return look()
    except (ContractBroken, Unavailable) as error:
        return Part(False, error.code or type(error).__name__)
    except Exception as error:  # also a library's own; its text may name addresses
        return Part(False, type(error).__name__)


def _register(database: Database) -> Part:
    if database.is_locked(LOCKED_S):
        return Part(False, "register.locked")
    with database.session() as session:
        found = vitals.newest(session)
    return Part(True, found.seal if found else 0)


def _migrations(database: Database) -> Part:
    with database.session() as session:
        missing = pending(session.connection())
    return Part(not missing, missing or "none")


def _keys(database: Database, keys: Keys) -> Part:
    with database.session() as session:
        ok = vault.keys_fit(session, keys)
    return Part(ok, "fit" if ok else "keys.other")


def _seals(database: Database, lake_root: str) -> Part:
    """Register and lake belong together; where the lake does not answer, its own part says so."""
    check(database, lake_root)
    return Part(True, "agree")


def _lake(lake_root: str) -> Part:
    """Every table opens; one that is not there yet will be made."""
    tables = (at_newest(storage(lake_root).address(kind)) for kind in KINDS)
    return Part(True, sum(table is not None for table in tables))


def _disk(settings: Settings) -> Part:
    """Megabytes free where the home lies; the lake of a folder lies there or is looked at too."""
    places = [settings.home]
    if "://" not in settings.lake_root:
        lake = Path(settings.lake_root)
        places += [lake] if lake.exists() else []
    free = min(shutil.disk_usage(place).free for place in places) // MEGABYTE
    return Part(free >= settings.least_free_mb, free)


def _landing(database: Database) -> Part:
    with database.session() as session:
        rows = landing.unsealed(session)
    return Part(rows <= MOST_WAITING, rows)

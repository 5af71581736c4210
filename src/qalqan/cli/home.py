"""The folder that holds one centre's state: keys, register, lake."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qalqan.errors import ContractBroken, NotFound
from qalqan.register import vault
from qalqan.register.database import Database, open_database
from qalqan.settings import Settings, settings
from qalqan.trust.keys import Keys

if TYPE_CHECKING:
    from qalqan.lake.hand_in import Centre

CLOCK_FILE = "clock"
"""A simulated country leaves its clock here; whoever opens its home reads time from it."""
MOVED = "register.db.moved"
"""What `move-register` leaves of the register's file."""


@dataclass(frozen=True)
class Home:
    """An opened home."""

    settings: Settings
    database: Database
    keys: Keys

    @property
    def centre(self) -> Centre:
        """Where facts that are handed in here go."""
        from qalqan.lake.hand_in import Centre  # Arrow is slow to import

        return Centre(self.database, self.keys, self.settings.lake_root)


def make_home() -> Home:
    """Create what is missing: folder, keys (mode 0600), register at its newest migration.

    Raises:
        ContractBroken: the keys are not the ones that made this register, or it has moved.
    """
    from qalqan.lake.storage import anchor  # Arrow is slow to import

    where = settings()
    check_moved(where)
    where.home.mkdir(parents=True, exist_ok=True)
    anchor(where.home)
    if not where.keys_file.exists():
        Keys.create(where.keys_file)
    database = open_database(where)
    database.migrate()
    keys = Keys.load(where.keys_file)
    with database.write() as session:  # before the first value: whoever opens it later asks
        vault.check_keys(session, keys)
    return Home(where, database, keys)


def open_home() -> Home:
    """Open a home that `qalqan init` or `qalqan demo` made.

    Raises:
        NotFound: there is none.
        PermissionError: there is one that this user can't work in.
        ContractBroken: its register has moved.
    """
    where = settings()
    check_folder(where.home)
    check_moved(where)
    if not where.keys_file.exists():
        raise NotFound("home", str(where.home))
    if (where.home / CLOCK_FILE).exists():
        os.environ.setdefault("QALQAN_CLOCK", str((where.home / CLOCK_FILE).absolute()))
    return Home(where, open_database(where), Keys.load(where.keys_file))


def check_folder(home: Path) -> None:
    """Raise `NotFound` where there is no folder, `PermissionError` where we can't work in it."""
    if not home.is_dir():
        raise NotFound("home", str(home))
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(home))


def check_moved(where: Settings) -> None:
    """Raise `ContractBroken` where the register has moved away and no setting says where to: an
    empty one in its place would number anew what the lake has numbered."""
    aside = where.home / MOVED
    if where.register_address is None and aside.exists():
        raise ContractBroken("the register has moved", "register.moved", file=str(aside))

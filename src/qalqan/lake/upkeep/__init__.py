"""Upkeep of the lake: few sorted files a day, nothing that no one names, nothing kept too long.

All of it runs under the lease "upkeep", beside sealing; only the short steps that change what a
table names take the lease "seal" too, and a commit that meets another gives way. Seals stand in
the rows, so that whatever moves between files, "as known at N" stays what it was; only retention
loses history, and writes down what it lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from qalqan.lake import identities
from qalqan.register.database import Database
from qalqan.register.leases import Held, hold

LEASE_S = 60.0
"""A dead holder delays upkeep no longer than this; a living one renews it."""


@contextmanager
def keeping(database: Database) -> Iterator[Held]:
    """Be the only one who compacts, vacuums, drops or backs up; `Conflict` if another is."""
    with hold(database, "upkeep", LEASE_S) as held:
        yield held


def forget(database: Database, held: Held, kind: str, gone: list[bytes]) -> None:
    """Delete rows of identities, a few in a transaction so that no POST waits long.

    Raises:
        Conflict: the lease was lost; what is gone was rightly forgotten.
    """
    for piece in identities.pieces(gone):
        with database.write() as session:
            held.check(session)
            identities.forget(session, kind, piece)


def still(database: Database, held: Held) -> None:
    """Start the lease's term anew; `Conflict` if it was lost."""
    with database.write() as session:
        held.check(session)

"""Every question of the journals decided anew, under the policy that was in force then."""

from __future__ import annotations

from sqlalchemy import select

from qalqan.register.database import Database
from qalqan.register.orm import Policy
from qalqan.screening.policy import NAME, ScreenPolicy, of_body, unapproved
from qalqan.settings import Settings
from qalqan.work.screens import wire
from qalqan.work.screens.journal import Entry, entries, replayed


def all_again(database: Database, settings: Settings) -> tuple[int, list[Entry]]:
    """How many questions were decided anew, and those whose verdict came out different."""
    policies = versions(database)
    count, different = 0, list[Entry]()
    for folder in sorted(wire.folder_of(settings.home, 0).parent.glob("*")):
        decided, other = replayed(entries(folder), policies)
        count, different = count + decided, different + other
    return count, different


def versions(database: Database) -> dict[int, ScreenPolicy]:
    """Every version of the screens' policy that the register keeps; 0 is the one before any."""
    with database.session() as session:
        rows = session.scalars(select(Policy).where(Policy.name == NAME))
        return {0: unapproved(), **{row.version: of_body(row.version, row.body) for row in rows}}

"""Do register and lake tell the same story? Every seal of the one is in the other.

They part when one of them was put back from a backup without the other, when a setting names
another centre's lake, or when somebody removed files by hand. Whoever asks the lake then would be
told less than is known, or of another centre: `check` stops him. A seal on its way (staged, DESIGN
section 4) is in the lake first.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan.errors import ContractBroken
from qalqan.lake import landing
from qalqan.lake.schemas import KINDS
from qalqan.lake.storage import storage
from qalqan.lake.table import newest_mark
from qalqan.register.database import Database
from qalqan.register.orm import Seal


@dataclass(frozen=True)
class Parted:
    """The newest seal of a kind by the register and by the lake's own log."""

    kind: str
    register: int
    lake: int


def parted(database: Database, lake_root: str) -> list[Parted]:
    """Kinds of which one of both lacks a seal of the other; the lake is asked before and after
    the register, since others seal meanwhile."""
    before = _in_lake(lake_root)
    with database.session() as session:
        written, staged = _in_register(session), landing.staged(session)
    after = _in_lake(lake_root)
    found = []
    for kind in KINDS:
        told = written.get(kind, 0)
        most = max(told, staged.seal) if staged is not None and staged.kind == kind else told
        if after[kind] < told:
            found.append(Parted(kind, told, after[kind]))
        elif before[kind] > most:
            found.append(Parted(kind, told, before[kind]))
    return found


def check(database: Database, lake_root: str) -> None:
    """Raise `ContractBroken` where register and lake don't fit: no answer from them is sound."""
    found = parted(database, lake_root)
    if found:
        raise _told(found[0])


def _told(one: Parted) -> ContractBroken:
    code = "lake.newer" if one.lake > one.register else "lake.older"
    seen = {"kind": one.kind, "register": one.register, "lake": one.lake}
    return ContractBroken(f"{one.kind}: seal {one.register}, in the lake {one.lake}", code, **seen)


def _in_register(session: Session) -> dict[str, int]:
    """Kind by kind, each from the end of the index: a year's log has millions of seals."""
    newest = {
        kind: session.scalar(select(func.max(Seal.seal)).where(Seal.kind == kind)) for kind in KINDS
    }
    return {kind: seal for kind, seal in newest.items() if seal is not None}


def _in_lake(lake_root: str) -> dict[str, int]:
    """By each table's newest app transaction; 0 where there is no table."""
    return {kind: newest_mark(storage(lake_root).address(kind)) for kind in KINDS}

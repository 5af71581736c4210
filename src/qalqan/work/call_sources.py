"""What the centre's tables of calls are made of, and whether it has changed: lists in a folder,
the policy in force, phones that two people listed, phones that live findings are about.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from qalqan.register import dialect, indicators, vault
from qalqan.register.orm import FindingRow, IndicatorRow, VaultEntry
from qalqan.screening.calls import lookup
from qalqan.trust.keys import Keys

_ACTOR, _PURPOSE = "centre", "calls: numbers that people listed"


def mark_of(lists: Path) -> list[list[object]]:
    """Name, size and moment of each list: another mark, other lists."""
    names = sorted(path for path in lists.glob("[!.]*") if path.is_file())
    found = ((path.name, path.stat()) for path in names)
    return [[name, told.st_size, told.st_mtime_ns] for name, told in found]


_LISTED = (
    IndicatorRow.subject_kind == "phone",
    IndicatorRow.grade == indicators.BLOCK,
    IndicatorRow.withdrawn_us.is_(None),
)
_FOUND = (
    FindingRow.subject_kind == "phone",
    FindingRow.detector.startswith("calls."),
    FindingRow.shadow.is_(False),
    FindingRow.state.in_(("new", "confirmed")),
)


def glance(session: Session, now_us: int) -> tuple[int, ...]:
    """Other numbers, other rows than before: asked each second, so it reads none of them."""
    listed = select(func.count(), func.coalesce(func.sum(IndicatorRow.id), 0))
    found = select(func.count(), func.coalesce(func.sum(FindingRow.id), 0)).where(*_FOUND)
    ended = listed.where(*_LISTED, IndicatorRow.until_us > now_us)
    return (*session.execute(ended).one(), *session.execute(found).one())


def live(session: Session, now_us: int) -> dict[str, int]:
    """Token of a phone → flags: listed by people so that its calls are blocked; found by a live
    detector of calls and not dismissed."""
    listed = select(IndicatorRow.subject).where(*_LISTED, IndicatorRow.until_us > now_us)
    flags = dict.fromkeys(session.scalars(listed), lookup.IS_LISTED)
    for subject in session.scalars(select(FindingRow.subject).where(*_FOUND)):
        flags[subject] = flags.get(subject, 0) | lookup.IS_FOUND
    return flags


def numbers(session: Session, keys: Keys, tokens: Iterable[str]) -> dict[str, int]:
    """Token → number, where retention has left one; the values are opened for one purpose, on the
    record. A write transaction."""
    asked = sorted(set(tokens))
    there = dialect.present(session, cast(Table, VaultEntry.__table__), "token", asked)
    if not there:
        return {}
    opened = vault.reveal_many(session, keys, there, _ACTOR, _PURPOSE)
    return {token: int(text[1:]) for token, text in opened.items() if text.startswith("+")}


def keep(tables: Path, version: int, flags: Mapping[str, int]) -> None:
    """Write down whose flags the tables of this version hold."""
    path = _path(tables)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({"version": version, "flags": flags}), "ascii")
    draft.replace(path)


def kept(tables: Path, version: int) -> dict[str, int] | None:
    """Whose flags the tables hold; None where that is not known of this version."""
    try:
        told = json.loads(_path(tables).read_text("ascii"))
    except (FileNotFoundError, ValueError):
        return None
    return told["flags"] if told["version"] == version else None


def _path(tables: Path) -> Path:
    return tables.with_name(f"{tables.name}.flags")

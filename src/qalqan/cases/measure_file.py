"""Measures as a CSV file, in and out; the programmes that the briefing names (REQ-25, 26).

Columns: `id` (empty: a new one; given out only), `programme`, `name_kk`, `name_ru`, `name_en`,
`owner`, `person`, `due_day`, `figure`, `target`, `state`. A file gives new measures; the same
line again is the same measure.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import measures, programmes
from qalqan.cases.evidence_files import csv_of
from qalqan.errors import Conflict, InputRejected, QalqanError
from qalqan.exchange import lined_csv
from qalqan.register import audit, orm, rights
from qalqan.register.rights import Person, Right
from qalqan.text.catalogue import LANGUAGES

COLUMNS = (
    "id", "programme", "name_kk", "name_ru", "name_en", "owner", "person", "due_day", "figure",
    "target", "state",
)  # fmt: skip
NEEDED = ("due_day", "owner")


@dataclass(frozen=True)
class Became:
    """What became of one line."""

    line: int
    measure: str = ""
    error: QalqanError | None = None


def read(body: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Lines of a file with their numbers. Raises `InputRejected`: no such file."""
    return lined_csv.read(body, COLUMNS, NEEDED)


def take(
    session: Session, officer: Person, lines: Iterable[tuple[int, Mapping[str, str]]]
) -> list[Became]:
    """Each line by itself: what is wrong with one keeps no other. A write transaction. Raises
    `NotAllowed` for a role that may not."""
    rights.check(officer, Right.MEASURES)
    became = [_taken(session, officer, number, row) for number, row in lines]
    new = sum(1 for each in became if each.error is None)
    audit.note(session, officer.login, "measures_import", "page", "measures", lines=new)
    return became


def given_out(session: Session, officer: Person) -> bytes:
    """All measures as CSV; no person outside the house stands there. A write transaction: it is
    noted.

    Raises:
        NotAllowed: a role that may not see figures.
    """
    rights.check(officer, Right.FIGURES)
    rows = session.scalars(select(orm.Measure).order_by(orm.Measure.id)).all()
    audit.note(session, officer.login, "measures_export", "page", "measures", lines=len(rows))
    return csv_of(COLUMNS, map(_line, rows))


def take_briefing(session: Session, officer: Person) -> list[orm.Programme]:
    """The programmes that the briefing names; those that stand already stay as they are. A write
    transaction. Raises `NotAllowed` for a role that may not."""
    text = (files("qalqan.cases") / "data" / "programmes.toml").read_text(encoding="utf-8")
    body = tomllib.loads(text)
    return [
        programmes.add(
            session, officer,
            programmes.Wanted(
                each["kind"], {language: each[language] for language in LANGUAGES}, each["owner"],
                each.get("from_day"), each.get("to_day"), body["source"],
            ),
            each["key"], "briefing",
        )
        for each in body["programme"]
    ]  # fmt: skip


def _taken(session: Session, officer: Person, number: int, row: Mapping[str, str]) -> Became:
    wanted = measures.Wanted(
        {language: row[f"name_{language}"] for language in LANGUAGES}, row["owner"],
        row["due_day"], row["programme"] or None, row["person"] or None, row["figure"],
        row["target"],
    )  # fmt: skip
    if row["id"]:
        return Became(number, row["id"]) if session.get(orm.Measure, row["id"]) else Became(
            number, error=InputRejected("id", row["id"], "measure.id")
        )  # fmt: skip
    told = "\x00".join(row[name] for name in COLUMNS if name != "state")
    key = hashlib.sha256(told.encode()).hexdigest()
    try:
        with session.begin_nested():
            made = measures.add(session, officer, wanted, key, "file")
        return Became(number, made.id)
    except (InputRejected, Conflict) as error:
        return Became(number, error=error)


def _line(row: orm.Measure) -> tuple[str, ...]:
    return (
        row.id, row.programme or "", *(row.names.get(language, "") for language in LANGUAGES),
        row.owner, row.person or "", row.due_day, row.figure, row.target, row.state,
    )  # fmt: skip

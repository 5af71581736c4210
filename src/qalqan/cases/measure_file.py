"""Measures as a CSV file, in and out; the programmes that the briefing names (REQ-25, 26).

Columns: `id` (empty: a new one), `programme`, `name_kk`, `name_ru`, `name_en`, `owner`, `person`,
`due_day`, `figure`, `target`, `state`. A file adds measures, all of them planned, and changes none:
the same line again is the same measure, and a line with an `id` says what stands or is refused.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import measures, programmes
from qalqan.cases.evidence_files import csv_of
from qalqan.cases.measures import State
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
FILE = "file"
"""Whose keys lines have: another officer's file of the same lines is the same."""


@dataclass(frozen=True)
class Became:
    """What became of one line."""

    line: int
    measure: str = ""
    error: QalqanError | None = None
    stood: bool = False
    """The measure stood already, as the line says."""


def read(body: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Lines of a file with their numbers and the columns that it has. Raises `InputRejected`: no
    such file."""
    return lined_csv.read(body, COLUMNS, NEEDED)


def take(
    session: Session, officer: Person, lines: Iterable[tuple[int, Mapping[str, str]]],
    figures: Container[str] = (),
) -> list[Became]:  # fmt: skip
    """Each line by itself: what is wrong with one keeps no other. `figures`: codes of those that
    are defined. A write transaction. Raises `NotAllowed` for a role that may not."""
    rights.check(officer, Right.MEASURES)
    became = [_taken(session, officer, number, row, figures) for number, row in lines]
    new = sum(1 for each in became if each.error is None and not each.stood)
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


def _taken(
    session: Session, officer: Person, number: int, row: Mapping[str, str], figures: Container[str]
) -> Became:
    told = {name: row.get(name, "") for name in COLUMNS}
    try:
        if told["id"]:
            return Became(number, _standing(session, row), stood=True)
        if told["state"] not in ("", State.PLANNED):
            raise InputRejected("state", told["state"], "measure.new")
        line = "\x00".join(told[name] for name in COLUMNS if name != "state")
        key = hashlib.sha256(line.encode()).hexdigest()
        stood = measures.by_key(session, FILE, key) is not None
        with session.begin_nested():
            made = measures.add(session, officer, _wanted(told), key, FILE, figures)
        return Became(number, made.id, stood=stood)
    except (InputRejected, Conflict) as error:
        return Became(number, error=error)


def _standing(session: Session, row: Mapping[str, str]) -> str:
    """The measure of a line with an `id`, if it stands as the line says."""
    found = session.get(orm.Measure, row["id"])
    if found is None:
        raise InputRejected("id", row["id"], "measure.id")
    stands = dict(zip(COLUMNS, _line(found), strict=True))
    for name, told in row.items():
        if told.removeprefix("'") != stands[name].removeprefix("'"):  # one before a formula
            raise InputRejected(name, told[:80], "measure.stands")
    return found.id


def _wanted(row: Mapping[str, str]) -> measures.Wanted:
    return measures.Wanted(
        {language: row[f"name_{language}"] for language in LANGUAGES}, row["owner"],
        row["due_day"], row["programme"] or None, row["person"] or None, row["figure"],
        row["target"],
    )  # fmt: skip


def _line(row: orm.Measure) -> tuple[str, ...]:
    return (
        row.id, row.programme or "", *(row.names.get(language, "") for language in LANGUAGES),
        row.owner, row.person or "", row.due_day, row.figure, row.target, row.state,
    )  # fmt: skip

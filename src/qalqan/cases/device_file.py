"""Devices as a CSV file: taken in line by line, and given out for a purpose (REQ-47).

Columns: `imei`, `list`, `holder`, `reference`, `region`, `until` (a day; white ones), `note`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import devices
from qalqan.cases.devices import Move
from qalqan.cases.evidence_files import csv_of
from qalqan.cases.working_days import midnight
from qalqan.errors import Conflict, InputRejected, NotAllowed, QalqanError
from qalqan.exchange import lined_csv
from qalqan.register import orm, rights, vault
from qalqan.register.rights import Person, Right
from qalqan.text.show import ALMATY
from qalqan.trust.keys import Keys

COLUMNS = ("imei", "list", "holder", "reference", "region", "until", "note")
NEEDED = ("imei", "list")

Put = Callable[[Session, str, Move], orm.Device]


@dataclass(frozen=True)
class Became:
    """What became of one line: the list that the device is on, or why not."""

    line: int
    list: str = ""
    waits: bool = False
    """For a second person."""
    error: QalqanError | None = None


def read(body: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Lines of a file with their numbers. Raises `InputRejected`: no such file."""
    for number, row in lined_csv.read(body, COLUMNS, NEEDED):
        yield number, {**dict.fromkeys(COLUMNS, ""), **row}


def take(
    session: Session, put: Put, lines: Iterable[tuple[int, Mapping[str, str]]]
) -> list[Became]:
    """Each line by itself: what is wrong with one keeps no other. A write transaction."""
    return [_taken(session, put, number, row) for number, row in lines]


def move_of(row: Mapping[str, str]) -> Move:
    """A line as a move.

    Raises:
        InputRejected: a day that is none.
    """
    return Move(
        row["list"].lower(), row["holder"] or None, row["reference"], row["region"] or None,
        end_of(row["until"]), row["note"],
    )  # fmt: skip


def end_of(day: str) -> int | None:
    """The end of a day in Almaty, UTC microseconds; empty: none.

    Raises:
        InputRejected: it is no day.
    """
    if not day:
        return None
    try:
        return midnight(date.fromisoformat(day) + timedelta(1))
    except (ValueError, OverflowError):
        raise InputRejected("until", day, "device.until") from None


def _taken(session: Session, put: Put, number: int, row: Mapping[str, str]) -> Became:
    try:
        with session.begin_nested():
            device = put(session, row["imei"], move_of(row))
            waits = devices.pending(session, device.device) is not None
        return Became(number, devices.in_force(device, clock.now_us()), waits)
    except (InputRejected, Conflict, NotAllowed) as error:
        return Became(number, error=error)


def given_out(session: Session, keys: Keys, officer: Person, purpose: str) -> bytes:
    """All listed devices as CSV with their IMEIs, each opened for the purpose and on the record.

    Raises:
        NotAllowed: a role that may not take lists out, or not open devices.
    """
    rights.check(officer, Right.EXPORT)
    rights.check_field(officer, "device")
    rows = session.scalars(select(orm.Device).order_by(orm.Device.list, orm.Device.since_us)).all()
    now = clock.now_us()
    known = [row for row in rows if devices.in_force(row, now) != devices.UNLISTED]
    clear = vault.reveal_many(session, keys, [r.device for r in known], officer.login, purpose)
    return csv_of(COLUMNS, (_line(row, clear[row.device]) for row in known))


def _line(row: orm.Device, imei: str) -> tuple[str, ...]:
    until = "" if row.until_us is None or row.list != devices.WHITE else _day(row.until_us - 1)
    return (imei, row.list, row.holder or "", row.reference, row.region or "", until, "")


def _day(us: int) -> str:
    return datetime.fromtimestamp(us // clock.SECOND, ALMATY).date().isoformat()

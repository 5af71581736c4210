"""Segments as files for whoever places advertising (REQ-78): counts and shares, and nobody's
number, account or name: there is no such column to fill."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin.figures.hiding import LEAST
from qalqan.bulletin.outreach import segments
from qalqan.bulletin.outreach.segments import Segment
from qalqan.model.period import Period
from qalqan.register import audit, rights
from qalqan.register.rights import Person, Right

COLUMNS = ("period", *segments.TRAITS, "people", "share", "before", "loss_tiyn", "simulated")
KINDS = ("csv", "json")


def given_out(
    session: Session, person: Person, period: Period, traits: Sequence[str], kind: str,
    simulated: bool = False,
) -> bytes:  # fmt: skip
    """The segments of a period as a file; that somebody took them stands in the record.
    `simulated`: all that the register holds is invented. A write transaction.

    Raises:
        NotAllowed: a role that may not. InputRejected: a period or trait that is not told of.
    """
    rights.check(person, Right.CAMPAIGNS)
    return file_of(session, person.login, period, traits, kind, simulated)


def file_of(
    session: Session, actor: str, period: Period, traits: Sequence[str], kind: str,
    simulated: bool = False,
) -> bytes:  # fmt: skip
    """The same for whoever has been let in already. A write transaction.

    Raises:
        InputRejected: a period or trait that is not told of.
    """
    segments.check_period(period, clock.now_us())
    now = segments.victims(session, period)
    found = segments.ranked(now, segments.victims(session, period.before()), traits)
    audit.note(
        session, actor, "outreach.export", "segments", period.code,
        traits=list(traits), rows=len(found),
    )  # fmt: skip
    rows = list(_rows(period, found, simulated))
    return _csv(rows) if kind == "csv" else _json(period, rows)


def _rows(period: Period, found: Sequence[Segment], simulated: bool) -> Iterator[dict[str, Any]]:
    for each in found:
        yield {
            "period": period.code,
            **{name: each.traits.get(name, "") for name in segments.TRAITS},
            "people": each.people,
            "share": f"{float(each.share):.4f}",
            "before": "" if each.before is None else each.before,
            "loss_tiyn": each.loss,
            "simulated": simulated,
        }


def _csv(rows: Sequence[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _json(period: Period, rows: Sequence[dict[str, Any]]) -> bytes:
    told = {"period": period.code, "fewest_people": LEAST, "segments": rows}
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"
